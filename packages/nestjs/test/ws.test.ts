// Over socket.io: each message of a connection is verified in full, with the token of its handshake.
import {
  authOf,
  createJwtVerifier,
  CurrentAuth,
  CurrentClaims,
  fromBearer,
  fromCookie,
  JwtGateModule,
  OptionalJwt,
  Public,
  RequireAccess,
  RequirePermission,
  UseVerifier,
  type Auth,
  type JwtGateError,
  type JwtGateOptions,
} from '@jwtgate/nestjs'
import { WsJwtAuthGuard } from '@jwtgate/nestjs/ws'
import {
  Catch,
  Injectable,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type ArgumentsHost,
  type CallHandler,
  type ExecutionContext,
  type ExceptionFilter,
  type NestInterceptor,
  type PipeTransform,
  type Type,
} from '@nestjs/common'
import { IoAdapter } from '@nestjs/platform-socket.io'
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets'
import { map, type Observable } from 'rxjs'
import { io } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withPolluted } from '../../../test/support/pollution.ts'
import { calledBy, issuerOfThisFile, platforms, start, type Platform } from './application.ts'

const issuer = await issuerOfThisFile()
issuer.clock.freeze()
const admins = await issuerOfThisFile('https://admin.example.com')
const token = issuer.sign({ permissions: ['say'] })

interface Handshake {
  readonly headers?: Readonly<Record<string, string>>
  readonly auth?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, string>>
}

/** What came of a message: what its acknowledgement says, or the event `exception`. */
interface Outcome {
  readonly answer?: unknown
  readonly exception?: unknown
}

interface Client {
  /** One at a time: an exception does not say to which message it belongs. */
  readonly send: (event: string, ...data: readonly unknown[]) => Promise<Outcome>
}

interface Sockets {
  readonly connect: (handshake?: Handshake) => Promise<Client>
}

async function serve(
  gateways: Type | readonly Type[],
  gate: JwtGateOptions & { readonly guardAllRoutes?: boolean } = issuer.options,
  platform: Platform | undefined = platforms[0],
): Promise<Sockets> {
  const { port } = await start(
    { imports: [JwtGateModule.forRoot(gate)], providers: [gateways].flat() },
    {
      ...(platform === undefined ? {} : { platform }),
      configure: (app) => app.useWebSocketAdapter(new IoAdapter(app)),
    },
  )
  return { connect: (handshake) => connectTo(port, handshake) }
}

async function connectTo(port: number, { headers = {}, auth = {}, query = {} }: Handshake = {}): Promise<Client> {
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: headers,
    auth,
    query,
  })
  onTestFinished(() => void socket.disconnect())
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  const send = (event: string, ...data: readonly unknown[]): Promise<Outcome> =>
    new Promise((resolve) => {
      const refused = (exception: unknown): void => resolve({ exception })
      socket.once('exception', refused)
      socket.emit(event, ...data, (answer: unknown) => {
        socket.off('exception', refused)
        resolve({ answer })
      })
    })
  return { send }
}

const refusal = (code: string, message: unknown = expect.any(String)): Outcome => ({
  exception: { status: 'error', code, message },
})

@UseGuards(WsJwtAuthGuard)
@WebSocketGateway()
class Chat {
  @SubscribeMessage('me')
  me(@CurrentAuth() auth: Auth, @CurrentClaims('sub') sub: string): unknown {
    return { sub, permissions: auth.permissions }
  }
  @RequirePermission('say')
  @SubscribeMessage('say')
  say(@MessageBody() text: unknown): unknown {
    return { said: text }
  }
  @RequireAccess((auth, context) => context.switchToWs().getData<{ to?: string }>().to !== auth.claims.sub)
  @SubscribeMessage('whisper')
  whisper(): unknown {
    return 'whispered'
  }
  @Public()
  @SubscribeMessage('ping')
  ping(): unknown {
    return 'pong'
  }
  @OptionalJwt()
  @SubscribeMessage('maybe')
  maybe(@CurrentAuth() auth: Auth | undefined): unknown {
    return auth?.claims.sub ?? 'anonymous'
  }
}

