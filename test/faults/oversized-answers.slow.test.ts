// A refresh is answered with far too much: the read is cut, memory stays flat, the event loop turns, the old keys go on.
import { expect, it } from 'vitest'
import { figure, megabytes, milliseconds, outcomesOf } from './support/figure.ts'
import type { ApiIssuer, ApiLoad } from './support/api.ts'
import type { Fault } from './support/provider.ts'
import { openStage, type Stage } from './support/stage.ts'
import { newIssuerKey, tokensFrom } from './support/tokens.ts'

const key = newIssuerKey('first')
const lifetime = 600_000
const requests = 50
const warmUpRounds = 10
const mostMemory = 25_000_000
const longestBlock = 100
/** What of an answer is on its way when its reader stops: buffers of both processes and of the system between them. */
const onTheWay = 8_000_000

interface OversizedAnswer {
  readonly name: string
  readonly fault: Fault
  readonly code: 'keys_unavailable' | 'keys_invalid'
  readonly reason: RegExp
  readonly options?: Partial<ApiIssuer>
  /** Bytes that the provider gets rid of at most. */
  readonly mostSent: number
}

const cut = { code: 'keys_unavailable', reason: /larger than 1048576 bytes/ } as const

it.each<OversizedAnswer>([
  { name: '50 MB', fault: { name: 'oversized', bytes: 50_000_000 }, ...cut, mostSent: onTheWay },
  {
    name: 'a 200 kB gzip bomb of 200 MB',
    fault: { name: 'gzip bomb', bytes: 200_000_000 },
    ...cut,
    mostSent: 250_000,
  },
  { name: '10,000 keys', fault: { name: 'many keys', count: 10_000 }, ...cut, mostSent: onTheWay },
  {
    name: '10,000 keys, with maxResponseBytes of 16 MiB',
    fault: { name: 'many keys', count: 10_000 },
    code: 'keys_invalid',
    reason: /more than 1000 keys/,
    options: { remote: { maxResponseBytes: 16_777_216 } },
    mostSent: onTheWay,
  },
])('the read is cut, nothing swells, and the old keys go on: $name', async (answer) => {
  const { name, fault, code, reason, options = {}, mostSent } = answer
  const stage = await openStage({ keys: [key], manualClock: true, options })
  const { provider, api, client } = stage
  const { load, sent } = await loadOfRefresh(stage, fault, 'jwtgate:keys.refresh_failed', 1)
  const tally = await client.together(tokensFrom(provider.origin, [key], requests))

  const { kept } = await api.events()
  const failure = kept.find((event) => event.name === 'jwtgate:keys.refresh_failed')?.payload
  figure(name, `${loadLine(load)}, ${megabytes(sent)} sent; ${outcomesOf(tally)}`)
  expect(failure).toMatchObject({ code, reason: expect.stringMatching(reason), keys: 1 })
  expect(tally.outcomes).toEqual({ '200': requests })
  expect(load.peakMemoryGrowth).toBeLessThanOrEqual(mostMemory)
  expect(load.longestBlock).toBeLessThan(longestBlock)
  expect(sent).toBeLessThan(mostSent)
})

it.each([{ alg: 'ES256' }, { alg: 'ES512' }] as const)(
  'the largest key set that is accepted does not hold the process up: 1,000 keys for $alg',
  async ({ alg }) => {
    const stage = await openStage({ keys: [key], manualClock: true })
    const fault: Fault = { name: 'many keys', count: 1_000, alg }
    const { load, sent } = await loadOfRefresh(stage, fault, 'jwtgate:keys.loaded', 3)
    const { kept } = await stage.api.events()
    figure(`1,000 good keys for ${alg}`, `${loadLine(load)}, ${megabytes(sent)} sent`)
    expect(kept.at(-1)).toMatchObject({ name: 'jwtgate:keys.loaded', payload: { keys: 1_000, skipped: 0 } })
    expect(load.longestBlock).toBeLessThan(longestBlock)
    expect(load.peakMemoryGrowth).toBeLessThanOrEqual(mostMemory)
  },
)

/** Of an API that fetches its keys again, until it says so. */
async function loadOfRefresh(
  { provider, api, client }: Stage,
  fault: Fault,
  outcome: 'jwtgate:keys.loaded' | 'jwtgate:keys.refresh_failed',
  count: number,
): Promise<{ readonly load: ApiLoad; readonly sent: number }> {
  const tokens = tokensFrom(provider.origin, [key], requests)
  const refresh = async (): Promise<void> => {
    await api.mark()
    await api.advance(lifetime)
    expect((await client.get(tokens[0])).outcome).toBe('200')
  }
  // What a young process grows by in any case is not the answer's: requests first, and a refresh without a fault.
  for (let rounds = 0; rounds < warmUpRounds; rounds++) await client.together(tokens)
  await refresh()
  await api.untilEvent('jwtgate:keys.loaded', 2)

  await provider.break('jwks', fault)
  const sentBefore = await provider.bytesSent()
  await refresh()
  await api.untilEvent(outcome, count)
  return { load: await api.load(), sent: (await provider.bytesSent()) - sentBefore }
}

function loadLine({ peakMemoryGrowth, longestBlock }: ApiLoad): string {
  return `peak memory ${peakMemoryGrowth < 0 ? '' : '+'}${megabytes(peakMemoryGrowth)}, event loop blocked ${milliseconds(longestBlock)}`
}
