// The provider fails after the API was warm: an hour goes by without a refusal, a wait or a storm, and the end is noticed.
import { expect, it, vi } from 'vitest'
import { issuerOptions } from './support/api.ts'
import type { Tally } from './support/client.ts'
import { counted, figure, milliseconds, outcomesOf } from './support/figure.ts'
import { addOutcomes, type Outcomes } from './support/outcomes.ts'
import type { Provider } from './support/provider.ts'
import { openStage } from './support/stage.ts'
import { settling } from './support/steps.ts'
import { newIssuerKey, tokenFrom, tokensFrom } from './support/tokens.ts'

// Dozens of attempts, each of which may take as long as it is allowed to.
vi.setConfig({ testTimeout: 60_000 })

interface Outage {
  readonly name: string
  readonly begin: (provider: Provider) => Promise<void>
  readonly end: (provider: Provider) => Promise<void>
}

const [old, next] = [newIssuerKey('old'), newIssuerKey('next')]
const heal = (provider: Provider): Promise<void> => provider.heal('jwks')
const outages: readonly Outage[] = [
  { name: 'status 500', begin: (provider) => provider.break('jwks', { name: 'status', status: 500 }), end: heal },
  {
    name: 'connection refused',
    begin: (provider) => provider.stopListening(),
    end: (provider) => provider.listenAgain(),
  },
  { name: 'no answer at all', begin: (provider) => provider.break('jwks', { name: 'hang' }), end: heal },
  { name: 'reset mid-body', begin: (provider) => provider.break('jwks', { name: 'reset mid-body' }), end: heal },
  {
    name: 'one byte per 200 ms',
    begin: (provider) => provider.break('jwks', { name: 'drip', pause: 200 }),
    end: heal,
  },
]

const lifetime = 600_000
const hour = 3_600_000
const day = 86_400_000
const step = 15_000
const requestsPerStep = 5
const mostAttempts = 60
/** Of the back-off while there are keys. */
const longestPause = 120_000
const longestHealing = 10_000
/** An attempt of the patient route takes this long where nothing comes, and a request that waited for it would take a second. */
const patience = 1_500
const longestAnswer = 900

it.each(outages)('an outage of an hour after a warm start refuses nobody, and heals: $name', async (outage) => {
  const { name, begin, end } = outage
  // Attempts of this route end soon, so that an hour of them takes seconds.
  const stage = await openStage({ keys: [old], manualClock: true, options: { remote: { timeoutDuration: 200 } } })
  const { provider, api, client } = stage
  const patient = issuerOptions(provider.origin, provider.jwksUri, { remote: { timeoutDuration: patience } })
  await api.addRoutes([{ path: '/patient', issuers: patient }])
  const tokens = tokensFrom(provider.origin, [old], 100)
  // The very first fetch of a process takes longest: it is made by the route that has the time.
  expect((await client.get(tokens[0], '/patient')).outcome).toBe('200')
  const warmUp = async (): Promise<string> => {
    await api.advance(1_000)
    return (await client.get(tokens[0])).outcome
  }
  await expect.poll(warmUp).toBe('200')
  const attempts = async (): Promise<number> => (await api.events()).counts['jwtgate:keys.refresh_failed'] ?? 0

  await begin(provider)
  const settled = await settling(stage)
  // Nobody waits for the first attempt that fails, nor for one after it.
  const during: Tally[] = []
  for (let attempt = 1; attempt <= 2; attempt++) {
    await api.advance(lifetime)
    await client.get(tokens[0]) // An idle time is another row.
    during.push(await client.steadily(100, 0.7, (index) => tokens[index] ?? '', '/patient'))
    await settled()
  }

  const attemptsBefore = await attempts()
  const outcomes: Outcomes = {}
  let slowest = Math.max(...during.map(({ latency }) => latency.max))
  for (let elapsed = 0; elapsed < hour; elapsed += step) {
    const tally = await client.together(tokens.slice(0, requestsPerStep))
    addOutcomes(outcomes, tally)
    slowest = Math.max(slowest, tally.latency.max)
    await settled()
    await api.advance(step)
  }
  const attemptsInTheHour = (await attempts()) - attemptsBefore

  // Worst: an attempt has just failed, and the next one of the back-off is minutes away.
  await api.advance(longestPause)
  await client.get(tokens[0])
  await settled()
  await end(provider)
  await provider.publish([old.jwk, next.jwk])
  const newToken = tokenFrom(provider.origin, next)
  const healing = await timeUntilAccepted(newToken)

  await begin(provider)
  await api.advance(day + lifetime + 1)
  const tooOld = await client.get(tokens[0])
  await end(provider)
  const healingAgain = await timeUntilAccepted(newToken)

  /** By the injected clock, of a client that tries again every 100 ms. */
  async function timeUntilAccepted(token: string): Promise<number> {
    const settledNow = await settling(stage)
    for (let waited = 0; ; waited += 100) {
      if ((await client.get(token)).outcome === '200' || waited > longestHealing) return waited
      await settledNow()
      await api.advance(100)
    }
  }

  figure(
    `outage of an hour after a warm start (${name})`,
    `${outcomesOf({ outcomes })}, slowest ${milliseconds(slowest)}, ${counted(attemptsInTheHour, 'attempt')}, ` +
      `new key accepted ${healing / 1_000} s after recovery; past maxStale ${tooOld.outcome}, healed after ${healingAgain / 1_000} s`,
  )
  expect(during.map(({ outcomes }) => outcomes)).toEqual([{ '200': 70 }, { '200': 70 }])
  expect(outcomes).toEqual({ '200': (hour / step) * requestsPerStep })
  expect(slowest).toBeLessThan(longestAnswer)
  expect(attemptsInTheHour).toBeLessThanOrEqual(mostAttempts)
  expect(attemptsInTheHour).toBeGreaterThanOrEqual(hour / (longestPause + step)) // Fewer, and known keys would be late to heal.
  expect(healing).toBeLessThanOrEqual(longestHealing)
  expect(tooOld.outcome).toBe('503 keys_unavailable')
  expect(tooOld.headers['retry-after']).toMatch(/^[1-9]$/)
  expect(healingAgain).toBeLessThanOrEqual(longestHealing)
})
