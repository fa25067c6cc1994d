// The application under test on Koa, with @koa/router.
import type { AccessPredicate, AccessRule } from '@jwtgate/core'
import type * as jwtgate from '@jwtgate/koa'
import { Router } from '@koa/router'
import type Koa from 'koa'
import {
  authenticationOf,
  failures,
  guards,
  headersOfABody,
  whoIs,
  type Framework,
  type GuardMakers,
} from '../application.ts'

export type KoaPackage = typeof jwtgate

/** @param adapter - the package, or a mix of two copies of it */
export function onKoa(name: string, create: () => Koa, adapter: KoaPackage): Framework {
  const makers: GuardMakers<jwtgate.Middleware> = {
    ...adapter,
    requireAccess: (rule: AccessRule | AccessPredicate<jwtgate.RouteContext>) => adapter.requireAccess(rule),
  }
  return {
    name,
    listener: (setup) => {
      const app = create()
      if (setup.problems) app.use(adapter.jwtErrorHandler())
      app.use(new Router().all('/public', (ctx) => void (ctx.body = { public: true })).routes())
      for (const authentication of authenticationOf(adapter, setup)) app.use(authentication)

      const router = new Router()
      router.all('/me', async (ctx) => {
        ctx.body = await whoIs(
          () => adapter.optionalAuthOf(ctx),
          () => ctx.state['auth'] as unknown,
          setup,
        )
      })
      router.all('/claims', (ctx) => void (ctx.body = adapter.authOf(ctx).claims))
      for (const [path, guard] of Object.entries(guards(makers))) {
        router.all(`/guarded/${path}/:id`, guard, (ctx) => void (ctx.body = { id: ctx.params['id'] }))
      }
      for (const [path, handler] of Object.entries(failures))
        router.all(`/${path}`, async () => {
          await handler()
        })
      router.all('/begun', (ctx) => {
        ctx.set({ ...headersOfABody })
        ctx.body = adapter.authOf(ctx)
      })

      const orders = new Router()
      orders.all('/:id', adapter.requirePermission('read'), (ctx) => void (ctx.body = { id: ctx.params['id'] }))
      const mounted = new Router()
      mounted.use('/orders', orders.routes())
      router.use('/mounted', mounted.routes())

      app.use(router.routes())
      const listener = app.callback()
      return (request, response) => void listener(request, response)
    },
  }
}
