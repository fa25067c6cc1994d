// Over the TCP transport: the token in the data of messages and events, or where a subclass finds it; hybrid applications.
import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import {
  authOf,
  createJwtVerifier,
  CurrentAuth,
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
import { RpcJwtAuthGuard } from '@jwtgate/nestjs/microservices'
import {
  Catch,
  Controller,
  Get,
  Injectable,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type ExceptionFilter,
  type ExecutionContext,
  type INestMicroservice,
  type NestInterceptor,
  type Type,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import {
  ClientProxyFactory,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
  Transport,
  type ClientProxy,
  type MicroserviceOptions,
  type TcpContext,
} from '@nestjs/microservices'
import { firstValueFrom, map, throwError, type Observable } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withPolluted } from '../../../test/support/pollution.ts'
import { issuerOfThisFile, moduleOf, platforms, start } from './application.ts'

const issuer = await issuerOfThisFile()
const admins = await issuerOfThisFile('https://admin.example.com')
const token = issuer.sign({ permissions: ['run'] })
const tcp = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } } as const

/** The answer to a message, or with what it was refused. */
type Send = (pattern: string, data: unknown) => Promise<unknown>

interface Service {
  readonly send: Send
  readonly client: ClientProxy
}

async function serve(
  controllers: Type | readonly Type[],
  gate: JwtGateOptions & { readonly guardAllRoutes?: boolean } = issuer.options,
): Promise<Service> {
  const module = moduleOf({ imports: [JwtGateModule.forRoot(gate)], controllers: [controllers].flat() })
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    ...tcp,
    logger: false,
    abortOnError: false,
  })
  onTestFinished(() => app.close())
  await app.listen()
  return clientOf(app)
}

async function clientOf(service: INestMicroservice): Promise<Service> {
  const server = service.unwrap<Server>()
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { host: '127.0.0.1', port } })
  onTestFinished(() => void client.close())
  const send: Send = async (pattern, data) => {
    try {
      return { answer: await firstValueFrom(client.send<unknown, unknown>(pattern, data)) }
    } catch (refused) {
      return { refused }
    }
  }
  return { send, client }
}

const refusal = (code: unknown, message: unknown = expect.any(String)): unknown => ({
  refused: { status: 'error', code, message },
})

@UseGuards(RpcJwtAuthGuard)
@Controller()
class Jobs {
  @MessagePattern('me')
  me(@CurrentAuth() auth: Auth): unknown {
    return auth.claims.sub
  }
  @RequirePermission('run')
  @MessagePattern('run')
  run(@Payload() data: { readonly job?: string }): unknown {
    return `ran ${data.job ?? 'nothing'}`
  }
  @RequireAccess((auth, context) => context.switchToRpc().getData<{ owner?: string }>().owner === auth.claims.sub)
  @MessagePattern('own')
  own(): unknown {
    return 'in'
  }
  @Public()
  @MessagePattern('ping')
  ping(): unknown {
    return 'pong'
  }
  @OptionalJwt()
  @MessagePattern('maybe')
  maybe(@CurrentAuth() auth: Auth | undefined): unknown {
    return auth?.claims.sub ?? 'anonymous'
  }
}

