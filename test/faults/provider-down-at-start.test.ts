// The provider is down when the API starts: 503 with Retry-After, few attempts, and no restart when it is back.
import { expect, it } from 'vitest'
import { counted, figure, outcomesOf } from './support/figure.ts'
import type { Api } from './support/api.ts'
import type { Provider } from './support/provider.ts'
import { openStage } from './support/stage.ts'
import { newIssuerKey, tokenFrom, tokensFrom } from './support/tokens.ts'

interface Outage {
  readonly name: string
  readonly begin: (provider: Provider) => Promise<void>
  readonly end: (provider: Provider) => Promise<void>
  readonly discovery?: boolean
}

const heal = (provider: Provider): Promise<void> => provider.heal('jwks')
const outages: readonly Outage[] = [
  { name: 'status 500', begin: (provider) => provider.break('jwks', { name: 'status', status: 500 }), end: heal },
  { name: 'no answer at all', begin: (provider) => provider.break('jwks', { name: 'hang' }), end: heal },
  {
    name: 'connection refused',
    begin: (provider) => provider.stopListening(),
    end: (provider) => provider.listenAgain(),
  },
  {
    name: 'connection refused, with discovery',
    begin: (provider) => provider.stopListening(),
    end: (provider) => provider.listenAgain(),
    discovery: true,
  },
]

const key = newIssuerKey('first')
/** The clock is moved by a tenth of a second for each ten requests: a hundred requests a second. */
const step = 100
const requestsPerStep = 10
const seconds = 20
const longestHealing = 10_000

async function attemptsOf(api: Api): Promise<number> {
  return (await api.events()).counts['jwtgate:keys.refresh_failed'] ?? 0
}

it.each(outages)('a cold start without the provider is 503 and heals by itself: $name', async (outage) => {
  const { name, begin, end, discovery = false } = outage
  const code = discovery ? '503 discovery_failed' : '503 keys_unavailable'
  const { provider, api, client } = await openStage({
    keys: [key],
    discovery,
    manualClock: true,
    options: { remote: { timeoutDuration: 100 } },
  })
  await begin(provider)
  const tokens = tokensFrom(provider.origin, [key], requestsPerStep)
  const outcomes: Record<string, number> = {}
  for (let elapsed = 0; elapsed < seconds * 1_000; elapsed += step) {
    const tally = await client.together(tokens)
    for (const [outcome, count] of Object.entries(tally.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + count
    expect(tally.examples[code]?.headers['retry-after']).toMatch(/^[1-9]$/)
    await api.advance(step)
  }
  const attempts = await attemptsOf(api)

  await end(provider)
  let healing = 0
  while (healing <= longestHealing) {
    const { outcome } = await client.get(tokenFrom(provider.origin, key))
    if (outcome === '200') break
    healing += step
    await api.advance(step)
  }

  figure(
    `provider down at a cold start (${name})`,
    `${outcomesOf({ outcomes })}, ${counted(attempts, 'attempt')} in ${seconds} s, healed after ${healing / 1_000} s`,
  )
  expect(outcomes).toEqual({ [code]: (seconds * 1_000 * requestsPerStep) / step })
  expect(attempts).toBeLessThanOrEqual(seconds)
  expect(attempts).toBeGreaterThanOrEqual(seconds / 3) // Fewer, and it would take long to heal.
  expect(healing).toBeLessThanOrEqual(longestHealing)
})
