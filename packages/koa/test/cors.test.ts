// With @koa/cors, which assigns `headers` to errors that pass it: what a browser needs survives a refusal, and so does ours.
import cors from '@koa/cors'
import { jwtErrorHandler, requireJwt, requireScope } from '@jwtgate/koa'
import type Koa from 'koa'
import type { Middleware } from 'koa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { mint } from '../../../test/support/mint.ts'
import { held } from '../../../test/support/provider-faults.ts'
import { testOptions } from '../../../test/support/verifiers.ts'
import { ask, frameworks, send, serve, type Answer } from './apps.ts'

const origin = 'https://app.example.com'
const withCors = (): Middleware => cors({ credentials: true, exposeHeaders: 'WWW-Authenticate' })
const orders: readonly (readonly [string, () => readonly Middleware[]])[] = [
  ['before jwtErrorHandler()', () => [withCors(), jwtErrorHandler()]],
  ['behind jwtErrorHandler()', () => [jwtErrorHandler(), withCors()]],
  ['without jwtErrorHandler()', () => [withCors()]],
]

let provider: KeyServer
beforeEach(async () => void (provider = await startKeyServer()))
afterEach(async () => provider.close())

describe.each(frameworks)('on $name', ({ create }) => {
  function appWith(...middlewares: readonly Middleware[]): Koa {
    const app = create()
    app.silent = true
    for (const middleware of middlewares) app.use(middleware)
    app.use((ctx) => void (ctx.body = 'in'))
    return app
  }

  function forBrowsers({ headers }: Answer): readonly unknown[] {
    const names = ['access-control-allow-origin', 'access-control-allow-credentials', 'access-control-expose-headers']
    return [...names, 'vary'].map((name) => headers.get(name))
  }
  const readable = [origin, 'true', 'WWW-Authenticate', 'Origin']

  describe.each(orders)('@koa/cors %s', (_where, middlewares) => {
    it('lets a browser read a 401, a 400 and a 403, with their challenges', async () => {
      const app = appWith(...middlewares(), requireJwt(testOptions()), requireScope('orders'))
      const missing = await ask(app, { headers: { origin } })
      const malformed = await ask(app, { headers: { origin, authorization: 'Bearer' } })
      const denied = await ask(app, { headers: { origin }, token: mint() })
      expect([missing, malformed, denied].map(({ status }) => status)).toEqual([401, 400, 403])
      for (const refusal of [missing, malformed, denied]) expect(forBrowsers(refusal)).toEqual(readable)
      expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="api"')
      expect(malformed.headers.get('www-authenticate')).toContain('error="invalid_request"')
      expect(denied.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".*scope="orders"$/)
    })

    it('lets a browser read a 503, with Retry-After and without a challenge', async () => {
      provider.on('/jwks', answer('down', {}, 500))
      const app = appWith(...middlewares(), requireJwt(testOptions({ jwksUri: provider.jwksUri })))
      const refusal = await ask(app, { headers: { origin }, token: mint({}, { header: { kid: 'a' } }) })
      expect([refusal.status, forBrowsers(refusal)]).toEqual([503, readable])
      expect(refusal.headers.get('retry-after')).toBe('1')
      expect(refusal.headers.has('www-authenticate')).toBe(false)
    })

    it('answers a preflight request without a token', async () => {
      const app = appWith(...middlewares(), requireJwt(testOptions()))
      const headers = { origin, 'access-control-request-method': 'DELETE' }
      const { status, headers: answered } = await ask(app, { method: 'OPTIONS', headers })
      expect([status, answered.get('access-control-allow-origin')]).toEqual([204, origin])
    })

    it('leaves a request that passes as it is', async () => {
      const app = appWith(...middlewares(), requireJwt(testOptions()))
      const passed = await ask(app, { headers: { origin }, token: mint() })
      expect([passed.status, passed.text, forBrowsers(passed)]).toEqual([200, 'in', readable])
    })

    // They wait for one fetch: if its failure were one error for all, each origin would be written over the others.
    it('never gives one request the origin of another, though one outage refuses all', async () => {
      const senders = Array.from({ length: 50 }, (_, index) => `https://app-${index}.example.com`)
      const down = held(answer('down', {}, 500))
      provider.on('/jwks', down.respond)
      let arrived = 0
      const count: Middleware = async (_ctx, next) => {
        if (++arrived === senders.length) void down.letGo()
        await next()
      }
      const app = appWith(...middlewares(), count, requireJwt(testOptions({ jwksUri: provider.jwksUri })))
      const server = await serve(app)
      const token = mint({}, { header: { kid: 'a' } })
      const asked = senders.map(async (origin) => send(server.origin, { token, headers: { origin } }))
      const answers = await Promise.all(asked)
      server.close()
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
      expect(answers.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual(senders)
      expect(provider.fetches()).toBe(1)
    })
  })

  it('@koa/cors behind authentication cannot help a browser: refusals never reach it', async () => {
    const app = appWith(jwtErrorHandler(), requireJwt(testOptions()), withCors())
    const headers = { origin, 'access-control-request-method': 'DELETE' }
    const preflight = await ask(app, { method: 'OPTIONS', headers })
    expect([preflight.status, preflight.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"'])
    expect(forBrowsers(preflight)).toEqual([null, null, null, null])
    const passed = await ask(app, { headers: { origin }, token: mint() })
    expect([passed.status, forBrowsers(passed)]).toEqual([200, readable])
  })
})
