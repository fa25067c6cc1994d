// requirePermission(), requireScope(), requireRole() and requireAccess() over HTTP.
import {
  allOf,
  anyOf,
  jwtErrorHandler,
  optionalJwt,
  permission,
  requireAccess,
  requireJwt,
  requirePermission,
  requireRole,
  requireScope,
  role,
  scope,
  type Middleware,
} from '@jwtgate/express'
import type { Express } from 'express'
import supertest from 'supertest'
import { describe, expect, it } from 'vitest'
import { mint } from '../../../test/support/mint.ts'
import { testOptions } from '../../../test/support/verifiers.ts'
import { catchAll, frameworks } from './apps.ts'

const grants = { permissions: ['read', 'write'], scope: 'openid orders', roles: ['editor'] }

interface Outcome {
  readonly status: number
  readonly code: string | undefined
  readonly challenge: string | undefined
}

describe.each(frameworks)('on $name', ({ express }) => {
  function guarded(guard: Middleware, authentication: Middleware | undefined = requireJwt(testOptions())): Express {
    const app = express()
    if (authentication) app.use(authentication)
    app.delete('/users/:id', guard, (req, res) => void res.json({ id: req.params.id }))
    app.use(jwtErrorHandler())
    app.use(catchAll([]))
    return app
  }

  async function outcome(app: Express, token: string | undefined = mint(grants)): Promise<Outcome> {
    const call = supertest(app).delete('/users/alice')
    const { status, text, headers } = await (token === '' ? call : call.set('authorization', `Bearer ${token}`))
    const { code } = JSON.parse(text) as { code?: string }
    return { status, code, challenge: headers['www-authenticate'] }
  }

  it.each<[string, Middleware]>([
    ['a permission that it has', requirePermission('read')],
    ['all of several', requirePermission('read', 'write')],
    ['one of several', requirePermission(anyOf('delete', 'write'))],
    ['a scope', requireScope('orders')],
    ['a role', requireRole('editor')],
    ['a rule of several kinds', requireAccess(allOf(anyOf(permission('delete'), role('editor')), scope('orders')))],
    ['a function of token and request', requireAccess((auth, req) => auth.claims.sub === req.params.id)],
    ['a function that takes its time', requireAccess(async (auth) => Promise.resolve(auth.scopes.includes('openid')))],
  ])('lets a token through with %s', async (_what, guard) => {
    expect((await outcome(guarded(guard))).status).toBe(200)
  })

  it.each<[string, Middleware, string | undefined]>([
    ['a permission that it lacks', requirePermission('delete'), undefined],
    ['one of several missing', requirePermission('read', 'delete'), undefined],
    ['none of several', requirePermission(anyOf('delete', 'admin')), undefined],
    ['a scope that it lacks', requireScope('admin', 'orders'), 'scope="admin orders"'],
    ['a role that it lacks', requireRole('owner'), undefined],
    ['a permission of the name of a role', requirePermission('editor'), undefined],
    ['a function that says false', requireAccess(() => false), undefined],
    ['a function that says something true', requireAccess((() => 'yes') as unknown as () => boolean), undefined],
  ])('refuses a token with %s', async (_what, guard, scopes) => {
    const { status, code, challenge } = await outcome(guarded(guard))
    expect([status, code]).toEqual([403, 'permission_denied'])
    const description = 'The access token does not grant what this request needs'
    const parameters = ['realm="api"', 'error="insufficient_scope"', `error_description="${description}"`, scopes]
    expect(challenge).toBe(`Bearer ${parameters.filter(Boolean).join(', ')}`)
  })

  it('says that nobody authenticated, instead of letting the request through', async () => {
    const app = express()
    app.delete('/users/:id', requirePermission('read'), (_req, res) => void res.json({}))
    app.use(jwtErrorHandler())
    expect(await outcome(app)).toEqual({ status: 500, code: 'authentication_not_run', challenge: undefined })
  })

  it('does not believe what others write to req.auth', async () => {
    const app = express()
    app.use((req, _res, next) => {
      Object.assign(req, { auth: { permissions: ['read'] }, user: { permissions: ['read'] } })
      next()
    })
    app.delete('/users/:id', requirePermission('read'), (_req, res) => void res.json({}))
    app.use(jwtErrorHandler())
    expect((await outcome(app)).code).toBe('authentication_not_run')
  })

  it('refuses an anonymous request with 401 and a challenge without error', async () => {
    const app = guarded(requirePermission('read'), optionalJwt(testOptions(), { realm: 'orders' }))
    expect(await outcome(app, '')).toEqual({ status: 401, code: 'token_missing', challenge: 'Bearer realm="orders"' })
  })

  it('passes on what a function throws, as the error of the application that it is', async () => {
    const app = guarded(
      requireAccess(() => {
        throw new Error('no database')
      }),
    )
    expect((await outcome(app)).status).toBe(500)
  })

  it('works on a mounted router', async () => {
    const router = express()
    router.delete('/:id', requirePermission('read'), (_req, res) => void res.json({}))
    const app = express()
    app.use(requireJwt(testOptions()))
    app.use('/users', router)
    expect((await outcome(app)).status).toBe(200)
  })
})
