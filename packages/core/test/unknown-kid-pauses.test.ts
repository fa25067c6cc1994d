// A kid that the provider was asked for in vain pauses before it may cause another fetch, and is hurt by that in no other way.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { held } from '../../../test/support/provider-faults.ts'
import { recordEvents, type RecordedEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier, type RemoteSetup } from '../../../test/support/remote-verifier.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { codeOf, outcomeOf } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const key = keyFor('ES256')
const next = newKey('ES256')
const keyJwk = jwkOf(key, { kid: 'k1' })
const nextJwk = jwkOf(next, { kid: 'k2' })
const token = mint({}, { header: { kid: 'k1' } })
const nextToken = mint({}, { key: next, header: { kid: 'k2' } })
const minute = 60_000
/** When the first minute's fetches for one kid begin: 3 s after the first, then 6 s, then each 8 s. */
const firstMinute = [0, 3, 9, 17, 25, 33, 41, 49, 57].map((seconds) => seconds * 1_000)

let server: KeyServer
let events: RecordedEvents
let madeUp = 0

beforeEach(async () => {
  server = await startKeyServer([keyJwk])
  events = recordEvents()
})

afterEach(async () => {
  events.stop()
  await server.close()
})

/** Its keys are fetched, and its budget is untouched. */
async function warmVerifier(changes: Parameters<typeof remoteVerifier>[0] = {}): Promise<RemoteSetup> {
  const setup = remoteVerifier({ jwksUri: server.jwksUri, ...changes })
  await setup.verifier.ready()
  return setup
}

function tokenOf(kid: string): string {
  return mint({}, { header: { kid } })
}

function madeUpToken(): string {
  return tokenOf(`made up ${madeUp++}`)
}

/** How many fetches it costs to have this token refused for its key. */
async function fetchesFor(strange: string, { verifier, begun }: RemoteSetup): Promise<number> {
  const before = begun()
  expect(await codeOf(verifier.verify(strange))).toBe('key_unknown')
  return begun() - before
}

/** Sends the token again and again. The milliseconds at which it caused a fetch. */
async function timesOfFetches(strange: string, setup: RemoteSetup, until: number, every = 100): Promise<number[]> {
  const times: number[] = []
  for (; setup.clock.milliseconds < until; setup.clock.milliseconds += every) {
    if ((await fetchesFor(strange, setup)) > 0) times.push(setup.clock.milliseconds)
  }
  return times
}

/** Lets the ordinary refresh in the background take place. */
async function refresh({ verifier, clock }: RemoteSetup): Promise<void> {
  clock.milliseconds += 8 * minute
  const loaded = events.next('jwtgate:keys.loaded')
  await verifier.verify(token)
  await loaded
}

/** Asked for in vain so often that its pause is the longest of the first minute. */
async function setupWithPausedNextKey(): Promise<RemoteSetup> {
  const setup = await warmVerifier()
  await timesOfFetches(nextToken, setup, 9_100)
  expect(await fetchesFor(nextToken, setup)).toBe(0)
  return setup
}

