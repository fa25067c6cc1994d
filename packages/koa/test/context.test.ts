// What stands on the context: ctx.state.auth for everybody, authOf(ctx) for what guards and handlers rely on.
import {
  authOf,
  createJwtVerifier,
  jwtErrorHandler,
  optionalAuthOf,
  optionalJwt,
  permission,
  requireAccess,
  requireJwt,
  requirePermission,
  requireRole,
  requireScope,
  type KoaContext,
  type Next,
} from '@jwtgate/koa'
import type Koa from 'koa'
import type { ParameterizedContext } from 'koa'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { mint } from '../../../test/support/mint.ts'
import { testOptions, testVerifier } from '../../../test/support/verifiers.ts'
import { ask, codeOf, frameworks } from './apps.ts'

describe.each(frameworks)('on $name', ({ create }) => {
  type Handler = (ctx: ParameterizedContext, next: Next) => unknown

  function appWith(...middlewares: readonly Handler[]): Koa {
    const app = create()
    app.silent = true
    app.use(jwtErrorHandler())
    for (const middleware of middlewares) app.use(middleware)
    return app
  }

  it('ctx.state.auth is what authOf(ctx) gives', async () => {
    const app = appWith(requireJwt(testOptions()), (ctx) => {
      ctx.body = { sub: authOf(ctx).claims.sub, same: ctx.state['auth'] === authOf(ctx) }
    })
    expect(JSON.parse((await ask(app, { token: mint() })).text)).toEqual({ sub: 'alice', same: true })
  })

  it('a middleware that was mounted without being called says so', async () => {
    const seen: unknown[] = []
    const app = create()
    app.on('error', (error) => seen.push(error))
    app.use(requireJwt as never)
    expect(await ask(app)).toMatchObject({ status: 500 })
    expect(seen).toMatchObject([{ name: 'ConfigError', message: expect.stringContaining('without being called') }])
  })

  it('ctx.state.auth is there and undefined for an anonymous request', async () => {
    const app = appWith(optionalJwt(testOptions()), (ctx) => {
      ctx.body = { has: 'auth' in ctx.state, same: ctx.state['auth'] === optionalAuthOf(ctx) }
    })
    expect(JSON.parse((await ask(app)).text)).toEqual({ has: true, same: true })
  })

  it('ctx.state.auth does not outlive a refusal', async () => {
    const states: unknown[] = []
    const app = appWith(
      async (ctx, next) => next().finally(() => states.push({ ...ctx.state })),
      requireJwt(testOptions()),
      requireJwt(testOptions({ audience: 'another' })),
    )
    expect(codeOf(await ask(app, { token: mint() }))).toBe('audience_mismatch')
    expect(states).toEqual([{ auth: undefined }])
  })

  it('what others keep on ctx.state stays', async () => {
    const app = appWith(
      (ctx, next) => {
        ctx.state['requestId'] = 7
        return next()
      },
      requireJwt(testOptions()),
      (ctx) => (ctx.body = { requestId: ctx.state['requestId'] as unknown }),
    )
    expect((await ask(app, { token: mint() })).text).toBe('{"requestId":7}')
  })

  it('does not believe what others write to ctx.state, ctx.auth or ctx.req.auth', async () => {
    const forged = { claims: { sub: 'mallory' }, permissions: ['read'], scopes: ['read'], roles: ['read'] }
    const forge: Handler = (ctx, next) => {
      Object.assign(ctx.state, { auth: forged, user: forged })
      Object.assign(ctx, { auth: forged })
      Object.assign(ctx.req, { auth: forged, user: forged })
      return next()
    }
    for (const guard of [
      requirePermission('read'),
      requireScope('read'),
      requireRole('read'),
      requireAccess(permission('read')),
    ]) {
      expect(codeOf(await ask(appWith(forge, guard)))).toBe('authentication_not_run')
      expect(codeOf(await ask(appWith(optionalJwt(testOptions()), forge, guard)))).toBe('token_missing')
      const denied = await ask(appWith(requireJwt(testOptions()), forge, guard), { token: mint() })
      expect(denied.status).toBe(403)
    }
    expect(codeOf(await ask(appWith(forge, (ctx) => void authOf(ctx))))).toBe('authentication_not_run')
  })

  it('a function at a guard sees the context, with what others have put there', async () => {
    const app = appWith(
      requireJwt(testOptions()),
      (ctx, next) => {
        ctx.state['owner'] = ctx.query['owner']
        return next()
      },
      requireAccess(
        (auth, ctx: ParameterizedContext) => ctx.state['owner'] === auth.claims.sub && ctx.method === 'GET',
      ),
      (ctx) => (ctx.body = 'in'),
    )
    expect((await ask(app, { path: '/?owner=alice', token: mint() })).text).toBe('in')
    expect((await ask(app, { path: '/?owner=bob', token: mint() })).status).toBe(403)
  })

  it('nothing behind a guard runs before the guard has decided', async () => {
    const events: string[] = []
    const app = appWith(
      requireJwt(testOptions()),
      requireAccess(async () => {
        await new Promise(setImmediate)
        events.push('decided')
        return false
      }),
      () => events.push('handled'),
    )
    expect((await ask(app, { token: mint() })).status).toBe(403)
    expect(events).toEqual(['decided'])
  })

  it('what runs behind us is waited for, once', async () => {
    let handled = 0
    const order: string[] = []
    const app = appWith(
      async (_ctx, next) => next().then(() => order.push('after')),
      requireJwt(testOptions()),
      requirePermission('read'),
      requireAccess(() => true),
      async (ctx) => {
        await new Promise(setImmediate)
        order.push('handler')
        ctx.body = String(++handled)
      },
    )
    expect((await ask(app, { token: mint({ permissions: ['read'] }) })).text).toBe('1')
    expect(order).toEqual(['handler', 'after'])
  })

  describe('claims that a schema made', () => {
    const schema = z.object({ tenant: z.string().transform((id) => ({ id })) })
    const verifier = createJwtVerifier({ ...testOptions(), claims: schema })
    const token = mint({ tenant: 'acme' })

    it.each([
      ['the schema', (ctx: KoaContext) => authOf(ctx, schema).claims.tenant.id],
      ['the verifier', (ctx: KoaContext) => authOf(ctx, verifier).claims.tenant.id],
    ])('are given by %s', async (_what, read) => {
      const app = appWith(requireJwt(verifier), (ctx) => (ctx.body = read(ctx)))
      expect((await ask(app, { token })).text).toBe('acme')
    })

    it.each([
      ['another schema', (ctx: KoaContext) => authOf(ctx, z.object({ tenant: z.string() }))],
      ['another verifier', (ctx: KoaContext) => authOf(ctx, testVerifier())],
      ['a schema that is undefined', (ctx: KoaContext) => authOf(ctx, undefined as unknown as typeof schema)],
    ])('fail with 500 for %s', async (_what, read) => {
      const app = appWith(requireJwt(verifier), (ctx) => (ctx.body = read(ctx)))
      const answer = await ask(app, { token })
      expect([answer.status, codeOf(answer)]).toEqual([500, 'authentication_not_run'])
    })
  })

  it.each<[string, unknown]>([
    ['requireJwt', requireJwt],
    ['optionalJwt', optionalJwt],
    ['requirePermission', requirePermission],
    ['requireScope', requireScope],
    ['requireRole', requireRole],
    ['requireAccess', requireAccess],
    ['jwtErrorHandler', jwtErrorHandler],
  ])('%s without its parentheses lets nobody through', async (_name, forgotten) => {
    let reached = false
    const app = appWith(requireJwt(testOptions()), forgotten as Handler, () => (reached = true))
    expect((await ask(app, { token: mint() })).status).toBe(500)
    expect(reached).toBe(false)
  })

  it('an answer that has begun is left alone by jwtErrorHandler()', async () => {
    const seen: unknown[] = []
    const app = create()
    app.on('error', (error) => seen.push(error))
    app.use(jwtErrorHandler())
    app.use((ctx) => {
      ctx.respond = false
      ctx.res.writeHead(202, { 'Content-Type': 'text/plain' })
      ctx.res.end('begun')
      authOf(ctx)
    })
    expect(await ask(app)).toMatchObject({ status: 202, text: 'begun' })
    expect(seen).toMatchObject([{ code: 'authentication_not_run' }])
  })

  it('a request that something else was to answer is answered all the same: by Koa', async () => {
    const app = create()
    app.silent = true
    app.use(jwtErrorHandler())
    app.use((ctx, next) => {
      ctx.respond = false
      return next()
    })
    app.use(requireJwt(testOptions()))
    expect(await ask(app)).toMatchObject({ status: 401 })
  })

  it('a problem takes the place of a body that was begun', async () => {
    const app = appWith((ctx) => {
      ctx.type = 'csv'
      ctx.attachment('orders.csv')
      ctx.etag = 'v1'
      ctx.body = Buffer.alloc(100_000)
      authOf(ctx)
    })
    const answer = await ask(app)
    expect([answer.status, codeOf(answer)]).toEqual([500, 'authentication_not_run'])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('content-length')).toBe(String(answer.text.length))
    expect([answer.headers.get('etag'), answer.headers.get('content-disposition')]).toEqual([null, null])
  })
})