describe('messages', () => {
  it('with a good token in their data pass, and know their user', async () => {
    const { send } = await serve(Jobs)
    expect(await send('me', { token })).toEqual({ answer: 'alice' })
    expect(await send('run', { token, job: 'backup' })).toEqual({ answer: 'ran backup' })
  })

  it.each<readonly [string, unknown, string, string]>([
    ['without a token', {}, 'token_missing', 'An access token is required'],
    ['with an expired token', { token: issuer.bad.expired() }, 'token_expired', 'The access token expired'],
    [
      'with a token of another key',
      { token: issuer.bad.anotherKey() },
      'signature_invalid',
      'The signature of the access token is invalid',
    ],
    [
      'without the permission',
      { token: issuer.sign() },
      'permission_denied',
      'The access token does not grant what this request needs',
    ],
  ])('%s are refused with the whole payload', async (_what, data, code, message) => {
    const { send } = await serve(Jobs)
    expect(await send('run', data)).toEqual({ refused: { status: 'error', code, message } })
  })

  it('without the guard pass: it is what refuses them', async () => {
    @Controller()
    class Open {
      @MessagePattern('run')
      run(): string {
        return 'ran'
      }
    }
    const { send } = await serve(Open)
    expect(await send('run', {})).toEqual({ answer: 'ran' })
  })

  it.each<readonly [string, unknown]>([
    ['false', false],
    ['a text', token],
    ['a list', [token]],
    ['a number', 7],
    ['an object with the token deeper', { data: { token }, headers: { authorization: `Bearer ${token}` } }],
    ['an object with a token of another name', { Token: token, access_token: token, authorization: `Bearer ${token}` }],
    ['an object with a prototype', JSON.parse(`{ "__proto__": { "token": "${token}" } }`)],
  ])('whose data is %s carry no token', async (_what, data) => {
    const { send } = await serve(Jobs)
    expect(await send('me', data)).toEqual(refusal('token_missing'))
    expect(Reflect.get({}, 'token')).toBeUndefined()
  })

  it.each<readonly [string, unknown]>([
    ['a number', 7],
    ['true', true],
    ['a list', [token]],
    ['an object', { token }],
    ['a whole header', `Bearer ${token}`],
  ])('whose token is %s are malformed, for the anonymous of @OptionalJwt() too', async (_what, given) => {
    const { send } = await serve(Jobs)
    expect(await send('me', { token: given })).toEqual(refusal('request_malformed'))
    expect(await send('maybe', { token: given })).toEqual(refusal('request_malformed'))
  })

  it.each<readonly [string, unknown]>([
    ['an empty text', ''],
    ['null', null],
  ])('whose token is %s have none', async (_what, given) => {
    const { send } = await serve(Jobs)
    expect(await send('me', { token: given })).toEqual(refusal('token_missing'))
    expect(await send('maybe', { token: given })).toEqual({ answer: 'anonymous' })
  })

  it('take no token from an Object.prototype that somebody else polluted', async () => {
    const { send } = await serve(Jobs)
    expect(await withPolluted({ token }, () => send('me', {}))).toEqual(refusal('token_missing'))
  })

  it('whose token is no text tell the operator where it stands', async () => {
    const hints: unknown[] = []
    @Injectable()
    class Telling extends RpcJwtAuthGuard {
      protected override onRefused({ hint }: JwtGateError): unknown {
        return void hints.push(hint)
      }
    }
    @UseGuards(Telling)
    @Controller()
    class Told {
      @MessagePattern('run')
      run(): string {
        return 'ran'
      }
    }
    const { send } = await serve(Told)
    expect(await send('run', { token: 7 })).toEqual(refusal('request_malformed'))
    expect(hints).toEqual(['The member `token` of the data is no string.'])
  })

  it('are judged by functions, opened by @Public() and, to the anonymous, by @OptionalJwt()', async () => {
    const { send } = await serve(Jobs)
    expect(await send('own', { token, owner: 'alice' })).toEqual({ answer: 'in' })
    expect(await send('own', { token, owner: 'bob' })).toEqual(refusal('permission_denied'))
    expect(await send('ping', {})).toEqual({ answer: 'pong' })
    expect(await send('maybe', {})).toEqual({ answer: 'anonymous' })
    expect(await send('maybe', { token })).toEqual({ answer: 'alice' })
    expect(await send('maybe', { token: issuer.bad.expired() })).toEqual(refusal('token_expired'))
  })

  it('are verified each, and once, whatever is listed', async () => {
    const verified: string[] = []
    const inner = createJwtVerifier(issuer.options)
    const verify: typeof inner.verify = (given) => {
      verified.push(given)
      return inner.verify(given)
    }
    @UseGuards(RpcJwtAuthGuard)
    @RequireAccess(() => true)
    @Controller()
    class Listed {
      @UseGuards(RpcJwtAuthGuard)
      @RequirePermission('run')
      @MessagePattern('run')
      run(): string {
        return 'ran'
      }
    }
    const { send } = await serve(Listed, { verifier: { ...inner, verify }, guardAllRoutes: true })
    expect([await send('run', { token }), await send('run', { token })]).toEqual([{ answer: 'ran' }, { answer: 'ran' }])
    expect(verified).toEqual([token, token])
  })

  it('of many senders at once know each theirs', async () => {
    const { send } = await serve(Jobs)
    const users = Array.from({ length: 20 }, (_, index) => `user-${index}`)
    const answers = await Promise.all(users.map((sub) => send('me', { token: issuer.sign({ sub }) })))
    expect(answers).toEqual(users.map((answer) => ({ answer })))
  })

  it('go to the verifier that their handler names', async () => {
    @UseGuards(RpcJwtAuthGuard)
    @UseVerifier('admin')
    @Controller()
    class Admin {
      @MessagePattern('who')
      who(@CurrentAuth() auth: Auth): unknown {
        return auth.claims.iss
      }
    }
    const { send } = await serve(Admin, { verifiers: { default: issuer.options, admin: admins.options } })
    expect(await send('who', { token })).toEqual(refusal('issuer_mismatch'))
    expect(await send('who', { token: admins.sign() })).toEqual({ answer: admins.url })
  })

  it('that two handlers get, which inherit one method, are told to each by its own verifier', async () => {
    const told: unknown[] = []
    let next = (): void => undefined
    const both = new Promise<void>((resolve) => (next = resolve))
    abstract class Base {
      @EventPattern('done')
      done(@CurrentAuth() auth: Auth): void {
        if (told.push([this.constructor.name, auth.permissions]) === 2) next()
      }
    }
    @UseGuards(RpcJwtAuthGuard)
    @Controller()
    class Users extends Base {}
    @UseGuards(RpcJwtAuthGuard)
    @UseVerifier('admin')
    @Controller()
    class Admins extends Base {}
    const verifiers = {
      default: { ...issuer.options, permissionsFrom: () => ['user'] },
      admin: { ...issuer.options, permissionsFrom: () => ['admin'] },
    }
    const { client } = await serve([Users, Admins], { verifiers })
    client.emit('done', { token })
    await both
    expect(told).toEqual(
      expect.arrayContaining([
        ['Users', ['user']],
        ['Admins', ['admin']],
      ]),
    )
  })

  it('tell an interceptor by authOf(context) who sent them', async () => {
    @Injectable()
    class Signed implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
        return next.handle().pipe(map((answer) => `${String(answer)} by ${authOf(context).claims.sub ?? ''}`))
      }
    }
    @UseGuards(RpcJwtAuthGuard)
    @UseInterceptors(Signed)
    @Controller()
    class Signing {
      @MessagePattern('run')
      run(): string {
        return 'ran'
      }
    }
    const { send } = await serve(Signing)
    expect(await send('run', { token })).toEqual({ answer: 'ran by alice' })
  })

  it('hand a filter the exception with our error as its cause', async () => {
    const caught: RpcException[] = []
    @Catch(RpcException)
    class Filter implements ExceptionFilter {
      catch(exception: RpcException): Observable<never> {
        caught.push(exception)
        return throwError(() => 'filtered')
      }
    }
    @UseGuards(RpcJwtAuthGuard)
    @UseFilters(new Filter())
    @Controller()
    class Filtered {
      @MessagePattern('run')
      run(): string {
        return 'ran'
      }
    }
    const { send } = await serve(Filtered)
    expect(await send('run', {})).toEqual({ refused: 'filtered' })
    expect(caught).toHaveLength(1)
    expect(caught[0]?.getError()).toEqual({
      status: 'error',
      code: 'token_missing',
      message: 'An access token is required',
    })
    expect(caught).toMatchObject([{ cause: { code: 'token_missing', status: 401 } }])
  })
})

