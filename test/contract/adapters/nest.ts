// The application under test on NestJS, on either of its platforms.
import type { RequestListener } from 'node:http'
import type * as jwtgate from '@jwtgate/nestjs'
import {
  All,
  Controller,
  createParamDecorator,
  Module,
  Param,
  Req,
  Res,
  UseGuards,
  type ExecutionContext,
  type LoggerService,
  type Type,
} from '@nestjs/common'
import { NestFactory, RouterModule } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import {
  failures,
  guards,
  headersOfABody,
  whoIs,
  type Framework,
  type GuardMakers,
  type OnRoute,
  type Setup,
} from '../application.ts'
import { nestDifferences } from './nest-differences.ts'

export type NestPackage = typeof jwtgate

export type Platform = 'Express' | 'Fastify'

/** @param adapter - the package, or a mix of two copies of it */
export function onNest(name: string, platform: Platform, adapter: NestPackage): Framework {
  return {
    name,
    differences: nestDifferences,
    listener: async (setup) => {
      const { http, listener } = platforms[platform]()
      const app = await NestFactory.create(moduleFor(setup, adapter), http, { logger })
      if (setup.problems) app.useGlobalFilters(new adapter.JwtExceptionFilter())
      await app.init()
      return listener()
    },
  }
}

interface Http {
  readonly http: ExpressAdapter | FastifyAdapter
  /** What Node's server calls; to be had when the application is initialised. */
  readonly listener: () => RequestListener | PromiseLike<RequestListener>
}

const platforms: Readonly<Record<Platform, () => Http>> = {
  Express: () => {
    const http = new ExpressAdapter()
    return { http, listener: () => http.getInstance<RequestListener>() }
  },
  Fastify: () => {
    const http = new FastifyAdapter()
    const fastify = http.getInstance()
    const listener: RequestListener = (request, response) => fastify.routing(request, response)
    return { http, listener: () => fastify.ready().then(() => listener) }
  },
}

/** Where the other frameworks print what nobody handled. */
const logger: LoggerService = {
  log: () => {},
  warn: (...printed: readonly unknown[]) => console.error(...printed),
  error: (...printed: readonly unknown[]) => console.error(...printed),
}

/** For handlers that read who sent a request as guards and interceptors do. */
const Context = createParamDecorator((_nothing: unknown, context: ExecutionContext) => context)

function moduleFor(setup: Setup, adapter: NestPackage): Type {
  const { CurrentAuth, JwtGateModule, Public, RequirePermission } = adapter
  const Authenticated = authenticationOf(setup, adapter)

  @Controller()
  @Authenticated
  class Routes {
    @All('public')
    @Public()
    open(): unknown {
      return { public: true }
    }

    @All('me')
    async me(
      @CurrentAuth() auth: jwtgate.Auth | undefined,
      @Context() context: ExecutionContext,
      @Req() request: object,
    ): Promise<unknown> {
      const find = (): jwtgate.Auth | undefined => auth && adapter.authOf(context)
      return whoIs(find, () => Reflect.get(request, 'auth') as unknown, setup)
    }

    @All('claims')
    claims(@Context() context: ExecutionContext): unknown {
      return adapter.authOf(context).claims
    }

    @All('begun')
    begun(@Context() context: ExecutionContext, @Res({ passthrough: true }) response: PlatformResponse): unknown {
      for (const [name, value] of Object.entries(headersOfABody)) response.header(name, value)
      return adapter.authOf(context)
    }
  }

  const guarded = Object.entries(guards(guardMakers(adapter))).map(([path, Guarded]) => {
    @Controller(`guarded/${path}`)
    @Authenticated
    class Route {
      @All(':id')
      @Guarded
      answer(@Param('id') id: string): unknown {
        return { id }
      }
    }
    return Route
  })

  const failing = Object.entries(failures).map(([path, handler]) => {
    @Controller(path)
    @Authenticated
    class Route {
      @All()
      fail(): unknown {
        return handler()
      }
    }
    return Route
  })

  @Controller()
  @Authenticated
  class Orders {
    @All(':id')
    @RequirePermission('read')
    order(@Param('id') id: string): unknown {
      return { id }
    }
  }

  @Module({ controllers: [Orders] })
  class Mounted {}

  @Module({
    imports: [
      JwtGateModule.forRoot({ ...setup.options, verifier: setup.verifier, isGlobal: true }),
      RouterModule.register([{ path: 'mounted', children: [{ path: 'orders', module: Mounted }] }]),
      Mounted,
    ],
    controllers: [Routes, ...guarded, ...failing],
  })
  class Application {}
  return Application
}

/** What both platforms have. */
interface PlatformResponse {
  readonly header: (name: string, value: string) => unknown
}

/** What stands on classes; nothing at all for `none`. */
function authenticationOf({ authentication }: Setup, { JwtAuthGuard, OptionalJwt }: NestPackage): ClassDecorator {
  if (authentication === 'none') return () => {}
  return authentication === 'required' ? UseGuards(JwtAuthGuard) : OptionalJwt()
}

/** The decorators, under the names of the other frameworks' guards. */
function guardMakers(adapter: NestPackage): GuardMakers<MethodDecorator> {
  return {
    requirePermission: adapter.RequirePermission,
    requireScope: adapter.RequireScope,
    requireRole: adapter.RequireRole,
    requireAccess: (rule) => {
      if (typeof rule !== 'function') return adapter.RequireAccess(rule)
      return adapter.RequireAccess((auth, context) => rule(auth, context.switchToHttp().getRequest<OnRoute>()))
    },
  }
}
