// A verifier of several issuers gives one of their claims, and each issuer its own schema. Compiled, never run.
import { createJwtVerifier, type IssuerOptions, type JwtClaims } from '@jwtgate/core'
import * as v from 'valibot'
import { z } from 'zod'
import { same } from './same.ts'

const a = { issuer: 'https://a.example.com', audience: 'orders', algorithms: ['RS256'] } as const
const b = { issuer: ['https://b.example.com', 'b.example.com'], audience: null, algorithms: ['ES256'] } as const
const zodSchema = z.object({ tenant: z.string(), level: z.number() })
const valibotSchema = v.object({ tenant: v.string(), level: v.literal('high') })

// Each with a schema: what both have is one or the other.
const both = createJwtVerifier([
  { ...a, claims: zodSchema },
  { ...b, claims: valibotSchema },
])
const { claims } = await both.verify('a.b.c')
same<typeof claims.tenant, string>()
same<typeof claims.level, number | 'high'>()
same<typeof claims.exp, number>()
// @ts-expect-error: one of them says a number
const level: 'high' = claims.level
void level

// One without: then nothing is known beyond the registered claims.
const one = await createJwtVerifier([{ ...a, claims: zodSchema }, b], { maxTokenLength: 4096 }).verify('a.b.c')
same<(typeof one.claims)['tenant'], unknown>()
same<typeof one.claims.sub, string | undefined>()
// @ts-expect-error: a token of b has no tenant
const tenant: string = one.claims['tenant']
void tenant

// A list that is not known before it runs.
declare const tenants: readonly IssuerOptions[]
const many = await createJwtVerifier(tenants).verify('a.b.c')
same<typeof many.claims, JwtClaims & object>()
const mutable: IssuerOptions[] = [...tenants]
createJwtVerifier(mutable)

// @ts-expect-error: audience is required, of each
createJwtVerifier([a, { issuer: 'https://b.example.com', algorithms: ['ES256'] }])
// @ts-expect-error: an issuer's option is no shared one
createJwtVerifier([a, b], { audience: 'orders' })
// @ts-expect-error: of one issuer there is nothing to share
createJwtVerifier(a, { maxTokenLength: 4096 })
// @ts-expect-error: shared options stand once, beside the list
createJwtVerifier([{ ...a, maxTokenLength: 4096 }, b])
// @ts-expect-error: no such option
createJwtVerifier([{ issuer: 'https://a.example.com', audience: 'orders', algorithms: ['RS256'], leeway: 5 }, b])
