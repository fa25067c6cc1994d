// The issuers of the contract, at a time that stands still: one that works, and those that do not.
import { createTestIssuer } from '@jwtgate/testing'

export const now = 1_800_000_000

export const issuer = await createTestIssuer({ algorithms: ['ES256'] })
issuer.clock.freeze(now)

/** Answers no request. Its tokens are good. */
export const silent = await createTestIssuer({ algorithms: ['ES256'], clock: issuer.clock })
await silent.outage('status')

/** Its metadata is fine, its key set is none. */
export const confused = await createTestIssuer({ algorithms: ['ES256'], clock: issuer.clock })
confused.respond(new URL(confused.jwksUri).pathname, (_request, response) => response.end('[]'))
