// Typed claims over HTTP: whoever has the schema or the verifier gets what it made; its issues reach the client as nothing.
import {
  authOf,
  createJwtVerifier,
  jwtErrorHandler,
  optionalJwt,
  requireJwt,
  requirePermission,
  type ClaimsSchema,
  type Middleware,
} from '@jwtgate/express'
import type { Express, RequestHandler } from 'express'
import supertest from 'supertest'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { testIssuer } from '../../../test/support/issuers.ts'
import { mint, type Claims } from '../../../test/support/mint.ts'
import { TestClock, testOptions, testVerifier } from '../../../test/support/verifiers.ts'
import { catchAll, frameworks } from './apps.ts'

const canary = 'Canary7f3a'
const schema = z.object({
  tenant: z.string().transform((id) => ({ id })),
  since: z.iso.datetime().transform((text) => new Date(text)),
})
const good: Claims = { tenant: 'acme', since: '2026-11-22T00:00:00Z', permissions: ['read'] }

interface Answer {
  readonly status: number
  readonly body: unknown
}

describe.each(frameworks)('on $name', ({ express }) => {
  const verifier = createJwtVerifier({ ...testOptions(), claims: schema })

  function appWith(authentication: Middleware, handler: RequestHandler): Express {
    const app = express()
    app.use(authentication)
    app.get('/', handler)
    app.use(jwtErrorHandler())
    return app
  }

  async function get(app: Express, token?: string): Promise<Answer> {
    const call = supertest(app).get('/')
    const { status, text } = await (token === undefined ? call : call.set('authorization', `Bearer ${token}`))
    return { status, body: JSON.parse(text) }
  }

  describe('authOf()', () => {
    const expected = { status: 200, body: { tenant: 'acme', year: 2026, sub: 'alice' } }

    it('gives the claims that a schema made, by the schema', async () => {
      const app = appWith(requireJwt(verifier), (req, res) => {
        const { claims } = authOf(req, schema)
        res.json({ tenant: claims.tenant.id, year: claims.since.getUTCFullYear(), sub: claims.sub })
      })
      expect(await get(app, mint(good))).toEqual(expected)
    })

    it('gives the claims that a schema made, by the verifier', async () => {
      const app = appWith(requireJwt(verifier), (req, res) => {
        const { claims } = authOf(req, verifier)
        res.json({ tenant: claims.tenant.id, year: claims.since.getUTCFullYear(), sub: claims.sub })
      })
      expect(await get(app, mint(good))).toEqual(expected)
    })

    it('gives the claims by the schema where the options were given to requireJwt()', async () => {
      const app = appWith(requireJwt({ ...testOptions(), claims: schema }), (req, res) => {
        res.json({ tenant: authOf(req, schema).claims.tenant.id })
      })
      expect(await get(app, mint(good))).toEqual({ status: 200, body: { tenant: 'acme' } })
    })

    const other = z.object({ tenant: z.string() })
    const strangers: readonly (readonly [string, ClaimsSchema | ReturnType<typeof testVerifier>])[] = [
      ['another schema', other],
      ['an equal schema', z.object(schema.shape)],
      ['another verifier', testVerifier()],
      ['another verifier with the same schema', createJwtVerifier({ ...testOptions(), claims: schema })],
    ]

    it.each(strangers)('fails with 500 for %s', async (_what, madeBy) => {
      const seen: unknown[] = []
      const app = appWith(requireJwt(verifier), (req, res) => {
        seen.push('reached')
        res.json(authOf(req, madeBy as ClaimsSchema).claims)
      })
      const { status, body } = await get(app, mint(good))
      expect(seen).toEqual(['reached'])
      expect(status).toBe(500)
      expect(body).toEqual({
        type: 'about:blank',
        title: 'Internal Server Error',
        status: 500,
        code: 'authentication_not_run',
      })
    })

    it('fails with 500 for the schema of a verifier that has none', async () => {
      const app = appWith(requireJwt(testVerifier()), (req, res) => void res.json(authOf(req, schema).claims))
      expect(await get(app, mint(good))).toMatchObject({ status: 500, body: { code: 'authentication_not_run' } })
    })

    it('fails with 500 for an anonymous request, and where nobody authenticated', async () => {
      const handler: RequestHandler = (req, res) => void res.json(authOf(req, schema).claims)
      for (const authentication of [optionalJwt(verifier), ((_req, _res, next) => next()) satisfies Middleware]) {
        const answer = await get(appWith(authentication, handler))
        expect(answer).toMatchObject({ status: 500, body: { code: 'authentication_not_run' } })
      }
    })

    it('knows of several issuers whose schema made the claims', async () => {
      const a = testIssuer('https://a.example.com')
      const b = testIssuer('https://b.example.com')
      const several = createJwtVerifier([a.options({ claims: schema }), b.options({ claims: other })], {
        clock: new TestClock(),
      })
      const bySchema = appWith(requireJwt(several), (req, res) => void res.json(authOf(req, schema).claims.tenant))
      const byVerifier = appWith(
        requireJwt(several),
        (req, res) => void res.json(authOf(req, several).claims['tenant']),
      )
      expect(await get(bySchema, a.mint(good))).toEqual({ status: 200, body: { id: 'acme' } })
      expect(await get(bySchema, b.mint(good))).toMatchObject({ status: 500, body: { code: 'authentication_not_run' } })
      expect(await get(byVerifier, a.mint(good))).toEqual({ status: 200, body: { id: 'acme' } })
      expect(await get(byVerifier, b.mint(good))).toEqual({ status: 200, body: 'acme' })
    })
  })

  it('guards judge the payload, not what a schema makes of it', async () => {
    const generous = z.object({ permissions: z.array(z.string()).transform(() => ['admin']) })
    const app = express()
    app.use(requireJwt({ ...testOptions(), claims: generous }))
    app.get('/admin', requirePermission('admin'), (_req, res) => void res.json({}))
    app.get('/read', requirePermission('read'), (req, res) => void res.json(authOf(req, generous).claims.permissions))
    app.use(jwtErrorHandler())
    const token = `Bearer ${mint({ permissions: ['read'] })}`
    expect((await supertest(app).get('/admin').set('authorization', token)).status).toBe(403)
    const { status, body } = await supertest(app).get('/read').set('authorization', token)
    expect([status, body]).toEqual([200, ['admin']])
  })

  describe('a token that a schema rejects', () => {
    it.each<[string, Claims]>([
      ['a missing claim', { since: good.since }],
      ['a claim of the wrong type', { ...good, tenant: { [canary]: canary } }],
      ['a claim of the wrong form', { ...good, since: canary }],
    ])('is 401, and the client learns nothing more: %s', async (_what, claims) => {
      for (const authentication of [requireJwt(verifier), optionalJwt(verifier)]) {
        const app = appWith(authentication, (_req, res) => void res.json({}))
        const response = await supertest(app)
          .get('/')
          .set('authorization', `Bearer ${mint(claims)}`)
        const message = 'The claims of the access token were rejected'
        expect(response.status).toBe(401)
        expect(response.headers['www-authenticate']).toBe(
          `Bearer realm="api", error="invalid_token", error_description="${message}"`,
        )
        expect(JSON.parse(response.text)).toEqual({
          type: 'about:blank',
          title: 'Unauthorized',
          status: 401,
          detail: message,
          code: 'claims_rejected',
        })
        expect(`${response.text}${JSON.stringify(response.headers)}`).not.toMatch(/Canary|tenant|since/)
      }
    })
  })

  describe('a schema that cannot be used', () => {
    const unusable: readonly (readonly [string, unknown])[] = [
      ['makes text', z.unknown().transform(() => canary)],
      ['makes a list', z.unknown().transform(() => [canary])],
      ['makes nothing', z.unknown().transform(() => undefined)],
      [
        'throws',
        z.unknown().transform(() => {
          throw new Error(canary)
        }),
      ],
    ]

    it.each(unusable)('is a 500 of the application, and no pass: one that %s', async (_what, broken) => {
      const seen: unknown[] = []
      const app = express()
      app.use(requireJwt({ ...testOptions(), claims: broken as ClaimsSchema }))
      app.get('/', (_req, res) => void res.json('passed'))
      app.use(jwtErrorHandler())
      app.use(catchAll(seen))
      const response = await supertest(app)
        .get('/')
        .set('authorization', `Bearer ${mint(good)}`)
      expect(response.status).toBe(500)
      expect(seen).toMatchObject([{ name: 'ConfigError', code: 'config_invalid', option: 'claims' }])
      expect(response.headers).not.toHaveProperty('www-authenticate')
      expect(response.text).not.toContain(canary)
    })
  })
})