describe('a guard that knows another carrier', () => {
  @Injectable()
  class FromMeta extends RpcJwtAuthGuard {
    protected override getToken(context: ExecutionContext): string | undefined {
      const { meta } = context.switchToRpc().getData<{ readonly meta?: { readonly jwt?: string } }>()
      return meta?.jwt
    }
  }

  @UseGuards(FromMeta)
  @Controller()
  class Jobs {
    @RequirePermission('run')
    @MessagePattern('run')
    run(@CurrentAuth() auth: Auth, @Ctx() context: TcpContext): unknown {
      return `${context.getPattern()} by ${auth.claims.sub ?? ''}`
    }
  }

  it('reads it there and only there, once', async () => {
    const { send } = await serve(Jobs)
    expect(await send('run', { meta: { jwt: token } })).toEqual({ answer: 'run by alice' })
    expect(await send('run', { token })).toEqual(refusal('token_missing'))
    expect(await send('run', { token, meta: { jwt: issuer.sign() } })).toEqual(refusal('permission_denied'))
  })
})

describe('events', () => {
  it('are handled with a good token, and refused without one; the service goes on', async () => {
    const handled: unknown[] = []
    const refused: string[] = []
    let next = (): void => undefined
    const happened = (): Promise<void> => new Promise((resolve) => (next = resolve))

    @Injectable()
    class Telling extends RpcJwtAuthGuard {
      protected override onRefused(error: JwtGateError): unknown {
        refused.push(error.code)
        next()
        return undefined
      }
    }
    @UseGuards(Telling)
    @Controller()
    class Events {
      @RequirePermission('run')
      @EventPattern('done')
      done(@CurrentAuth() auth: Auth): void {
        handled.push(auth.claims.sub)
        next()
      }
      @Public()
      @MessagePattern('ping')
      ping(): string {
        return 'pong'
      }
    }
    const { client, send } = await serve(Events)
    for (const data of [{}, { token: issuer.bad.expired() }, { token: issuer.sign() }, { token }]) {
      const one = happened()
      client.emit('done', data)
      await one
    }
    expect(refused).toEqual(['token_missing', 'token_expired', 'permission_denied'])
    expect(handled).toEqual(['alice'])
    expect(await send('ping', {})).toEqual({ answer: 'pong' })
  })
})

