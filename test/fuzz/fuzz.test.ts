// A short run of `pnpm fuzz`, with other cases each time; and that it notices verifiers which are not what they should be.
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { JwtVerifierOptions } from '@jwtgate/core'
import { now } from '../support/mint.ts'
import { bothEngines, type Engine } from './engines.ts'
import { fuzz, newStatistics } from './fuzz.ts'

vi.setConfig({ testTimeout: 120_000 }) // Thousands of cases on a machine that may be busy.

let engines: readonly [Engine, Engine]
beforeAll(async () => {
  engines = await bothEngines()
})

const anySeed = Date.now() % 2 ** 31

it('both engines say of every token what the design says, and accept none that jose refuses', async () => {
  const statistics = newStatistics(engines)
  await fuzz(engines, statistics, { seed: anySeed, verifiers: 500 })
  console.log(`fuzz: ${statistics.cases} cases from seed ${anySeed}, nobody disagreed`)
  expect(statistics.cases).toBeGreaterThan(2500)
  expect([...statistics.outcomes.keys()]).toEqual(
    expect.arrayContaining(['accepted', 'config_invalid', 'token_malformed', 'key_unknown', 'signature_invalid']),
  )
})

interface Mistake {
  readonly what: string
  readonly options?: Partial<JwtVerifierOptions>
  readonly tokenOf?: (token: string) => string
}

/** What an engine may get wrong: it has other options than it is given, or sees other tokens. */
const mistakes: readonly Mistake[] = [
  { what: 'takes longer tokens', options: { maxTokenLength: 1_048_576 } },
  { what: 'takes bound tokens', options: { acceptBoundTokens: true } },
  { what: 'takes tokens for anybody', options: { audience: null } },
  { what: 'takes tokens without nbf', options: { optionalClaims: ['nbf'] } },
  { what: 'has a clock that is a second late', options: { clock: { now: () => (now - 1) * 1000 } } },
  { what: 'has a clock that is a second early', options: { clock: { now: () => (now + 1) * 1000 } } },
  { what: 'requires fewer claims', options: { requiredClaims: [] } },
  { what: 'takes blanks around a token', tokenOf: (token) => token.trim() },
  { what: 'takes padding', tokenOf: (token) => token.replaceAll('=', '') },
  { what: 'takes the other alphabet', tokenOf: (token) => token.replaceAll('+', '-').replaceAll('/', '_') },
  { what: 'takes what follows a token', tokenOf: (token) => token.split('.').slice(0, 3).join('.') },
  { what: 'forgets a character of the signature', tokenOf: (token) => token.slice(0, -1) },
]

describe.each([0, 1])('of engine %s it is noticed that it', (wrong) => {
  it.each(mistakes)('$what', async ({ options: others, tokenOf = (token) => token }) => {
    const some = engines.map((engine, index): Engine => {
      const { name, createJwtVerifier } = engine
      if (index !== wrong) return engine
      const mistaken = (options: JwtVerifierOptions) => {
        const verifier = createJwtVerifier({ ...options, ...(isGood(engine, options) && others) })
        return { ...verifier, verify: (token: string) => verifier.verify(tokenOf(token)) }
      }
      return { name, createJwtVerifier: mistaken as typeof createJwtVerifier }
    })
    const fuzzing = fuzz(some, newStatistics(some), { seed: 1, verifiers: 1000, endOnFailure: true })
    await expect(fuzzing).rejects.toThrow(/ in place of |Another token|give different reasons/)
  })
})

/** Mistakes are made with tokens: impossible options stay so. */
function isGood({ createJwtVerifier }: Engine, options: JwtVerifierOptions): boolean {
  try {
    createJwtVerifier(options)
    return true
  } catch {
    return false
  }
}
