// A small API whose orders are read with any valid token and deleted only with the permission for it.
import { Router } from '@koa/router'
import { authOf, jwtErrorHandler, requireJwt, requirePermission } from '@jwtgate/koa'
import Koa from 'koa'

const issuer = fromEnvironment('ISSUER')
const audience = fromEnvironment('AUDIENCE')
const port = Number(fromEnvironment('PORT'))

const app = new Koa()

app.use(jwtErrorHandler()) // a refusal becomes problem JSON (RFC 9457); any other error is passed on

// Whatever stands before the middleware is public.
const open = new Router()
open.get('/health', (ctx) => {
  ctx.body = { status: 'ok' }
})
app.use(open.routes())

app.use(
  requireJwt({
    issuer, // the provider's keys are found from here, by OpenID Connect Discovery
    audience, // a token made for another API is refused
    algorithms: ['RS256', 'ES256'], // what the provider signs with: the token has no say in it
    optionalClaims: ['nbf'], // oidc-provider, like many providers, sends no `nbf`; one that is sent is still checked
  }),
)

const router = new Router()
router.get('/orders', (ctx) => {
  const { claims, permissions } = authOf(ctx)
  ctx.body = { sub: claims.sub, permissions, orders: [{ id: '7', item: 'tea' }] }
})
router.delete('/orders/:id', requirePermission('orders:delete'), (ctx) => {
  ctx.status = 204
})
app.use(router.routes())

const server = app.listen(port, '127.0.0.1', () => {
  const address = server.address()
  console.log(`listening on http://127.0.0.1:${typeof address === 'object' ? address?.port : port}`)
})

// Requests under way are answered, new ones are not taken; then nothing keeps the process alive.
process.once('SIGTERM', () => server.close())

function fromEnvironment(name: string): string {
  const value = process.env[name]
  if (!value) {
    console.error(`The environment variable ${name} is missing: ISSUER, AUDIENCE and PORT are needed.`)
    process.exit(1)
  }
  return value
}
