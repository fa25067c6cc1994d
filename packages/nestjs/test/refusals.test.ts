// Refused over HTTP: what a filter of the application catches, what the client gets, and the hook onRefused().
import {
  authOf,
  createJwtVerifier,
  JwtAuthGuard,
  JwtExceptionFilter,
  JwtGateModule,
  RequireAccess,
  RequirePermission,
  RequireScope,
  type JwtGateError,
} from '@jwtgate/nestjs'
import { RpcJwtAuthGuard } from '@jwtgate/nestjs/microservices'
import { WsJwtAuthGuard } from '@jwtgate/nestjs/ws'
import { badTokens } from '@jwtgate/testing'
import {
  BadRequestException,
  Catch,
  ConflictException,
  Controller,
  ForbiddenException,
  Get,
  HttpException,
  HttpStatus,
  Injectable,
  InternalServerErrorException,
  ServiceUnavailableException,
  UnauthorizedException,
  UseGuards,
  type ArgumentsHost,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type Type,
} from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { describe, expect, it } from 'vitest'
import { issuerOfThisFile, platforms, start, type Call, type Running } from './application.ts'
import { ordersWith } from './classes.ts'

const issuer = await issuerOfThisFile()
const good = issuer.sign({ permissions: ['read'] })
const down = { ...issuer.options, jwksUri: 'http://127.0.0.1:1/jwks' }

interface Refusal {
  readonly name: string
  readonly code: string
  readonly status: number
  readonly exception: Type
  readonly call: Call
  readonly detail?: string
  readonly challenge?: RegExp
  readonly options?: object
  readonly guard?: MethodDecorator
}

const guarded = UseGuards(JwtAuthGuard)
const refusals: readonly Refusal[] = [
  {
    name: 'no token',
    code: 'token_missing',
    status: 401,
    exception: UnauthorizedException,
    call: {},
    detail: 'An access token is required',
    challenge: /^Bearer realm="orders"$/,
  },
  {
    name: 'an expired token',
    code: 'token_expired',
    status: 401,
    exception: UnauthorizedException,
    call: { token: issuer.bad.expired() },
    detail: 'The access token expired',
    challenge: /^Bearer realm="orders", error="invalid_token", error_description="The access token expired"$/,
  },
  {
    name: 'malformed credentials',
    code: 'request_malformed',
    status: 400,
    exception: BadRequestException,
    call: { headers: { authorization: 'Bearer a b' } },
    detail: 'The credentials of the request are malformed',
    challenge: /^Bearer realm="orders", error="invalid_request"/,
  },
  {
    name: 'too few scopes',
    code: 'permission_denied',
    status: 403,
    exception: ForbiddenException,
    call: { token: good },
    detail: 'The access token does not grant what this request needs',
    challenge: /^Bearer realm="orders", error="insufficient_scope", .*scope="orders:delete"$/,
    guard: RequireScope('orders:delete'),
  },
  {
    name: 'keys that nobody serves',
    code: 'keys_unavailable',
    status: 503,
    exception: ServiceUnavailableException,
    call: { token: good },
    options: down,
  },
  {
    name: 'a revocation check that fails',
    code: 'revocation_unavailable',
    status: 503,
    exception: ServiceUnavailableException,
    call: { token: good },
    options: {
      isRevoked: () => {
        throw new Error('canary of the database')
      },
    },
  },
]

