// The application under test on Express.
import type { AccessPredicate, AccessRule } from '@jwtgate/core'
import type * as jwtgate from '@jwtgate/express'
import type { Express } from 'express'
import {
  authenticationOf,
  failureOf,
  failures,
  guards,
  headersOfABody,
  whoIs,
  type Framework,
  type GuardMakers,
} from '../application.ts'

export type ExpressPackage = typeof jwtgate

/** @param adapter - the package, or a mix of two copies of it */
export function onExpress(name: string, create: () => Express, adapter: ExpressPackage): Framework {
  const makers: GuardMakers<jwtgate.Middleware> = {
    ...adapter,
    requireAccess: (rule: AccessRule | AccessPredicate<jwtgate.RouteRequest>) => adapter.requireAccess(rule),
  }
  return {
    name,
    listener: (setup) => {
      const app = create()
      app.all('/public', (_req, res) => void res.json({ public: true }))
      app.use(...authenticationOf(adapter, setup), (_req, _res, next) => next())
      app.all('/me', (req, res, next) => {
        const attached = (): unknown => Reflect.get(req, 'auth')
        whoIs(() => adapter.optionalAuthOf(req), attached, setup).then((seen) => res.json(seen), next)
      })
      app.all('/claims', (req, res) => void res.json(adapter.authOf(req).claims))
      for (const [path, guard] of Object.entries(guards(makers))) {
        app.all(`/guarded/${path}/:id`, guard, (req, res) => void res.json({ id: req.params['id'] }))
      }
      for (const [path, handler] of Object.entries(failures)) {
        app.all(`/${path}`, async (_req, _res, next) => next(await failureOf(handler)))
      }
      app.all('/begun', (req, res) => void res.set(headersOfABody).json(adapter.authOf(req)))

      const orders = create()
      orders.all('/:id', adapter.requirePermission('read'), (req, res) => void res.json({ id: req.params['id'] }))
      const mounted = create()
      mounted.use('/orders', orders)
      app.use('/mounted', mounted)

      if (setup.problems) app.use(adapter.jwtErrorHandler())
      return app
    },
  }
}
