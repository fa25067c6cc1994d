// Tokens in cookies and other headers over HTTP, and in more than one place.
import {
  fromBearer,
  fromCookie,
  fromHeader,
  jwtErrorHandler,
  optionalAuthOf,
  optionalJwt,
  requireJwt,
  type AuthenticationOptions,
} from '@jwtgate/express'
import type { Express } from 'express'
import supertest from 'supertest'
import { describe, expect, it } from 'vitest'
import { mint } from '../../../test/support/mint.ts'
import { testVerifier } from '../../../test/support/verifiers.ts'
import { frameworks } from './apps.ts'

type Fields = Readonly<Record<string, string | string[]>>

const tokenFrom = [fromBearer(), fromCookie('__Host-session'), fromHeader('x-access-token')]
const bearer = { authorization: `Bearer ${mint()}` }
const cookie = { cookie: `theme=dark; __Host-session=${mint()}; lang=de` }
const header = { 'x-access-token': mint() }

describe.each(frameworks)('on $name', ({ express }) => {
  function appWith(middleware: typeof requireJwt, options: AuthenticationOptions): Express {
    const app = express()
    app.use(middleware(testVerifier(), options))
    app.get('/', (req, res) => void res.json({ sub: optionalAuthOf(req)?.claims.sub ?? null }))
    app.use(jwtErrorHandler())
    return app
  }

  const required = appWith(requireJwt, { tokenFrom })
  const optional = appWith(optionalJwt, { tokenFrom })

  it.each<[string, Fields]>([
    ['the Authorization field', bearer],
    ['a cookie', cookie],
    ['another header', header],
    ['a cookie beside another scheme', { ...cookie, authorization: 'Basic YTpi' }],
  ])('a token in %s is accepted', async (_where, fields) => {
    for (const app of [required, optional]) {
      const { status, body } = await supertest(app).get('/').set(fields)
      expect({ status, body }).toEqual({ status: 200, body: { sub: 'alice' } })
    }
  })

  it.each<[string, Fields, string]>([
    ['in field and cookie', { ...bearer, ...cookie }, 'multiple_tokens'],
    ['in cookie and header', { ...cookie, ...header }, 'multiple_tokens'],
    ['in all places', { ...bearer, ...cookie, ...header }, 'multiple_tokens'],
    ['in one cookie twice', { cookie: '__Host-session=a; __Host-session=b' }, 'multiple_tokens'],
    ['in a header twice', { 'x-access-token': ['a', 'b'] }, 'multiple_tokens'],
    ['in a cookie, malformed', { cookie: '__Host-session=a b' }, 'request_malformed'],
    ['in the field, beside a malformed cookie', { ...bearer, cookie: '__Host-session=a b' }, 'request_malformed'],
  ])('a token %s is refused with 400', async (_where, fields, code) => {
    for (const app of [required, optional]) {
      const response = await supertest(app).get('/').set(fields)
      expect(response.status).toBe(400)
      expect(JSON.parse(response.text)).toMatchObject({ status: 400, code })
      expect(response.headers['www-authenticate']).toMatch(/^Bearer realm="api", error="invalid_request", /)
    }
  })

  it('no token in any place is 401, or anonymous', async () => {
    const missing = await supertest(required).get('/').set({ cookie: 'session=x', authorization: 'Basic YTpi' })
    expect([missing.status, missing.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"'])
    expect((await supertest(optional).get('/')).body).toEqual({ sub: null })
  })

  it('a token in a place that was not named is no token', async () => {
    const app = appWith(requireJwt, { tokenFrom: fromCookie('session') })
    for (const fields of [bearer, header, cookie]) {
      expect((await supertest(app).get('/').set(fields)).status).toBe(401)
    }
    expect((await supertest(app).get('/').set('cookie', `session=${mint()}`)).status).toBe(200)
  })
})
