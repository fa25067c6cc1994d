// Type tests: compiled with the tests, never run. Each line that must not compile says so.
import type { IncomingMessage } from 'node:http'
import {
  allOf,
  anyOf,
  authOf,
  createJwtVerifier,
  isJwtGateError,
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
  type Auth,
} from '@jwtgate/express'
import express, { type Request } from 'express'

const app = express()
const options = { issuer: 'https://id.example.com', audience: 'orders', algorithms: ['RS256'] } as const

app.use(requireJwt(options))
app.use(optionalJwt(createJwtVerifier(options), { realm: 'orders' }))
app.use(jwtErrorHandler())

// Behind our guards the parameters of a route keep their exact type.
app.delete('/users/:id', requirePermission('delete'), requireScope('a'), requireRole('b'), (req, res) => {
  const id: string = req.params.id
  // @ts-expect-error: this route has no such parameter
  void req.params.name
  res.json({ id })
})

app.get('/me', (req, res) => {
  const auth: Auth = authOf(req)
  const sub: string | undefined = auth.claims.sub
  const exp: number = auth.claims.exp
  const tenant: unknown = auth.claims['tenant']
  // @ts-expect-error: what a token says beyond the registered claims is not known to be a string
  const name: string = auth.claims['name']
  // @ts-expect-error: an anonymous request has none
  void optionalAuthOf(req).claims
  // @ts-expect-error: results are shared, and frozen
  auth.claims.sub = 'bob'
  res.json({ sub, exp, tenant, name })
})

// A function sees the parameters of the route, or the request type that it asks for.
app.put(
  '/users/:id',
  requireAccess((auth, req) => auth.claims.sub === req.params.id),
  (req, res) => {
    const id: string = req.params.id
    res.json({ id })
  },
)
app.put(
  '/a',
  requireAccess(async (auth, req: Request<object, object, { owner: string }>) => auth.claims.sub === req.body.owner),
)
app.put(
  '/b',
  requireAccess((_auth, req: IncomingMessage) => req.method === 'PUT'),
)
app.get('/c', requireAccess(anyOf(permission('read'), allOf(role('editor'), scope('orders')))))
app.get('/d', requirePermission(anyOf('read', 'write'), role('editor')))

// @ts-expect-error: a guard over nothing would let everything through
requirePermission()
// @ts-expect-error: names stand side by side
requirePermission(['read'])
// @ts-expect-error: a rule over nothing
anyOf()
// @ts-expect-error: which kind is a bare name here?
requireAccess(anyOf('read'))
// @ts-expect-error: true or false, not a subject
requireAccess((auth) => auth.claims.sub)
// @ts-expect-error: audience is required
requireJwt({ issuer: 'https://id.example.com', algorithms: ['RS256'] })
// @ts-expect-error: algorithms are required
requireJwt({ issuer: 'https://id.example.com', audience: 'orders' })
// @ts-expect-error: no such algorithm
requireJwt({ ...options, algorithms: ['none'] })
// @ts-expect-error: no such option
requireJwt({ ...options, leeway: 5 })
// @ts-expect-error: exp cannot be waived
requireJwt({ ...options, optionalClaims: ['exp'] })
// @ts-expect-error: req.auth has no type unless @jwtgate/express/augment is imported
app.get('/e', (req) => void req.auth)

const error: unknown = undefined
if (isJwtGateError(error, 'token_expired')) {
  const code: 'token_expired' = error.code
  void code
}
// @ts-expect-error: no such code
isJwtGateError(error, 'expired')
