// Classes that are not what they look like: their handlers would be open, or guarded by less than what is written at them.
import {
  JwtAuthGuard,
  JwtGateModule,
  OptionalJwt,
  Public,
  RequirePermission,
  RequireRole,
  UseVerifier,
} from '@jwtgate/nestjs'
import { RpcJwtAuthGuard } from '@jwtgate/nestjs/microservices'
import { WsJwtAuthGuard } from '@jwtgate/nestjs/ws'
import { Controller, Get, Injectable, Scope, UseGuards, type DynamicModule, type Type } from '@nestjs/common'
import { REQUEST } from '@nestjs/core'
import { Query, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql'
import { MessagePattern } from '@nestjs/microservices'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { describe, expect, it } from 'vitest'
import { issuerOfThisFile, moduleOf, start } from './application.ts'
import { Wrapped } from './classes.ts'
import { failureOf, saying, type Failure } from './failures.ts'

const issuer = await issuerOfThisFile()
const gate = (more: object = {}): DynamicModule => JwtGateModule.forRoot({ ...issuer.options, ...more })

const failureWith = (controller: Type, more: object = {}): Promise<Failure> =>
  failureOf({ imports: [gate(more)], controllers: [controller] })

describe.each([false, true])('with guardAllRoutes: %s', (guardAllRoutes) => {
  describe('a constructor that puts another function in the place of a handler', () => {
    it('takes its rule away', async () => {
      @Controller()
      class Orders {
        constructor() {
          this.remove = this.remove.bind(this)
        }
        @RequirePermission('orders:delete')
        @Get()
        remove(): string {
          return 'in'
        }
      }
      expect(await failureWith(Orders, { guardAllRoutes })).toMatchObject(
        saying('Orders.remove', "@RequirePermission('orders:delete')", 'constructor'),
      )
    })

    it('takes its guard away', async () => {
      @Controller()
      class Jobs {
        constructor() {
          this.run = this.run.bind(this)
        }
        @UseGuards(RpcJwtAuthGuard)
        @MessagePattern('run')
        run(): string {
          return 'in'
        }
      }
      expect(await failureWith(Jobs, { guardAllRoutes })).toMatchObject(
        saying('Jobs.run', '@UseGuards(RpcJwtAuthGuard)'),
      )
    })
  })

  describe('a method that overrides one with a rule', () => {
    class Base {
      @RequirePermission('orders:delete')
      @Get()
      remove(): string {
        return 'in'
      }
    }

    it.each<readonly [string, MethodDecorator]>([
      ['@OptionalJwt()', OptionalJwt()],
      ['another verifier', UseVerifier('default')],
      ['a rule of another kind', RequireRole('user')],
      ['the bare guard', UseGuards(JwtAuthGuard)],
    ])('has lost it, though it has %s', async (_what, decorator) => {
      @Controller()
      class Orders extends Base {
        @decorator
        @Get()
        override remove(): string {
          return 'in'
        }
      }
      expect(await failureWith(Orders, { guardAllRoutes })).toMatchObject(
        saying('Orders.remove', "@RequirePermission('orders:delete')", 'subclass'),
      )
    })

    it('replaces it with one of the same kind', async () => {
      @Controller('orders')
      class Orders extends Base {
        @RequirePermission('orders:drop')
        @Get()
        override remove(): string {
          return 'in'
        }
      }
      const { ask } = await start({ imports: [gate({ guardAllRoutes })], controllers: [Orders] })
      const status = async (permission: string): Promise<number> =>
        (await ask('/orders', { token: issuer.sign({ permissions: [permission] }) })).status
      expect([await status('orders:drop'), await status('orders:delete')]).toEqual([200, 403])
    })

    it('has lost a bare guard too', async () => {
      class Guarded {
        @UseGuards(JwtAuthGuard)
        @Get()
        read(): string {
          return 'in'
        }
      }
      @Controller()
      class Orders extends Guarded {
        @Get()
        override read(): string {
          return 'in'
        }
      }
      expect(await failureWith(Orders, { guardAllRoutes })).toMatchObject(
        saying('Orders.read', '@UseGuards(JwtAuthGuard)'),
      )
    })
  })

  describe('a class whose constructor is another one', () => {
    class Paged {
      page(): number {
        return 1
      }
    }

    /** As in the handbook of TypeScript: all members, the constructor among them. */
    function mixInto(target: Type, mixin: Type): void {
      const members = Object.getOwnPropertyDescriptors(mixin.prototype)
      for (const [name, member] of Object.entries(members)) Object.defineProperty(target.prototype, name, member)
    }

    it.each<readonly [string, ClassDecorator]>([
      ['a rule', RequireRole('admin')],
      ['a verifier', UseVerifier('default')],
    ])('does not start with %s', async (_what, decorator) => {
      @Controller('orders')
      @decorator
      class Orders {
        @Get()
        read(): string {
          return 'in'
        }
      }
      mixInto(Orders, Paged)
      expect(await failureWith(Orders, { guardAllRoutes })).toMatchObject(saying('Orders.read', 'mixin'))
    })

    it('does not start if that one is public', async () => {
      @Public()
      class Open extends Paged {}
      @Controller('orders')
      class Orders {
        @Get()
        read(): string {
          return 'in'
        }
      }
      mixInto(Orders, Open)
      expect(await failureWith(Orders, { guardAllRoutes })).toMatchObject(saying('Orders.read', 'mixin'))
    })

    it('does not start if that one lists a guard, which would not run, and would be relied on', async () => {
      @UseGuards(JwtAuthGuard)
      class Guarded extends Paged {}
      @Controller('orders')
      class Orders {
        @Get()
        read(): string {
          return 'in'
        }
      }
      mixInto(Orders, Guarded)
      expect(await failureWith(Orders, { guardAllRoutes })).toMatchObject(saying('Orders.read', 'mixin'))
    })

    it('does not start where a class decorator gives a proxy', async () => {
      const Traced: ClassDecorator = (target) => new Proxy(target, {})
      @Controller('orders')
      @RequireRole('admin')
      @Traced
      class Orders {
        @Get()
        read(): string {
          return 'in'
        }
      }
      expect(await failureWith(Orders, { guardAllRoutes })).toMatchObject(saying('Orders.read', 'class decorator'))
    })

    it('starts where nothing of ours is written at either, and keeps what is written at the methods', async () => {
      @Controller('orders')
      class Orders {
        @RequireRole('admin')
        @Get()
        read(): string {
          return 'in'
        }
      }
      mixInto(Orders, Paged)
      const { ask } = await start({ imports: [gate({ guardAllRoutes })], controllers: [Orders] })
      expect((await ask('/orders', { token: issuer.sign() })).status).toBe(403)
      expect((await ask('/orders', { token: issuer.sign({ roles: ['admin'] }) })).status).toBe(200)
    })
  })

  it('a rule at a method that nobody calls from outside is no protection', async () => {
    @Injectable()
    class Service {
      @RequirePermission('orders:delete')
      remove(): void {}
    }
    expect(await failureOf({ imports: [gate({ guardAllRoutes })], providers: [Service] })).toMatchObject(
      saying('Service.remove', "@RequirePermission('orders:delete')", 'no handler', '@Get()'),
    )
  })

  it.each(['useFactory', 'useValue'])('what a provider with %s gives is looked at too', async (way) => {
    @Resolver()
    class Orders {
      @Query(() => String)
      @Wrapped({ keepsMetadata: false })
      @RequirePermission('read')
      orders(): string {
        return 'in'
      }
    }
    const given = way === 'useFactory' ? { useFactory: () => new Orders() } : { useValue: new Orders() }
    const providers = [{ provide: 'orders', ...given }]
    expect(await failureOf({ imports: [gate({ guardAllRoutes })], providers })).toMatchObject(
      saying('Orders.orders', "@RequirePermission('read')"),
    )
  })

  it.each([Scope.REQUEST, Scope.TRANSIENT])(
    'a class that is made anew each time (%s) is looked at too',
    async (scope) => {
      @Controller({ path: 'orders', scope })
      class Orders {
        @Get()
        @Wrapped({ keepsMetadata: false })
        @RequirePermission('read')
        read(): string {
          return 'in'
        }
      }
      expect(await failureWith(Orders, { guardAllRoutes })).toMatchObject(saying('Orders.read'))
    },
  )
})

describe('a guard for another kind of messages', () => {
  it('at a gateway', async () => {
    @WebSocketGateway()
    @UseGuards(RpcJwtAuthGuard)
    class Chat {
      @SubscribeMessage('say')
      say(): string {
        return 'in'
      }
    }
    expect(await failureOf({ imports: [gate()], providers: [Chat] })).toMatchObject(
      saying('Chat.say', 'RpcJwtAuthGuard does not know', '@UseGuards(WsJwtAuthGuard)'),
    )
  })

  it('at a microservice', async () => {
    @Controller()
    class Jobs {
      @UseGuards(WsJwtAuthGuard)
      @MessagePattern('run')
      run(): string {
        return 'in'
      }
    }
    expect(await failureWith(Jobs)).toMatchObject(
      saying('Jobs.run', 'WsJwtAuthGuard does not know', '@UseGuards(RpcJwtAuthGuard)'),
    )
  })
})

describe('fields and entities of GraphQL, with guardAllRoutes and no guards for fields', () => {
  const mistakes: readonly (readonly [string, MethodDecorator])[] = [
    ['a field', ResolveField(() => String)],
    ['an entity of a federation', ResolveReference()],
  ]

  it.each(mistakes)('%s would be open', async (_what, decorator) => {
    @Resolver()
    class Users {
      @decorator
      email(): string {
        return 'in'
      }
    }
    // As GraphQLModule provides its options.
    const providers = [Users, { provide: 'GqlModuleOptions', useValue: {} }]
    const imports = [gate({ guardAllRoutes: true })]
    expect(await failureOf({ imports, providers })).toMatchObject(
      saying('Users.email', "fieldResolverEnhancers: ['guards']"),
    )
  })
})

describe('verifiers that cannot be meant', () => {
  it('a factory that depends on a request would make them for each', async () => {
    const useFactory = (): object => issuer.options
    const module = JwtGateModule.forRootAsync({ isGlobal: true, inject: [REQUEST], useFactory: useFactory as never })
    expect(await failureOf({ imports: [module] })).toMatchObject(saying('useFactory', 'request', '@UseVerifier()'))
  })

  it('two global modules: the rest of the application would go by either', async () => {
    const imports = [gate({ isGlobal: true }), moduleOf({ imports: [gate({ guardAllRoutes: true })] })]
    expect(await failureOf({ imports })).toMatchObject(saying('twice', 'isGlobal', 'guardAllRoutes', 'verifiers'))
  })

  it('one global module that is imported twice is one', async () => {
    const module = gate({ isGlobal: true })
    const { app } = await start({ imports: [module, moduleOf({ imports: [module] })] })
    expect(app).toBeDefined()
  })

  it('a guard made by hand says so at each request, and lets nobody in', async () => {
    @Controller('orders')
    class Orders {
      @Get()
      read(): string {
        return 'in'
      }
    }
    const useGuard = {
      configure: (app: { useGlobalGuards: (guard: object) => unknown }) => void app.useGlobalGuards(new JwtAuthGuard()),
    }
    const { ask } = await start({ imports: [gate()], controllers: [Orders] }, useGuard as never)
    expect((await ask('/orders', { token: issuer.sign() })).status).toBe(500)
  })
})