describe.each(platforms)('on $name', (platform) => {
  function serve(refusal: Refusal, configure?: (app: INestApplication) => unknown): Promise<Running> {
    const { options = {}, guard = guarded } = refusal
    return start(
      {
        imports: [JwtGateModule.forRoot({ ...issuer.options, realm: 'orders', ...options })],
        controllers: [ordersWith({ onMethod: [guard] })],
      },
      { platform, ...(configure === undefined ? {} : { configure }) },
    )
  }

  describe.each(refusals)('$name', (refusal) => {
    const { code, status, exception, call, detail, challenge } = refusal
    const title = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' }[status]
    const problem = { type: 'about:blank', title, status, ...(detail === undefined ? {} : { detail }), code }

    it('is answered by Nest itself with the problem and its headers', async () => {
      const { ask } = await serve(refusal)
      const answer = await ask('/orders', call)
      expect([answer.status, answer.body]).toEqual([status, problem])
      expect(Object.keys(answer.body as object)).toEqual(Object.keys(problem))
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(answer.headers.get('www-authenticate') ?? '').toMatch(challenge ?? /^$/)
      expect(answer.headers.get('retry-after') ?? '').toMatch(status === 503 ? /^[1-9]$/ : /^$/)
    })

    it('is answered by JwtExceptionFilter with the exact content type', async () => {
      const { ask } = await serve(refusal, (app) => app.useGlobalFilters(new JwtExceptionFilter()))
      const answer = await ask('/orders', call)
      expect([answer.status, answer.body]).toEqual([status, problem])
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.headers.get('content-length')).toBe(String(answer.text.length))
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('www-authenticate') ?? '').toMatch(challenge ?? /^$/)
      expect(answer.headers.get('retry-after') ?? '').toMatch(status === 503 ? /^[1-9]$/ : /^$/)
    })

    it("is an exception of Nest's for a filter of the application", async () => {
      const caught: unknown[] = []
      const { ask } = await serve(refusal, (app) => app.useGlobalFilters(catching(caught, app)))
      const answer = await ask('/orders', call)
      expect([answer.status, answer.text]).toEqual([418, expect.stringContaining('filtered')])
      expect(answer.headers.get('www-authenticate') ?? '').toMatch(challenge ?? /^$/)
      const [seen] = caught as [HttpException]
      expect(seen).toBeInstanceOf(exception)
      expect(seen.getStatus()).toBe(status)
      expect(seen.getResponse()).toEqual(problem)
      expect(seen.cause).toMatchObject({ code, status, message: seen.message })
      expect(seen.stack).toBe((seen.cause as Error).stack)
      expect(seen).not.toHaveProperty('extensions')
    })
  })

  it.each(badTokens)('refuses $name and shows nothing of it', async ({ mint, code }) => {
    const { ask } = await serve({ ...(refusals[1] as Refusal) })
    const token = mint(issuer, { email: 'canary@example.com' })
    const answer = await ask('/orders', { token })
    expect([answer.status, answer.code]).toEqual([401, code])
    expect(`${answer.text}${JSON.stringify([...answer.headers])}`).not.toMatch(/canary|eyJ|\s+at |node_modules/)
  })

  it.each([
    ['WsJwtAuthGuard', WsJwtAuthGuard],
    ['RpcJwtAuthGuard', RpcJwtAuthGuard],
  ])('%s at a route refuses and lets in as JwtAuthGuard does', async (_name, guard) => {
    const { ask } = await serve({ ...(refusals[0] as Refusal), guard: UseGuards(guard) })
    expect(await ask('/orders')).toMatchObject({ status: 401, code: 'token_missing' })
    expect(await ask('/orders', { token: issuer.bad.expired() })).toMatchObject({ status: 401, code: 'token_expired' })
    expect((await ask('/orders', { token: good })).status).toBe(200)
  })

  it('a refusal is one of its kind for @Catch(UnauthorizedException)', async () => {
    const caught: unknown[] = []
    const configure = (app: INestApplication): void => {
      @Catch(UnauthorizedException)
      class Filter implements ExceptionFilter {
        catch(exception: unknown, host: ArgumentsHost): void {
          caught.push(exception)
          app.getHttpAdapter().reply(host.switchToHttp().getResponse<unknown>(), 'who are you?', 401)
        }
      }
      app.useGlobalFilters(new Filter())
    }
    const { ask } = await serve(refusals[0] as Refusal, configure)
    expect(await ask('/orders')).toMatchObject({ status: 401, text: 'who are you?' })
    expect(caught).toHaveLength(1)
  })

  it('what a function at a route throws is the error of the application that it is', async () => {
    const deny = (error: unknown): MethodDecorator =>
      RequireAccess(() => {
        throw error
      })
    const thrown = await serve({ ...(refusals[0] as Refusal), guard: deny(new ConflictException('no')) })
    expect(await thrown.ask('/orders', { token: good })).toMatchObject({ status: 409 })
    const failed = await serve({ ...(refusals[0] as Refusal), guard: deny(new Error('canary')) })
    const answer = await failed.ask('/orders', { token: good })
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('canary')
  })

  it.each(['yes', 1, {}, undefined, null])('a function at a route that gives %j, not true, denies', async (given) => {
    const { ask } = await serve({ ...(refusals[0] as Refusal), guard: RequireAccess(() => given as boolean) })
    expect((await ask('/orders', { token: good })).status).toBe(403)
  })

  it('a function at a route sees the context of Nest', async () => {
    const own = RequireAccess(
      (auth, context: ExecutionContext) =>
        context.switchToHttp().getRequest<{ query: Record<string, string> }>().query['owner'] === auth.claims.sub &&
        context.getHandler().name === 'read',
    )
    const { ask } = await serve({ ...(refusals[0] as Refusal), guard: own })
    expect((await ask('/orders?owner=alice', { token: good })).status).toBe(200)
    expect((await ask('/orders?owner=bob', { token: good })).status).toBe(403)
  })

  describe('JwtExceptionFilter', () => {
    @Controller()
    class Orders {
      @Get('unverified')
      async unverified(): Promise<void> {
        await createJwtVerifier(issuer.options).verify(issuer.bad.expired())
      }
      @Get('http')
      http(): never {
        throw new ConflictException('not ours')
      }
      @Get('wrapped')
      async wrapped(): Promise<void> {
        try {
          await this.unverified()
        } catch (cause) {
          throw new ConflictException('not ours', { cause })
        }
      }
      @Get('other')
      other(): never {
        throw new Error('canary')
      }
    }

    it.each<readonly [string, object]>([
      ['useGlobalFilters()', {}],
      ['APP_FILTER', { providers: [{ provide: APP_FILTER, useClass: JwtExceptionFilter }] }],
    ])('by %s answers our errors that handlers throw, and leaves all others to Nest', async (how, more) => {
      const configure = (app: INestApplication): void => {
        if (how === 'useGlobalFilters()') app.useGlobalFilters(new JwtExceptionFilter())
      }
      const { ask } = await start(
        { imports: [JwtGateModule.forRoot(issuer.options)], controllers: [Orders], ...more },
        { platform, configure },
      )
      const ours = await ask('/unverified')
      expect(ours).toMatchObject({ status: 401, code: 'token_expired' })
      expect(ours.headers.get('content-type')).toBe('application/problem+json')
      expect(ours.headers.get('www-authenticate')).toMatch(/^Bearer realm="/)
      expect((await ask('/http')).body).toMatchObject({ statusCode: 409, message: 'not ours' })
      expect((await ask('/wrapped')).body).toMatchObject({ statusCode: 409, message: 'not ours' })
      const other = await ask('/other')
      expect(other.body).toEqual({ statusCode: 500, message: 'Internal server error' })
    })
  })

  it('authOf() where nobody authenticated is an InternalServerErrorException with our error as its cause', async () => {
    const thrown: unknown[] = []
    @Injectable()
    class Reader {
      canActivate(context: ExecutionContext): boolean {
        try {
          authOf(context)
        } catch (error) {
          thrown.push(error)
        }
        return true
      }
    }
    const { ask } = await serve({ ...(refusals[0] as Refusal), guard: UseGuards(Reader) })
    await ask('/orders')
    expect(thrown).toEqual([expect.any(InternalServerErrorException)])
    expect(thrown).toMatchObject([{ cause: { code: 'authentication_not_run' } }])
  })

  describe('onRefused()', () => {
    async function serveWith(onRefused: (error: JwtGateError, context: ExecutionContext) => unknown): Promise<Running> {
      @Injectable()
      class OwnGuard extends JwtAuthGuard {
        protected override onRefused(error: JwtGateError, context: ExecutionContext): unknown {
          return onRefused(error, context)
        }
      }
      return serve({ ...(refusals[0] as Refusal), guard: both(UseGuards(OwnGuard), RequirePermission('write')) })
    }
    const denied = { token: issuer.sign() }

    it('that only logs changes nothing', async () => {
      const seen: unknown[] = []
      const { ask } = await serveWith((error, context) => void seen.push(error.code, context.getType()))
      expect(await ask('/orders')).toMatchObject({ status: 401, code: 'token_missing' })
      expect(await ask('/orders', denied)).toMatchObject({ status: 403, code: 'permission_denied' })
      expect(await ask('/orders', { token: issuer.sign({ permissions: ['write'] }) })).toMatchObject({ status: 200 })
      expect(seen).toEqual(['token_missing', 'http', 'permission_denied', 'http'])
    })

    it('that only logs, and takes its time for it, changes nothing', async () => {
      const { ask } = await serveWith(async () => undefined)
      expect(await ask('/orders')).toMatchObject({ status: 401, code: 'token_missing' })
      expect(await ask('/orders', denied)).toMatchObject({ status: 403, code: 'permission_denied' })
    })

    it('is told where a request is to have its token', async () => {
      const hints: unknown[] = []
      const { ask } = await serveWith(({ hint }) => void hints.push(hint))
      await ask('/orders')
      expect(hints).toEqual([expect.stringMatching(/^The request has no `Authorization: Bearer \.\.\.` header\./)])
    })

    it.each<readonly [string, unknown]>([
      ['true', true],
      ['null', null],
      ['a text', 'let in'],
      ['a function', () => true],
    ])('%s in place of an exception is an error of the program, which says so', async (_what, given) => {
      const caught: unknown[] = []
      @Injectable()
      class OwnGuard extends JwtAuthGuard {
        protected override onRefused(): unknown {
          return given
        }
      }
      const { ask } = await serve({ ...(refusals[0] as Refusal), guard: UseGuards(OwnGuard) }, (app) =>
        app.useGlobalFilters(catching(caught, app)),
      )
      await ask('/orders')
      expect(caught).toEqual([new TypeError('onRefused() must give an exception or nothing')])
    })

    const teapot = new HttpException('teapot', HttpStatus.I_AM_A_TEAPOT)

    it.each<readonly [string, () => unknown]>([
      ['returns', () => teapot],
      ['resolves to', async () => teapot],
      [
        'throws',
        () => {
          throw teapot
        },
      ],
      ['rejects with', () => Promise.reject(teapot)],
    ])('an exception that it %s takes the place of ours', async (_how, hook) => {
      const { ask } = await serveWith(hook)
      expect(await ask('/orders')).toMatchObject({ status: 418 })
      expect(await ask('/orders', denied)).toMatchObject({ status: 418 })
    })

    it.each<readonly [string, unknown]>([
      ['true', true],
      ['false', false],
      ['null', null],
      ['1', 1],
      ['a text', 'let in'],
      ['an object', { ok: true }],
      ['a function', () => true],
      ['the error itself', 'the error itself'],
    ])('%s in place of an exception lets nobody pass, at once or later', async (what, given) => {
      for (const hook of [(error: unknown) => error, async (error: unknown) => error]) {
        const { ask } = await serveWith((error) => hook(what === 'the error itself' ? error : given))
        const [missing, without] = [await ask('/orders'), await ask('/orders', denied)]
        for (const { status, text } of [missing, without]) {
          expect(status).toBeGreaterThanOrEqual(400)
          expect(text).not.toBe('in')
        }
      }
    })

    it('an error of its own is an error of the program, and lets nobody pass', async () => {
      const { ask } = await serveWith(() => {
        throw new TypeError('canary')
      })
      const answer = await ask('/orders')
      expect(answer.status).toBe(500)
      expect(answer.text).not.toContain('canary')
    })
  })

  describe('getToken()', () => {
    async function serveWith(getToken: () => unknown): Promise<Running> {
      @Injectable()
      class OwnGuard extends JwtAuthGuard {
        protected override getToken(): string | undefined | Promise<string | undefined> {
          return getToken() as string | undefined
        }
      }
      return serve({ ...(refusals[0] as Refusal), guard: UseGuards(OwnGuard) })
    }

    it('may be async, and its token is verified like any other', async () => {
      const { ask } = await serveWith(async () => good)
      expect((await ask('/orders')).status).toBe(200)
      const expired = await serveWith(async () => issuer.bad.expired())
      expect(await expired.ask('/orders', { token: good })).toMatchObject({ status: 401, code: 'token_expired' })
    })

    it('undefined is no token, also in a request that carries one', async () => {
      const { ask } = await serveWith(() => undefined)
      expect(await ask('/orders', { token: good })).toMatchObject({ status: 401, code: 'token_missing' })
    })

    it.each<readonly [string, unknown]>([
      ['null', null],
      ['an empty text', ''],
      ['a number', 7],
      ['true', true],
      ['an object', { token: good }],
      ['a list', [good]],
      ['a text object', Object(good)],
      ['a whole header', `Bearer ${good}`],
    ])('%s in place of a token lets nobody pass', async (_what, given) => {
      for (const hook of [() => given, async () => given]) {
        const { ask } = await serveWith(hook)
        const { status, text } = await ask('/orders', { token: good })
        expect(status).toBeGreaterThanOrEqual(400)
        expect(text).not.toBe('in')
      }
    })

    it('what it throws is the error of the application that it is', async () => {
      const { ask } = await serveWith(() => {
        throw new ConflictException('two sessions')
      })
      expect((await ask('/orders', { token: good })).status).toBe(409)
    })
  })
})

function both(first: MethodDecorator, second: MethodDecorator): MethodDecorator {
  return (target, key, descriptor) => {
    first(target, key, descriptor)
    second(target, key, descriptor)
  }
}

/** A filter that keeps what it caught and answers 418. */
function catching(caught: unknown[], app: INestApplication): ExceptionFilter {
  return {
    catch(exception: unknown, host: ArgumentsHost) {
      caught.push(exception)
      app.getHttpAdapter().reply(host.switchToHttp().getResponse<unknown>(), { filtered: true }, 418)
    },
  }
}
