// What a schema makes of the claims is their type, whichever library wrote it. Compiled, never run.
import {
  authOf,
  createJwtVerifier,
  optionalJwt,
  requireAccess,
  requireJwt,
  type Auth,
  type ClaimsSchema,
  type JwtClaims,
  type JwtVerifier,
} from '@jwtgate/express'
import { type } from 'arktype'
import express from 'express'
import * as v from 'valibot'
import { z } from 'zod'
import { same } from './same.ts'

const app = express()
const options = { issuer: 'https://id.example.com', audience: 'orders', algorithms: ['RS256'] } as const
const token = 'a.b.c'

// Without a schema: the registered claims, and `unknown` for all others.
const { claims } = await createJwtVerifier(options).verify(token)
same<typeof claims.sub, string | undefined>()
same<typeof claims.exp, number>()
same<(typeof claims)['tenant'], unknown>()
same<Auth['claims'], JwtClaims>()

// zod. What counts is what comes out of the schema, not what goes in.
const zodSchema = z.object({
  tenant: z.string(),
  sub: z.string(),
  level: z.string().transform(Number),
  team: z.string().optional(),
  region: z.enum(['eu', 'us']).default('eu'),
})
const zodVerifier = createJwtVerifier({ ...options, claims: zodSchema })
const fromZod = await zodVerifier.verify(token)
same<typeof fromZod.claims.tenant, string>()
same<typeof fromZod.claims.sub, string>()
same<typeof fromZod.claims.exp, number>()
same<typeof fromZod.claims.level, number>()
same<typeof fromZod.claims.team, string | undefined>()
same<typeof fromZod.claims.region, 'eu' | 'us'>()
same<(typeof fromZod.claims)['other'], unknown>()
// @ts-expect-error: results are shared, and frozen
fromZod.permissions.push('admin')

// valibot, also with an asynchronous check.
const valibotSchema = v.object({ tenant: v.string(), level: v.pipe(v.string(), v.transform(Number)) })
const valibotVerifier = createJwtVerifier({ ...options, claims: valibotSchema })
const fromValibot = await valibotVerifier.verify(token)
same<typeof fromValibot.claims.tenant, string>()
same<typeof fromValibot.claims.level, number>()
same<typeof fromValibot.claims.exp, number>()
const asyncSchema = v.objectAsync({
  tenant: v.pipeAsync(
    v.string(),
    v.checkAsync(async (name) => name !== ''),
  ),
})
const asyncVerifier = createJwtVerifier({ ...options, claims: asyncSchema })
const fromAsync = await asyncVerifier.verify(token)
same<typeof fromAsync.claims.tenant, string>()

// arktype.
const arktypeSchema = type({ tenant: 'string', level: 'string.numeric.parse', 'team?': 'string' })
const arktypeVerifier = createJwtVerifier({ ...options, claims: arktypeSchema })
const fromArktype = await arktypeVerifier.verify(token)
same<typeof fromArktype.claims.tenant, string>()
same<typeof fromArktype.claims.level, number>()
same<typeof fromArktype.claims.team, string | undefined>()
same<typeof fromArktype.claims.exp, number>()

// A schema of one's own, and a verifier that is passed on with its type.
declare const ownSchema: ClaimsSchema<{ readonly tenant: string }>
const passedOn: JwtVerifier<JwtClaims & { readonly tenant: string }> = createJwtVerifier({
  ...options,
  claims: ownSchema,
})
const plain: JwtVerifier = passedOn
// @ts-expect-error: without a schema nobody knows the tenant
const typed: JwtVerifier<JwtClaims & { readonly tenant: string }> = createJwtVerifier(options)
void [plain, typed]

// Behind the middleware: by the schema, or by the verifier.
app.use(requireJwt({ ...options, claims: zodSchema }), requireJwt(zodVerifier), optionalJwt(arktypeVerifier))
app.get('/orders/:id', requireJwt(valibotVerifier), (req, res) => {
  const byZod = authOf(req, zodSchema)
  same<typeof byZod.claims.level, number>()
  same<typeof byZod.claims.iss, string>()
  const byValibot = authOf(req, valibotSchema)
  same<typeof byValibot.claims.level, number>()
  const byArktype = authOf(req, arktypeSchema)
  same<typeof byArktype.claims.level, number>()
  const byZodVerifier = authOf(req, zodVerifier)
  same<typeof byZodVerifier, typeof fromZod>()
  const byValibotVerifier = authOf(req, valibotVerifier)
  same<typeof byValibotVerifier, typeof fromValibot>()
  const byArktypeVerifier = authOf(req, arktypeVerifier)
  same<typeof byArktypeVerifier, typeof fromArktype>()
  same<(typeof byZod)['roles'], readonly string[]>()
  same<typeof req.params, { id: string }>()
  const byNothing = authOf(req)
  same<typeof byNothing, Auth>()
  // @ts-expect-error: options make no claims; the verifier made of them does
  authOf(req, options)
  // @ts-expect-error: the schema says a number
  const level: string = byZod.claims.level
  // @ts-expect-error: unknown without the schema
  const tenant: string = authOf(req).claims['tenant']
  res.json({ level, tenant })
})
app.put(
  '/orders/:id',
  // A guard's function does not know by which schema the token passed; authOf() does.
  requireAccess((auth, req) => auth.claims['tenant'] === authOf(req, zodSchema).claims.tenant),
)

// @ts-expect-error: claims are an object
createJwtVerifier({ ...options, claims: z.string() })
// @ts-expect-error: claims are an object, also behind a transformation
createJwtVerifier({ ...options, claims: zodSchema.transform(({ tenant }) => tenant) })
// @ts-expect-error: claims are an object
createJwtVerifier({ ...options, claims: v.string() })
// @ts-expect-error: claims are an object
createJwtVerifier({ ...options, claims: type('string') })
// @ts-expect-error: a function is no schema
createJwtVerifier({ ...options, claims: (claims: unknown) => claims })
// @ts-expect-error: no such option
createJwtVerifier({ ...options, schema: zodSchema })
// @ts-expect-error: only true or false
createJwtVerifier({ ...options, isRevoked: () => 'no' })
