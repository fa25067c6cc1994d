// Behind @koa/router: guards on routes, on routers, on nested and mounted ones.
import { Router } from '@koa/router'
import {
  authOf,
  jwtErrorHandler,
  optionalJwt,
  requireAccess,
  requireJwt,
  requirePermission,
  requireScope,
} from '@jwtgate/koa'
import type Koa from 'koa'
import { describe, expect, it } from 'vitest'
import { mint } from '../../../test/support/mint.ts'
import { testOptions } from '../../../test/support/verifiers.ts'
import { ask, codeOf, frameworks } from './apps.ts'

const reader = mint({ permissions: ['read'] })
const writer = mint({ permissions: ['read', 'write'], scope: 'orders' })

describe.each(frameworks)('on $name', ({ create }) => {
  function appWith(...routers: readonly Router[]): Koa {
    const app = create()
    app.use(jwtErrorHandler())
    for (const router of routers) app.use(router.routes()).use(router.allowedMethods())
    return app
  }

  it('authentication and guards stand on a route', async () => {
    const router = new Router()
    router.get('/open', (ctx) => (ctx.body = 'open'))
    router.delete(
      '/orders/:id',
      requireJwt(testOptions()),
      requirePermission('write'),
      requireScope('orders'),
      (ctx) => (ctx.body = `${authOf(ctx).claims.sub} ${ctx.params['id']}`),
    )
    const app = appWith(router)
    const path = '/orders/7'
    expect((await ask(app, { path: '/open' })).text).toBe('open')
    expect(codeOf(await ask(app, { method: 'DELETE', path }))).toBe('token_missing')
    expect(codeOf(await ask(app, { method: 'DELETE', path, token: reader }))).toBe('permission_denied')
    expect((await ask(app, { method: 'DELETE', path, token: writer })).text).toBe('alice 7')
  })

  it('authentication stands on a router: routes of another one stay open', async () => {
    const open = new Router().get('/open', (ctx) => void (ctx.body = 'open'))
    const closed = new Router()
    closed.use(requireJwt(testOptions()))
    closed.get('/me', (ctx) => (ctx.body = authOf(ctx).claims.sub))
    const app = appWith(closed, open)
    expect((await ask(app, { path: '/open' })).text).toBe('open')
    expect((await ask(app, { path: '/me' })).status).toBe(401)
    expect((await ask(app, { path: '/me', token: reader })).text).toBe('alice')
  })

  it('guards of nested routers add up', async () => {
    const orders = new Router()
    orders.use(requirePermission('read'))
    orders.get('/:id', (ctx) => (ctx.body = ctx.params['id']))
    orders.put('/:id', requirePermission('write'), (ctx) => (ctx.body = ctx.params['id']))
    const v1 = new Router({ prefix: '/v1' })
    v1.use('/orders', orders.routes())
    const api = new Router({ prefix: '/api' })
    api.use(requireJwt(testOptions()), v1.routes())
    const app = appWith(api)
    const path = '/api/v1/orders/7'
    expect((await ask(app, { path })).status).toBe(401)
    expect((await ask(app, { path, token: mint() })).status).toBe(403)
    expect((await ask(app, { path, token: reader })).text).toBe('7')
    expect((await ask(app, { method: 'PUT', path, token: reader })).status).toBe(403)
    expect((await ask(app, { method: 'PUT', path, token: writer })).text).toBe('7')
  })

  it('a guard in a router says so if the router is mounted where nobody authenticates', async () => {
    const orders = new Router().get('/:id', requirePermission('read'), (ctx) => void (ctx.body = ctx.params['id']))
    const app = appWith(new Router().use('/orders', orders.routes()))
    expect(codeOf(await ask(app, { path: '/orders/7', token: writer }))).toBe('authentication_not_run')
  })

  it('a function at a guard sees the parameters of the route', async () => {
    const router = new Router({ prefix: '/users/:user' })
    router.use(optionalJwt(testOptions()))
    router.get(
      '/orders/:id',
      requireAccess((auth, ctx) => auth.claims.sub === ctx.params['user'] && ctx.params['id'] === '7'),
      (ctx) => (ctx.body = 'yours'),
    )
    const app = appWith(router)
    expect((await ask(app, { path: '/users/alice/orders/7', token: mint() })).text).toBe('yours')
    expect((await ask(app, { path: '/users/bob/orders/7', token: mint() })).status).toBe(403)
    expect((await ask(app, { path: '/users/alice/orders/8', token: mint() })).status).toBe(403)
    expect((await ask(app, { path: '/users/alice/orders/7' })).status).toBe(401)
  })

  it('allowedMethods() still answers for what no route takes', async () => {
    const router = new Router().get('/me', requireJwt(testOptions()), (ctx) => void (ctx.body = 'me'))
    const app = appWith(router)
    const options = await ask(app, { method: 'OPTIONS', path: '/me' })
    expect([options.status, options.headers.get('allow')]).toEqual([200, 'HEAD, GET'])
    expect((await ask(app, { method: 'DELETE', path: '/me' })).status).toBe(405)
    expect((await ask(app, { method: 'HEAD', path: '/me' })).headers.get('www-authenticate')).toBe('Bearer realm="api"')
  })
})