describe('the token of a connection', () => {
  it.each<readonly [string, Handshake]>([
    ['in the header of the handshake', { headers: { authorization: `Bearer ${token}` } }],
    ['in handshake.auth.token', { auth: { token } }],
    ['in handshake.auth.token, beside others', { auth: { token, tenant: 'acme', n: 7 } }],
  ])('%s lets messages pass', async (_place, handshake) => {
    const { connect } = await serve(Chat)
    const { send } = await connect(handshake)
    expect(await send('me')).toEqual({ answer: { sub: 'alice', permissions: ['say'] } })
    expect(await send('say', 'hello')).toEqual({ answer: { said: 'hello' } })
  })

  it.each<readonly [string, Handshake, string, string]>([
    ['nowhere', {}, 'token_missing', 'An access token is required'],
    [
      'in both places',
      { headers: { authorization: `Bearer ${token}` }, auth: { token } },
      'multiple_tokens',
      'More than one set of credentials was sent',
    ],
    [
      'in both places, one of them bad',
      { headers: { authorization: `Bearer ${token}` }, auth: { token: 'x' } },
      'multiple_tokens',
      'More than one set of credentials was sent',
    ],
    ['expired', { auth: { token: issuer.bad.expired() } }, 'token_expired', 'The access token expired'],
    [
      'of another key',
      { headers: { authorization: `Bearer ${issuer.bad.anotherKey()}` } },
      'signature_invalid',
      'The signature of the access token is invalid',
    ],
    ['in the query', { query: { token, access_token: token } }, 'token_missing', 'An access token is required'],
    [
      'in a member of another name',
      { auth: { accessToken: token, authorization: `Bearer ${token}`, Token: token } },
      'token_missing',
      'An access token is required',
    ],
  ])('%s refuses messages', async (_place, handshake, code, message) => {
    const { connect } = await serve(Chat)
    const { send } = await connect(handshake)
    expect(await send('me')).toEqual(refusal(code, message))
    expect(await send('say', 'hello')).toEqual(refusal(code, message))
  })

  it.each<readonly [string, unknown]>([
    ['a number', 7],
    ['true', true],
    ['a list', [token]],
    ['an object', { token, toString: token }],
    ['a whole header', `Bearer ${token}`],
    ['a token and more', `${token} ${token}`],
  ])('that is %s is malformed, for the anonymous of @OptionalJwt() too', async (_what, given) => {
    const { connect } = await serve(Chat)
    const { send } = await connect({ auth: { token: given } })
    expect(await send('me')).toEqual(refusal('request_malformed'))
    expect(await send('maybe')).toEqual(refusal('request_malformed'))
  })

  it.each<readonly [string, unknown]>([
    ['an empty text', ''],
    ['null', null],
  ])('that is %s is none', async (_what, given) => {
    const { connect } = await serve(Chat)
    const { send } = await connect({ auth: { token: given } })
    expect(await send('me')).toEqual(refusal('token_missing'))
    expect(await send('maybe')).toEqual({ answer: 'anonymous' })
  })

  it('is not found in an Object.prototype that somebody else polluted', async () => {
    const { connect } = await serve(Chat)
    const { send } = await connect()
    expect(await withPolluted({ token }, () => send('me'))).toEqual(refusal('token_missing'))
  })

  it('that is no text tells the operator where it stands', async () => {
    const hints: unknown[] = []
    @Injectable()
    class Telling extends WsJwtAuthGuard {
      protected override onRefused({ hint }: JwtGateError): unknown {
        return void hints.push(hint)
      }
    }
    @UseGuards(Telling)
    @WebSocketGateway()
    class Told {
      @SubscribeMessage('say')
      say(): string {
        return 'said'
      }
    }
    const { connect } = await serve(Told)
    expect(await (await connect({ auth: { token: 7 } })).send('say')).toEqual(refusal('request_malformed'))
    expect(hints).toEqual(['handshake.auth.token is no string.'])
  })

  it('is not found by prototypes, nor by members that pass for a handshake', async () => {
    const { connect } = await serve(Chat)
    const polluting = JSON.parse(`{ "__proto__": { "token": "${token}" } }`) as Record<string, unknown>
    const disguised = { headers: { authorization: `Bearer ${token}` }, handshake: { auth: { token } }, raw: { token } }
    for (const auth of [polluting, disguised]) {
      const { send } = await connect({ auth })
      expect(await send('me')).toEqual(refusal('token_missing'))
    }
    expect(Reflect.get({}, 'token')).toBeUndefined()
  })

  it('is where tokenFrom says, or in handshake.auth.token', async () => {
    const { connect } = await serve(Chat, { ...issuer.options, tokenFrom: [fromBearer(), fromCookie('session')] })
    const cookie = `session=${token}`
    expect(await (await connect({ headers: { cookie } })).send('me')).toMatchObject({ answer: { sub: 'alice' } })
    expect(await (await connect({ auth: { token } })).send('me')).toMatchObject({ answer: { sub: 'alice' } })
    expect(await (await connect({ headers: { cookie }, auth: { token } })).send('me')).toEqual(
      refusal('multiple_tokens'),
    )
  })

  it('twice in the header of the handshake refuses messages', async () => {
    const { connect } = await serve(Chat)
    const authorization = [`Bearer ${token}`, `Bearer ${token}`] as unknown as string
    expect(await (await connect({ headers: { authorization } })).send('me')).toEqual(refusal('multiple_tokens'))
  })

  it('is none where another library has no handshake', async () => {
    const { app } = await start({ imports: [JwtGateModule.forRoot(issuer.options)], providers: [Chat] })
    const say = calledBy(app, Chat, 'say', 'ws')
    for (const client of [{}, { handshake: {} }, { handshake: null, request: null }]) {
      await expect(say(client, 'hello')).rejects.toMatchObject({ error: { status: 'error', code: 'token_missing' } })
    }
  })

  it('is missed as well by messages that look like a response', async () => {
    const { connect } = await serve(Chat)
    const { send } = await connect()
    for (const data of [{ setHeader: true }, { raw: {} }, { raw: {}, headers: {} }]) {
      expect(await send('say', data)).toEqual(refusal('token_missing'))
    }
  })

  it('of a message itself is none', async () => {
    const { connect } = await serve(Chat)
    const { send } = await connect()
    for (const data of [{ token }, { auth: { token } }, { handshake: { auth: { token } } }, token]) {
      expect(await send('say', data)).toEqual(refusal('token_missing'))
    }
  })
})

