// The same with the default deadline of five seconds: an answer after three seconds is waited for, one that never comes is not.
import { expect, it } from 'vitest'
import { counted, figure, milliseconds, outcomesOf } from './support/figure.ts'
import { expectNobodyWaited, p99Line } from './support/latency.ts'
import type { Fault } from './support/provider.ts'
import { openBeside, openStage } from './support/stage.ts'
import { newIssuerKey, tokensFrom } from './support/tokens.ts'

const key = newIssuerKey('first')
const lifetime = 600_000
/** Timers and answers of a busy machine come late. */
const late = 500
const requests = 20

const afterThreeSeconds: Fault = { name: 'late', delay: 3_000 }
const never: Fault = { name: 'hang' }

interface SlowStart {
  readonly name: string
  readonly metadata?: Fault
  readonly jwks: Fault
  readonly outcome: string
  /** Milliseconds. */
  readonly wait: number
}

it.each<SlowStart>([
  { name: 'first answer after 3 s', jwks: afterThreeSeconds, outcome: '200', wait: 3_000 },
  {
    name: 'metadata after 3 s, keys 3 s later',
    metadata: afterThreeSeconds,
    jwks: afterThreeSeconds,
    outcome: '503 keys_unavailable',
    wait: 5_000,
  },
])('a cold start waits for one fetch, at most five seconds: $name', async (start) => {
  const { name, metadata, jwks, outcome, wait } = start
  const { provider, client } = await openStage({ keys: [key], discovery: metadata !== undefined })
  await provider.break('jwks', jwks)
  if (metadata !== undefined) await provider.break('metadata', metadata)
  const tally = await client.together(tokensFrom(provider.origin, [key], requests))

  const fetches = await provider.fetches('jwks')
  figure(
    `cold start, ${name}`,
    `${outcomesOf(tally)}, slowest ${milliseconds(tally.latency.max)}, ${counted(fetches, 'key fetch', 'key fetches')}`,
  )
  expect(tally.outcomes).toEqual({ [outcome]: requests })
  expect(tally.latency.max).toBeGreaterThan(wait - late)
  expect(tally.latency.max).toBeLessThan(wait + late)
  expect(fetches).toBe(1)
})

it.each<{ readonly name: string; readonly fault: Fault }>([
  { name: 'after 3 s', fault: afterThreeSeconds },
  { name: 'never', fault: never },
])('requests with known keys are as fast as before while the refresh is answered $name', async ({ name, fault }) => {
  const { provider, api, client } = await openStage({ keys: [key] })
  const beside = await openBeside(api, [key])
  const [perSecond, seconds] = [200, 2.5]
  const tokens = tokensFrom(provider.origin, [key], perSecond * seconds)
  const otherTokens = tokensFrom(beside.origin, [key], perSecond * seconds)
  await client.get(tokens[0])
  await client.get(otherTokens[0], '/beside')
  const steadily = (list: readonly string[], path?: string): ReturnType<typeof client.steadily> =>
    client.steadily(perSecond, seconds, (index) => list[index] ?? '', path)
  const [before] = await Promise.all([steadily(tokens), steadily(otherTokens, '/beside')])

  await provider.break('jwks', fault)
  const expiredAt = await provider.now()
  await api.advance(lifetime)
  const [during, alike] = await Promise.all([steadily(tokens), steadily(otherTokens, '/beside')])

  const fetches = await provider.fetches('jwks', expiredAt)
  const comparison = { before, beside: alike, during }
  figure(`known keys while the refresh is answered ${name}`, `${outcomesOf(during)}, ${p99Line(comparison)}`)
  expect(during.outcomes).toEqual({ '200': perSecond * seconds })
  expect(fetches).toBe(1)
  expectNobodyWaited(comparison)
})
