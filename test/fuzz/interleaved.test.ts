// Tokens that wait for keys and for the revocation check, all at once and answered in any order: each gets its own outcome.
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { IssuerOptions } from '@jwtgate/core'
import { jwkOf, newKey } from '../support/keys.ts'
import { mint, now, withSignature } from '../support/mint.ts'
import { outcomeOf, TestClock } from '../support/verifiers.ts'
import { bothEngines, type Engine } from './engines.ts'

vi.setConfig({ testTimeout: 60_000 }) // Hundreds of schedules on a machine that may be busy.

let engines: readonly [Engine, Engine]
beforeAll(async () => {
  engines = await bothEngines()
})

/** All call their key `k1`, and each has an algorithm of its own but the last two. */
const issuers = (['ES256', 'EdDSA', 'RS256', 'RS256'] as const).map((alg, index) => ({
  name: `https://id-${index}.example.com`,
  key: newKey(alg),
}))
const stranger = newKey('ES256')

type Kind =
  | 'good'
  | 'expired'
  | 'of an unknown key'
  | 'signed by the next issuer'
  | 'with the signature of another'
  | 'revoked'

const outcomes: Readonly<Record<Kind, string>> = {
  good: 'accepted',
  expired: 'token_expired',
  'of an unknown key': 'key_unknown',
  'signed by the next issuer': 'signature_invalid',
  'with the signature of another': 'signature_invalid',
  revoked: 'token_revoked',
}

interface Call {
  readonly issuer: number
  readonly kind: Kind
}

const calls: fc.Arbitrary<readonly Call[]> = fc.array(
  fc.record({
    issuer: fc.nat({ max: issuers.length - 1 }),
    kind: fc.constantFrom(...(['good', 'good', ...Object.keys(outcomes)] as Kind[])),
  }),
  { minLength: 2, maxLength: 12 },
)

function issuerOf({ issuer }: Call): (typeof issuers)[number] {
  const found = issuers[issuer]
  if (found === undefined) throw new Error('There is no such issuer')
  return found
}

/** The number of the call is the subject, so that nobody can be taken for another. */
function tokenOf(call: Call, number: number): string {
  const { name, key } = issuerOf(call)
  const claims = { iss: name, sub: `${call.kind} ${number}` }
  const good = mint(claims, { key, header: { kid: 'k1' } })
  switch (call.kind) {
    case 'good':
    case 'revoked':
      return good
    case 'expired':
      return mint({ ...claims, exp: now - 5 }, { key, header: { kid: 'k1' } })
    case 'of an unknown key':
      return mint(claims, { key, header: { kid: `k${number + 2}` } })
    case 'signed by the next issuer': {
      const { key: other } = issuerOf({ ...call, issuer: (call.issuer + 1) % issuers.length })
      return mint(claims, { key: other.alg === key.alg ? other : stranger, header: { kid: 'k1', alg: key.alg } })
    }
    case 'with the signature of another':
      return withSignature(good, Buffer.from(mint({ iss: name }, { key }).split('.')[2] ?? '', 'base64url'))
  }
}

describe.each([0, 1] as const)('on engine %s', (which) => {
  it.each([
    ['where all keys can be had', undefined],
    ['where those of one issuer cannot', 2],
  ])('cold requests never mix tokens, %s', async (_what, down) => {
    const { createJwtVerifier } = engines[which]
    const property = fc.asyncProperty(fc.scheduler(), calls, async (scheduler, some) => {
      const options = issuers.map(({ name, key }, index): IssuerOptions => {
        const answer = (): Response => {
          if (index === down) throw new TypeError('fetch failed')
          return Response.json({ keys: [jwkOf(key, { kid: 'k1' })] })
        }
        const fetch = async (): Promise<Response> => scheduler.schedule(Promise.resolve(), `keys ${index}`).then(answer)
        return {
          issuer: name,
          audience: 'https://api.example.com',
          algorithms: [key.alg],
          jwksUri: `${name}/jwks`,
          remote: { fetch },
        }
      })
      const verifier = createJwtVerifier(options, {
        clock: new TestClock(),
        isRevoked: async ({ claims }) => {
          await scheduler.schedule(Promise.resolve(), `revocation of ${claims.sub}`)
          return claims.sub?.startsWith('revoked') === true
        },
      })
      const results = some.map(async (call, number) => {
        const token = tokenOf(call, number)
        await scheduler.schedule(Promise.resolve(), `call ${number}`)
        const verified = verifier.verify(token)
        const outcome = await outcomeOf(verified)
        expect(outcome).toBe(call.issuer === down ? 'keys_unavailable' : outcomes[call.kind])
        if (outcome !== 'accepted') return
        const auth = await verified
        expect([auth.claims.iss, auth.claims.sub]).toEqual([issuerOf(call).name, `${call.kind} ${number}`])
        expect(auth.token).toBe(token)
      })
      await scheduler.waitFor(Promise.all(results))
    })
    await fc.assert(property, { numRuns: 150, includeErrorInReport: true })
  })
})
