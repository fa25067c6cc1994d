// The test issuer's options fit where an application has its own. Compiled, never run.
import { createJwtVerifier, requireJwt, type JwtVerifierOptions } from '@jwtgate/express'
import { badTokens, createTestIssuer, type TestIssuer } from '@jwtgate/testing'
import { z } from 'zod'
import { same } from './same.ts'

const issuer = await createTestIssuer({ algorithms: ['ES256'] })
same<typeof issuer, TestIssuer>()

requireJwt(issuer.options)
const options: JwtVerifierOptions = { ...issuer.options, optionalClaims: ['nbf'] }
void options
const schema = z.object({ tenant: z.string() })
const { claims } = await createJwtVerifier({ ...issuer.options, claims: schema }).verify(issuer.sign({ tenant: 'a' }))
same<typeof claims.tenant, string>()
const { clock, ...one } = issuer.options
createJwtVerifier([one, { ...one, issuer: 'https://other.example.com' }], { clock })

same<ReturnType<typeof issuer.sign>, string>()
issuer.bad.withoutClaim('exp')
for (const { mint } of badTokens) same<ReturnType<typeof mint>, string>()

// @ts-expect-error: no such algorithm
void createTestIssuer({ algorithms: ['none'] })
// @ts-expect-error: no such bad token
issuer.bad.unsigned()
// @ts-expect-error: no such outage
void issuer.outage('slow')
