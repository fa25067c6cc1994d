// A short run of `pnpm fuzz cache`, with other sequences each time; and that it notices a cache which is not what it should be.
import { describe, expect, it, vi } from 'vitest'
import { createJwtVerifier, isJwtGateError, type Auth, type JwtVerifier, type JwtVerifierOptions } from '@jwtgate/core'
import { fuzzCache, newCacheStatistics } from './cache.ts'

vi.setConfig({ testTimeout: 120_000 }) // Hundreds of sequences on a machine that may be busy.

const anySeed = Date.now() % 2 ** 31

it('with the token cache and without it, every token ends the same, and the provider is asked as often', async () => {
  const statistics = newCacheStatistics()
  await fuzzCache(statistics, { seed: anySeed, sequences: 400 })
  const { verified, remembered, outcomes } = statistics
  console.log(`fuzz: ${verified} tokens from seed ${anySeed}, ${remembered} from memory, nobody disagreed`)
  expect(remembered).toBeGreaterThan(300)
  expect([...outcomes.keys()]).toEqual(
    expect.arrayContaining(['accepted', 'key_unknown', 'signature_invalid', 'token_expired', 'token_revoked']),
  )
})

/** What a cache may get wrong with a token that it remembers. */
interface Mistake {
  readonly what: string
  /** Refusals that it does not come to, and lets the token in. */
  readonly misses: readonly string[]
  /** What it takes for enough of a token to know it by; by default all of it. */
  readonly indexOf?: (token: string) => string
}

const mistakes: readonly Mistake[] = [
  { what: 'does not see that its key is gone', misses: ['key_unknown'] },
  { what: 'does not see that its key was replaced', misses: ['signature_invalid'] },
  { what: 'uses keys that are too old', misses: ['keys_unavailable', 'discovery_failed'] },
  { what: 'does not look whether it expired', misses: ['token_expired'] },
  { what: 'does not look whether it is valid already', misses: ['token_not_yet_valid'] },
  { what: 'does not look how old it is', misses: ['token_too_old'] },
  { what: 'does not ask whether it was revoked', misses: ['token_revoked'] },
  { what: 'knows it by its end', misses: [], indexOf: (token) => token.slice(-22) },
  { what: 'knows it by its signature', misses: [], indexOf: (token) => token.slice(token.lastIndexOf('.')) },
  { what: 'knows it by what is signed', misses: [], indexOf: (token) => token.slice(0, token.lastIndexOf('.')) },
]

describe('it is noticed that a cache', () => {
  it.each(mistakes)('$what', async ({ misses, indexOf = (token) => token }) => {
    const mistaken = (options: JwtVerifierOptions): JwtVerifier => {
      const verifier = createJwtVerifier({ ...options, tokenCache: false })
      const known = new Map<string, Auth>()
      const verify = async (token: string): Promise<Auth> => {
        const remembered = known.get(indexOf(token))
        try {
          const auth = await verifier.verify(remembered?.token ?? token)
          known.set(indexOf(token), auth)
          return auth
        } catch (error) {
          if (remembered !== undefined && isJwtGateError(error) && misses.includes(error.code)) return remembered
          throw error
        }
      }
      return { ...verifier, verify }
    }
    const fuzzing = fuzzCache(newCacheStatistics(), { seed: 1, sequences: 2_000, endOnFailure: true, mistaken })
    await expect(fuzzing).rejects.toThrow(/with the cache and without/)
  })
})
