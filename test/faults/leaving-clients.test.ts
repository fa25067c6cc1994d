// Clients that go away while their token is verified, and clients that do not wait for answers: no crash, and nothing is kept.
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Api } from './support/api.ts'
import { counted, figure, megabytes } from './support/figure.ts'
import { answersOn, sendRaw } from './support/raw-clients.ts'
import { openStage } from './support/stage.ts'
import { newIssuerKey, tokenFrom, tokensFrom } from './support/tokens.ts'

const key = newIssuerKey('first')
const clients = 300
const rounds = 4
/** Past lifetime and `maxStale`: until the next fetch nobody has keys. */
const longerThanKeysAreUsed = 90_000_000
/** Thousands of requests that were kept would take far more than this. */
const mostHeap = 2_000_000

/** What keeps the process alive once the connections of clients that went away are closed. */
async function resourcesWithoutClients(api: Api): Promise<Readonly<Record<string, number>>> {
  const latest = performance.now() + 5_000
  for (;;) {
    const resources = await api.resources()
    if (!('TCPSocketWrap' in resources) || performance.now() > latest) return resources
    await sleep(50)
  }
}

function unansweredOf(sockets: readonly Socket[]): number {
  return sockets.filter(({ bytesRead }) => bytesRead === 0).length
}

it('300 clients abort mid-verification, again and again: no crash, no leak', async () => {
  const { provider, api, client } = await openStage({ keys: [key], manualClock: true })
  const tokens = tokensFrom(provider.origin, [key], clients)
  let [loads, unanswered] = [0, 0]
  const abortAll = async (): Promise<void> => {
    // While they wait for the keys.
    await provider.break('jwks', { name: 'late', delay: 500 })
    await api.advance(longerThanKeysAreUsed)
    const before = await api.requests()
    const waiting = await Promise.all(tokens.map((token) => sendRaw(api.origin, [token])))
    await api.untilRequests(before + clients)
    unanswered += unansweredOf(waiting)
    for (const socket of waiting) socket.resetAndDestroy()
    await api.untilEvent('jwtgate:keys.loaded', ++loads)
    // While their signatures are checked.
    const verifying = await Promise.all(tokens.map((token) => sendRaw(api.origin, [token])))
    unanswered += unansweredOf(verifying)
    for (const socket of verifying) socket.destroy()
  }

  const resourcesBefore = await resourcesWithoutClients(api)
  await abortAll() // What is loaded or grown at the first time is no leak.
  await resourcesWithoutClients(api)
  unanswered = 0
  const requestsBefore = await api.requests()
  const heapBefore = await api.heapUsed()
  for (let round = 0; round < rounds; round++) await abortAll()
  const resources = await resourcesWithoutClients(api)
  const reached = (await api.requests()) - requestsBefore
  const growth = (await api.heapUsed()) - heapBefore

  const { outcome } = await client.get(tokenFrom(provider.origin, key))
  figure(
    `${clients} clients abort mid-verification, ${2 * rounds} times`,
    `${unanswered} before their answer, ${reached} of them at the application, heap ${growth < 0 ? '' : '+'}${megabytes(growth)}, alive ${JSON.stringify(resources)} (before ${JSON.stringify(resourcesBefore)}), then ${outcome}`,
  )
  expect(outcome).toBe('200')
  // All that waited for keys, and some of the others.
  expect(unanswered).toBeGreaterThan(rounds * clients)
  expect(reached).toBeGreaterThan(rounds * clients)
  expect(resources).toEqual(resourcesBefore)
  expect(growth).toBeLessThan(mostHeap)
})

it('requests that are sent without waiting for answers are answered in order, each for its own token', async () => {
  const { provider, api } = await openStage({ keys: [key] })
  const stranger = newIssuerKey('first')
  const pipelined = Array.from({ length: 100 }, (_, index) => ({ index, isGood: index % 3 !== 0 }))
  const tokens = pipelined.map(({ index, isGood }) =>
    tokenFrom(provider.origin, isGood ? key : stranger, { sub: `user-${index}` }),
  )
  await provider.break('jwks', { name: 'late', delay: 100 }) // All of them wait for the keys.

  const sockets = await Promise.all(Array.from({ length: 3 }, () => sendRaw(api.origin, tokens)))
  const [gone, ...staying] = sockets
  gone?.destroy()
  const answers = await Promise.all(staying.map((socket) => answersOn(socket, tokens.length)))

  const expected = pipelined.map(({ index, isGood }) => (isGood ? `200 user-${index}` : '401 signature_invalid'))
  const accepted = answers.map((list) => list.filter((answer) => answer.startsWith('200')).length)
  const fetches = await provider.fetches('jwks')
  figure(
    `pipelining of ${tokens.length} requests, one in three badly signed`,
    `${accepted.join(' and ')} x 200, the others 401, in order; ${counted(fetches, 'key fetch', 'key fetches')}`,
  )
  expect(answers).toEqual([expected, expected])
  expect(fetches).toBe(1)
})
