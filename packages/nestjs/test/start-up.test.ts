// Mistakes that end the start of an application: each is told with class and method, and with what to write.
import type { ServerResponse } from 'node:http'
import {
  ConfigError,
  CurrentAuth,
  JwtAuthGuard,
  JwtGateModule,
  OptionalJwt,
  permission,
  Public,
  RequireAccess,
  RequirePermission,
  RequireRole,
  RequireScope,
  UseVerifier,
} from '@jwtgate/nestjs'
import {
  Catch,
  Controller,
  Get,
  Injectable,
  SetMetadata,
  UseFilters,
  UseGuards,
  type ArgumentsHost,
  type CanActivate,
  type DynamicModule,
  type ExceptionFilter,
  type Type,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Query, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql'
import { MessagePattern, Transport, type MicroserviceOptions } from '@nestjs/microservices'

import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { Test } from '@nestjs/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { issuerOfThisFile, moduleOf, platforms, start } from './application.ts'
import { Wrapped, type AnyDecorator } from './classes.ts'
import { failureOf, saying, type Failure } from './failures.ts'

const issuer = await issuerOfThisFile()
const gate = (more: object = {}): DynamicModule => JwtGateModule.forRoot({ ...issuer.options, ...more })

const failureWith = (controller: Type, imports = [gate()]): Promise<Failure> =>
  failureOf({ imports, controllers: [controller] })

describe('@Public() together with a rule', () => {
  it.each<readonly [string, MethodDecorator]>([
    ['@RequirePermission', RequirePermission('read')],
    ['@RequireScope', RequireScope('read')],
    ['@RequireRole', RequireRole('read')],
    ['@RequireAccess', RequireAccess(permission('read'))],
  ])('%s on the same method, in both orders', async (name, rule) => {
    @Controller()
    class Orders {
      @Public()
      @rule
      @Get('a')
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', '@Public()', name))
    @Controller()
    class Invoices {
      @rule
      @Public()
      @Get('a')
      send(): string {
        return 'in'
      }
    }
    expect(await failureWith(Invoices)).toMatchObject(saying('Invoices', 'send', '@Public()', name))
  })

  it('on the same class', async () => {
    @Public()
    @RequireRole('editor')
    @Controller()
    class Orders {
      @Get()
      read(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject({
      option: 'Public',
      message:
        "Orders.read is @Public() by its class, and has @RequireRole('editor') at its class. " +
        'Only one can be meant; a rule of a class may move to the methods that need it.',
    })
  })

  it('on the class, the rule at the method', async () => {
    @Public()
    @Controller()
    class Orders {
      @RequirePermission('delete')
      @Get()
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', '@Public()', '@RequirePermission'))
  })

  it('on the method, the rule at the class', async () => {
    @RequirePermission('delete')
    @Controller()
    class Orders {
      @Public()
      @Get()
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', '@Public()', '@RequirePermission'))
  })

  it('on the method, the rule at a class that it extends', async () => {
    @RequirePermission('delete')
    class Base {}
    @Controller()
    class Orders extends Base {
      @Public()
      @Get()
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', '@Public()'))
  })
})

describe('@Public() together with the guard', () => {
  it('on the class, the guard at the method', async () => {
    @Public()
    @Controller()
    class Orders {
      @UseGuards(JwtAuthGuard)
      @Get()
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', '@Public()', 'JwtAuthGuard'))
  })

  it('on the same method', async () => {
    @Controller()
    class Orders {
      @Public()
      @UseGuards(JwtAuthGuard)
      @Get()
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', '@Public()', 'JwtAuthGuard'))
  })

  it('on the same class', async () => {
    @Public()
    @UseGuards(JwtAuthGuard)
    @Controller()
    class Orders {
      @Get()
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', '@Public()', 'JwtAuthGuard'))
  })

  it('on the same method, made by hand', async () => {
    @Controller()
    class Orders {
      @Public()
      @UseGuards(new JwtAuthGuard())
      @Get()
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders.remove', '@Public()', '@UseGuards(JwtAuthGuard)'))
  })

  it('on the class, a guard that extends ours at the method', async () => {
    @Injectable()
    class OwnGuard extends JwtAuthGuard {}
    @Public()
    @Controller()
    class Orders {
      @UseGuards(OwnGuard)
      @Get()
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', '@Public()', 'OwnGuard'))
  })

  it.each([
    ['@OptionalJwt()', OptionalJwt()],
    ['@UseVerifier()', UseVerifier('default')],
  ])('%s on the same method', async (name, decorator) => {
    @Controller()
    class Orders {
      @Public()
      @decorator
      @Get()
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', '@Public()', name.slice(0, -2)))
  })
})

describe('@UseVerifier', () => {
  const verifiers = { default: issuer.options, admin: issuer.options }

  it.each(['admn', 'constructor', '__proto__', 'toString'])('with the name %j, which nobody gave', async (unknown) => {
    @Controller()
    class Orders {
      @UseVerifier(unknown)
      @Get()
      remove(): string {
        return 'in'
      }
    }
    const parts = ['Orders', 'remove', '@UseVerifier', unknown, 'admin', 'default']
    expect(await failureWith(Orders, [JwtGateModule.forRoot({ verifiers })])).toMatchObject(saying(...parts))
  })

  it('with an unknown name on a class', async () => {
    @UseVerifier('admn')
    @Controller()
    class Orders {
      @Get()
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders, [JwtGateModule.forRoot({ verifiers })])).toMatchObject(
      saying('Orders', "'admn'", "'admin'"),
    )
  })

  it('with an unknown name, found by what an async factory gave', async () => {
    @UseVerifier('admn')
    @Controller()
    class Orders {
      @Get()
      remove(): string {
        return 'in'
      }
    }
    const imports = [JwtGateModule.forRootAsync({ useFactory: async () => ({ verifiers }) })]
    expect(await failureWith(Orders, imports)).toMatchObject(saying('Orders', 'admn', 'admin'))
  })

  it('two of them at one place are refused where they are written', () => {
    const onMethod = (): unknown => {
      class Orders {
        @UseVerifier('admin')
        @UseVerifier('default')
        remove(): void {}
      }
      return Orders
    }
    const onClass = (): unknown => {
      @UseVerifier('admin')
      @UseVerifier('default')
      class Orders {}
      return Orders
    }
    const beyondRule = (): unknown => {
      class Orders {
        @UseVerifier('admin')
        @RequirePermission('read')
        @UseVerifier('default')
        remove(): void {}
      }
      return Orders
    }
    expect(onMethod).toThrow(/@UseVerifier\('admin'\).*Orders\.remove/)
    expect(onMethod).toThrow(ConfigError)
    expect(beyondRule).toThrow(/@UseVerifier\('admin'\).*Orders\.remove/)
    expect(onClass).toThrow(/@UseVerifier\('admin'\).*Orders/)
    expect(onClass).toThrow(ConfigError)
  })

  it('above a rule of the same method is the only one there', () => {
    const write = (): unknown => {
      class Orders {
        @UseVerifier('admin')
        @RequirePermission('read')
        remove(): void {}
      }
      return Orders
    }
    expect(write).not.toThrow()
  })

  it.each<readonly [string, MethodDecorator]>([
    ['@RequirePermission', RequirePermission('read')],
    ['@UseGuards(JwtAuthGuard)', UseGuards(JwtAuthGuard)],
  ])('is missing at %s where no verifier is the default', async (_name, decorator) => {
    @Controller()
    class Orders {
      @decorator
      @Get()
      remove(): string {
        return 'in'
      }
    }
    const imports = [JwtGateModule.forRoot({ verifiers: { admin: issuer.options } })]
    expect(await failureWith(Orders, imports)).toMatchObject(
      saying('Orders', 'remove', '@UseVerifier', 'default', 'admin'),
    )
  })

  it('is missing at a route of guardAllRoutes where no verifier is the default', async () => {
    @Controller()
    class Orders {
      @Get()
      remove(): string {
        return 'in'
      }
    }
    const imports = [JwtGateModule.forRoot({ verifiers: { admin: issuer.options }, guardAllRoutes: true })]
    expect(await failureWith(Orders, imports)).toMatchObject(saying('Orders', 'remove', '@UseVerifier', 'default'))
  })

  it('with an unknown name at a query', async () => {
    @Resolver()
    class Orders {
      @UseVerifier('admn')
      @Query(() => String)
      orders(): string {
        return 'in'
      }
    }
    const failure = await failureOf({ imports: [JwtGateModule.forRoot({ verifiers })], providers: [Orders] })
    expect(failure).toMatchObject(saying('Orders.orders', "'admn'", "'admin'"))
  })

  it('with a name that guardAllRoutes knows, and the module of the route does not', async () => {
    @Controller()
    class Orders {
      @UseVerifier('admin')
      @Get()
      read(): string {
        return 'in'
      }
    }
    const feature = moduleOf({ imports: [JwtGateModule.forRoot(issuer.options)], controllers: [Orders] })
    const failure = await failureOf({ imports: [JwtGateModule.forRoot({ verifiers, guardAllRoutes: true }), feature] })
    expect(failure).toMatchObject(saying('Orders.read', "'admin'", "has 'default'"))
  })

  it('has to be known to the guards before a route only, and is asked of no other guard', async () => {
    @Injectable()
    class Gatekeeper implements CanActivate {
      readonly gate = 'north'
      canActivate(): boolean {
        return true
      }
    }
    @Controller()
    class Orders {
      @UseVerifier('admin')
      @Get('admin')
      admin(): string {
        return 'in'
      }
      @UseGuards(Gatekeeper)
      @Get('all')
      all(): string {
        return 'in'
      }
    }
    const ofFeature = JwtGateModule.forRoot({ verifiers: { admin: issuer.options } })
    const feature = moduleOf({ imports: [ofFeature], controllers: [Orders] })
    const { ask } = await start({
      imports: [JwtGateModule.forRoot({ verifiers, guardAllRoutes: true }), feature],
    })
    expect((await ask('/all')).status).toBe(401)
    expect((await ask('/all', { token: issuer.sign() })).status).toBe(200)
  })

  it('is not asked of what handles no calls', async () => {
    @Injectable()
    class Clock {
      @SetMetadata('schedule:cron', '* * * * *')
      tick(): void {}
    }
    const imports = [JwtGateModule.forRoot({ verifiers: { admin: issuer.options }, guardAllRoutes: true })]
    const { ask } = await start({ imports, providers: [Clock] })
    expect((await ask('/')).status).toBe(404)
  })

  it('where every route names its verifier, none has to be the default', async () => {
    @UseVerifier('admin')
    @Controller()
    class Orders {
      @RequirePermission('read')
      @Get()
      remove(): string {
        return 'in'
      }
    }
    const imports = [JwtGateModule.forRoot({ verifiers: { admin: issuer.options } })]
    const { ask } = await start({ imports, controllers: [Orders] })
    expect((await ask('/', { token: issuer.sign({ permissions: ['read'] }) })).status).toBe(200)
  })
})

describe('a guard whose module does not have the gate', () => {
  @Controller()
  class Orders {
    @RequirePermission('read')
    @Get()
    remove(): string {
      return 'in'
    }
  }

  const remedy =
    'or a decorator that brings it, but cannot reach JwtGateModule. Write ' +
    'imports: [JwtGateModule.forRoot({ issuer, audience, algorithms, isGlobal: true })] in the root module.'

  it('because nobody imports it', async () => {
    const failure = await failureOf({ controllers: [Orders] })
    expect(failure).toMatchObject({
      name: 'ConfigError',
      option: 'imports',
      message: `ModuleOfTest uses JwtAuthGuard, ${remedy}`,
    })
  })

  it('and which is a provider of it', async () => {
    @Injectable()
    class OwnGuard extends JwtAuthGuard {}
    const failure = await failureOf({ imports: [moduleOf({ providers: [OwnGuard] })] })
    expect(failure).toMatchObject({ option: 'imports', message: `ModuleOfTest uses OwnGuard, ${remedy}` })
  })

  it('because somebody made it by hand: the first call says so', async () => {
    const thrown: unknown[] = []
    @Catch()
    class Keeping implements ExceptionFilter {
      catch(exception: unknown, host: ArgumentsHost): void {
        thrown.push(exception)
        host.switchToHttp().getResponse<ServerResponse>().writeHead(500).end()
      }
    }
    @UseFilters(Keeping)
    @UseGuards(new JwtAuthGuard())
    @Controller()
    class ByHand {
      @Get()
      read(): string {
        return 'in'
      }
    }
    const { ask } = await start({ imports: [gate()], controllers: [ByHand] })
    expect((await ask('/', { token: issuer.sign() })).status).toBe(500)
    expect(thrown).toMatchObject([
      {
        option: 'guardAllRoutes',
        message:
          'JwtAuthGuard was made by hand, so that NestJS gave it nothing: write guardAllRoutes: true, or app.get(JwtAuthGuard).',
      },
    ])
  })

  it('because another module imports it, and it is not global', async () => {
    const failure = await failureOf({ imports: [gate(), moduleOf({ controllers: [Orders] })] })
    expect(failure).toMatchObject(saying('ModuleOfTest', 'JwtGateModule', 'isGlobal: true'))
  })

  it('also where it is listed by @UseGuards(), and where a guard extends it', async () => {
    @Injectable()
    class OwnGuard extends JwtAuthGuard {}
    for (const guard of [JwtAuthGuard, OwnGuard]) {
      @UseGuards(guard)
      @Controller()
      class Invoices {
        @Get()
        read(): string {
          return 'in'
        }
      }
      const { name, message } = await failureOf({ controllers: [Invoices] })
      expect([name, message]).toEqual(['ConfigError', expect.stringContaining('JwtGateModule')])
    }
  })
})

describe('a rule that is lost', () => {
  it('because another decorator replaced the method', async () => {
    @Controller()
    class Orders {
      @Get()
      @Wrapped({ keepsMetadata: false })
      @RequirePermission('delete')
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject({
      option: 'decorator',
      message:
        "Orders.remove has lost its @RequirePermission('delete'): another decorator, a constructor or a subclass replaced " +
        "the method. Write @RequirePermission('delete') above that decorator, or at the method that takes its place; " +
        '@Public() if nothing is to protect it.',
    })
  })

  it('because another decorator stands between two rules', async () => {
    @Controller()
    class Orders {
      @Get()
      @RequirePermission('read')
      @Wrapped({ keepsMetadata: false })
      @RequirePermission('delete')
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', '@RequirePermission'))
  })

  it.each<readonly [string, MethodDecorator]>([
    ['@UseVerifier', UseVerifier('default')],
    ['@OptionalJwt', OptionalJwt()],
  ])('%s is lost no more than a rule', async (name, decorator) => {
    @Controller()
    class Orders {
      @Get()
      @Wrapped({ keepsMetadata: false })
      @decorator
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', name))
  })

  it('because a subclass overrides the method without it', async () => {
    class Base {
      @RequirePermission('delete')
      @Get('delete')
      remove(): string {
        return 'in'
      }
    }
    @Controller()
    class Orders extends Base {
      @Get('delete')
      override remove(): string {
        return super.remove()
      }
    }
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', '@RequirePermission'))
  })

  it('because a class between overrides the method without it', async () => {
    class Base {
      @RequirePermission('delete')
      @Get('delete')
      remove(): string {
        return 'in'
      }
    }
    class Between extends Base {
      @Get('delete')
      override remove(): string {
        return super.remove()
      }
    }
    @Controller()
    class Orders extends Between {}
    expect(await failureWith(Orders)).toMatchObject(saying('Orders', 'remove', '@RequirePermission'))
  })

  it('also with guardAllRoutes, where the route would still ask for a token', async () => {
    @Controller()
    class Orders {
      @Get()
      @Wrapped({ keepsMetadata: false })
      @RequirePermission('delete')
      remove(): string {
        return 'in'
      }
    }
    expect(await failureWith(Orders, [gate({ guardAllRoutes: true })])).toMatchObject(
      saying('Orders', 'remove', '@RequirePermission'),
    )
  })

  it('is none where the overriding method repeats it, is public, or is no route', async () => {
    class Base {
      @RequirePermission('delete')
      @Get('delete')
      remove(): string {
        return 'in'
      }
    }
    @Controller('a')
    class Repeats extends Base {
      @RequirePermission('delete')
      @Get('delete')
      override remove(): string {
        return 'in'
      }
    }
    @Controller('b')
    class Opens extends Base {
      @Public()
      @Get('delete')
      override remove(): string {
        return 'in'
      }
    }
    @Controller('c')
    class Closes extends Base {
      override remove(): string {
        return 'in'
      }
    }
    const { ask } = await start({ imports: [gate()], controllers: [Repeats, Opens, Closes] })
    expect((await ask('/c/delete')).status).toBe(404)
    expect([(await ask('/a/delete')).status, (await ask('/b/delete')).status]).toEqual([401, 200])
  })
})

describe('JwtAuthGuard where another guard belongs', () => {
  it.each<readonly [string, object]>([
    ['by a rule', {}],
    ['by guardAllRoutes', { guardAllRoutes: true }],
  ])('on a gateway, %s', async (_how, more) => {
    const rule = 'guardAllRoutes' in more ? () => undefined : RequirePermission('read')
    @WebSocketGateway()
    class Chat {
      @rule
      @SubscribeMessage('say')
      say(): string {
        return 'in'
      }
    }
    expect(await failureOf({ imports: [gate(more)], providers: [Chat] })).toMatchObject({
      option: 'guard',
      ...saying('Chat', 'say', '@UseGuards(WsJwtAuthGuard)', '@jwtgate/nestjs/ws'),
    })
  })

  it.each<readonly [string, object]>([
    ['by a rule', {}],
    ['by guardAllRoutes', { guardAllRoutes: true }],
  ])('on a message handler, %s', async (_how, more) => {
    const rule = 'guardAllRoutes' in more ? () => undefined : RequirePermission('read')
    @Controller()
    class Jobs {
      @rule
      @MessagePattern('run')
      run(): string {
        return 'in'
      }
    }
    expect(await failureOf({ imports: [gate(more)], controllers: [Jobs] })).toMatchObject(
      saying('Jobs', 'run', '@UseGuards(RpcJwtAuthGuard)', '@jwtgate/nestjs/microservices'),
    )
  })

  it('a handler that says @Public() starts', async () => {
    @Public()
    @WebSocketGateway()
    class Chat {
      @SubscribeMessage('say')
      say(): string {
        return 'in'
      }
    }
    const { ask } = await start({ imports: [gate({ guardAllRoutes: true })], providers: [Chat] })
    expect((await ask('/')).status).toBe(404)
  })
})

describe('fields and entities whose guards do not run', () => {
  const graphql = (fieldResolverEnhancers?: unknown): Type =>
    moduleOf({ providers: [{ provide: 'GqlModuleOptions', useValue: { fieldResolverEnhancers } }] })

  @Resolver('Order')
  class Bare {
    @ResolveReference()
    resolveReference(): string {
      return 'in'
    }
  }
  @Resolver('Order')
  class Ruled {
    @RequirePermission('read')
    @ResolveReference()
    resolveReference(): string {
      return 'in'
    }
  }
  @Resolver('Order')
  class Field {
    @ResolveField()
    price(): string {
      return 'free'
    }
  }
  const failureBeside = (provider: Type, more: object, ...modules: readonly Type[]): Promise<Failure> =>
    failureOf({ imports: [gate(more), ...modules], providers: [provider] })
  const all = { guardAllRoutes: true }

  it.each<readonly [string, Type, object]>([
    ['an entity with a rule', Ruled, {}],
    ['an entity with a rule, with guardAllRoutes', Ruled, all],
    ['an entity of guardAllRoutes, which is reached from outside', Bare, all],
  ])('%s', async (_what, provider, more) => {
    for (const enhancers of [undefined, [], ['interceptors'], 'guards']) {
      expect(await failureBeside(provider, more, graphql(enhancers))).toMatchObject({
        option: 'fieldResolverEnhancers',
        message:
          `${provider.name}.resolveReference resolves a field, where guards do not run: write fieldResolverEnhancers: ` +
          "['guards'] in the options of GraphQLModule, or @Public() at the field if the resolvers above it protect it.",
      })
    }
  })

  it('of several GraphQL modules, where one of them does not run them', async () => {
    const failure = await failureBeside(Ruled, {}, graphql(['guards']), graphql([]))
    expect(failure).toMatchObject({ option: 'fieldResolverEnhancers' })
  })

  it.each<readonly [string, Type, object, Type]>([
    ['their guards run', Ruled, all, graphql(['interceptors', 'guards'])],
    ['nobody guards an entity', Bare, {}, graphql()],
    ['the guard of guardAllRoutes runs for a field', Field, all, graphql(['guards'])],
    ['there is no GraphQL', Ruled, all, moduleOf({})],
  ])('are none where %s', async (_why, provider, more, module) => {
    const { ask } = await start({ imports: [gate(more), module], providers: [provider] })
    expect((await ask('/')).status).toBe(404)
  })
})

describe('rules over nothing', () => {
  it.each<readonly [string, () => unknown]>([
    ['@RequirePermission()', () => (RequirePermission as () => unknown)()],
    ['@RequireScope()', () => (RequireScope as () => unknown)()],
    ['@RequireRole()', () => (RequireRole as () => unknown)()],
    ['@RequireAccess()', () => (RequireAccess as () => unknown)()],
    ["@RequirePermission('')", () => RequirePermission('')],
    ["@RequireScope('two words')", () => RequireScope('two words')],
    ['@RequireRole(undefined)', () => RequireRole(undefined as unknown as string)],
    ["@RequireAccess('read')", () => RequireAccess('read' as unknown as () => boolean)],
    ['@RequireAccess(middleware)', () => RequireAccess(((_a: 1, _b: 2, _c: 3) => true) as unknown as () => boolean)],
    ['@RequireAccess(a, b)', () => RequireAccess(permission('a'), permission('b') as never)],
    ['@UseVerifier()', () => (UseVerifier as () => unknown)()],
  ])('%s is refused where it is written', (_what, write) => {
    expect(write).toThrow(ConfigError)
  })

  it('@UseVerifier() without a name says how to write it', () => {
    expect(() => (UseVerifier as () => unknown)()).toThrow(
      expect.objectContaining({
        option: 'verifiers',
        message: "@UseVerifier() takes a name: @UseVerifier('admin').",
      }),
    )
  })
})

describe('a decorator of ours at no class and no method', () => {
  it.each<readonly [string, string, AnyDecorator]>([
    ['@Public()', '@Public()', Public()],
    ["@UseVerifier('admin')", "@UseVerifier('admin')", UseVerifier('admin')],
    ['@RequirePermission()', "@RequirePermission('read')", RequirePermission('read')],
    ['@RequireScope()', "@RequireScope('read')", RequireScope('read')],
    ['@RequireRole()', "@RequireRole('editor')", RequireRole('editor')],
    ['@RequireAccess()', '@RequireAccess(…)', RequireAccess(() => true)],
    ['@OptionalJwt()', '@OptionalJwt()', OptionalJwt()],
  ])('%s is refused where it is written: at a property, at an accessor', (_name, written, decorator) => {
    const atProperty = decorator as unknown as PropertyDecorator
    const onProperty = (): unknown => {
      class Orders {
        @atProperty
        readonly read = (): string => 'in'
      }
      return Orders
    }
    const onAccessor = (): unknown => {
      class Orders {
        @decorator
        get read(): string {
          return 'in'
        }
      }
      return Orders
    }
    for (const write of [onProperty, onAccessor]) {
      expect(write).toThrow(
        expect.objectContaining({ option: 'decorator', message: `${written} belongs at a class or a method.` }),
      )
    }
  })
})

describe('wrong options', () => {
  it.each<readonly [string, unknown, string]>([
    ['no options', undefined, 'forRoot'],
    ['no audience', { issuer: issuer.url, algorithms: ['ES256'] }, 'audience'],
    ['a misspelt flag', { ...issuer.options, guardAllRoute: true }, 'guardAllRoute'],
    ['a flag that is no flag', { ...issuer.options, guardAllRoutes: 'yes' }, 'guardAllRoutes'],
    ['isGlobal that is no flag', { ...issuer.options, isGlobal: 1 }, 'isGlobal'],
    ['no verifiers', { verifiers: {} }, 'verifiers'],
    ['verifiers that are a list', { verifiers: [issuer.options] }, 'verifiers'],
    ['a verifier that is nothing', { verifier: undefined }, 'verifier'],
    ['a named verifier that is nothing', { verifiers: { default: undefined } }, 'default'],
    ['wrong options of a named verifier', { verifiers: { default: { ...issuer.options, audience: 7 } } }, 'audience'],
    ['a verifier and options', { verifier: issuer.options, issuer: issuer.url }, 'issuer'],
    ['a realm with quotes', { ...issuer.options, realm: '"' }, 'realm'],
    ['tokenFrom that is no source', { ...issuer.options, tokenFrom: 'cookie' }, 'tokenFrom'],
  ])('%s: refused by forRoot(), with the name of what is wrong', (_what, options, named) => {
    const write = (): unknown => JwtGateModule.forRoot(options as typeof issuer.options)
    expect(write).toThrow(
      expect.objectContaining({ name: 'ConfigError', message: expect.stringContaining(named) as string }),
    )
  })

  const verifier = issuer.options
  const none = 'verifiers must name at least one: { default: { issuer, audience, algorithms } }.'

  it.each<readonly [string, unknown, string, string]>([
    ['nothing', undefined, 'options', 'JwtGateModule has no options: forRoot must be given an object.'],
    ['null', null, 'options', 'JwtGateModule has no options: forRoot must be given an object.'],
    ['a text', 'https://id.example.com', 'options', 'JwtGateModule has no options: forRoot must be given an object.'],
    [
      'a flag of text',
      { ...verifier, guardAllRoutes: 'yes' },
      'guardAllRoutes',
      'guardAllRoutes must be true or false.',
    ],
    ['a flag of null', { ...verifier, isGlobal: null }, 'isGlobal', 'isGlobal must be true or false.'],
    [
      'two ways',
      { verifier, verifiers: { default: verifier } },
      'verifiers',
      'verifiers stands beside verifier: give one or the other.',
    ],
    [
      'a way and an option',
      { verifiers: { default: verifier }, audience: 'x' },
      'audience',
      'audience stands beside verifiers: give one or the other.',
    ],
    ['verifiers that are null', { verifiers: null }, 'verifiers', none],
    ['verifiers that are text', { verifiers: 'default' }, 'verifiers', none],
    ['verifiers that are a list', { verifiers: [verifier] }, 'verifiers', none],
    ['no verifiers', { verifiers: {} }, 'verifiers', none],
    ['a verifier of null', { verifier: null }, 'verifier', 'verifier must be a verifier, or the options to make one.'],
    [
      'a named verifier of text',
      { verifiers: { admin: 'x' } },
      'verifiers.admin',
      'verifiers.admin must be a verifier, or the options to make one.',
    ],
  ])('%s: forRoot() says what to write', (_what, options, option, message) => {
    const write = (): unknown => JwtGateModule.forRoot(options as typeof issuer.options)
    expect(write).toThrow(expect.objectContaining({ name: 'ConfigError', option, message }))
  })

  const useFactory = (): object => issuer.options
  const known =
    'is not an option of forRootAsync(): what says how tokens are verified is given by useFactory. ' +
    'The options are: imports, inject, useFactory, isGlobal, guardAllRoutes.'

  it.each<readonly [string, unknown, string, string]>([
    ['nothing', undefined, 'options', 'JwtGateModule has no options: forRootAsync must be given an object.'],
    ['a realm', { useFactory, realm: 'orders' }, 'realm', `realm ${known}`],
    ['an issuer', { useFactory, issuer: issuer.url }, 'issuer', `issuer ${known}`],
    [
      'no factory',
      { guardAllRoutes: true },
      'useFactory',
      'useFactory must be a function that gives { issuer, audience, algorithms }.',
    ],
    ['a flag of text', { useFactory, isGlobal: 'yes' }, 'isGlobal', 'isGlobal must be true or false.'],
  ])('%s: forRootAsync() says what to write', (_what, options, option, message) => {
    const write = (): unknown => JwtGateModule.forRootAsync(options as { useFactory: () => typeof issuer.options })
    expect(write).toThrow(expect.objectContaining({ name: 'ConfigError', option, message }))
  })

  it.each<readonly [string, unknown, string, string]>([
    ['nothing', undefined, 'options', 'JwtGateModule has no options: useFactory must give an object.'],
    ['null', null, 'options', 'JwtGateModule has no options: useFactory must give an object.'],
    [
      'guardAllRoutes',
      { ...verifier, guardAllRoutes: true },
      'guardAllRoutes',
      'guardAllRoutes stands beside useFactory, not in what the factory gives.',
    ],
    [
      'isGlobal',
      { ...verifier, isGlobal: false },
      'isGlobal',
      'isGlobal stands beside useFactory, not in what the factory gives.',
    ],
  ])('%s, given by a factory: the start says what to write', async (_what, given, option, message) => {
    const imports = [JwtGateModule.forRootAsync({ useFactory: () => given as typeof issuer.options })]
    expect(await failureOf({ imports })).toMatchObject({ name: 'ConfigError', option, message })
  })

  it.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['no factory', {}],
    ['options in place of a factory', issuer.options],
    ['a misspelt flag', { useFactory: () => issuer.options, guardAllRoute: true }],
    ['a factory that is none', { useFactory: issuer.options }],
  ])('%s: refused by forRootAsync()', (_what, options) => {
    const write = (): unknown => JwtGateModule.forRootAsync(options as { useFactory: () => typeof issuer.options })
    expect(write).toThrow(expect.objectContaining({ name: 'ConfigError' }))
  })

  it('the module without forRoot() says so', async () => {
    @UseGuards(JwtAuthGuard)
    @Controller()
    class Orders {
      @Get()
      read(): string {
        return 'in'
      }
    }
    const { message } = await failureOf({ imports: [JwtGateModule], controllers: [Orders] })
    expect(message).toContain('forRoot')
  })
})

describe('wherever the mistake is', () => {
  @Public()
  @RequirePermission('read')
  @Controller()
  class Orders {
    @Get()
    read(@CurrentAuth() auth: unknown): unknown {
      return auth
    }
  }

  it.each(platforms)('the start ends on $name, before anything can be asked', async (platform) => {
    await expect(start({ imports: [gate()], controllers: [Orders] }, { platform })).rejects.toMatchObject({
      name: 'ConfigError',
    })
  })

  it('in a module three levels down, it is found', async () => {
    const inner = moduleOf({ controllers: [Orders] })
    const outer = moduleOf({ imports: [moduleOf({ imports: [inner] })] })
    expect(await failureOf({ imports: [gate({ isGlobal: true }), outer] })).toMatchObject({ name: 'ConfigError' })
  })

  it('an application of a test does not start either', async () => {
    const module = await Test.createTestingModule({ imports: [gate()], controllers: [Orders] }).compile()
    const app = module.createNestApplication({ logger: false })
    onTestFinished(() => app.close())
    await expect(app.init()).rejects.toMatchObject({ name: 'ConfigError' })
  })

  it('a microservice does not start either', async () => {
    @Controller()
    class Jobs {
      @RequirePermission('read')
      @MessagePattern('run')
      run(): string {
        return 'in'
      }
    }
    const create = async (): Promise<void> => {
      const app = await NestFactory.createMicroservice<MicroserviceOptions>(
        moduleOf({ imports: [gate()], controllers: [Jobs] }),
        { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 }, logger: false, abortOnError: false },
      )
      onTestFinished(() => app.close())
      await app.listen()
    }
    await expect(create()).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('RpcJwtAuthGuard') as string,
    })
  })
})