describe('the pause of a kid that the provider was asked for in vain', () => {
  it('is 3 s at first: until then the same token causes no fetch', async () => {
    const setup = await warmVerifier()
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(1)
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(0)
    setup.clock.milliseconds = 2_999
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(0)
    setup.clock.milliseconds = 3_000
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(1)
  })

  it('doubles to at most 8 s in the first minute', async () => {
    expect(await timesOfFetches(tokenOf('x'), await warmVerifier(), minute)).toEqual(firstMinute)
  })

  it('is at most 30 s after that, and for as long as the kid comes', async () => {
    const setup = await warmVerifier()
    const times = await timesOfFetches(tokenOf('x'), setup, 4 * minute)
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? Number.NaN))
    expect(Math.max(...pauses)).toBe(30_000)
    expect(pauses.slice(-3)).toEqual([30_000, 30_000, 30_000])
  })

  it('starts at 3 s for each kid', async () => {
    const setup = await warmVerifier()
    await timesOfFetches(tokenOf('x'), setup, 2 * minute)
    const begin = setup.clock.milliseconds
    const times = await timesOfFetches(tokenOf('y'), setup, begin + 20_000)
    expect(times.map((time) => time - begin)).toEqual([0, 3_000, 9_000, 17_000])
  })

  it('is not lengthened by requests that cause no fetch', async () => {
    const setup = await warmVerifier()
    for (let sent = 0; sent < 50; sent++) await fetchesFor(tokenOf('x'), setup)
    setup.clock.milliseconds = 3_000
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(1)
  })

  it('is doubled by fetches, not by the requests that wait for one', async () => {
    const setup = await warmVerifier()
    const older = held(answer(JSON.stringify({ keys: [keyJwk] })))
    server.on('/jwks', older.respond)
    setup.clock.milliseconds = 8 * minute
    await setup.verifier.verify(token)
    await older.arrived
    const before = setup.begun()
    const waiting = Array.from({ length: 200 }, () => codeOf(setup.verifier.verify(tokenOf('x'))))
    await older.letGo()
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['key_unknown']))
    expect(setup.begun()).toBe(before + 1)

    setup.clock.milliseconds += 2_999
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(0)
    setup.clock.milliseconds += 1
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(1)
  })

  it('begins at a cold start too: the first fetch was asked in vain', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(1)
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(0)
    setup.clock.milliseconds = 3_000
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(1)
  })

  it('begins with the refresh after an idle time too', async () => {
    const setup = await warmVerifier()
    setup.clock.milliseconds = 60 * minute
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(1)
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(0)
    setup.clock.milliseconds += 3_000
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(1)
  })

  it('is for that kid only: another one causes a fetch meanwhile', async () => {
    const setup = await warmVerifier()
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(1)
    expect(await fetchesFor(tokenOf('y'), setup)).toBe(1)
    expect(await fetchesFor(tokenOf('x '), setup)).toBe(1)
  })

  it('is not begun by a fetch that failed: once the provider is back, the kid is asked for at once', async () => {
    const setup = await warmVerifier()
    server.on('/jwks', answer('', {}, 500))
    expect(await codeOf(setup.verifier.verify(nextToken))).toBe('keys_unavailable')
    server.setKeys([keyJwk, nextJwk])
    expect(await outcomeOf(setup.verifier.verify(nextToken))).toBe('accepted')
    expect(setup.begun()).toBe(3)
  })

  it('is not begun where the budget allowed no fetch: the kid is asked for as soon as it does', async () => {
    const setup = await warmVerifier()
    for (let spent = 0; spent < 3; spent++) await fetchesFor(madeUpToken(), setup)
    expect(await timesOfFetches(tokenOf('x'), setup, 8_100)).toEqual([8_000])
  })

  it('is not lengthened by a fetch that failed', async () => {
    const setup = await warmVerifier()
    expect(await fetchesFor(nextToken, setup)).toBe(1)
    server.on('/jwks', answer('', {}, 500))
    setup.clock.milliseconds = 3_000
    expect(await codeOf(setup.verifier.verify(nextToken))).toBe('keys_unavailable')
    server.setKeys([keyJwk, nextJwk])
    expect(await outcomeOf(setup.verifier.verify(nextToken))).toBe('accepted')
  })

  it('turns into 503 where a fetch failed meanwhile, since nobody knows any more', async () => {
    const setup = await warmVerifier()
    expect(await fetchesFor(tokenOf('x'), setup)).toBe(1)
    server.on('/jwks', answer('', {}, 500))
    expect(await codeOf(setup.verifier.verify(tokenOf('y')))).toBe('keys_unavailable')
    const before = setup.begun()
    expect(await codeOf(setup.verifier.verify(tokenOf('x')))).toBe('keys_unavailable')
    expect(setup.begun()).toBe(before)
  })
})

