// Closed by default: with guardAllRoutes every route asks for a token, whoever wrote it, unless it says @Public().
import {
  CurrentAuth,
  createJwtVerifier,
  JwtAuthGuard,
  JwtGateModule,
  OptionalJwt,
  Public,
  RequirePermission,
  UseVerifier,
  type Auth,
} from '@jwtgate/nestjs'
import {
  All,
  Controller,
  Get,
  Injectable,
  Module,
  Post,
  Scope,
  Sse,
  UseGuards,
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  type Type,
} from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { of, type Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { calledBy, issuerOfThisFile, moduleOf, platforms, start, type Answer, type Running } from './application.ts'
import { ordersWith, type AnyDecorator } from './classes.ts'

const issuer = await issuerOfThisFile()
const admins = await issuerOfThisFile('https://admin.example.com')
const verifiers = { default: issuer.options, admin: admins.options }

/** Routes of every kind, none of which has a decorator of ours. */
@Controller()
class Undecorated {
  @Get()
  root(): string {
    return 'in'
  }
  @Get('orders/:id')
  read(): string {
    return 'in'
  }
  @Post('orders')
  write(): string {
    return 'in'
  }
  @All('all')
  all(): string {
    return 'in'
  }
  @Sse('events')
  events(): Observable<{ data: string }> {
    return of({ data: 'in' })
  }
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class RequestScoped {
  @Get()
  read(): string {
    return 'in'
  }
}

@Controller('feature')
class FeatureController {
  @Get()
  read(): string {
    return 'in'
  }
}
@Module({ controllers: [FeatureController] })
class FeatureModule {}
@Module({ imports: [FeatureModule] })
class OuterModule {}

const routes: readonly (readonly [string, string])[] = [
  ['GET', '/'],
  ['GET', '/orders/7'],
  ['HEAD', '/orders/7'],
  ['POST', '/orders'],
  ['GET', '/all'],
  ['DELETE', '/all'],
  ['GET', '/events'],
  ['GET', '/scoped'],
  ['GET', '/feature'],
]

describe.each(platforms)('on $name', (platform) => {
  const closed = (): DynamicModule => JwtGateModule.forRoot({ verifiers, guardAllRoutes: true })
  const serve = (controllers: readonly Type[], gate: DynamicModule = closed()): Promise<Running> =>
    start({ imports: [gate, OuterModule], controllers: [...controllers] }, { platform })

  it.each(routes)(
    '%s %s, which has no decorator, asks for a token; without guardAllRoutes it is open',
    async (method, path) => {
      const controllers = [Undecorated, RequestScoped]
      const guarded = await serve(controllers)
      expect((await guarded.ask(path, { method })).status).toBe(401)
      expect((await guarded.ask(path, { method, token: issuer.bad.expired() })).status).toBe(401)
      expect((await guarded.ask(path, { method, token: issuer.sign() })).status).toBeLessThan(300)

      const open = await serve(controllers, JwtGateModule.forRoot({ verifiers, isGlobal: true }))
      expect((await open.ask(path, { method })).status).toBeLessThan(300)
    },
  )

  it('a controller that comes with forRootAsync() is guarded too', async () => {
    const gate = JwtGateModule.forRootAsync({ useFactory: () => issuer.options, guardAllRoutes: true })
    const { ask } = await serve([Undecorated], gate)
    expect((await ask('/')).status).toBe(401)
    expect((await ask('/feature')).status).toBe(401)
    expect((await ask('/feature', { token: issuer.sign() })).status).toBe(200)
  })

  it('a call before the application is initialised is refused, with what to write', async () => {
    @Injectable()
    class Worker {
      work(): string {
        return 'worked'
      }
    }
    const app = await NestFactory.create(
      moduleOf({ imports: [closed()], providers: [Worker] }),
      platform.createAdapter(),
      { logger: false, abortOnError: false },
    )
    const work = calledBy(app, Worker, 'work')
    await expect(work({ headers: { authorization: `Bearer ${issuer.sign()}` } })).rejects.toThrow(
      'The application has not been initialised: await app.init()',
    )
  })

  it('a global prefix opens nothing', async () => {
    const { ask } = await start(
      { imports: [closed()], controllers: [ordersWith({})] },
      { platform, configure: (app) => app.setGlobalPrefix('api') },
    )
    expect((await ask('/api/orders')).status).toBe(401)
  })

  it('a module that only the gate is imported into may use rules everywhere: it is global then', async () => {
    @RequirePermission('read')
    @Controller('rule')
    class Ruled {
      @Get()
      read(): string {
        return 'in'
      }
    }
    const { ask } = await start({ imports: [closed(), moduleOf({ controllers: [Ruled] })] }, { platform })
    expect((await ask('/rule')).status).toBe(401)
    expect((await ask('/rule', { token: issuer.sign() })).status).toBe(403)
    expect((await ask('/rule', { token: issuer.sign({ permissions: ['read'] }) })).status).toBe(200)
  })

  it('isGlobal: false leaves every route guarded', async () => {
    const gate = JwtGateModule.forRoot({ verifiers, guardAllRoutes: true, isGlobal: false })
    const { ask } = await serve([Undecorated], gate)
    expect([(await ask('/')).status, (await ask('/feature')).status]).toEqual([401, 401])
    expect((await ask('/feature', { token: issuer.sign() })).status).toBe(200)
  })

  describe('@Public()', () => {
    it.each([
      ['method', { onMethod: [Public()] }],
      ['class', { onClass: [Public()] }],
    ])('on a %s opens the route; taken away, the route is closed', async (_place, decorators) => {
      const open = await serve([ordersWith(decorators)])
      expect((await open.ask('/orders')).status).toBe(200)
      expect((await open.ask('/orders', { token: issuer.bad.expired() })).status).toBe(200)
      const closedAgain = await serve([ordersWith({})])
      expect((await closedAgain.ask('/orders')).status).toBe(401)
    })

    it('on a method opens no other method of the class, and on a class no other class', async () => {
      @Controller('mixed')
      class Mixed {
        @Public()
        @Get('open')
        open(): string {
          return 'in'
        }
        @Get('closed')
        closed(): string {
          return 'in'
        }
      }
      const { ask } = await serve([ordersWith({ onClass: [Public()] }), Mixed, Undecorated])
      const paths = ['/orders', '/mixed/open', '/mixed/closed', '/']
      const answers = await Promise.all(paths.map((path) => ask(path)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 401])
    })

    it('of a class is inherited, and of a subclass does not open the class above it', async () => {
      @Controller('base')
      class Base {
        @Get()
        read(): string {
          return 'in'
        }
      }
      @Public()
      @Controller('opened')
      class Opened extends Base {}
      const { ask } = await serve([Base, Opened])
      expect([(await ask('/base')).status, (await ask('/opened')).status]).toEqual([401, 200])
    })
  })

  describe('beside other decorators', () => {
    const rule: AnyDecorator = RequirePermission('read')

    it.each([
      ['method', { onMethod: [rule] }],
      ['class', { onClass: [rule] }],
    ])(
      'a rule on a %s is judged; a route that loses it is open to every token, and to no other',
      async (_place, decorators) => {
        const ruled = await serve([ordersWith(decorators)])
        expect((await ruled.ask('/orders', { token: issuer.sign() })).status).toBe(403)
        const lost = await serve([ordersWith({})])
        expect((await lost.ask('/orders', { token: issuer.sign() })).status).toBe(200)
        expect((await lost.ask('/orders')).status).toBe(401)
      },
    )

    it('@OptionalJwt() lets the anonymous in, and @UseVerifier() chooses', async () => {
      const optional = await serve([ordersWith({ onMethod: [OptionalJwt()] })])
      expect((await optional.ask('/orders')).status).toBe(200)
      expect((await optional.ask('/orders', { token: issuer.bad.expired() })).status).toBe(401)
      const admin = await serve([ordersWith({ onClass: [UseVerifier('admin')] })])
      expect((await admin.ask('/orders', { token: issuer.sign() })).status).toBe(401)
      expect((await admin.ask('/orders', { token: admins.sign() })).status).toBe(200)
    })

    it('@CurrentAuth() works on a route without decorators', async () => {
      @Controller()
      class Me {
        @Get('me')
        me(@CurrentAuth() auth: Auth): string {
          return auth.claims.sub ?? ''
        }
      }
      const { ask } = await serve([Me])
      expect((await ask('/me', { token: issuer.sign() })).text).toBe('alice')
    })
  })

  describe('beside another module of ours', () => {
    const revoking = { ...issuer.options, isRevoked: () => true }

    it.each([
      ['the first', [revoking, issuer.options]],
      ['the second', [issuer.options, revoking]],
    ])(
      'that guards all routes too, both have to let a request in, where neither is global: %s does not',
      async (_which, given) => {
        const imports = given.map((options) =>
          JwtGateModule.forRoot({ ...options, guardAllRoutes: true, isGlobal: false }),
        )
        const { ask } = await start({ imports, controllers: [ordersWith({})] }, { platform })
        expect((await ask('/orders', { token: issuer.sign() })).code).toBe('token_revoked')
      },
    )

    it('the guard of a route asks the verifier of its own module', async () => {
      const Orders = ordersWith({ onMethod: [UseGuards(JwtAuthGuard)] })
      const feature = moduleOf({ imports: [JwtGateModule.forRoot(revoking)], controllers: [Orders] })
      const { ask } = await start({ imports: [closed(), feature] }, { platform })
      expect((await ask('/orders', { token: issuer.sign() })).code).toBe('token_revoked')
    })
  })

  describe('beside guards of the application', () => {
    @Injectable()
    class Yes implements CanActivate {
      canActivate(): boolean {
        return true
      }
    }
    @Injectable()
    class No implements CanActivate {
      canActivate(): boolean {
        return false
      }
    }

    it('a guard that lets everybody in opens nothing, wherever it is listed', async () => {
      const { ask } = await start(
        {
          imports: [closed()],
          controllers: [ordersWith({ onClass: [UseGuards(Yes)], onMethod: [UseGuards(Yes)] })],
          providers: [{ provide: APP_GUARD, useClass: Yes }],
        },
        { platform, configure: (app) => app.useGlobalGuards(new Yes()) },
      )
      expect((await ask('/orders')).status).toBe(401)
    })

    it('a guard that refuses goes on refusing', async () => {
      const { ask } = await serve([ordersWith({ onMethod: [UseGuards(No)] })])
      expect((await ask('/orders', { token: issuer.sign() })).status).toBe(403)
    })
  })

  describe('beside a guard that extends ours', () => {
    @Injectable()
    class FromHeader extends JwtAuthGuard {
      protected override getToken(context: ExecutionContext): string | undefined {
        const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>()
        return headers['x-token']
      }
    }

    it.each([
      ['method', { onMethod: [UseGuards(FromHeader)] }],
      ['class', { onClass: [UseGuards(FromHeader)] }],
      ['class, with a rule at the method', { onClass: [UseGuards(FromHeader)], onMethod: [RequirePermission('read')] }],
      ['method, with a rule at the class', { onClass: [RequirePermission('read')], onMethod: [UseGuards(FromHeader)] }],
      ['method, below ours', { onMethod: [UseGuards(JwtAuthGuard), UseGuards(FromHeader)] }],
      ['method, above ours', { onMethod: [UseGuards(FromHeader), UseGuards(JwtAuthGuard)] }],
    ])('on a %s, the other does the work, once', async (_place, decorators) => {
      const verified: string[] = []
      const inner = createJwtVerifier(issuer.options)
      const verify: typeof inner.verify = (token) => {
        verified.push(token)
        return inner.verify(token)
      }
      const gate = JwtGateModule.forRoot({ verifier: { ...inner, verify }, guardAllRoutes: true })
      const { ask } = await serve([ordersWith(decorators)], gate)
      const token = issuer.sign({ permissions: ['read'] })
      expect((await ask('/orders')).status).toBe(401)
      expect((await ask('/orders', { token })).status).toBe(401)
      expect(verified).toEqual([])
      expect((await ask('/orders', { headers: { 'x-token': token } })).status).toBe(200)
      expect(verified).toEqual([token])
      expect((await ask('/orders', { headers: { 'x-token': issuer.bad.expired() } })).status).toBe(401)
    })

    it('before all routes, a rule adds no other guard: it has passed', async () => {
      const { ask } = await start(
        {
          imports: [JwtGateModule.forRoot({ ...issuer.options, isGlobal: true })],
          controllers: [ordersWith({ onMethod: [RequirePermission('read')] })],
          providers: [{ provide: APP_GUARD, useClass: FromHeader }],
        },
        { platform },
      )
      const asking = (token: string): Promise<Answer> => ask('/orders', { headers: { 'x-token': token } })
      expect((await asking(issuer.sign({ permissions: ['read'] }))).status).toBe(200)
      expect((await asking(issuer.sign())).code).toBe('permission_denied')
      expect((await ask('/orders', { token: issuer.sign({ permissions: ['read'] }) })).code).toBe('token_missing')
    })

    it('on a class that a controller extends, it does the work there as well', async () => {
      @UseGuards(FromHeader)
      abstract class Base {
        @Get()
        read(): string {
          return 'in'
        }
      }
      @Controller('orders')
      class Orders extends Base {}
      const { ask } = await serve([Orders])
      expect((await ask('/orders', { headers: { 'x-token': issuer.sign() } })).status).toBe(200)
      expect((await ask('/orders', { token: issuer.sign() })).status).toBe(401)
    })

    it('on one method, the others are guarded as before', async () => {
      @Controller()
      class Orders {
        @UseGuards(FromHeader)
        @Get('own')
        own(): string {
          return 'in'
        }
        @Get('other')
        other(): string {
          return 'in'
        }
      }
      const { ask } = await serve([Orders])
      const token = issuer.sign()
      expect((await ask('/other', { headers: { 'x-token': token } })).status).toBe(401)
      expect((await ask('/other', { token })).status).toBe(200)
      expect((await ask('/own', { headers: { 'x-token': token } })).status).toBe(200)
    })
  })
})
