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
  fromBearer,
  fromCookie,
  fromHeader,
  type Auth,
  type ClaimsSchema,
} from '@jwtgate/express'
import express, { type Request } from 'express'
import { z } from 'zod'

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

// Typed claims: by the schema or by the verifier that made them.
const schema = z.object({ tenant: z.string(), since: z.string().transform((text) => new Date(text)) })
const verifier = createJwtVerifier({ ...options, claims: schema })
app.use(requireJwt(verifier), optionalJwt({ ...options, claims: schema }))
app.get('/typed', (req, res) => {
  const tenant: string = authOf(req, schema).claims.tenant
  const since: Date = authOf(req, verifier).claims.since
  const exp: number = authOf(req, schema).claims.exp
  const general: Auth = authOf(req, verifier)
  const other: unknown = authOf(req, schema).claims['other']
  // @ts-expect-error: a string, says the schema
  void (authOf(req, schema).claims.tenant satisfies number)
  // @ts-expect-error: without schema and verifier nothing is known of it
  void (authOf(req).claims['tenant'] satisfies string)
  // @ts-expect-error: this verifier has no schema
  void (authOf(req, createJwtVerifier(options)).claims['tenant'] satisfies string)
  // @ts-expect-error: the schema knows of no such claim
  void (authOf(req, schema).claims['other'] satisfies string)
  // @ts-expect-error: neither a schema nor a verifier
  authOf(req, 'tenant')
  // @ts-expect-error: the options of a verifier are none
  authOf(req, { ...options, claims: schema })
  // @ts-expect-error: a schema of text makes no claims
  authOf(req, z.string())
  res.json({ tenant, since, exp, general, other })
})

// Any schema that speaks Standard Schema, such as those of valibot and arktype: an object, or a function.
interface StandardLike<Input, Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: 'like valibot'
    readonly validate: (
      value: unknown,
      options?: { readonly libraryOptions?: Record<string, unknown> },
    ) =>
      | { readonly value: Output; readonly issues?: undefined }
      | {
          readonly issues: readonly { readonly message: string; readonly path?: readonly { readonly key: string }[] }[]
        }
    readonly types?: { readonly input: Input; readonly output: Output }
  }
}
declare const likeValibot: StandardLike<{ level: string }, { level: number }>
declare const likeArktype: ((data: unknown) => { plan: 'free' | 'pro' }) &
  StandardLike<object, { plan: 'free' | 'pro' }>
const likeVerifier = createJwtVerifier({ ...options, claims: likeValibot })
app.get('/like', (req, res) => {
  const level: number = authOf(req, likeValibot).claims.level
  const plan: 'free' | 'pro' = authOf(req, likeArktype).claims.plan
  const verified = authOf(req, likeVerifier)
  const again: number = verified.claims.level
  // @ts-expect-error: the output counts, not the input
  void (verified.claims.level satisfies string)
  const given: ClaimsSchema<{ level: number }> = likeValibot
  res.json({ level, plan, again, given })
})

// Several issuers: the claims of one of them.
const several = createJwtVerifier(
  [
    { ...options, claims: schema },
    { ...options, issuer: 'b', claims: likeArktype },
  ],
  { isRevoked: async ({ claims }, { signal }) => signal.aborted || claims.jti === 'a' },
)
app.use(requireJwt(several))
app.get('/several', (req, res) => {
  const { claims } = authOf(req, several)
  const either: { tenant: string } | { plan: 'free' | 'pro' } = claims
  const iss: string = claims.iss
  // @ts-expect-error: only if the token came from the first
  void (claims.tenant satisfies string)
  const tenant: string = authOf(req, schema).claims.tenant
  res.json({ either, iss, tenant })
})
// @ts-expect-error: what all share stands in the second argument, and only there
createJwtVerifier([options], { audience: 'orders' })
// @ts-expect-error: a second argument is for a list only
createJwtVerifier(options, { maxTokenLength: 1_000 })

// Places for a token: one or several.
app.use(requireJwt(options, { tokenFrom: fromCookie('__Host-session') }))
app.use(requireJwt(options, { tokenFrom: [fromBearer(), fromHeader('x-access-token')] }))
app.use(requireJwt(options, { tokenFrom: ({ headers }) => headers['x-own']?.toString() }))
// @ts-expect-error: a place, not its name
requireJwt(options, { tokenFrom: 'cookie' })
// @ts-expect-error: nobody waits for the place of a token
requireJwt(options, { tokenFrom: async () => 'token' })
// @ts-expect-error: which cookie?
fromCookie()

const error: unknown = undefined
if (isJwtGateError(error, 'token_expired')) {
  const code: 'token_expired' = error.code
  void code
}
// @ts-expect-error: no such code
isJwtGateError(error, 'expired')