describe('a kid in its pause', () => {
  it('joins a fetch in flight and is answered by it', async () => {
    const setup = await setupWithPausedNextKey()
    const rotated = held(answer(JSON.stringify({ keys: [keyJwk, nextJwk] })))
    server.on('/jwks', rotated.respond)
    const refused = codeOf(setup.verifier.verify(madeUpToken()))
    const accepted = outcomeOf(setup.verifier.verify(nextToken))
    await rotated.letGo()
    expect(await accepted).toBe('accepted')
    expect(await refused).toBe('key_unknown')
  })

  it('causes no fetch of its own where the one that it joined began too early to know', async () => {
    const setup = await setupWithPausedNextKey()
    const tooEarly = held(answer(JSON.stringify({ keys: [keyJwk] })))
    server.on('/jwks', tooEarly.respond)
    const first = codeOf(setup.verifier.verify(madeUpToken()))
    await tooEarly.arrived
    const before = setup.begun()
    const second = codeOf(setup.verifier.verify(nextToken))
    await tooEarly.letGo()
    expect([await first, await second]).toEqual(['key_unknown', 'key_unknown'])
    expect(setup.begun()).toBe(before)
  })

  it('is accepted at once where a fetch for another kid brought its key', async () => {
    const setup = await setupWithPausedNextKey()
    server.setKeys([keyJwk, nextJwk])
    expect(await fetchesFor(madeUpToken(), setup)).toBe(1)
    const before = setup.begun()
    expect(await outcomeOf(setup.verifier.verify(nextToken))).toBe('accepted')
    expect(setup.begun()).toBe(before)
  })
})

describe('a key that is in the set', () => {
  it('is not affected by pauses of made-up kids', async () => {
    const setup = await warmVerifier()
    for (; setup.clock.milliseconds < minute; setup.clock.milliseconds += 500) {
      await fetchesFor(tokenOf('x'), setup)
      const before = setup.begun()
      expect(await outcomeOf(setup.verifier.verify(token))).toBe('accepted')
      expect(setup.begun()).toBe(before)
    }
  })

  it('is not affected by tokens that name it with an algorithm that it does not fit', async () => {
    const setup = await warmVerifier({ algorithms: ['ES256', 'EdDSA'] })
    const misfit = mint({}, { key: keyFor('EdDSA'), header: { kid: 'k1' } })
    for (; setup.clock.milliseconds < minute; setup.clock.milliseconds += 500) {
      await fetchesFor(misfit, setup)
      expect(await outcomeOf(setup.verifier.verify(token))).toBe('accepted')
    }
    expect(setup.begun()).toBeLessThanOrEqual(1 + 3 + 7) // What the budget allows in a minute.
  })

  it('is not affected by the pause that its kid had before it was published', async () => {
    const setup = await setupWithPausedNextKey()
    server.setKeys([keyJwk, nextJwk])
    await refresh(setup)
    for (let round = 0; round < 20; round++) {
      setup.clock.milliseconds += 100
      expect(await outcomeOf(setup.verifier.verify(nextToken))).toBe('accepted')
    }
    expect(await outcomeOf(setup.verifier.verify(token))).toBe('accepted')
  })
})

describe('a provider that signs before it publishes', () => {
  /** Milliseconds from publication until a token is accepted that is sent every 100 ms. */
  async function untilAccepted(publishedAt: number, beside: (setup: RemoteSetup) => Promise<unknown>): Promise<number> {
    const setup = await warmVerifier()
    for (; setup.clock.milliseconds < publishedAt + minute; setup.clock.milliseconds += 100) {
      if (setup.clock.milliseconds === publishedAt) server.setKeys([keyJwk, nextJwk])
      await beside(setup)
      if ((await outcomeOf(setup.verifier.verify(nextToken))) === 'accepted') {
        return setup.clock.milliseconds - publishedAt
      }
      expect(await outcomeOf(setup.verifier.verify(token))).toBe('accepted')
    }
    return Number.POSITIVE_INFINITY
  }

  it.each([100, 2_000, 3_000, 9_100, 30_000, 49_100])(
    '%d ms before is accepted within 10 s of publication',
    async (publishedAt) => {
      expect(await untilAccepted(publishedAt, async () => {})).toBeLessThanOrEqual(10_000)
    },
  )

  it('2 s before is accepted within 10 s of publication during a flood of made-up kids', async () => {
    const flood = ({ verifier }: RemoteSetup): Promise<unknown> =>
      Promise.all([1, 2, 3].map(() => codeOf(verifier.verify(madeUpToken()))))
    expect(await untilAccepted(2_000, flood)).toBeLessThanOrEqual(10_000)
  })

  it('2 s before is accepted within 10 s of publication, also where somebody made its kid up an hour ago', async () => {
    const setup = await warmVerifier()
    await timesOfFetches(nextToken, setup, 2 * minute)
    setup.clock.milliseconds += 60 * minute
    await setup.verifier.verify(token)
    const signedAt = setup.clock.milliseconds
    let acceptedAt = Number.POSITIVE_INFINITY
    for (; acceptedAt > setup.clock.milliseconds; setup.clock.milliseconds += 100) {
      if (setup.clock.milliseconds === signedAt + 2_000) server.setKeys([keyJwk, nextJwk])
      if ((await outcomeOf(setup.verifier.verify(nextToken))) === 'accepted') acceptedAt = setup.clock.milliseconds
    }
    expect(acceptedAt - signedAt - 2_000).toBeLessThanOrEqual(10_000)
  })

  it('10 minutes before is accepted within 31 s of publication', async () => {
    expect(await untilAccepted(10 * minute, async () => {})).toBeLessThanOrEqual(31_000)
  })
})

