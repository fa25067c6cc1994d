// How an application that uses the package is tested: with the real guard and a test issuer, or with the guard overridden.
import {
  CurrentAuth,
  createJwtVerifier,
  JwtAuthGuard,
  JwtGate,
  JwtGateModule,
  RequirePermission,
  UseVerifier,
  type Auth,
} from '@jwtgate/nestjs'
import { badTokens } from '@jwtgate/testing'
import {
  Controller,
  Get,
  Injectable,
  Module,
  type DynamicModule,
  type INestApplication,
  type Type,
} from '@nestjs/common'
import { Test, type TestingModuleBuilder } from '@nestjs/testing'
import supertest from 'supertest'
import { describe, expect, it, onTestFinished } from 'vitest'
import { issuerOfThisFile, platforms, type Platform } from './application.ts'

const issuer = await issuerOfThisFile()

@Controller('orders')
class OrdersController {
  @RequirePermission('read')
  @Get()
  read(): string {
    return 'in'
  }
  @RequirePermission('delete')
  @Get('delete')
  remove(): string {
    return 'deleted'
  }
  @Get('bare')
  bare(): string {
    return 'in'
  }
  @RequirePermission('read')
  @Get('me')
  me(@CurrentAuth() auth: Auth): unknown {
    return { sub: auth.claims.sub }
  }
}

const production = {
  issuer: 'https://id.example.com',
  audience: 'https://api.example.com',
  algorithms: ['RS256'],
} as const

/** The application as `main.ts` would start it: its issuer is that of production, which no test can reach. */
function appModule(flags: { readonly guardAllRoutes?: boolean; readonly isGlobal?: boolean } = {}): Type {
  @Module({ imports: [JwtGateModule.forRoot({ ...production, ...flags })], controllers: [OrdersController] })
  class AppModule {}
  return AppModule
}

async function appOf(builder: TestingModuleBuilder, { createAdapter }: Platform): Promise<INestApplication> {
  const testing = await builder.compile()
  const app = testing.createNestApplication(createAdapter(), { logger: false })
  onTestFinished(() => app.close())
  await app.listen(0, '127.0.0.1')
  return app
}

/** The status, and the body of what is let in, or the code of what is not. */
async function get(app: INestApplication, path: string, token?: string): Promise<string> {
  const request = supertest(app.getHttpServer() as Parameters<typeof supertest>[0]).get(path)
  const { status, text } = await (token === undefined ? request : request.auth(token, { type: 'bearer' }))
  return `${status} ${status === 200 ? text : codeIn(text)}`
}

function codeIn(text: string): string {
  return String((JSON.parse(text) as { readonly code?: unknown }).code)
}

const flags = [{}, { guardAllRoutes: true }]