describe('a gateway', () => {
  it('without the guard is open: the same messages pass', async () => {
    @WebSocketGateway()
    class Open {
      @SubscribeMessage('say')
      say(@MessageBody() text: unknown): unknown {
        return { said: text }
      }
    }
    const { connect } = await serve(Open)
    expect(await (await connect()).send('say', 'hello')).toEqual({ answer: { said: 'hello' } })
  })

  it('with the guard at one method guards that one', async () => {
    @WebSocketGateway()
    class Half {
      @UseGuards(WsJwtAuthGuard)
      @RequirePermission('say')
      @SubscribeMessage('guarded')
      guarded(): string {
        return 'in'
      }
      @SubscribeMessage('open')
      open(): string {
        return 'in'
      }
    }
    const { connect } = await serve(Half)
    const anonymous = await connect()
    expect(await anonymous.send('guarded')).toEqual(refusal('token_missing'))
    expect(await anonymous.send('open')).toEqual({ answer: 'in' })
    expect(await (await connect({ auth: { token } })).send('guarded')).toEqual({ answer: 'in' })
    expect(await (await connect({ auth: { token: issuer.sign() } })).send('guarded')).toEqual(
      refusal('permission_denied'),
    )
  })

  it('judges rules, of names and of functions', async () => {
    const { connect } = await serve(Chat)
    const { send } = await connect({ auth: { token: issuer.sign() } })
    expect(await send('say', 'hello')).toEqual(
      refusal('permission_denied', 'The access token does not grant what this request needs'),
    )
    expect(await send('whisper', { to: 'alice' })).toEqual(refusal('permission_denied'))
    expect(await send('whisper', { to: 'bob' })).toEqual({ answer: 'whispered' })
  })

  it('lets the anonymous in where it says so, and no bad token behind @OptionalJwt()', async () => {
    const { connect } = await serve(Chat)
    const anonymous = await connect()
    expect(await anonymous.send('ping')).toEqual({ answer: 'pong' })
    expect(await anonymous.send('maybe')).toEqual({ answer: 'anonymous' })
    const expired = await connect({ auth: { token: issuer.bad.expired() } })
    expect(await expired.send('ping')).toEqual({ answer: 'pong' })
    expect(await expired.send('maybe')).toEqual(refusal('token_expired'))
  })

  it.each(platforms)('works on $name, with guardAllRoutes too', async (platform) => {
    const { connect } = await serve(Chat, { ...issuer.options, guardAllRoutes: true }, platform)
    expect(await (await connect()).send('me')).toEqual(refusal('token_missing'))
    expect(await (await connect()).send('ping')).toEqual({ answer: 'pong' })
    expect(await (await connect({ auth: { token } })).send('me')).toMatchObject({ answer: { sub: 'alice' } })
  })

  it('tells an interceptor by authOf(context) who sent the message', async () => {
    @Injectable()
    class Signed implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
        return next.handle().pipe(map((answer) => `${String(answer)} by ${authOf(context).claims.sub ?? ''}`))
      }
    }
    @UseGuards(WsJwtAuthGuard)
    @UseInterceptors(Signed)
    @WebSocketGateway()
    class Signing {
      @SubscribeMessage('say')
      say(@MessageBody() text: unknown): string {
        return String(text)
      }
    }
    const { connect } = await serve(Signing)
    expect(await (await connect({ auth: { token } })).send('say', 'hello')).toEqual({ answer: 'hello by alice' })
  })

  it('hands a filter the exception with our error as its cause', async () => {
    const caught: unknown[] = []
    @Catch(WsException)
    class Filter implements ExceptionFilter {
      catch(exception: WsException, host: ArgumentsHost): void {
        caught.push(exception)
        const { emit } = host.switchToWs().getClient<{ emit: (event: string, data: unknown) => void }>()
        emit.call(host.switchToWs().getClient(), 'exception', 'filtered')
      }
    }
    @UseGuards(WsJwtAuthGuard)
    @UseFilters(new Filter())
    @WebSocketGateway()
    class Filtered {
      @SubscribeMessage('say')
      say(): string {
        return 'in'
      }
    }
    const { connect } = await serve(Filtered)
    expect(await (await connect()).send('say')).toEqual({ exception: 'filtered' })
    const [exception] = caught as readonly WsException[]
    expect(exception?.getError()).toEqual({
      status: 'error',
      code: 'token_missing',
      message: 'An access token is required',
    })
    expect(exception).toMatchObject({ cause: { code: 'token_missing', status: 401 } })
  })

  it('by onRefused() answers with what the application throws, and lets nobody pass', async () => {
    const seen: string[] = []
    @Injectable()
    class OwnGuard extends WsJwtAuthGuard {
      protected override onRefused(error: JwtGateError): unknown {
        seen.push(error.code)
        return error.code === 'permission_denied' ? true : new WsException('log in first')
      }
    }
    @UseGuards(OwnGuard)
    @WebSocketGateway()
    class Own {
      @RequirePermission('say')
      @SubscribeMessage('say')
      say(): string {
        return 'in'
      }
    }
    const { connect } = await serve(Own)
    expect(await (await connect()).send('say')).toMatchObject({
      exception: { status: 'error', message: 'log in first' },
    })
    const denied = await (await connect({ auth: { token: issuer.sign() } })).send('say')
    expect(denied).toEqual({ exception: expect.objectContaining({ status: 'error' }) as unknown })
    expect(seen).toEqual(['token_missing', 'permission_denied'])
  })
})

