// Type tests: compiled with the tests, never run. Each line that must not compile says so.
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import {
  createAuthenticator,
  createJwtVerifier,
  requireAuth,
  type Auth,
  type ClaimsSchema,
  type IssuerOptions,
  type JwtClaims,
  type JwtVerifier,
  type JwtVerifierOptions,
  type RequestLike,
  type RevocationCheck,
} from '@jwtgate/core'

/** `true` only for exactly the same type: neither wider, nor narrower, nor `any`. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<_A, _B>(_is: Same<_A, _B>): void {}

const options = { issuer: 'https://id.example.com', audience: 'orders', algorithms: ['RS256'] } as const
declare const request: RequestLike

// Without a schema: the registered claims, and of all others that they are unknown.
const plain = createJwtVerifier(options)
const plainAuth = await plain.verify('')
same<typeof plainAuth.claims.sub, string | undefined>(true)
same<(typeof plainAuth.claims)['tenant'], unknown>(true)

// A schema gives the claims its output type, with each library.
const withZod = z.object({
  tenant: z.string(),
  level: z.number().default(1),
  since: z.string().transform((text) => new Date(text)),
})
const withValibot = v.object({
  tenant: v.string(),
  level: v.optional(v.number(), 1),
  since: v.pipe(
    v.string(),
    v.transform((text) => new Date(text)),
  ),
})
const withArktype = type({
  tenant: 'string',
  level: 'number = 1',
  since: type('string').pipe((text) => new Date(text)),
})

const zodVerifier = createJwtVerifier({ ...options, claims: withZod })
const zodAuth = await zodVerifier.verify('')
same<typeof zodAuth.claims.tenant, string>(true)
same<typeof zodAuth.claims.level, number>(true)
same<typeof zodAuth.claims.since, Date>(true)
same<typeof zodAuth.claims.exp, number>(true)
same<(typeof zodAuth.claims)['other'], unknown>(true)
// @ts-expect-error: a string, says the schema
void (zodAuth.claims.tenant satisfies number)
// @ts-expect-error: results are shared, and frozen
zodAuth.claims.sub = 'bob'

const valibotVerifier = createJwtVerifier({ ...options, claims: withValibot })
const valibotAuth = await valibotVerifier.verify('')
same<typeof valibotAuth.claims.tenant, string>(true)
same<typeof valibotAuth.claims.level, number>(true)
same<typeof valibotAuth.claims.since, Date>(true)
same<typeof valibotAuth.claims.sub, string | undefined>(true)

const arktypeVerifier = createJwtVerifier({ ...options, claims: withArktype })
const arktypeAuth = await arktypeVerifier.verify('')
same<typeof arktypeAuth.claims.tenant, string>(true)
same<typeof arktypeAuth.claims.level, number>(true)
same<typeof arktypeAuth.claims.since, Date>(true)
same<typeof arktypeAuth.claims.iss, string>(true)

// Asynchronous schemas, and outputs that are one of several.
const asynchronous = v.objectAsync({
  tenant: v.pipeAsync(
    v.string(),
    v.checkAsync(async () => true),
  ),
})
const asyncAuth = await createJwtVerifier({ ...options, claims: asynchronous }).verify('')
same<typeof asyncAuth.claims.tenant, string>(true)

const eitherSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), name: z.string() }),
  z.object({ kind: z.literal('robot'), owner: z.string() }),
])
const eitherAuth = await createJwtVerifier({ ...options, claims: eitherSchema }).verify('')
same<typeof eitherAuth.claims.kind, 'user' | 'robot'>(true)

// An Auth with more claims is an Auth, and so is the verifier a verifier.
const anyAuth: Auth = zodAuth
const anyVerifier: JwtVerifier = zodVerifier
createAuthenticator(zodVerifier)
createAuthenticator({ ...options, claims: withArktype })
void [anyAuth, anyVerifier]

// Whoever has the schema or the verifier gets its claims.
same<ReturnType<typeof requireAuth>['claims']['sub'], string | undefined>(true)
const bySchema = requireAuth(request, withZod)
same<typeof bySchema.claims.since, Date>(true)
const byValibot = requireAuth(request, withValibot)
same<typeof byValibot.claims.level, number>(true)
const byArktype = requireAuth(request, withArktype)
same<typeof byArktype.claims.tenant, string>(true)
const byVerifier = requireAuth(request, zodVerifier)
same<typeof byVerifier.claims.tenant, string>(true)
// @ts-expect-error: neither a schema nor a verifier
requireAuth(request, 'tenant')
// @ts-expect-error: the claims of this verifier have no type for it
void (requireAuth(request, plain).claims['tenant'] satisfies string)

// Several issuers: the claims of one of them.
const both = createJwtVerifier(
  [
    { ...options, claims: withZod },
    { ...options, issuer: 'https://b.example.com', claims: z.object({ plan: z.enum(['free', 'pro']) }) },
  ],
  { maxTokenLength: 1_000 },
)
const bothAuth = await both.verify('')
same<typeof bothAuth.claims.exp, number>(true)
const either: (JwtClaims & z.output<typeof withZod>) | (JwtClaims & { plan: 'free' | 'pro' }) = bothAuth.claims
void either
// @ts-expect-error: only if the token came from the first
void (bothAuth.claims.tenant satisfies string)
// @ts-expect-error: only if the token came from the second
void (bothAuth.claims.plan satisfies 'free' | 'pro')

const sameSchema = createJwtVerifier([
  { ...options, claims: withZod },
  { ...options, issuer: 'b', claims: withZod },
])
const sameAuth = await sameSchema.verify('')
same<typeof sameAuth.claims.tenant, string>(true)

const oneWithout = await createJwtVerifier([
  { ...options, claims: withZod },
  { ...options, issuer: 'b' },
]).verify('')
same<typeof oneWithout.claims.tenant, unknown>(true)

const mixed = await createJwtVerifier([
  { ...options, claims: withZod },
  { ...options, issuer: 'b', claims: withValibot },
  { ...options, issuer: 'c', claims: withArktype },
]).verify('')
same<typeof mixed.claims.tenant, string>(true)
same<typeof mixed.claims.since, Date>(true)

declare const list: readonly IssuerOptions[]
const listed: JwtVerifier = createJwtVerifier(list)
same<typeof listed, JwtVerifier>(true)

// The hook, and its answer.
const isRevoked: RevocationCheck = ({ claims, token }, { signal }) => {
  same<typeof claims.jti, string | undefined>(true)
  same<typeof token, string>(true)
  return signal.aborted
}
createJwtVerifier({ ...options, isRevoked })
createJwtVerifier({ ...options, isRevoked: async (auth, { signal }) => signal.aborted && auth.claims.jti === 'a' })
createJwtVerifier([options], { isRevoked: () => false })

// @ts-expect-error: only true and false count
createJwtVerifier({ ...options, isRevoked: () => 'yes' })
// @ts-expect-error: nor is nothing an answer
createJwtVerifier({ ...options, isRevoked: async () => undefined })
// @ts-expect-error: a list, not a hook
createJwtVerifier({ ...options, isRevoked: ['jti'] })
// @ts-expect-error: a schema for text makes no claims
createJwtVerifier({ ...options, claims: z.string() })
// @ts-expect-error: nor does one that may make nothing
createJwtVerifier({ ...options, claims: v.optional(v.object({ tenant: v.string() })) })
// @ts-expect-error: nor one for numbers
createJwtVerifier({ ...options, claims: type('number') })
// @ts-expect-error: no schema
createJwtVerifier({ ...options, claims: { tenant: 'string' } })
// @ts-expect-error: no schema
createJwtVerifier({ ...options, claims: (claims: unknown) => claims })
// @ts-expect-error: no schema in a list
createJwtVerifier([{ ...options, claims: { tenant: 'string' } }])
// @ts-expect-error: audience is required of each
createJwtVerifier([options, { issuer: 'b', algorithms: ['RS256'] }])
// @ts-expect-error: no such algorithm
createJwtVerifier([{ ...options, algorithms: ['none'] }])
// @ts-expect-error: no issuer by a pattern
createJwtVerifier({ ...options, issuer: /example/ })
// @ts-expect-error: no issuer by a pattern
createJwtVerifier([{ ...options, issuer: [/example/] }])
// @ts-expect-error: no issuer by a function
createJwtVerifier([{ ...options, issuer: (iss: string) => iss !== '' }])
// @ts-expect-error: a second argument is for a list only
createJwtVerifier(options, { maxTokenLength: 1_000 })
// @ts-expect-error: each issuer has its own audience
createJwtVerifier([options], { audience: 'orders' })
// @ts-expect-error: no such option
createJwtVerifier([options], { leeway: 5 })

// Options may be put together before they are used.
const prepared: JwtVerifierOptions<{ tenant: string }> = { ...options, claims: z.object({ tenant: z.string() }) }
const preparedAuth = await createJwtVerifier(prepared).verify('')
same<typeof preparedAuth.claims.tenant, string>(true)
const preparedSchema: ClaimsSchema<{ tenant: string }> = type({ tenant: 'string' })
void preparedSchema
// @ts-expect-error: the schema makes something else
const wrong: ClaimsSchema<{ tenant: number }> = z.object({ tenant: z.string() })
void wrong
