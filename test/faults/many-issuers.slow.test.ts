// A thousand issuers in one process: one that is down touches no other, and the thousandth costs what the tenth does.
import { expect, it } from 'vitest'
import { issuerOptions, type Api, type ApiIssuer } from './support/api.ts'
import type { Tally } from './support/client.ts'
import { figure, milliseconds, outcomesOf } from './support/figure.ts'
import { expectNobodyWaited, p99Line } from './support/latency.ts'
import { openProvider, openStage } from './support/stage.ts'
import { newIssuerKey, tokenFrom } from './support/tokens.ts'

const keys = [newIssuerKey('first'), newIssuerKey('second')]
const [key = newIssuerKey('first')] = keys
const issuers = 1_000
const few = 10
/** Milliseconds for which a request waits for the issuer that is down. */
const downDeadline = 2_000

/** Their names and key sets are their own; the keys in them are the same. */
function issuersOf(origin: string, prefix: string, count: number): readonly ApiIssuer[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${prefix}-${index}`
    return issuerOptions(`${origin}/${name}`, `${origin}/jwks?issuer=${name}`)
  })
}

it('one of a thousand issuers is down: its tokens get 503, and all others are untouched', async () => {
  const { provider, api, client } = await openStage({ keys })
  const broken = await openProvider(keys)
  await broken.break('jwks', { name: 'hang' })
  const list = issuersOf(provider.origin, 'issuer', issuers)
  const healthy = issuersOf(provider.origin, 'healthy', issuers)
  const down = issuerOptions(broken.origin, broken.jwksUri, { remote: { timeoutDuration: downDeadline } })
  const middle = issuers / 2
  await api.addRoutes([
    { path: '/one-down', issuers: [...list.slice(0, middle), down, ...list.slice(middle + 1)] },
    { path: '/healthy', issuers: healthy },
  ])
  await api.ready('/healthy')
  const others = list.filter((_issuer, index) => index !== middle)
  const [tokens, healthyTokens] = [others, healthy].map((some) =>
    some.map(({ issuer }) => tokenFrom(String(issuer), key)),
  )
  const downToken = tokenFrom(broken.origin, key)
  const askTheOne = (seconds: number): Promise<Tally> => client.steadily(20, seconds, () => downToken, '/one-down')

  // While requests wait for the one that is down, all others fetch their keys.
  const began = await provider.now()
  const perIssuer = 333
  const [cold, refusedCold] = await Promise.all([
    client.steadily(perIssuer, (issuers - 1) / perIssuer, (index) => tokens?.[index] ?? '', '/one-down'),
    askTheOne(3),
  ])
  const fetches = await provider.fetches('jwks', began)

  const [perSecond, seconds] = [200, 3]
  const steadily = (path: string, list = healthyTokens): Promise<Tally> =>
    client.steadily(perSecond, seconds, (index) => list?.[index] ?? '', path)
  const before = await steadily('/healthy')
  const [during, beside, refused] = await Promise.all([
    steadily('/one-down', tokens),
    steadily('/healthy'),
    askTheOne(seconds),
  ])

  figure(
    `${issuers} issuers, one of them down`,
    `the others cold ${outcomesOf(cold)} with ${fetches} fetches, p99 ${milliseconds(cold.latency.p99)}, then ${outcomesOf(during)}, ${p99Line({ before, beside, during })}; the one ${outcomesOf(refused)}, slowest ${milliseconds(refused.latency.max)}`,
  )
  expect(cold.outcomes).toEqual({ '200': issuers - 1 })
  expect(fetches).toBe(issuers - 1)
  expect(cold.latency.p99).toBeLessThan(downDeadline / 2) // None waits for the fetch that hangs.
  expect(refusedCold.outcomes).toEqual({ '503 keys_unavailable': refusedCold.count })
  expect(refused.outcomes).toEqual({ '503 keys_unavailable': refused.count })
  expect(during.outcomes).toEqual({ '200': perSecond * seconds })
  expectNobodyWaited({ before, beside, during })
  const status = (await api.status('/one-down')) as { readonly issuers: readonly { readonly state: string }[] }
  expect(status.issuers.map(({ state }) => state)).toEqual(
    list.map((_issuer, index) => (index === middle ? 'missing' : 'fresh')),
  )
})

it('memory per issuer is the same for ten and for a thousand', async () => {
  const { provider, api } = await openStage({ keys })
  const heap = async (): Promise<number> => {
    await provider.stopListening() // Open connections would count.
    const bytes = await settledHeap(api)
    await provider.listenAgain()
    return bytes
  }
  const add = async (path: string, count: number): Promise<void> => {
    await api.addRoutes([{ path, issuers: issuersOf(provider.origin, path.slice(1), count) }])
    await api.ready(path)
  }
  // One list of a thousand is compared with the mean of a hundred lists of ten: ten alone drown in noise. The first
  // lists bring what a process has once.
  const lists = issuers / few
  await add('/warm', issuers)
  for (let index = 0; index < few; index++) await add(`/warm-${index}`, few)

  const start = await heap()
  for (let index = 0; index < lists; index++) await add(`/few-${index}`, few)
  const between = await heap()
  await add('/many', issuers)
  const end = await heap()

  const [perFew, perMany] = [(between - start) / issuers, (end - between) / issuers]
  const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(2)} kB`
  const difference = perMany / perFew - 1
  figure(
    'memory per issuer with two keys',
    `${kilobytes(perFew)} in lists of ${few}, ${kilobytes(perMany)} in a list of ${issuers}: ${(100 * difference).toFixed(1)} %`,
  )
  expect(Math.abs(difference)).toBeLessThanOrEqual(0.1)
})

/** The smallest of several looks: finalizers and closed connections let go of what they hold a little later. */
async function settledHeap(api: Api): Promise<number> {
  let smallest = Number.POSITIVE_INFINITY
  for (let looks = 0; looks < 5; looks++) {
    smallest = Math.min(smallest, await api.heapUsed())
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return smallest
}
