// The revocation hook over HTTP: 401 for a revoked token, 503 where nobody can say.
import { authOf, jwtErrorHandler, optionalJwt, requireJwt, type RevocationCheck } from '@jwtgate/express'
import type { Express } from 'express'
import supertest from 'supertest'
import { describe, expect, it } from 'vitest'
import { mint } from '../../../test/support/mint.ts'
import { testOptions } from '../../../test/support/verifiers.ts'
import { frameworks } from './apps.ts'

const canary = 'Canary7f3a'

describe.each(frameworks)('on $name', ({ express }) => {
  function appWith(isRevoked: (...args: Parameters<RevocationCheck>) => unknown, middleware = requireJwt): Express {
    const app = express()
    app.use(middleware(testOptions({ isRevoked: isRevoked as RevocationCheck })))
    app.get('/', (req, res) => void res.json({ sub: authOf(req).claims.sub }))
    app.use(jwtErrorHandler())
    return app
  }

  const get = (app: Express, token = mint({ jti: canary })) =>
    supertest(app).get('/').set('authorization', `Bearer ${token}`)

  it.each([requireJwt, optionalJwt])('a token that is not revoked passes: case %#', async (middleware) => {
    const { status, body } = await get(appWith(async () => false, middleware))
    expect([status, body]).toEqual([200, { sub: 'alice' }])
  })

  it.each([requireJwt, optionalJwt])('a revoked token is 401 with a challenge: case %#', async (middleware) => {
    const response = await get(appWith(async () => true, middleware))
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe(
      'Bearer realm="api", error="invalid_token", error_description="The access token was revoked"',
    )
    expect(JSON.parse(response.text)).toMatchObject({ status: 401, code: 'token_revoked' })
  })

  it.each<[string, () => unknown]>([
    ['throws', () => fail()],
    ['rejects', () => Promise.reject(new Error(canary))],
    ['gives nothing', () => undefined],
    ['gives 1', () => 1],
    ['gives text', async () => 'false'],
  ])('a hook that %s is 503 with Retry-After and no challenge', async (_what, isRevoked) => {
    for (const middleware of [requireJwt, optionalJwt]) {
      const response = await get(appWith(isRevoked, middleware))
      expect(response.status).toBe(503)
      expect(response.headers['retry-after']).toMatch(/^[1-9]\d*$/)
      expect(response.headers).not.toHaveProperty('www-authenticate')
      expect(JSON.parse(response.text)).toEqual({
        type: 'about:blank',
        title: 'Service Unavailable',
        status: 503,
        code: 'revocation_unavailable',
      })
      expect(`${response.text}${JSON.stringify(response.headers)}`).not.toContain(canary)
    }
  })

  it('a logout counts from the next request on', async () => {
    const denied = new Set<unknown>()
    const app = appWith(({ claims }) => denied.has(claims.jti))
    app.post('/logout', (req, res) => {
      denied.add(authOf(req).claims.jti)
      res.sendStatus(204)
    })
    const [mine, other] = [mint({ jti: 'a' }), mint({ jti: 'b' })]
    expect((await get(app, mine)).status).toBe(200)
    expect((await supertest(app).post('/logout').set('authorization', `Bearer ${mine}`)).status).toBe(204)
    expect((await get(app, mine)).status).toBe(401)
    expect((await get(app, other)).status).toBe(200)
  })

  it('a request without a token does not ask', async () => {
    let asked = 0
    const app = appWith(() => ++asked > 0)
    expect((await supertest(app).get('/')).status).toBe(401)
    expect((await get(app, mint({ exp: 1 }))).status).toBe(401)
    expect(asked).toBe(0)
  })

  function fail(): never {
    throw new Error(canary)
  }
})
