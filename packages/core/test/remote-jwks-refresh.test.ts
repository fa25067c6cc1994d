// A key set that ages: when it is fetched again, who waits for that, and how a key leaves.
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createJwtVerifier } from '@jwtgate/core'
import { JwksLoader } from '../src/keys/jwks-loader.ts'
import { durationOf } from '../../../test/support/duration.ts'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { audience, issuer, mint, now as mintedAt } from '../../../test/support/mint.ts'
import { hang, held } from '../../../test/support/provider-faults.ts'
import { recordEvents, type RecordedEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier } from '../../../test/support/remote-verifier.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { refusalOf, TestClock } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const key = keyFor('ES256')
const other = newKey('ES256')
const keyJwk = jwkOf(key, { kid: 'k1' })
const otherJwk = jwkOf(other, { kid: 'k2' })
const token = mint({}, { header: { kid: 'k1' } })
const otherToken = mint({}, { key: other, header: { kid: 'k2' } })
const minute = 60_000

let server: KeyServer
let events: RecordedEvents

beforeEach(async () => {
  server = await startKeyServer([keyJwk])
  events = recordEvents()
})

afterEach(async () => {
  events.stop()
  await server.close()
})

describe('the time for which a set is fresh', () => {
  interface Case {
    readonly name: string
    readonly headers: Readonly<Record<string, string>>
    readonly cacheMaxAge?: number
    readonly ttl: number
  }
  const cases: readonly Case[] = [
    { name: 'ten minutes where the answer does not say', headers: {}, ttl: 10 * minute },
    { name: 'cacheMaxAge where the answer does not say', headers: {}, cacheMaxAge: 2 * minute, ttl: 2 * minute },
    { name: 'what max-age says', headers: { 'cache-control': 'public, max-age=60' }, ttl: minute },
    { name: 'max-age less Age', headers: { 'cache-control': 'max-age=100', age: '40' }, ttl: minute },
    { name: 'not longer than ten minutes', headers: { 'cache-control': 'max-age=31536000' }, ttl: 10 * minute },
    {
      name: 'not longer than cacheMaxAge',
      headers: { 'cache-control': 'max-age=600' },
      cacheMaxAge: minute,
      ttl: minute,
    },
    { name: '30 s with no-store', headers: { 'cache-control': 'no-store' }, ttl: 30_000 },
    { name: '30 s with no-cache', headers: { 'cache-control': 'no-cache, max-age=600' }, ttl: 30_000 },
    { name: '30 s with max-age=0', headers: { 'cache-control': 'max-age=0, must-revalidate' }, ttl: 30_000 },
    {
      name: '30 s where Age has used max-age up',
      headers: { 'cache-control': 'max-age=60', age: '3600' },
      ttl: 30_000,
    },
  ]

  it.each(cases)('is $name', async ({ headers, cacheMaxAge, ttl }) => {
    server.setKeys([keyJwk], headers)
    const remote = cacheMaxAge === undefined ? {} : { cacheMaxAge }
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri, remote })
    await verifier.verify(token)

    const due = Math.max(0.8 * ttl, 30_000) // Twice a minute at the most, also where the set lives for 30 s only.
    clock.milliseconds = due - 1
    await verifier.verify(token)
    expect(begun()).toBe(1)

    clock.milliseconds = due
    const loaded = events.next('jwtgate:keys.loaded')
    await verifier.verify(token)
    expect(begun()).toBe(2)
    await loaded
  })
})

