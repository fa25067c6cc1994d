// Type tests: compiled with the tests, never run. Each line that must not compile says so.
import cors from '@koa/cors'
import { Router, type RouterContext, type RouterMiddleware } from '@koa/router'
import {
  allOf,
  anyOf,
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
  role,
  scope,
  fromBearer,
  fromCookie,
  type Auth,
  type KoaContext,
} from '@jwtgate/koa'
import Koa, { type Context, type DefaultContext, type ParameterizedContext } from 'koa'
import { z } from 'zod'

const options = { issuer: 'https://id.example.com', audience: 'orders', algorithms: ['RS256'] } as const
const schema = z.object({ tenant: z.string(), since: z.string().transform((text) => new Date(text)) })
const verifier = createJwtVerifier({ ...options, claims: schema })

// A plain application.
const plain = new Koa()
plain.use(jwtErrorHandler())
plain.use(cors())
plain.use(requireJwt(options))
plain.use(optionalJwt(createJwtVerifier(options), { realm: 'orders', tokenFrom: [fromBearer(), fromCookie('a')] }))
plain
  .use(requirePermission('read'))
  .use(requireScope(anyOf('a', 'b')))
  .use(requireRole('c'))
plain.use((ctx) => {
  const auth: Auth = authOf(ctx)
  ctx.body = auth.claims.sub
})

// An application with state and context of its own: both keep their types in front of us, between and behind.
interface State {
  requestId: string
}
interface Services {
  orders: { count(): number }
}
const app = new Koa<State, Services>()
app.use(jwtErrorHandler())
app.use(requireJwt(options))
app.use(requirePermission('read'))
app.use(requireAccess((auth) => auth.scopes.includes('a')))
app.use(async (ctx, next) => {
  const id: string = ctx.state.requestId
  const count: number = ctx.orders.count()
  // @ts-expect-error: this application keeps no such state
  void ctx.state.nothing
  // @ts-expect-error: what an application says of its state is all that TypeScript knows of it
  void ctx.state.auth
  ctx.body = { id, count, sub: authOf(ctx).claims.sub }
  await next()
})
app.use((ctx) => {
  const tenant: string = authOf(ctx, schema).claims.tenant
  const since: Date = authOf(ctx, verifier).claims.since
  // @ts-expect-error: a string, says the schema
  void (authOf(ctx, schema).claims.tenant satisfies number)
  // @ts-expect-error: without schema and verifier nothing is known of it
  void (authOf(ctx).claims['tenant'] satisfies string)
  // @ts-expect-error: this verifier has no schema
  void (authOf(ctx, createJwtVerifier(options)).claims['tenant'] satisfies string)
  // @ts-expect-error: an anonymous request has none
  void optionalAuthOf(ctx).claims
  // @ts-expect-error: results are shared, and frozen
  authOf(ctx).claims.sub = 'bob'
  // @ts-expect-error: the context, not its request
  authOf(ctx.request)
  // @ts-expect-error: neither a schema nor a verifier
  authOf(ctx, 'tenant')
  ctx.body = { tenant, since }
})

// State that says it has a verified token.
const typed = new Koa<{ auth?: Auth }>()
typed.use(requireJwt(options))
typed.use((ctx) => void (ctx.body = ctx.state.auth?.claims.sub))

// Routers, with and without types of their own.
const router = new Router()
router.use(requireJwt(options))
router.get('/me', (ctx) => (ctx.body = authOf(ctx).claims.sub))
router.delete('/orders/:id', requirePermission('delete'), requireScope('a'), requireRole('b'), (ctx) => {
  const id: string | undefined = ctx.params['id']
  ctx.body = { id, sub: authOf(ctx).claims.sub }
})
router.put(
  '/users/:id',
  requireAccess((auth, ctx) => auth.claims.sub === ctx.params['id']),
  (ctx) => (ctx.status = 204),
)
plain.use(router.routes()).use(router.allowedMethods())

const own = new Router<State, Services>({ prefix: '/own' })
own.use(requireJwt(options), requirePermission('read'))
own.get('/', requireAccess(anyOf(permission('read'), allOf(role('editor'), scope('orders')))), (ctx) => {
  const id: string = ctx.state.requestId
  const count: number = ctx.orders.count()
  ctx.body = { id, count, sub: authOf(ctx).claims.sub }
})
app.use(own.routes()).use(own.allowedMethods())

// Beside handlers and routers whose types are declared elsewhere.
const ofKoa: Koa.Middleware = (ctx) => void (ctx.body = ctx.url)
const ofRouter: RouterMiddleware = (ctx) => void (ctx.body = ctx.params['id'])
const ofContext = (ctx: RouterContext): void => void (ctx.body = ctx.params['id'])
const withServices: RouterMiddleware<State, Services> = (ctx) => void (ctx.body = ctx.orders.count())
const withServicesInKoa: Koa.Middleware<State, Services> = (ctx) => void (ctx.body = ctx.orders.count())
const ofOwnContext = (ctx: RouterContext<State, Services>): void => void (ctx.body = ctx.state.requestId)
router.get('/d', requirePermission('a'), ofKoa).get('/d', ofKoa, requirePermission('a'))
router.get('/e', requirePermission('a'), ofRouter).get('/e', requirePermission('a'), ofContext)
own.get('/d', requirePermission('a'), withServices).get('/d', withServices, requirePermission('a'))
own.get('/e', requirePermission('a'), withServicesInKoa).get('/e', requirePermission('a'), ofOwnContext)
router.use(jwtErrorHandler(), requireJwt(options), new Router().routes())
router.use('/f', requireJwt(options), new Router().routes())
own.use('/f', jwtErrorHandler(), requireJwt(options), new Router<State, Services>().routes())

// A function sees the context that it asks for.
router.get(
  '/a',
  requireAccess((auth, ctx: Context) => auth.claims.sub === ctx.get('x-user') && ctx.method === 'GET'),
)
router.get(
  '/b',
  requireAccess(async (auth, ctx: RouterContext) => auth.claims.sub === ctx.params['id']),
)
app.use(
  requireAccess(
    (_auth, ctx: ParameterizedContext<State, Services>) => ctx.orders.count() > 0 && ctx.state.requestId !== '',
  ),
)
app.use(requireAccess((_auth, ctx: KoaContext) => ctx.req.method === 'PUT'))
export const general: (ctx: DefaultContext & KoaContext) => unknown = (ctx) => authOf(ctx).claims.sub

// @ts-expect-error: a guard over nothing would let everything through
requirePermission()
// @ts-expect-error: which kind is a bare name here?
requireAccess(anyOf('read'))
// @ts-expect-error: true or false, not a subject
requireAccess((auth) => auth.claims.sub)
// @ts-expect-error: audience is required
requireJwt({ issuer: 'https://id.example.com', algorithms: ['RS256'] })
// @ts-expect-error: the parentheses are missing
plain.use(requireJwt)
// @ts-expect-error: the parentheses are missing
plain.use(jwtErrorHandler)
// @ts-expect-error: the parentheses are missing
router.get('/c', requirePermission, (ctx) => (ctx.body = 'c'))
// @ts-expect-error: no request of a function at a guard is without its context
requireAccess((_auth, ctx: string) => ctx === '')