describe.each(platforms)('on $name', (platform) => {
  describe.each(flags)('a module with %j', (given) => {
    it('whose guard is overridden by one that lets everybody in, lets everybody in', async () => {
      const builder = Test.createTestingModule({ imports: [appModule(given)] })
      const app = await appOf(builder.overrideGuard(JwtAuthGuard).useValue({ canActivate: () => true }), platform)
      expect(await get(app, '/orders')).toBe('200 in')
      expect(await get(app, '/orders/delete')).toBe('200 deleted')
      expect(await get(app, '/orders/bare')).toBe('200 in')
    })

    it('whose guard is overridden by one that lets nobody in, lets nobody in', async () => {
      const builder = Test.createTestingModule({ imports: [appModule(given)] })
      const app = await appOf(builder.overrideGuard(JwtAuthGuard).useValue({ canActivate: () => false }), platform)
      expect(await get(app, '/orders', issuer.sign({ permissions: ['read'] }))).toBe('403 undefined')
    })

    it('whose guard is not overridden refuses: the override is what lets everybody in', async () => {
      const app = await appOf(Test.createTestingModule({ imports: [appModule(given)] }), platform)
      expect(await get(app, '/orders')).toBe('401 token_missing')
      expect(await get(app, '/orders/bare')).toBe('guardAllRoutes' in given ? '401 token_missing' : '200 in')
    })

    it('whose guard is overridden by a subclass that brings a token judges rules as in production', async () => {
      const token = issuer.sign({ sub: 'tester', permissions: ['read'] })
      @Injectable()
      class LoggedIn extends JwtAuthGuard {
        protected override getToken(): string {
          return token
        }
      }
      const verifier = createJwtVerifier(issuer.options)
      const builder = Test.createTestingModule({
        imports: [moduleWith(JwtGateModule.forRoot({ verifier, ...given }))],
      })
      const app = await appOf(builder.overrideGuard(JwtAuthGuard).useClass(LoggedIn), platform)
      expect(await get(app, '/orders')).toBe('200 in')
      expect(await get(app, '/orders/me')).toBe('200 {"sub":"tester"}')
      expect(await get(app, '/orders/delete')).toBe('403 permission_denied')
      expect(await get(app, '/orders/bare')).toBe('200 in')
    })
  })

  describe('the real guard and a test issuer', () => {
    it('as an option of the module', async () => {
      const gate = JwtGateModule.forRoot({ ...issuer.options, guardAllRoutes: true })
      const app = await appOf(Test.createTestingModule({ imports: [moduleWith(gate)] }), platform)
      expect(await get(app, '/orders/me', issuer.sign({ sub: 'bob', permissions: ['read'] }))).toBe('200 {"sub":"bob"}')
      expect(await get(app, '/orders', issuer.sign())).toBe('403 permission_denied')
      expect(await get(app, '/orders')).toBe('401 token_missing')
    })

    it.each(badTokens)('refuses $name', async ({ mint, code }) => {
      const gate = JwtGateModule.forRoot(issuer.options)
      const app = await appOf(Test.createTestingModule({ imports: [moduleWith(gate)] }), platform)
      expect(await get(app, '/orders', mint(issuer))).toBe(`401 ${code}`)
    })

    it.each(flags)('in place of the module of production, by overrideModule(), with %j', async (given) => {
      const ofProduction = JwtGateModule.forRoot({ ...production, ...given })
      const builder = Test.createTestingModule({ imports: [moduleWith(ofProduction)] })
        .overrideModule(ofProduction)
        .useModule(JwtGateModule.forRoot({ ...issuer.options, ...given }))
      const app = await appOf(builder, platform)
      expect(await get(app, '/orders', issuer.sign({ permissions: ['read'] }))).toBe('200 in')
      expect(await get(app, '/orders', issuer.sign())).toBe('403 permission_denied')
    })

    it.each(flags)('in place of the gate of production, by overrideProvider(JwtGate), with %j', async (given) => {
      const builder = Test.createTestingModule({ imports: [appModule(given)] })
        .overrideProvider(JwtGate)
        .useValue(new JwtGate(issuer.options))
      const app = await appOf(builder, platform)
      expect(await get(app, '/orders', issuer.sign({ permissions: ['read'] }))).toBe('200 in')
      expect(await get(app, '/orders', issuer.sign())).toBe('403 permission_denied')
      expect(await get(app, '/orders')).toBe('401 token_missing')
    })

    it('asks for the verifier that a route names', async () => {
      @UseVerifier('admin')
      @Controller('admin')
      class Admin {
        @Get()
        read(): string {
          return 'in'
        }
      }
      const gate = JwtGateModule.forRoot({ verifiers: { admin: issuer.options } })
      const builder = Test.createTestingModule({ imports: [gate], controllers: [Admin] })
      const app = await appOf(builder, platform)
      expect(await get(app, '/admin')).toBe('401 token_missing')
      expect(await get(app, '/admin', issuer.sign())).toBe('200 in')
    })
  })
})

function moduleWith(gate: DynamicModule): Type {
  @Module({ imports: [gate], controllers: [OrdersController] })
  class AppModule {}
  return AppModule
}