describe('a refresh', () => {
  it.each([0.8, 1, 1.2, 1.49])('is one for all, and nobody waits for it at %d of the lifetime', async (part) => {
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    const refresh = held(answer(JSON.stringify({ keys: [keyJwk] })))
    server.on('/jwks', refresh.respond)

    clock.milliseconds = part * 10 * minute
    const loaded = events.next('jwtgate:keys.loaded')
    const waited = await durationOf(Promise.all(Array.from({ length: 50 }, () => verifier.verify(token))))
    expect(waited).toBeLessThan(500)
    expect(begun()).toBe(2)
    expect(events.on('jwtgate:keys.loaded')).toHaveLength(1)

    await refresh.letGo()
    await loaded
    expect(server.fetches()).toBe(2)
  })

  it('makes the set fresh again, from the time of the answer on', async () => {
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    clock.milliseconds = 9 * minute
    const loaded = events.next('jwtgate:keys.loaded')
    await verifier.verify(token)
    await loaded

    clock.milliseconds += 8 * minute - 1
    await verifier.verify(token)
    expect(begun()).toBe(2)
    clock.milliseconds += 1
    await verifier.verify(token)
    expect(begun()).toBe(3)
  })

  it('makes it fresh from the time of the answer on, however long that took', async () => {
    const { verifier, clock, begun } = remoteVerifier({
      jwksUri: server.jwksUri,
      remote: {
        fetch: async () => {
          clock.milliseconds += 4_000
          return Response.json({ keys: [keyJwk] })
        },
      },
    })
    await verifier.verify(token)
    clock.milliseconds = 4_000 + 8 * minute - 1
    await verifier.verify(token)
    expect(begun()).toBe(1)
    clock.milliseconds += 1
    const loaded = events.next('jwtgate:keys.loaded')
    await verifier.verify(token)
    expect(begun()).toBe(2)
    await loaded
    expect(events.on('jwtgate:keys.loaded').map(({ duration }) => duration)).toEqual([4_000, 4_000])
  })

  it.each([
    ['1.5 lifetimes', 15 * minute],
    ['an hour', 60 * minute],
    ['a day', 24 * 60 * minute],
  ])('is waited for after an idle time of %s, so that a withdrawn key is refused at once', async (_name, idle) => {
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.setKeys([otherJwk])
    clock.milliseconds = idle
    expect((await refusalOf(verifier.verify(token))).code).toBe('key_unknown')
    expect((await verifier.verify(otherToken)).claims.sub).toBe('alice')
  })

  it('is waited for after an idle time by all, and is still one', async () => {
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    clock.milliseconds = 60 * minute
    await Promise.all(Array.from({ length: 50 }, () => verifier.verify(token)))
    expect(begun()).toBe(2)
    expect(events.on('jwtgate:keys.loaded')).toHaveLength(2)
  })

  it('holds a request up for about a second and no longer, then the known keys go on', async () => {
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.on('/jwks', hang)
    clock.milliseconds = 60 * minute
    const waited = await durationOf(verifier.verify(token))
    expect(waited).toBeGreaterThan(900)
    expect(waited).toBeLessThan(3_000)
  })

  it('holds up only those requests that come in its first second, and nobody beyond that second', async () => {
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.on('/jwks', hang)
    clock.milliseconds = 60 * minute
    const first = durationOf(verifier.verify(token))
    clock.milliseconds += 600
    expect(await durationOf(verifier.verify(token))).toBeLessThan(800)
    clock.milliseconds += 400
    expect(await durationOf(verifier.verify(token))).toBeLessThan(200)
    await first
  })

  it('holds up nobody at all any more where that second is over: no timer runs for who comes then', async () => {
    let fetched = 0
    const { verifier, clock } = remoteVerifier({
      jwksUri: server.jwksUri,
      remote: { fetch: () => (fetched++ === 0 ? pause(0, Response.json({ keys: [keyJwk] })) : new Promise(() => {})) },
    })
    await verifier.verify(token)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      clock.milliseconds = 60 * minute
      const first = verifier.verify(token)
      const timers = vi.getTimerCount()
      const timersOf = (verified: Promise<unknown>): [Promise<unknown>, number] => [verified, vi.getTimerCount()]
      clock.milliseconds += 999
      const [second, timersOfTwo] = timersOf(verifier.verify(token))
      expect(timersOfTwo).toBeGreaterThan(timers)
      clock.milliseconds += 1
      const [third, timersOfThree] = timersOf(verifier.verify(token))
      clock.milliseconds += 5_000
      const [fourth, timersOfFour] = timersOf(verifier.verify(token))
      expect([timersOfThree, timersOfFour]).toEqual([timersOfTwo, timersOfTwo])
      await vi.advanceTimersByTimeAsync(5_000)
      await Promise.all([first, second, third, fourth])
    } finally {
      vi.useRealTimers()
    }
  })

  it('holds no request up beyond the deadline either: it goes on with its known key, and is not refused', async () => {
    let keys: readonly object[] = [keyJwk]
    const { verifier, clock } = remoteVerifier({
      jwksUri: server.jwksUri,
      remote: { timeoutDuration: 100, fetch: () => pause(80, Response.json({ keys })) },
    })
    await verifier.verify(token)
    keys = [keyJwk, ...Array.from({ length: 900 }, () => jwkOf(newKey('ES256')))] // To import them takes some time more.
    clock.milliseconds = 60 * minute
    const loaded = events.next('jwtgate:keys.loaded')
    expect((await verifier.verify(token)).claims.sub).toBe('alice')
    await loaded
  })

  it('is waited for after an idle time for no longer than it takes', async () => {
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    clock.milliseconds = 60 * minute
    expect(await durationOf(verifier.verify(token))).toBeLessThan(900)
    expect(events.on('jwtgate:keys.loaded')).toHaveLength(2)
  })

  it('in which the clock of the application breaks leaves no promise unhandled, and the next one succeeds', async () => {
    let isBroken = false
    let fetched = 0
    let milliseconds = 0
    const { verifier } = remoteVerifier({
      jwksUri: server.jwksUri,
      clock: { now: () => mintedAt * 1_000, elapsed: () => (isBroken ? Number.NaN : milliseconds) },
      remote: {
        fetch: async () => {
          fetched++
          isBroken = fetched === 2
          return Response.json({ keys: [keyJwk] })
        },
      },
    })
    await verifier.verify(token)
    milliseconds = 8 * minute
    await verifier.verify(token)
    await pause(20) // In which Node reports what is unhandled: the end of this file fails for it.
    expect([fetched, isBroken]).toEqual([2, true])
    isBroken = false
    expect((await verifier.verify(token)).claims.sub).toBe('alice')
    await pause(20)
    expect([fetched, verifier.status().issuers[0]?.age]).toEqual([3, 0])
  })

  it('leaves no timer behind where a request waited for it', async () => {
    const remote = { fetch: async () => Response.json({ keys: [keyJwk] }) }
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri, remote })
    await verifier.verify(token)
    clock.milliseconds = 60 * minute
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await verifier.verify(token)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is not waited for, however old the keys are, where the last one failed', async () => {
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    clock.milliseconds = 9 * minute
    const failed = events.next('jwtgate:keys.refresh_failed')
    await verifier.verify(token)
    await failed

    const refresh = held(answer(JSON.stringify({ keys: [keyJwk] })))
    server.on('/jwks', refresh.respond)
    clock.milliseconds = 60 * minute
    expect(await durationOf(verifier.verify(token))).toBeLessThan(500)
    expect(begun()).toBe(3)
    expect(events.on('jwtgate:keys.loaded')).toHaveLength(1)
  })
})