describe('between two messages of one connection', () => {
  it('a token may expire', async () => {
    const { connect } = await serve(Chat)
    const shortLived = issuer.sign({ permissions: ['say'], exp: Math.floor(issuer.clock.now() / 1000) + 60 })
    const { send } = await connect({ auth: { token: shortLived } })
    expect(await send('say', 'hello')).toEqual({ answer: { said: 'hello' } })
    issuer.clock.advance(120)
    expect(await send('say', 'hello')).toEqual(refusal('token_expired', 'The access token expired'))
    expect(await send('me')).toEqual(refusal('token_expired'))
    expect(await send('ping')).toEqual({ answer: 'pong' })
  })

  it('a token may be revoked', async () => {
    let revoked = false
    let asked = 0
    const isRevoked = (): boolean => {
      asked++
      return revoked
    }
    const { connect } = await serve(Chat, { ...issuer.options, isRevoked })
    const { send } = await connect({ auth: { token } })
    expect(await send('me')).toMatchObject({ answer: { sub: 'alice' } })
    expect(await send('me')).toMatchObject({ answer: { sub: 'alice' } })
    expect(asked).toBe(2)
    revoked = true
    expect(await send('me')).toEqual(refusal('token_revoked', 'The access token was revoked'))
    revoked = false
    expect(await send('me')).toMatchObject({ answer: { sub: 'alice' } })
  })

  it('every message is verified once, whatever is listed', async () => {
    const verified: string[] = []
    const inner = createJwtVerifier(issuer.options)
    const verify: typeof inner.verify = (given) => {
      verified.push(given)
      return inner.verify(given)
    }
    @UseGuards(WsJwtAuthGuard)
    @RequireAccess((auth) => auth.permissions.length > 0)
    @WebSocketGateway()
    class Listed {
      @UseGuards(WsJwtAuthGuard)
      @RequirePermission('say')
      @SubscribeMessage('say')
      say(): string {
        return 'in'
      }
    }
    const { connect } = await serve(Listed, { verifier: { ...inner, verify }, guardAllRoutes: true })
    const { send } = await connect({ auth: { token } })
    expect([await send('say'), await send('say')]).toEqual([{ answer: 'in' }, { answer: 'in' }])
    expect(verified).toEqual([token, token])
  })
})

