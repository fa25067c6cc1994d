// The harness itself: a row that passes because its fault never happened would prove nothing.
import { expect, it } from 'vitest'
import type { Fault } from './support/provider.ts'
import { answersOn, sendRaw } from './support/raw-clients.ts'
import { openStage } from './support/stage.ts'
import { newIssuerKey, tokenFrom } from './support/tokens.ts'

const key = newIssuerKey('first')
const good = JSON.stringify({ keys: [key.jwk] })

/** What a client without any limit gets: status, length, and the start of the body or what went wrong. */
async function fetchAll(url: string): Promise<{ status: number; length: number; start: string; type: string }> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000) })
  const { status, headers } = response
  const type = headers.get('content-type') ?? ''
  let [length, start] = [0, '']
  try {
    for await (const chunk of response.body ?? []) {
      if (start.length < good.length) start += Buffer.from(chunk as Uint8Array).toString('latin1')
      length += (chunk as Uint8Array).length
    }
  } catch {
    return { status, length, start: 'broken off', type }
  }
  return { status, length, start: start.slice(0, good.length), type }
}

const json = 'application/json'
const faults: readonly (readonly [Fault, Awaited<ReturnType<typeof fetchAll>>])[] = [
  [
    { name: 'status', status: 500 },
    { status: 500, length: 35, start: expect.anything(), type: json },
  ],
  [{ name: 'reset mid-body' }, { status: 200, length: expect.anything(), start: 'broken off', type: json }],
  [
    { name: 'drip', pause: 1 },
    { status: 200, length: good.length, start: good, type: json },
  ],
  [{ name: 'truncated' }, { status: 200, length: good.length - 5, start: good.slice(0, -5), type: json }],
  [
    { name: 'body', body: '<p>', contentType: 'text/html' },
    { status: 200, length: 3, start: '<p>', type: 'text/html' },
  ],
  [
    { name: 'redirect', location: 'http://localhost:1/jwks' },
    { status: 302, length: 0, start: '', type: json },
  ],
  [
    { name: 'content type', contentType: 'text/plain' },
    { status: 200, length: good.length, start: good, type: 'text/plain' },
  ],
  [
    { name: 'late', delay: 10 },
    { status: 200, length: good.length, start: good, type: json },
  ],
  [{ name: 'gzip' }, { status: 200, length: good.length, start: good, type: json }],
]

it('the provider answers each fault as its name says, and its document when it is healed', async () => {
  const { provider } = await openStage({ keys: [key] })
  for (const [fault, answer] of faults) {
    await provider.break('jwks', fault)
    expect({ fault, answer: await fetchAll(provider.jwksUri) }).toEqual({ fault, answer })
  }
  await provider.heal('jwks')
  expect(await fetchAll(provider.jwksUri)).toMatchObject({ status: 200, start: good })
  expect(await provider.fetches('jwks')).toBe(faults.length + 1)
  expect(await provider.fetches('jwks', await provider.now())).toBe(0)
})

it('the large answers are as large as they say, and hold good keys for whoever reads them all', async () => {
  const { provider } = await openStage({ keys: [key] })
  const megabyte = 1_000_000
  await provider.break('jwks', { name: 'oversized', bytes: 20 * megabyte })
  const before = await provider.bytesSent()
  const oversized = await fetchAll(provider.jwksUri)
  expect(oversized.start).toBe(good)
  expect(oversized.length).toBeGreaterThan(20 * megabyte)
  expect((await provider.bytesSent()) - before).toBeGreaterThan(20 * megabyte)

  await provider.break('jwks', { name: 'gzip bomb', bytes: 20 * megabyte })
  const beforeBomb = await provider.bytesSent()
  expect((await fetchAll(provider.jwksUri)).length).toBeGreaterThan(20 * megabyte)
  expect((await provider.bytesSent()) - beforeBomb).toBeLessThan(25_000)

  await provider.break('jwks', { name: 'many keys', count: 10_000 })
  const { keys } = (await (await fetch(provider.jwksUri)).json()) as { readonly keys: readonly object[] }
  expect(keys).toHaveLength(10_000)
})

it('the provider stops listening, and listens again on the same port', async () => {
  const { provider } = await openStage({ keys: [key] })
  await provider.stopListening()
  await expect(fetch(provider.jwksUri)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  await provider.listenAgain()
  expect((await fetchAll(provider.jwksUri)).start).toBe(good)
})

it('the API tells what it did, holds and waited for, moves its clocks on command, and ends by itself', async () => {
  const { provider, api, client } = await openStage({ keys: [key] })
  await api.mark()
  const token = tokenFrom(provider.origin, key)
  expect(await client.get(token)).toMatchObject({ status: 200, body: '{"sub":"alice"}' })
  expect(await client.get('no token')).toMatchObject({ outcome: '400 request_malformed' })
  expect((await client.get(token, '/nowhere')).status).toBe(404)
  expect(await api.load()).toEqual({ peakMemoryGrowth: expect.any(Number), longestBlock: expect.any(Number) })
  expect(await api.heapUsed()).toBeGreaterThan(1_000_000)
  expect((await api.events()).kept).toMatchObject([{ name: 'jwtgate:keys.loaded', payload: { keys: 1 } }])

  await api.moveWallClock(7_200_000)
  expect((await client.get(token)).outcome).toBe('401 token_expired')
  await api.moveWallClock(-7_200_000)
  await api.advance(600_000)
  expect((await client.get(token)).outcome).toBe('200')
  await api.untilEvent('jwtgate:keys.loaded', 2)

  const until = AbortSignal.timeout(100)
  const flood = await client.flood(20, until, () => token)
  expect(flood.outcomes).toEqual({ '200': flood.count })

  client.close() // The connections that it keeps open are the server's to wait for.
  expect(await api.end()).toMatchObject({ exitCode: 0, milliseconds: expect.any(Number) })
})

it('an API has several routes, several issuers on one of them, and more routes while it runs', async () => {
  const { provider, api, client } = await openStage({ keys: [key] })
  const issuer = { issuer: provider.origin, audience: null, algorithms: ['ES256'], jwksUri: provider.jwksUri } as const
  await api.addRoutes([
    { path: '/second', issuers: issuer },
    { path: '/several', issuers: [issuer, { ...issuer, issuer: 'https://other.example.com' }] },
  ])
  const token = tokenFrom(provider.origin, key)
  expect((await client.get(token, '/second')).outcome).toBe('200')
  expect((await client.get(token, '/several')).outcome).toBe('200')
  await api.ready('/several')
})

it('clients that speak for themselves are counted while they are there, and their answers come in order', async () => {
  const { provider, api } = await openStage({ keys: [key] })
  const token = tokenFrom(provider.origin, key)
  const [waiting, pipelining] = [await sendRaw(api.origin, [token]), await sendRaw(api.origin, [token, 'no token'])]
  await api.untilRequests(3)
  // The connection on which the keys came may end a moment later.
  await expect.poll(() => api.resources()).toMatchObject({ TCPSocketWrap: 2, TCPServerWrap: 1 })
  expect(await answersOn(pipelining, 2)).toEqual(['200 alice', '400 request_malformed'])
  waiting.destroy()
  await expect.poll(() => api.resources()).not.toHaveProperty('TCPSocketWrap')
  expect(await api.requests()).toBe(3)
})