describe('a key that leaves the set', () => {
  it('is refused after the next refresh, and that is told', async () => {
    server.setKeys([keyJwk, otherJwk])
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.setKeys([otherJwk])
    clock.milliseconds = 8 * minute
    const loaded = events.next('jwtgate:keys.loaded')
    await verifier.verify(token)
    await loaded

    expect((await refusalOf(verifier.verify(token))).code).toBe('key_unknown')
    expect((await verifier.verify(otherToken)).claims.sub).toBe('alice')
    expect(events.on('jwtgate:keys.removed')).toEqual([{ url: server.jwksUri, kid: 'k1' }])
  })

  it('may do so by another under the same kid', async () => {
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.setKeys([jwkOf(other, { kid: 'k1' })])
    clock.milliseconds = 8 * minute
    const loaded = events.next('jwtgate:keys.loaded')
    await verifier.verify(token)
    await loaded

    expect((await refusalOf(verifier.verify(token))).code).toBe('signature_invalid')
    const replaced = mint({}, { key: other, header: { kid: 'k1' } })
    expect((await verifier.verify(replaced)).claims.sub).toBe('alice')
    expect(events.on('jwtgate:keys.removed')).toEqual([{ url: server.jwksUri, kid: 'k1' }])
  })

  it('may do so by a new label, which takes its old algorithm away', async () => {
    const rsa = keyFor('RS256')
    const labelled = (alg?: string): void => server.setKeys([{ ...jwkOf(rsa, { kid: 'r' }), ...(alg && { alg }) }])
    const tokenFor = (alg: 'RS256' | 'PS256'): string => mint({}, { key: { ...rsa, alg }, header: { kid: 'r' } })
    labelled()
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri, algorithms: ['RS256', 'PS256'] })
    await verifier.verify(tokenFor('RS256'))
    labelled('PS256')
    clock.milliseconds = 60 * minute
    expect((await refusalOf(verifier.verify(tokenFor('RS256')))).code).toBe('key_unknown')
    expect((await verifier.verify(tokenFor('PS256'))).claims.sub).toBe('alice')
  })

  it('is not said of keys that stay', async () => {
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.setKeys([otherJwk, keyJwk])
    clock.milliseconds = 60 * minute
    await verifier.verify(token)
    expect(events.on('jwtgate:keys.loaded')).toMatchObject([{ keys: 1 }, { keys: 2 }])
    expect(events.on('jwtgate:keys.removed')).toEqual([])
  })
})

describe('a key that stays in the set', () => {
  it('stays the same object, and one that was replaced does not', async () => {
    let keys: readonly object[] = [keyJwk, otherJwk]
    const loader = new JwksLoader({
      address: { jwksUri: server.jwksUri },
      http: 'loopback',
      cacheMaxAge: 10 * minute,
      maxStale: 0,
      timeoutDuration: 5_000,
      maxResponseBytes: 100_000,
      headers: {},
      fetch: async () => Response.json({ keys }),
      clock: new TestClock(),
    })
    await loader.fetch()
    const before = new Set(loader.set?.keys.values())
    keys = [jwkOf(newKey('ES256'), { kid: 'k2' }), keyJwk]
    await loader.fetch()
    const after = [...(loader.set?.keys.values() ?? [])]
    expect(after.map((each) => [each.kid, before.has(each)])).toEqual([
      ['k2', false],
      ['k1', true],
    ])
  })
})

describe('the clock of the system', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('is asked anew each time: what takes the place of performance.now() later on counts', async () => {
    const options = { issuer, audience, algorithms: ['ES256'], jwksUri: server.jwksUri } as const
    const verifier = createJwtVerifier(options)
    await verifier.ready()
    const startedAt = performance.now()
    vi.spyOn(performance, 'now').mockReturnValue(startedAt + 11 * minute)
    expect(verifier.status().issuers).toMatchObject([{ state: 'stale' }])
  })
})

describe('the clock of the wall', () => {
  it.each([-2 * 3600, 3600])('does not age keys when it jumps by %d s', async (seconds) => {
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    const patient = mint({ nbf: 0, iat: 0, exp: clock.seconds + 86_400 }, { header: { kid: 'k1' } })
    await verifier.verify(patient)
    clock.seconds += seconds
    await verifier.verify(patient)
    expect(begun()).toBe(1)
  })
})
