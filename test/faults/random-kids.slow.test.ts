// Random kids as fast as the machine takes: the provider, the good traffic and a real rotation notice nothing of them.
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import type { TokenAt } from './support/client.ts'
import { counted, figure, megabytes, milliseconds, outcomesOf } from './support/figure.ts'
import { forgedTokens } from './support/forged-tokens.ts'
import { openStage } from './support/stage.ts'
import { fetchLog } from './support/steps.ts'
import { newIssuerKey, tokenFrom, tokensFrom } from './support/tokens.ts'

// Ten seconds are ten seconds here, and what comes after takes as long as the requests need.
vi.setConfig({ testTimeout: 90_000 })

const [old, next] = [newIssuerKey('old'), newIssuerKey('next')]
const open = 64
const goodPerSecond = 100
const seconds = 10
const mostIn10Seconds = 5
const mostInAMinute = 8
const mostHeapGrowth = 6_000_000
const minutes = 3
/** So many forged tokens at the least come in each second of the injected clock. */
const forgedPerStep = 30

it('10 s of random kids cost at most 5 fetches, then 8 a minute, no good request and no memory', async () => {
  const { provider, api, client } = await openStage({ keys: [old] })
  const goodTokens = tokensFrom(provider.origin, [old], 500)
  const goodToken: TokenAt = (index) => goodTokens[index % goodTokens.length] ?? ''
  const forge = forgedTokens(provider.origin)
  // The heap before is that of an API under load, not of one that has just started.
  await client.flood(open, AbortSignal.timeout(2_000), goodToken)
  const heapBefore = await api.heapUsed()

  const startedAt = await provider.now()
  const [good, forged] = await Promise.all([
    client.steadily(goodPerSecond, seconds, goodToken),
    client.flood(open, AbortSignal.timeout(seconds * 1_000), forge),
  ])
  const fetches = await provider.fetches('jwks', startedAt)
  const growth = (await api.heapUsed()) - heapBefore
  figure(
    `random kids for ${seconds} s, ${Math.round((forged.count / forged.milliseconds) * 1_000)} a second`,
    `${counted(fetches, 'key fetch', 'key fetches')}, ${outcomesOf(forged)}; good traffic ${outcomesOf(good)}, ` +
      `p99 ${milliseconds(good.latency.p99)}; heap ${growth < 0 ? '' : '+'}${megabytes(growth)}`,
  )

  // The flood goes on, and the injected clock moves by a second whenever some more came.
  const ending = new AbortController()
  let sent = 0
  const flooding = client.flood(open, ending.signal, (index) => forge((sent = index)))
  const goodOn = client.flood(1, ending.signal, goodToken)
  const log = await fetchLog(provider)
  for (let second = 0; second < minutes * 60; second++) {
    await api.advance(1_000)
    const enough = sent + forgedPerStep
    await expect.poll(() => sent, { interval: 5, timeout: 20_000 }).toBeGreaterThanOrEqual(enough)
    await log.step()
  }
  ending.abort()
  const [forgedOn, stillGood] = await Promise.all([flooding, goodOn])
  const growthOn = (await api.heapUsed()) - heapBefore
  figure(
    `random kids for ${minutes} more minutes`,
    `${counted(log.total(), 'key fetch', 'key fetches')}, at most ${log.most(60)} in a minute, ${outcomesOf(forgedOn)}; ` +
      `good traffic ${outcomesOf(stillGood)}; heap ${growthOn < 0 ? '' : '+'}${megabytes(growthOn)}`,
  )

  expect(forged.outcomes).toEqual({ '401 key_unknown': forged.count })
  expect(good.outcomes).toEqual({ '200': goodPerSecond * seconds })
  expect(fetches).toBeGreaterThanOrEqual(1) // None, and no kid would have reached the key set.
  expect(fetches).toBeLessThanOrEqual(mostIn10Seconds)
  expect(growth).toBeLessThanOrEqual(mostHeapGrowth)
  expect(forgedOn.outcomes).toEqual({ '401 key_unknown': forgedOn.count })
  expect(stillGood.outcomes).toEqual({ '200': stillGood.count })
  expect(log.most(60)).toBeLessThanOrEqual(mostInAMinute)
  expect(growthOn).toBeLessThanOrEqual(mostHeapGrowth)
})

it('a rotation during a flood of random kids is seen within 10 s, and the old key works all the time', async () => {
  const { provider, client } = await openStage({ keys: [old] })
  const goodTokens = tokensFrom(provider.origin, [old], 500)
  const newToken = tokenFrom(provider.origin, next)
  const forge = forgedTokens(provider.origin)
  await client.get(goodTokens[0])
  const ending = new AbortController()
  const flooding = client.flood(open, ending.signal, forge)
  const goodOn = client.flood(2, ending.signal, (index) => goodTokens[index % goodTokens.length] ?? '')
  // Worst: the flood has just spent the budget.
  await expect.poll(() => provider.fetches('jwks'), { interval: 5, timeout: 5_000 }).toBeGreaterThanOrEqual(4)
  await pause(200)

  await provider.publish([old.jwk, next.jwk])
  const publishedAt = performance.now()
  const before = new Set<string>()
  for (;;) {
    const { outcome } = await client.get(newToken)
    if (outcome === '200' || performance.now() - publishedAt > 2 * seconds * 1_000) break
    before.add(outcome)
    await pause(20)
  }
  const waited = performance.now() - publishedAt
  const after = await client.together(tokensFrom(provider.origin, [old, next], 100))
  ending.abort()
  const [forged, good] = await Promise.all([flooding, goodOn])

  figure(
    `rotation during a flood of ${Math.round((forged.count / forged.milliseconds) * 1_000)} random kids a second`,
    `new key accepted after ${(waited / 1_000).toFixed(1)} s; old key ${outcomesOf(good)}`,
  )
  expect([...before]).toEqual(['401 key_unknown'])
  expect(waited).toBeLessThanOrEqual(10_000)
  expect(after.outcomes).toEqual({ '200': 100 })
  expect(good.outcomes).toEqual({ '200': good.count })
  expect(forged.outcomes).toEqual({ '401 key_unknown': forged.count })
})
