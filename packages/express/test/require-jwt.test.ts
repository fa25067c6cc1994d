// requireJwt() and optionalJwt() over HTTP: status, headers and body, as a client sees them.
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { authOf, jwtErrorHandler, optionalAuthOf, optionalJwt, requireJwt, type Middleware } from '@jwtgate/express'
import type { Express } from 'express'
import supertest from 'supertest'
import { afterEach, describe, expect, it } from 'vitest'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { mint, partsOf } from '../../../test/support/mint.ts'
import { TestClock, testOptions, testVerifier } from '../../../test/support/verifiers.ts'
import { catchAll, frameworks } from './apps.ts'

const bearer = (token: string): string => `Bearer ${token}`
const [head, body, signature] = partsOf(mint())

describe.each(frameworks)('on $name', ({ express }) => {
  function appWith(...middlewares: readonly Middleware[]): Express {
    const app = express()
    for (const middleware of middlewares) app.use(middleware)
    app.all('/', (req, res) => {
      res.json({ sub: optionalAuthOf(req)?.claims.sub ?? null, same: Reflect.get(req, 'auth') === optionalAuthOf(req) })
    })
    app.use(jwtErrorHandler())
    return app
  }

  describe('requireJwt', () => {
    const app = appWith(requireJwt(testOptions()))

    it('attaches the verified token to the request', async () => {
      const { status, body } = await supertest(app).get('/').set('authorization', bearer(mint()))
      expect({ status, body }).toEqual({ status: 200, body: { sub: 'alice', same: true } })
    })

    it('takes a verifier made before', async () => {
      const withVerifier = appWith(requireJwt(testVerifier()))
      expect((await supertest(withVerifier).get('/').set('authorization', bearer(mint()))).status).toBe(200)
    })

    it.each([
      ['no token', undefined, 401, 'token_missing', 'Bearer realm="api"'],
      ['another scheme', 'Basic YTpi', 401, 'token_missing', 'Bearer realm="api"'],
      ['no JWT', 'Bearer opaque', 401, 'token_malformed', 'invalid_token'],
      ['two tokens in one field', `Bearer ${mint()}, Bearer ${mint()}`, 400, 'request_malformed', 'invalid_request'],
      ['an expired token', bearer(mint({ exp: 1 })), 401, 'token_expired', 'invalid_token'],
      [
        'a changed payload',
        `Bearer ${head}.${body.slice(0, -4)}AAAA.${signature}`,
        401,
        'token_malformed',
        'invalid_token',
      ],
    ])('refuses %s', async (_what, authorization, status, code, challenge) => {
      const call = supertest(app).get('/')
      const response = await (authorization === undefined ? call : call.set('authorization', authorization))
      expect(response.status).toBe(status)
      expect(response.type).toBe('application/problem+json')
      expect(response.headers['www-authenticate']).toContain(challenge)
      expect(JSON.parse(response.text)).toMatchObject({ type: 'about:blank', status, code })
    })

    it('refuses a second Authorization field, of which Node shows only the first', async () => {
      const answer = await rawRequest(app, ['Authorization', bearer(mint()), 'authorization', bearer(mint())])
      expect(answer).toMatchObject({ status: 400, body: { code: 'multiple_tokens' } })
    })

    it('authenticates OPTIONS like any other method', async () => {
      expect((await supertest(app).options('/')).status).toBe(401)
    })

    it('answers HEAD with the same status and challenge', async () => {
      const { status, headers } = await supertest(app).head('/')
      expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"'])
    })

    it('names the realm it was given', async () => {
      const { headers } = await supertest(appWith(requireJwt(testOptions(), { realm: 'orders' })))
        .get('/')
        .set('authorization', bearer(mint({ exp: 1 })))
      expect(headers['www-authenticate']).toMatch(/^Bearer realm="orders", error="invalid_token"/)
    })

    it('leaves routes before it public', async () => {
      const mixed = express()
      mixed.get('/health', (_req, res) => void res.json({}))
      mixed.use(requireJwt(testOptions()))
      mixed.use(jwtErrorHandler())
      expect((await supertest(mixed).get('/health')).status).toBe(200)
      expect((await supertest(mixed).get('/other')).status).toBe(401)
    })

    it('does not take an error of a later handler for its own', async () => {
      const seen: unknown[] = []
      const failing = express()
      failing.use(requireJwt(testOptions()))
      failing.get('/', () => {
        throw new Error('of the handler')
      })
      failing.use(catchAll(seen))
      const { body } = await supertest(failing).get('/').set('authorization', bearer(mint()))
      expect(body).toEqual({ message: 'of the handler' })
      expect(seen).toHaveLength(1)
    })

    it('never mixes up concurrent requests', async () => {
      const server = app.listen(0)
      try {
        const subjects = Array.from({ length: 200 }, (_, index) => `user-${index}`)
        const answers = await Promise.all(
          subjects.map(async (sub) =>
            supertest(server)
              .get('/')
              .set('authorization', bearer(mint({ sub }))),
          ),
        )
        expect(answers.map(({ body }) => (body as { sub: string }).sub)).toEqual(subjects)
      } finally {
        server.close()
      }
    })
  })

  describe('optionalJwt', () => {
    const app = appWith(optionalJwt(testOptions()))

    it('lets a request without a token through as anonymous', async () => {
      const { status, body } = await supertest(app).get('/')
      expect({ status, body }).toEqual({ status: 200, body: { sub: null, same: true } })
    })

    it('knows the sender of a good token', async () => {
      const { body } = await supertest(app).get('/').set('authorization', bearer(mint()))
      expect(body).toEqual({ sub: 'alice', same: true })
    })

    it.each([
      ['a bad token', 'Bearer bad', 401],
      ['an expired token', bearer(mint({ exp: 1 })), 401],
      ['a malformed header', 'Bearer', 400],
    ])('still refuses %s', async (_what, authorization, status) => {
      expect((await supertest(app).get('/').set('authorization', authorization)).status).toBe(status)
    })

    it('still refuses a second Authorization field', async () => {
      expect(await rawRequest(app, ['Authorization', 'Basic YTpi', 'Authorization', bearer(mint())])).toMatchObject({
        status: 400,
      })
    })
  })

  describe('while the identity provider is down', () => {
    let provider: KeyServer | undefined
    afterEach(async () => provider?.close())

    it.each([
      ['requireJwt', requireJwt],
      ['optionalJwt', optionalJwt],
    ])('%s answers 503 with Retry-After and no challenge, and heals by itself', async (_name, middleware) => {
      provider = await startKeyServer()
      provider.on('/jwks', answer('down', {}, 500))
      const clock = new TestClock()
      const app = appWith(middleware(testOptions({ jwksUri: provider.jwksUri, clock })))
      const token = mint({}, { header: { kid: 'a' } })

      const down = await supertest(app).get('/').set('authorization', bearer(token))
      expect(down.status).toBe(503)
      expect(down.headers['retry-after']).toBe('1')
      expect(down.headers).not.toHaveProperty('www-authenticate')
      expect(JSON.parse(down.text)).toEqual({
        type: 'about:blank',
        title: 'Service Unavailable',
        status: 503,
        code: 'keys_unavailable',
      })

      provider.setKeys([jwkOf(keyFor('ES256'), { kid: 'a' })])
      clock.advance(1000)
      expect((await supertest(app).get('/').set('authorization', bearer(token))).status).toBe(200)
    })
  })

  it('authOf() says what is missing where nobody authenticated', async () => {
    const app = express()
    app.get('/', (req, res) => void res.json(authOf(req)))
    app.use(jwtErrorHandler())
    const { status, text } = await supertest(app).get('/')
    expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([500, 'authentication_not_run'])
  })
})

interface RawAnswer {
  readonly status: number | undefined
  readonly body: unknown
}

/** With the header fields exactly as given, repeated ones too. */
async function rawRequest(app: Express, headers: readonly string[]): Promise<RawAnswer> {
  const server = app.listen(0, '127.0.0.1')
  try {
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    return await new Promise((resolve, reject) => {
      const host = ['Host', `127.0.0.1:${port}`]
      const sent = httpRequest({ port, host: '127.0.0.1', headers: [...host, ...headers] }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) })
        })
      })
      sent.on('error', reject).end()
    })
  } finally {
    server.close()
  }
}
