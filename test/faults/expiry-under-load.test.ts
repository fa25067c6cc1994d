// The keys expire under load, and the provider is slow: the refresh is one fetch that nobody waits for.
import { expect, it } from 'vitest'
import { counted, figure, milliseconds, outcomesOf } from './support/figure.ts'
import { openStage } from './support/stage.ts'
import { newIssuerKey, tokenFrom, tokensFrom } from './support/tokens.ts'

const key = newIssuerKey('first')
const lifetime = 600_000
const perSecond = 200
const seconds = 1.5
const slowAnswer = 800

it('expiry under 200 requests a second with an answer that takes 800 ms is one fetch, and no request waits', async () => {
  const { provider, api, client } = await openStage({ keys: [key] })
  await client.get(tokenFrom(provider.origin, key))
  const tokens = tokensFrom(provider.origin, [key], perSecond * seconds)
  await provider.break('jwks', { name: 'late', delay: slowAnswer })
  const expiredAt = await provider.now()
  await api.advance(lifetime)

  const tally = await client.steadily(perSecond, seconds, (index) => tokens[index] ?? '')
  await api.untilEvent('jwtgate:keys.loaded', 2)
  const fetches = await provider.fetches('jwks', expiredAt)
  figure(
    `expiry under ${perSecond} requests/s with an answer that takes ${slowAnswer} ms`,
    `${counted(fetches, 'key fetch', 'key fetches')}, ${outcomesOf(tally)}, slowest ${milliseconds(tally.latency.max)}`,
  )
  expect(tally.outcomes).toEqual({ '200': perSecond * seconds })
  expect(fetches).toBe(1)
  // Of those that waited for the refresh, many would have waited for longer than this.
  expect(tally.latency.max).toBeLessThan(slowAnswer / 2)
})