describe('one made-up kid, 100 times a second', () => {
  it('costs 9 fetches in the first minute and at most 3 in each after', async () => {
    const setup = await warmVerifier()
    const times = await timesOfFetches(tokenOf('x'), setup, 3 * minute, 10)
    const fetchesInMinute = (index: number): number =>
      times.filter((time) => Math.floor(time / minute) === index).length
    expect([0, 1, 2].map(fetchesInMinute)).toEqual([9, expect.any(Number), expect.any(Number)])
    for (const later of [1, 2]) expect(fetchesInMinute(later)).toBeLessThanOrEqual(3)
    expect(times.filter((time) => time < 10_000)).toHaveLength(3)
  })
})

describe('the memory of pauses', () => {
  const most = 1_000

  /** So many kids at once, of which the first and the last are asked for in vain with two fetches. */
  async function setupWithPauses(count: number): Promise<RemoteSetup> {
    const setup = await warmVerifier()
    const tokens = Array.from({ length: count }, (_, index) => tokenOf(`x${index}`))
    const codes = await Promise.all(tokens.map((strange) => codeOf(setup.verifier.verify(strange))))
    expect(new Set(codes)).toEqual(new Set(['key_unknown']))
    expect(setup.begun()).toBe(1 + 2) // The budget has one left.
    return setup
  }

  it('holds 1,000 kids', async () => {
    const setup = await setupWithPauses(most)
    expect(await fetchesFor(tokenOf('x999'), setup)).toBe(0)
    expect(await fetchesFor(tokenOf('x0'), setup)).toBe(0)
    expect(await fetchesFor(tokenOf('another'), setup)).toBe(1)
  })

  it('forgets the oldest of 1,001 kids, and no other', async () => {
    const setup = await setupWithPauses(most + 1)
    expect(await fetchesFor(tokenOf('x1000'), setup)).toBe(0)
    expect(await fetchesFor(tokenOf('x1'), setup)).toBe(0)
    expect(await fetchesFor(tokenOf('x0'), setup)).toBe(1)
  })
})

describe('tokens without kid', () => {
  const algorithms = ['ES256', 'EdDSA'] as const
  const edToken = mint({}, { key: keyFor('EdDSA') })

  it('pause like a kid where no key fits their algorithm', async () => {
    const setup = await warmVerifier({ algorithms })
    expect(await timesOfFetches(edToken, setup, minute)).toEqual(firstMinute)
  })

  it('are accepted where exactly one key fits, whatever pauses', async () => {
    const setup = await warmVerifier({ algorithms })
    await fetchesFor(edToken, setup)
    expect(await outcomeOf(setup.verifier.verify(mint()))).toBe('accepted')
  })

  it('are accepted at once when a fetch for another brought the key that fits', async () => {
    const setup = await warmVerifier({ algorithms })
    await fetchesFor(edToken, setup)
    server.setKeys([keyJwk, jwkOf(keyFor('EdDSA'), { kid: 'ed' })])
    await fetchesFor(madeUpToken(), setup)
    expect(await outcomeOf(setup.verifier.verify(edToken))).toBe('accepted')
  })

  it('do not hold up a kid that happens to be called undefined or null', async () => {
    const setup = await warmVerifier({ algorithms })
    await fetchesFor(edToken, setup)
    for (const kid of ['undefined', 'null']) expect(await fetchesFor(tokenOf(kid), setup)).toBe(1)
  })
})
