// The provider rotates its keys: the new one works at once, whenever the last fetch was, and soon where it signs too early.
import { expect, it } from 'vitest'
import { counted, figure, outcomesOf } from './support/figure.ts'
import { forgedTokens } from './support/forged-tokens.ts'
import { openStage } from './support/stage.ts'
import { settling } from './support/steps.ts'
import { newIssuerKey, tokenFrom, tokensFrom } from './support/tokens.ts'

const [old, next] = [newIssuerKey('old'), newIssuerKey('next')]
const requests = 200

it.each([
  { name: 'at once', after: 0 },
  { name: '1 s', after: 1_000 },
  { name: '5 min', after: 300_000 },
])('a new key that is used $name after the last fetch fails no request', async ({ name, after }) => {
  const { provider, api, client } = await openStage({ keys: [old], manualClock: true })
  await client.get(tokenFrom(provider.origin, old))
  const before = await provider.fetches('jwks')
  await api.advance(after)
  await provider.publish([old.jwk, next.jwk])
  const tally = await client.together(tokensFrom(provider.origin, [next, old], requests))

  const fetches = (await provider.fetches('jwks')) - before
  figure(
    `rotation, new key used ${name} after the last fetch`,
    `${outcomesOf(tally)}, ${counted(fetches, 'key fetch', 'key fetches')}`,
  )
  expect(tally.outcomes).toEqual({ '200': requests })
  expect(fetches).toBe(1)
})

it('a new key that is used while a fetch from before is still in flight fails no request', async () => {
  const { provider, api, client } = await openStage({ keys: [old], manualClock: true })
  await client.get(tokenFrom(provider.origin, old))
  await provider.break('jwks', { name: 'late', delay: 500 }) // With the keys of now.
  await api.advance(480_000)
  await client.get(tokenFrom(provider.origin, old)) // Starts the refresh.
  await expect.poll(() => provider.fetches('jwks'), { interval: 5 }).toBe(2)
  await provider.publish([old.jwk, next.jwk])
  const tally = await client.together(tokensFrom(provider.origin, [next, old], requests))

  const fetches = (await provider.fetches('jwks')) - 2
  figure(
    'rotation while a fetch from before is in flight',
    `${outcomesOf(tally)}, ${counted(fetches, 'key fetch', 'key fetches')}`,
  )
  expect(tally.outcomes).toEqual({ '200': requests })
  expect(fetches).toBe(1)
})

const step = 100
const early = 2_000
const longestAcceptance = 10_000

it.each([
  { name: 'nothing else asks', forged: 0 },
  { name: 'forged tokens have spent the budget before', forged: 20 },
])('a key that signs 2 s before it is published works within 10 s of that: $name', async ({ name, forged }) => {
  const stage = await openStage({ keys: [old], manualClock: true })
  const { provider, api, client } = stage
  await client.get(tokenFrom(provider.origin, old))
  const forge = forgedTokens(provider.origin)
  for (let index = 0; index < forged; index++) await client.get(forge(index))
  const settled = await settling(stage)
  const oldToken = tokenFrom(provider.origin, old)
  const nextToken = tokenFrom(provider.origin, next)
  const oldOutcomes = new Set<string>()
  const tooEarly = new Set<string>()
  for (let elapsed = 0; elapsed < early; elapsed += step) {
    tooEarly.add((await client.get(nextToken)).outcome)
    oldOutcomes.add((await client.get(oldToken)).outcome)
    await settled()
    await api.advance(step)
  }
  await provider.publish([old.jwk, next.jwk])
  let waited = 0
  while (waited <= longestAcceptance && (await client.get(nextToken)).outcome !== '200') {
    oldOutcomes.add((await client.get(oldToken)).outcome)
    await settled()
    waited += step
    await api.advance(step)
  }

  figure(`signed 2 s before the key is published, ${name}`, `accepted ${waited / 1_000} s after publication`)
  expect([...tooEarly]).toEqual(['401 key_unknown'])
  expect([...oldOutcomes]).toEqual(['200'])
  expect(waited).toBeLessThanOrEqual(longestAcceptance)
})