describe.each(platforms)('a hybrid application on $name', (platform) => {
  @Controller()
  class Orders {
    @Get('orders')
    read(@CurrentAuth() auth: Auth): unknown {
      return auth.claims.sub
    }
    @UseGuards(RpcJwtAuthGuard)
    @RequirePermission('run')
    @MessagePattern('run')
    run(@CurrentAuth() auth: Auth): unknown {
      return auth.claims.sub
    }
    @Public()
    @MessagePattern('ping')
    ping(): unknown {
      return 'pong'
    }
  }

  it.each([true, false])(
    'guards both of its sides, with inheritAppConfig: %j and guardAllRoutes',
    async (inheritAppConfig) => {
      let service: INestMicroservice | undefined
      const gate = JwtGateModule.forRoot({ ...issuer.options, guardAllRoutes: true })
      const { ask } = await start(
        { imports: [gate], controllers: [Orders] },
        {
          platform,
          configure: async (app) => {
            service = app.connectMicroservice<MicroserviceOptions>(tcp, { inheritAppConfig })
            await app.startAllMicroservices()
          },
        },
      )
      const { send } = await clientOf(service as INestMicroservice)
      expect(await send('run', {})).toEqual(refusal('token_missing'))
      expect(await send('run', { token: issuer.sign() })).toEqual(refusal('permission_denied'))
      expect(await send('run', { token })).toEqual({ answer: 'alice' })
      expect(await send('ping', {})).toEqual({ answer: 'pong' })
      expect(await ask('/orders')).toMatchObject({ status: 401, code: 'token_missing' })
      expect((await ask('/orders', { token })).text).toBe('alice')
    },
  )

  it.each([true, false])(
    'does not start with a handler that no guard of messages reaches, inheritAppConfig: %j',
    async (inheritAppConfig) => {
      @Controller()
      class Bare {
        @MessagePattern('run')
        run(): string {
          return 'ran'
        }
      }
      const gate = JwtGateModule.forRoot({ ...issuer.options, guardAllRoutes: true })
      const starting = start(
        { imports: [gate], controllers: [Bare] },
        {
          platform,
          configure: async (app) => {
            app.connectMicroservice<MicroserviceOptions>(tcp, { inheritAppConfig })
            await app.startAllMicroservices()
          },
        },
      )
      await expect(starting).rejects.toMatchObject({ name: 'ConfigError' })
      await expect(starting).rejects.toThrow(/Bare\.run.*RpcJwtAuthGuard/)
    },
  )
})
