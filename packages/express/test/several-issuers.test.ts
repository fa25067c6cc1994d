// Several issuers over HTTP: each request is judged by the rules of its own, and the outage of one is nobody else's.
import {
  authOf,
  createJwtVerifier,
  jwtErrorHandler,
  requireJwt,
  requirePermission,
  type JwtVerifier,
} from '@jwtgate/express'
import type { Express } from 'express'
import supertest from 'supertest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testIssuer } from '../../../test/support/issuers.ts'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { TestClock } from '../../../test/support/verifiers.ts'
import { frameworks } from './apps.ts'

const kid = { header: { kid: 'k1' } }
const a = testIssuer('https://a.example.com')
const b = testIssuer('https://b.example.com', 'EdDSA')

let servers: readonly [ofA: KeyServer, ofB: KeyServer]

beforeEach(async () => {
  servers = [await startKeyServer([jwkOf(a.key, { kid: 'k1' })]), await startKeyServer([jwkOf(b.key, { kid: 'k1' })])]
})

afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()))
})

describe.each(frameworks)('on $name', ({ express }) => {
  function appWith(verifier: JwtVerifier): Express {
    const app = express()
    app.use(requireJwt(verifier))
    app.get('/', (req, res) => void res.json({ iss: authOf(req).claims.iss, sub: authOf(req).claims.sub }))
    app.get('/admin', requirePermission('admin'), (_req, res) => void res.json({}))
    app.use(jwtErrorHandler())
    return app
  }

  function makeVerifier(clock = new TestClock()): JwtVerifier {
    return createJwtVerifier(
      [
        a.options({ audience: 'api-a', jwksUri: servers[0].jwksUri }),
        b.options({ audience: 'api-b', jwksUri: servers[1].jwksUri, permissionsFrom: ['realm', 'permissions'] }),
      ],
      { clock },
    )
  }

  const get = (app: Express, token: string, path = '/') =>
    supertest(app).get(path).set('authorization', `Bearer ${token}`)

  it('each vouches for its own tokens', async () => {
    const app = appWith(makeVerifier())
    expect((await get(app, a.mint({ aud: 'api-a' }, kid))).body).toEqual({ iss: a.name, sub: 'alice' })
    expect((await get(app, b.mint({ aud: 'api-b', sub: 'bob' }, kid))).body).toEqual({ iss: b.name, sub: 'bob' })
  })

  it.each([
    ['audience_mismatch', 'for the audience of another', a.mint({ aud: 'api-b' }, kid)],
    ['algorithm_not_allowed', 'with the key of another', a.mint({ aud: 'api-a' }, { key: b.key, ...kid })],
    ['issuer_mismatch', 'of a stranger', mint({ iss: 'https://mallory.example.com' }, { key: a.key, ...kid })],
    ['claim_missing', 'of nobody', mint({ iss: undefined }, { key: a.key, ...kid })],
  ])('a token is refused with %s: %s', async (code, _what, token) => {
    const response = await get(appWith(makeVerifier()), token)
    expect(response.status).toBe(401)
    expect(JSON.parse(response.text)).toMatchObject({ code })
    expect(response.headers['www-authenticate']).toMatch(/error="invalid_token"/)
  })

  it('each says where permissions stand', async () => {
    const app = appWith(makeVerifier())
    const claims = { permissions: ['admin'], realm: { permissions: ['read'] } }
    expect((await get(app, a.mint({ ...claims, aud: 'api-a' }, kid), '/admin')).status).toBe(200)
    expect((await get(app, b.mint({ ...claims, aud: 'api-b' }, kid), '/admin')).status).toBe(403)
  })

  it('the outage of one is 503 for its tokens and nothing for the others, and heals by itself', async () => {
    const [, ofB] = servers
    ofB.on('/jwks', answer('down', {}, 500))
    const clock = new TestClock()
    const verifier = makeVerifier(clock)
    await expect(verifier.ready()).rejects.toBeInstanceOf(AggregateError)
    const app = appWith(verifier)
    const [ofTheFirst, ofTheSecond] = [a.mint({ aud: 'api-a' }, kid), b.mint({ aud: 'api-b' }, kid)]
    expect((await get(app, ofTheFirst)).status).toBe(200)
    const down = await get(app, ofTheSecond)
    expect(down.status).toBe(503)
    expect(down.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    expect(down.headers).not.toHaveProperty('www-authenticate')
    expect(JSON.parse(down.text)).toMatchObject({ code: 'keys_unavailable' })

    ofB.setKeys([jwkOf(b.key, { kid: 'k1' })])
    clock.advance(3_000)
    expect((await get(app, ofTheSecond)).status).toBe(200)
    expect((await get(app, ofTheFirst)).status).toBe(200)
  })

  it('requests of both at once are never mixed up', async () => {
    const server = appWith(makeVerifier()).listen(0)
    try {
      const subjects = Array.from({ length: 60 }, (_, index) => `user-${index}`)
      const answers = await Promise.all(
        subjects.map(async (sub, index) => {
          const token = index % 2 ? a.mint({ sub, aud: 'api-a' }, kid) : b.mint({ sub, aud: 'api-b' }, kid)
          return supertest(server).get('/').set('authorization', `Bearer ${token}`)
        }),
      )
      expect(answers.map(({ body }) => body as unknown)).toEqual(
        subjects.map((sub, index) => ({ iss: index % 2 ? a.name : b.name, sub })),
      )
    } finally {
      server.close()
    }
  })
})
