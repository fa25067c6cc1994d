// What stands on the request: req.auth for everybody, authOf(req) for what guards and handlers rely on.
import {
  authOf,
  jwtErrorHandler,
  optionalAuthOf,
  optionalJwt,
  requireAccess,
  requireJwt,
  requirePermission,
  requireRole,
  requireScope,
} from '@jwtgate/express'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import supertest from 'supertest'
import { describe, expect, it } from 'vitest'
import { mint } from '../../../test/support/mint.ts'
import { testOptions } from '../../../test/support/verifiers.ts'
import { catchAll, frameworks } from './apps.ts'

describe.each(frameworks)('on $name', ({ express }) => {
  function appWith(...middlewares: readonly RequestHandler[]): Express {
    const app = express()
    for (const middleware of middlewares) app.use(middleware)
    app.use(jwtErrorHandler())
    app.use(catchAll([]))
    return app
  }

  const get = (app: Express, token?: string) => {
    const call = supertest(app).get('/')
    return token === undefined ? call : call.set('authorization', `Bearer ${token}`)
  }

  async function codeOf(app: Express, token?: string): Promise<unknown> {
    return (JSON.parse((await get(app, token)).text) as { readonly code?: unknown }).code
  }

  it('req.auth is what authOf(req) gives', async () => {
    const app = appWith(requireJwt(testOptions()), (req, res) => {
      res.json({ sub: authOf(req).claims.sub, same: Reflect.get(req, 'auth') === authOf(req) })
    })
    expect((await get(app, mint())).body).toEqual({ sub: 'alice', same: true })
  })

  it.each([requireJwt, optionalJwt])(
    'a middleware that was mounted without being called says so: %o',
    async (forgotten) => {
      const app = appWith(forgotten as unknown as RequestHandler)
      const { status, body } = await get(app, mint())
      expect([status, (body as { readonly message: string }).message]).toEqual([
        500,
        expect.stringMatching(/without being called.*requireJwt\(\{ issuer/),
      ])
    },
  )

  it('req.auth is there and undefined for an anonymous request', async () => {
    const app = appWith(optionalJwt(testOptions()), (req, res) => {
      res.json({ has: 'auth' in req, same: Reflect.get(req, 'auth') === optionalAuthOf(req) })
    })
    expect((await get(app)).body).toEqual({ has: true, same: true })
  })

  it('req.auth does not outlive a refusal', async () => {
    const seen: unknown[] = []
    const look: ErrorRequestHandler = (error, req, _res, next) => {
      seen.push(Reflect.get(req, 'auth'), optionalAuthOf(req))
      next(error)
    }
    const app = express()
    app.use(requireJwt(testOptions()), requireJwt(testOptions({ audience: 'another' })))
    app.use(look)
    app.use(jwtErrorHandler())
    expect(await codeOf(app, mint())).toBe('audience_mismatch')
    expect(seen).toEqual([undefined, undefined])
  })

  it('does not believe what others write to req.auth', async () => {
    const forged = { claims: { sub: 'mallory' }, permissions: ['read'], scopes: ['read'], roles: ['read'] }
    const forge: RequestHandler = (req, _res, next) => {
      Object.assign(req, { auth: forged, user: forged })
      next()
    }
    for (const guard of [requirePermission('read'), requireScope('read'), requireRole('read')]) {
      expect(await codeOf(appWith(forge, guard))).toBe('authentication_not_run')
      expect(await codeOf(appWith(optionalJwt(testOptions()), forge, guard))).toBe('token_missing')
      expect(await codeOf(appWith(requireJwt(testOptions()), forge, guard), mint())).toBe('permission_denied')
    }
    expect(await codeOf(appWith(forge, (req) => void authOf(req)))).toBe('authentication_not_run')
  })

  it('does not take an error of a later handler for its own', async () => {
    const seen: unknown[] = []
    const failing = express()
    failing.use(requireJwt(testOptions()))
    failing.get('/', () => {
      throw new Error('of the handler')
    })
    failing.use(catchAll(seen))
    expect((await get(failing, mint())).body).toEqual({ message: 'of the handler' })
    expect(seen).toHaveLength(1)
  })

  it('passes on what a function throws, as the error of the application that it is', async () => {
    const app = appWith(
      requireJwt(testOptions()),
      requireAccess(() => {
        throw new Error('no database')
      }),
    )
    const { status, body } = await get(app, mint())
    expect([status, body]).toEqual([500, { message: 'no database' }])
  })

  it.each<[string, unknown]>([
    ['requireJwt', requireJwt],
    ['optionalJwt', optionalJwt],
    ['requirePermission', requirePermission],
    ['requireScope', requireScope],
    ['requireRole', requireRole],
    ['requireAccess', requireAccess],
  ])('%s without its parentheses lets nobody through', async (_name, forgotten) => {
    let reached = false
    const app = appWith(requireJwt(testOptions()), forgotten as RequestHandler, () => (reached = true))
    expect((await get(app, mint())).status).toBe(500)
    expect(reached).toBe(false)
  })

  it('an answer that has begun is left alone by jwtErrorHandler()', async () => {
    const seen: unknown[] = []
    const app = express()
    app.use((req, res) => {
      res.status(202).end('begun')
      authOf(req)
    })
    app.use(jwtErrorHandler())
    app.use(((error, _req, _res, _next) => void seen.push(error)) satisfies ErrorRequestHandler)
    const { status, text } = await get(app)
    expect([status, text]).toEqual([202, 'begun'])
    expect(seen).toMatchObject([{ code: 'authentication_not_run' }])
  })
})