describe('who is who', () => {
  it('two connections never mix', async () => {
    const { connect } = await serve(Chat)
    const users = Array.from({ length: 10 }, (_, index) => `user-${index}`)
    const clients = await Promise.all(users.map((sub) => connect({ auth: { token: issuer.sign({ sub }) } })))
    const answers = await Promise.all(clients.map(({ send }) => send('me')))
    expect(answers).toMatchObject(users.map((sub) => ({ answer: { sub } })))
  })

  it('@UseVerifier() chooses, message by message', async () => {
    @UseGuards(WsJwtAuthGuard)
    @WebSocketGateway()
    class Both {
      @UseVerifier('admin')
      @SubscribeMessage('admin')
      admin(@CurrentAuth() auth: Auth): unknown {
        return auth.claims.iss
      }
      @SubscribeMessage('user')
      user(@CurrentAuth() auth: Auth): unknown {
        return auth.claims.iss
      }
    }
    const { connect } = await serve(Both, { verifiers: { default: issuer.options, admin: admins.options } })
    const user = await connect({ auth: { token } })
    expect([await user.send('user'), await user.send('admin')]).toEqual([
      { answer: issuer.url },
      refusal('issuer_mismatch'),
    ])
    const admin = await connect({ auth: { token: admins.sign() } })
    expect([await admin.send('user'), await admin.send('admin')]).toEqual([
      refusal('issuer_mismatch'),
      { answer: admins.url },
    ])
  })

  it('two gateways that inherit one handler are each told by their own verifier', async () => {
    const told: string[] = []
    let passed = 0
    let release = (): void => undefined
    const both = new Promise<void>((resolve) => (release = resolve))
    @Injectable()
    class Meeting implements NestInterceptor {
      async intercept(_context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
        if (++passed === 2) release()
        await both
        return next.handle()
      }
    }
    @UseInterceptors(Meeting)
    abstract class Base {
      @SubscribeMessage('who')
      who(@CurrentAuth() auth: Auth): unknown {
        const isLast = told.push(`${this.constructor.name}: ${auth.permissions.join()}`) === 2
        return isLast ? told.toSorted() : undefined
      }
    }
    @UseGuards(WsJwtAuthGuard)
    @WebSocketGateway()
    class Users extends Base {}
    @UseGuards(WsJwtAuthGuard)
    @UseVerifier('admin')
    @WebSocketGateway()
    class Admins extends Base {}
    const verifiers = {
      default: { ...issuer.options, permissionsFrom: () => ['user'] },
      admin: { ...issuer.options, permissionsFrom: () => ['admin'] },
    }
    const { connect } = await serve([Users, Admins], { verifiers })
    const { send } = await connect({ auth: { token } })
    expect(await send('who', 'text')).toEqual({
      answer: ['Admins: admin', 'Users: user'],
    })
  })

  it('two messages of one connection at once are each told by their own verifier', async () => {
    // Each waits, behind its guard, until the other has passed its own.
    let passed = 0
    let release = (): void => undefined
    const both = new Promise<void>((resolve) => (release = resolve))
    @Injectable()
    class Meeting implements PipeTransform {
      async transform(value: unknown): Promise<unknown> {
        if (++passed === 2) release()
        await both
        return value
      }
    }
    @Injectable()
    class MeetingInterceptor implements NestInterceptor {
      async intercept(_context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
        await new Meeting().transform(undefined)
        return next.handle()
      }
    }
    @UseGuards(WsJwtAuthGuard)
    @UseInterceptors(MeetingInterceptor)
    @WebSocketGateway()
    class Both {
      @SubscribeMessage('user')
      user(@CurrentAuth() auth: Auth, @ConnectedSocket() _socket: unknown): unknown {
        return auth.permissions
      }
      @UseVerifier('admin')
      @SubscribeMessage('admin')
      admin(@CurrentAuth() auth: Auth): unknown {
        return auth.permissions
      }
    }
    const verifiers = {
      default: { ...issuer.options, permissionsFrom: () => ['user'] },
      admin: { ...issuer.options, permissionsFrom: () => ['admin'] },
    }
    const { connect } = await serve(Both, { verifiers })
    const { send } = await connect({ auth: { token } })
    expect(await Promise.all([send('user', 'text'), send('admin', 'text')])).toEqual([
      { answer: ['user'] },
      { answer: ['admin'] },
    ])
  })

  it.each<readonly [string, (sent: string) => unknown]>([
    ['objects', (sent) => ({ token: sent })],
    ['text that is acknowledged', (sent) => sent],
  ])('messages of one connection at once, each with its own token, do not mix: %s', async (_what, messageWith) => {
    const users = Array.from({ length: 10 }, (_, index) => `user-${index}`)
    let passed = 0
    let release = (): void => undefined
    const all = new Promise<void>((resolve) => (release = resolve))
    @Injectable()
    class FromMessage extends WsJwtAuthGuard {
      protected override getToken(context: ExecutionContext): string | undefined {
        const data = context.switchToWs().getData<string | { token: string }>()
        return typeof data === 'string' ? data : data.token
      }
    }
    /** Waits behind the guard until all others have passed it, too. */
    @Injectable()
    class Meeting implements NestInterceptor {
      async intercept(_context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
        if (++passed === users.length) release()
        await all
        return next.handle()
      }
    }
    @UseGuards(FromMessage)
    @UseInterceptors(Meeting)
    @WebSocketGateway()
    class Shared {
      @SubscribeMessage('me')
      me(@CurrentAuth() auth: Auth): unknown {
        return auth.claims.sub
      }
    }
    const { connect } = await serve(Shared)
    const { send } = await connect()
    const answers = await Promise.all(users.map((sub) => send('me', messageWith(issuer.sign({ sub })))))
    expect(answers).toEqual(users.map((answer) => ({ answer })))
  })
})
