// Who sent the request, as handlers, interceptors, guards and pipes of an application are told.
import {
  authOf,
  createJwtVerifier,
  CurrentAuth,
  CurrentClaims,
  JwtAuthGuard,
  JwtGateModule,
  OptionalJwt,
  Public,
  RequirePermission,
  UseVerifier,
  type Auth,
  type AuthOf,
} from '@jwtgate/nestjs'
import {
  Controller,
  createParamDecorator,
  Get,
  Inject,
  Injectable,
  ParseIntPipe,
  Scope,
  UseGuards,
  UseInterceptors,
  type ArgumentMetadata,
  type CallHandler,
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
  type Type,
} from '@nestjs/common'
import { REQUEST } from '@nestjs/core'
import { map, type Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { issuerOfThisFile, platforms, start, type Running } from './application.ts'

const issuer = await issuerOfThisFile()
const admins = await issuerOfThisFile('https://admin.example.com')
const token = issuer.sign({ permissions: ['read'], email: 'a@example.com', number: '7' })
const setupError = { status: 500, code: 'authentication_not_run' }

const schema = z.object({ number: z.string().transform(Number) })
const other = z.object({ number: z.string() })
const verifier = createJwtVerifier({ ...issuer.options, claims: schema })

describe.each(platforms)('on $name', (platform) => {
  const serve = (controller: Type, gate: DynamicModule = JwtGateModule.forRoot(issuer.options)): Promise<Running> =>
    start({ imports: [gate], controllers: [controller] }, { platform })

  describe('@CurrentAuth()', () => {
    @UseGuards(JwtAuthGuard)
    @Controller()
    class Orders {
      @Get('me')
      me(@CurrentAuth() auth: Auth): unknown {
        return {
          sub: auth.claims.sub,
          permissions: auth.permissions,
          token: auth.token === token,
          frozen: Object.isFrozen(auth),
        }
      }
      @Get('serialised')
      serialised(@CurrentAuth() auth: Auth): unknown {
        return auth
      }
      @OptionalJwt()
      @Get('optional')
      optional(@CurrentAuth() auth: Auth | undefined): unknown {
        return { sub: auth?.claims.sub ?? 'anonymous', isUndefined: auth === undefined }
      }
      @Public()
      @Get('public')
      open(@CurrentAuth() auth: Auth | undefined): unknown {
        return { auth }
      }
    }

    it('is the verified token, frozen', async () => {
      const { ask } = await serve(Orders)
      expect((await ask('/me', { token })).body).toEqual({
        sub: 'alice',
        permissions: ['read'],
        token: true,
        frozen: true,
      })
    })

    it('sent as an answer does not show the token', async () => {
      const { ask } = await serve(Orders)
      const { status, text } = await ask('/serialised', { token })
      expect(status).toBe(200)
      expect(text).not.toContain(token.split('.')[2])
    })

    it('is undefined for the anonymous of @OptionalJwt()', async () => {
      const { ask } = await serve(Orders)
      expect((await ask('/optional')).body).toEqual({ sub: 'anonymous', isUndefined: true })
      expect((await ask('/optional', { token })).body).toEqual({ sub: 'alice', isUndefined: false })
    })

    it('of a public route is an error of the program, with a token or without', async () => {
      const { ask } = await serve(Orders)
      expect(await ask('/public')).toMatchObject(setupError)
      expect(await ask('/public', { token })).toMatchObject(setupError)
    })

    it('of a route that nobody guards is an error of the program, and so are its claims', async () => {
      @Controller()
      class Forgotten {
        @Get('auth')
        auth(@CurrentAuth() auth: Auth): unknown {
          return auth
        }
        @Get('claims')
        claims(@CurrentClaims() claims: Auth['claims']): unknown {
          return claims
        }
        @Get('sub')
        sub(@CurrentClaims('sub') sub: string): unknown {
          return sub
        }
      }
      const { ask } = await serve(Forgotten)
      for (const path of ['/auth', '/claims', '/sub']) {
        expect(await ask(path)).toMatchObject(setupError)
        expect(await ask(path, { token })).toMatchObject(setupError)
      }
    })

    it('does not believe what others write to the request', async () => {
      const forged = { claims: { sub: 'mallory' }, permissions: ['read'], scopes: [], roles: [] }
      @Injectable()
      class Forger implements CanActivate {
        canActivate(context: ExecutionContext): boolean {
          Object.assign(context.switchToHttp().getRequest<object>(), { auth: forged, user: forged })
          return true
        }
      }
      @UseGuards(Forger)
      @Controller()
      class Forged {
        @Get('unguarded')
        unguarded(@CurrentAuth() auth: Auth): unknown {
          return auth.claims
        }
        @RequirePermission('read')
        @Get('rule')
        rule(): string {
          return 'in'
        }
        @UseGuards(JwtAuthGuard, Forger)
        @Get('me')
        me(@CurrentAuth() auth: Auth): unknown {
          return auth.claims.sub
        }
      }
      const { ask } = await serve(Forged)
      expect(await ask('/unguarded')).toMatchObject(setupError)
      expect(await ask('/rule')).toMatchObject({ status: 401 })
      expect(await ask('/rule', { token: issuer.sign() })).toMatchObject({ status: 403 })
      expect((await ask('/me', { token })).text).toBe('alice')
    })

    it('stands as request.auth too', async () => {
      const RequestAuth = createParamDecorator(
        (_data: unknown, context: ExecutionContext): unknown =>
          context.switchToHttp().getRequest<{ auth?: unknown }>().auth,
      )
      @UseGuards(JwtAuthGuard)
      @Controller()
      class Orders {
        @Get('same')
        same(@CurrentAuth() auth: Auth, @RequestAuth() fromRequest: unknown): unknown {
          return { same: auth === fromRequest, sub: auth.claims.sub }
        }
      }
      const { ask } = await serve(Orders)
      expect((await ask('/same', { token })).body).toEqual({ same: true, sub: 'alice' })
    })

    it('needs no request.auth: an application may have an accessor of this name', async () => {
      @Controller()
      class Orders {
        @RequirePermission('read')
        @Get('me')
        me(@CurrentClaims('sub') sub: string): string {
          return sub
        }
      }
      const { ask } = await start(
        { imports: [JwtGateModule.forRoot({ ...issuer.options, isGlobal: true })], controllers: [Orders] },
        {
          platform,
          configure: (app) => {
            app.use((request: object, _response: unknown, next: () => void) => {
              Object.defineProperty(request, 'auth', { get: () => 'their own', configurable: false })
              next()
            })
          },
        },
      )
      expect((await ask('/me', { token: issuer.sign({ permissions: ['read'] }) })).text).toBe('alice')
    })

    it('of two requests at once is each its own', async () => {
      const { ask } = await serve(Orders)
      const users = Array.from({ length: 20 }, (_, index) => `user-${index}`)
      const answers = await Promise.all(users.map((sub) => ask('/me', { token: issuer.sign({ sub }) })))
      expect(answers.map(({ body }) => (body as { readonly sub: string }).sub)).toEqual(users)
    })
  })

  describe('@CurrentClaims()', () => {
    const inherited = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'] as const

    @UseGuards(JwtAuthGuard)
    @Controller()
    class Orders {
      @Get('all')
      all(@CurrentClaims() claims: Auth['claims']): unknown {
        return claims
      }
      @Get('one')
      one(@CurrentClaims('sub') sub: string, @CurrentClaims('email') email: string): unknown {
        return { sub, email }
      }
      @Get('piped')
      piped(@CurrentClaims('number', ParseIntPipe) number: number): unknown {
        return { number }
      }
      @Get('missing')
      missing(@CurrentClaims('tenant') tenant: unknown): unknown {
        return { isUndefined: tenant === undefined }
      }
      @Get('inherited')
      inherited(
        @CurrentClaims('constructor') first: unknown,
        @CurrentClaims('__proto__') second: unknown,
        @CurrentClaims('toString') third: unknown,
        @CurrentClaims('hasOwnProperty') fourth: unknown,
        @CurrentClaims('valueOf') fifth: unknown,
      ): unknown {
        return [first, second, third, fourth, fifth].map((value) => (value === undefined ? 'undefined' : value))
      }
      @OptionalJwt()
      @Get('optional')
      optional(@CurrentClaims() claims: unknown, @CurrentClaims('sub') sub: unknown): unknown {
        return { undefined: [claims === undefined, sub === undefined] }
      }
    }

    it('gives all claims, or one by its name', async () => {
      const { ask } = await serve(Orders)
      expect((await ask('/all', { token })).body).toMatchObject({
        sub: 'alice',
        iss: issuer.url,
        email: 'a@example.com',
      })
      expect((await ask('/one', { token })).body).toEqual({ sub: 'alice', email: 'a@example.com' })
    })

    it('hands one claim to a pipe, which may refuse it', async () => {
      const { ask } = await serve(Orders)
      expect((await ask('/piped', { token })).body).toEqual({ number: 7 })
      expect(await ask('/piped', { token: issuer.sign({ number: 'seven' }) })).toMatchObject({ status: 400 })
    })

    it('is undefined for a claim that the token does not have', async () => {
      const { ask } = await serve(Orders)
      expect((await ask('/missing', { token })).body).toEqual({ isUndefined: true })
    })

    it('never gives what a claim only inherits', async () => {
      const { ask } = await serve(Orders)
      expect((await ask('/inherited', { token })).body).toEqual(inherited.map(() => 'undefined'))
    })

    it('gives a claim that has the name of something inherited, if the token has it', async () => {
      const { ask } = await serve(Orders)
      const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object
      const named = issuer.sign(JSON.stringify({ ...payload, constructor: 'c', toString: 't' }))
      const { body } = await ask('/inherited', { token: named })
      expect(body).toEqual(['c', 'undefined', 't', 'undefined', 'undefined'])
    })

    it('is undefined for the anonymous of @OptionalJwt(), with a name and without', async () => {
      const { ask } = await serve(Orders)
      expect((await ask('/optional')).body).toEqual({ undefined: [true, true] })
    })

    it('all of them pass through a pipe too, a global one included', async () => {
      const seen: ArgumentMetadata[] = []
      @Injectable()
      class Recording implements PipeTransform {
        transform(value: unknown, metadata: ArgumentMetadata): unknown {
          seen.push(metadata)
          return value
        }
      }
      @UseGuards(JwtAuthGuard)
      @Controller()
      class Orders {
        @Get('piped')
        piped(@CurrentClaims(Recording) claims: Auth['claims'], @CurrentClaims('sub') sub: string): unknown {
          return { sub, same: claims.sub === sub }
        }
      }
      const { ask } = await start(
        { imports: [JwtGateModule.forRoot(issuer.options)], controllers: [Orders] },
        { platform, configure: (app) => app.useGlobalPipes(new Recording()) },
      )
      expect((await ask('/piped', { token })).body).toEqual({ sub: 'alice', same: true })
      expect(seen.map(({ type }) => type)).toEqual(['custom', 'custom', 'custom'])
    })
  })

  describe('claims that a schema made', () => {
    @UseGuards(JwtAuthGuard)
    @Controller()
    class Orders {
      @Get()
      read(@CurrentAuth() auth: AuthOf<typeof schema>, @CurrentClaims('number') number: number): unknown {
        return { number, again: auth.claims.number, type: typeof number, sub: auth.claims.sub }
      }
    }

    it('are given by decorators as the schema made them', async () => {
      const { ask } = await serve(Orders, JwtGateModule.forRoot({ verifier }))
      expect((await ask('/', { token })).body).toEqual({ number: 7, again: 7, type: 'number', sub: 'alice' })
    })

    it.each<readonly [string, (context: ExecutionContext) => unknown]>([
      ['the schema', (context) => authOf(context, schema).claims.number],
      ['the verifier', (context) => authOf(context, verifier).claims.number],
    ])('are given to an interceptor by %s', async (_what, read) => {
      const { ask } = await serve(intercepted(read), JwtGateModule.forRoot({ verifier }))
      expect((await ask('/', { token })).body).toEqual({ seen: 7, answer: 'in' })
    })

    it.each<readonly [string, (context: ExecutionContext) => unknown]>([
      ['another schema', (context) => authOf(context, other)],
      ['another verifier', (context) => authOf(context, createJwtVerifier(issuer.options))],
      ['a schema that is undefined', (context) => authOf(context, undefined as unknown as typeof schema)],
    ])('fail with 500 for %s', async (_what, read) => {
      const { ask } = await serve(intercepted(read), JwtGateModule.forRoot({ verifier }))
      expect(await ask('/', { token })).toMatchObject(setupError)
    })
  })

  describe('authOf(context)', () => {
    it('tells an interceptor who sent the request', async () => {
      const { ask } = await serve(intercepted((context) => authOf(context).claims.sub))
      expect((await ask('/', { token })).body).toEqual({ seen: 'alice', answer: 'in' })
    })

    it('tells a guard that runs behind ours', async () => {
      @Injectable()
      class OnlyBob implements CanActivate {
        canActivate(context: ExecutionContext): boolean {
          return authOf(context).claims.sub === 'bob'
        }
      }
      @RequirePermission('read')
      @Controller()
      class Orders {
        @UseGuards(OnlyBob)
        @Get()
        read(): string {
          return 'in'
        }
      }
      const { ask } = await serve(Orders)
      expect((await ask('/', { token })).status).toBe(403)
      expect((await ask('/', { token: issuer.sign({ sub: 'bob', permissions: ['read'] }) })).status).toBe(200)
      expect(await ask('/')).toMatchObject({ status: 401, code: 'token_missing' })
    })

    it('is an error of the program where nobody authenticated, and for the anonymous', async () => {
      const read = (context: ExecutionContext): unknown => authOf(context).claims.sub
      const unguarded = await serve(intercepted(read, Public()))
      expect(await unguarded.ask('/', { token })).toMatchObject(setupError)
      const optional = await serve(intercepted(read, OptionalJwt()))
      expect(await optional.ask('/')).toMatchObject(setupError)
      expect(await optional.ask('/', { token })).toMatchObject({ status: 200 })
    })
  })

  describe('controllers that are made for each request', () => {
    @Injectable({ scope: Scope.REQUEST })
    class CurrentTenant {
      readonly request: object
      constructor(@Inject(REQUEST) request: object) {
        this.request = request
      }
    }

    @Controller({ path: 'orders', scope: Scope.REQUEST })
    class Orders {
      readonly tenant: CurrentTenant
      constructor(@Inject(CurrentTenant) tenant: CurrentTenant) {
        this.tenant = tenant
      }
      @RequirePermission('read')
      @Get()
      read(@CurrentAuth() auth: Auth): unknown {
        return { sub: auth.claims.sub, same: Reflect.get(this.tenant.request, 'auth') === auth }
      }
    }

    it.each([
      ['by their decorators', {}],
      ['by guardAllRoutes', { guardAllRoutes: true }],
    ])('are guarded like others, %s', async (_how, more) => {
      const { ask } = await start(
        {
          imports: [JwtGateModule.forRoot({ ...issuer.options, ...more })],
          controllers: [Orders],
          providers: [CurrentTenant],
        },
        { platform },
      )
      expect(await ask('/orders')).toMatchObject({ status: 401 })
      expect(await ask('/orders', { token: issuer.sign() })).toMatchObject({ status: 403 })
      expect((await ask('/orders', { token })).body).toEqual({ sub: 'alice', same: true })
    })
  })

  it('two verifiers of one application never mix up who is who', async () => {
    @Controller()
    class Orders {
      @UseVerifier('admin')
      @Get('admin')
      admin(@CurrentAuth() auth: Auth): unknown {
        return auth.claims.iss
      }
      @UseVerifier('default')
      @Get('user')
      user(@CurrentAuth() auth: Auth): unknown {
        return auth.claims.iss
      }
    }
    const gate = JwtGateModule.forRoot({ verifiers: { default: issuer.options, admin: admins.options } })
    const { ask } = await serve(Orders, gate)
    const tokens = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? issuer : admins))
    const answers = await Promise.all(
      tokens.map((from) => ask(from === issuer ? '/user' : '/admin', { token: from.sign() })),
    )
    expect(answers.map(({ text }) => text)).toEqual(tokens.map(({ url }) => url))
  })
})

/** A controller whose one route is intercepted by whoever reads the context. */
function intercepted(
  read: (context: ExecutionContext) => unknown,
  guard: MethodDecorator = UseGuards(JwtAuthGuard),
): Type {
  @Injectable()
  class Reader implements NestInterceptor {
    intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
      const seen = read(context)
      return next.handle().pipe(map((answer: unknown) => ({ seen, answer })))
    }
  }
  @Controller()
  class Orders {
    @guard
    @UseInterceptors(Reader)
    @Get()
    read(): string {
      return 'in'
    }
  }
  return Orders
}
