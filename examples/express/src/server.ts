// A small API whose orders are read with any valid token and deleted only with the permission for it.
import express from 'express'
import { authOf, jwtErrorHandler, requireJwt, requirePermission } from '@jwtgate/express'

const issuer = fromEnvironment('ISSUER')
const audience = fromEnvironment('AUDIENCE')
const port = Number(fromEnvironment('PORT'))

const app = express()

// Whatever stands before the middleware is public.
app.get('/health', (_req, res) => {
  res.json({ status: 'ok' })
})

app.use(
  requireJwt({
    issuer, // the provider's keys are found from here, by OpenID Connect Discovery
    audience, // a token made for another API is refused
    algorithms: ['RS256', 'ES256'], // what the provider signs with: the token has no say in it
    optionalClaims: ['nbf'], // oidc-provider, like many providers, sends no `nbf`; one that is sent is still checked
  }),
)

app.get('/orders', (req, res) => {
  const { claims, permissions } = authOf(req)
  res.json({ sub: claims.sub, permissions, orders: [{ id: '7', item: 'tea' }] })
})

app.delete('/orders/:id', requirePermission('orders:delete'), (_req, res) => {
  res.status(204).end()
})

app.use(jwtErrorHandler()) // a refusal becomes problem JSON (RFC 9457); any other error is passed on

const server = app.listen(port, '127.0.0.1', (error) => {
  if (error) throw error
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
