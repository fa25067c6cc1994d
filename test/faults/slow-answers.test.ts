// The provider never answers, or too late: whoever waits for keys waits no longer than the deadline, and nobody else waits.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { counted, figure, milliseconds, outcomesOf } from './support/figure.ts'
import { expectNobodyWaited, p99Line } from './support/latency.ts'
import type { Fault } from './support/provider.ts'
import { openBeside, openStage } from './support/stage.ts'
import { newIssuerKey, tokenFrom, tokensFrom } from './support/tokens.ts'

const [key, unpublished] = [newIssuerKey('first'), newIssuerKey('unpublished')]
const deadline = 1_000
const remote = { timeoutDuration: deadline }
const lifetime = 600_000
/** Timers of a busy machine come late. */
const late = 400
const requests = 20

interface SlowStart {
  readonly name: string
  readonly metadata?: Fault
  readonly jwks: Fault
}

/** In time; two of them, one after the other, are not. */
const slow: Fault = { name: 'late', delay: 0.6 * deadline }
const never: Fault = { name: 'hang' }

it.each<SlowStart>([
  { name: 'the keys never come', jwks: never },
  { name: 'the metadata come late, the keys never', metadata: slow, jwks: never },
  { name: 'metadata and keys each take 0.6 of the deadline', metadata: slow, jwks: slow },
])('at a cold start all wait until the deadline and no longer: $name', async ({ name, metadata, jwks }) => {
  const { provider, api, client } = await openStage({
    keys: [key],
    discovery: metadata !== undefined,
    options: { remote },
  })
  // Nothing of it is known here; it only spares the first fetch of a process what that costs more.
  const beside = await openBeside(api, [key])
  await client.together(tokensFrom(beside.origin, [key], requests), '/beside')
  await provider.break('jwks', jwks)
  if (metadata !== undefined) await provider.break('metadata', metadata)
  const tally = await client.together(tokensFrom(provider.origin, [key], requests))

  const fetches = await provider.fetches('jwks')
  figure(
    `cold start, ${name} (deadline ${deadline} ms)`,
    `${outcomesOf(tally)}, slowest ${milliseconds(tally.latency.max)}, ${counted(fetches, 'key fetch', 'key fetches')}`,
  )
  expect(tally.outcomes).toEqual({ '503 keys_unavailable': requests })
  expect(tally.latency.max).toBeGreaterThan(deadline - late)
  expect(tally.latency.max).toBeLessThan(deadline + late)
  expect(fetches).toBe(1)
  expect(await api.status()).toMatchObject({
    issuers: [{ state: 'missing', keys: 0, lastFailure: { code: 'keys_unavailable' } }],
  })
})

it('while a refresh hangs, unknown kids wait until the deadline at most, and known keys not at all', async () => {
  const { provider, api, client } = await openStage({ keys: [key], options: { remote } })
  const beside = await openBeside(api, [key])
  const [perSecond, seconds] = [100, 1.5]
  const tokens = tokensFrom(provider.origin, [key], perSecond * seconds)
  const otherTokens = tokensFrom(beside.origin, [key], perSecond * seconds)
  await client.get(tokens[0])
  await client.get(otherTokens[0], '/beside')
  const steadily = (list: readonly string[], path?: string): ReturnType<typeof client.steadily> =>
    client.steadily(perSecond, seconds, (index) => list[index] ?? '', path)
  const [before] = await Promise.all([steadily(tokens), steadily(otherTokens, '/beside')])

  await provider.break('jwks', never)
  await api.advance(lifetime)
  // The first of the known starts the refresh. The unknown come while it hangs: each joins it, and may cause another one.
  const [during, alike, unknown] = await Promise.all([
    steadily(tokens),
    steadily(otherTokens, '/beside'),
    sleep(0.6 * deadline).then(() => client.steadily(20, 0.5, (index) => unpublishedToken(provider.origin, index))),
  ])

  const fetches = await provider.fetches('jwks')
  figure(
    `unknown kids while a refresh hangs (deadline ${deadline} ms)`,
    `${outcomesOf(unknown)}, slowest ${milliseconds(unknown.latency.max)}, ${fetches} fetches; ${p99Line({ before, beside: alike, during })}`,
  )
  expect(during.outcomes).toEqual({ '200': perSecond * seconds })
  expectNobodyWaited({ before, beside: alike, during })
  expect(unknown.outcomes).toEqual({ '503 keys_unavailable': unknown.count })
  expect(unknown.latency.max).toBeGreaterThan(0.9 * deadline) // One joined a fetch, and then waited for another one.
  expect(unknown.latency.max).toBeLessThan(deadline + late)
  expect(await api.status()).toMatchObject({ issuers: [{ state: 'stale', keys: 1 }] })
})

function unpublishedToken(issuer: string, index: number): string {
  return tokenFrom(issuer, { ...unpublished, kid: `unpublished ${index}` })
}
