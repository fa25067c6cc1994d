// An identity provider that fails: known keys go on, without keys it is 503, and all heals by itself.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { mint, now as mintedAt } from '../../../test/support/mint.ts'
import { hang, providerFaults } from '../../../test/support/provider-faults.ts'
import { recordEvents, type RecordedEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier, type RemoteSetup } from '../../../test/support/remote-verifier.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { refusalOf } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const keyJwk = jwkOf(keyFor('ES256'), { kid: 'k1' })
const token = mint({}, { header: { kid: 'k1' } })
const ttl = 600_000
const remote = { timeoutDuration: 250 }

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

/** Uses the known keys, and waits for the refresh that this starts to fail. */
async function failToRefresh({ verifier }: RemoteSetup): Promise<void> {
  const failed = events.next('jwtgate:keys.refresh_failed')
  await verifier.verify(token)
  await failed
}

function pausesBetween(attempts: readonly number[]): readonly number[] {
  return attempts.slice(1).map((at, index) => (at - (attempts[index] ?? Number.NaN)) / 1_000)
}

/** Not more, and because of the jitter perhaps less, but more than half. */
function isAbout(seconds: number, nominal = Number.NaN): boolean {
  return seconds > nominal / 2 && seconds <= nominal + 0.2
}

describe('an outage after the keys were fetched', () => {
  it.each(providerFaults)('leaves known keys in use and is told: $name', async ({ respond, reason, code }) => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri, remote })
    await setup.verifier.verify(token)
    server.on('/jwks', respond)

    setup.clock.milliseconds = 0.8 * ttl
    await failToRefresh(setup)
    expect((await setup.verifier.verify(token)).claims.sub).toBe('alice')
    expect(events.on('jwtgate:keys.refresh_failed')).toMatchObject([
      {
        url: server.jwksUri,
        code: expect.stringMatching(code ?? /^keys_(unavailable|invalid)$/),
        reason: expect.stringMatching(reason),
        keys: 1,
      },
    ])

    setup.clock.milliseconds = ttl
    await failToRefresh(setup)
    expect((await setup.verifier.verify(token)).claims.sub).toBe('alice')
    expect(events.on('jwtgate:keys.stale')).toEqual([{ url: server.jwksUri, keys: 1, age: ttl }])
  })

  it('leaves known keys in use where the connection is refused', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    await setup.verifier.verify(token)
    await server.close()
    setup.clock.milliseconds = 0.8 * ttl
    await failToRefresh(setup)
    expect((await setup.verifier.verify(token)).claims.sub).toBe('alice')
    expect(events.on('jwtgate:keys.refresh_failed')).toMatchObject([
      // Or the connection of the first fetch was kept, and found to be closed.
      { code: 'keys_unavailable', reason: expect.stringMatching(/^(ECONNREFUSED|UND_ERR_SOCKET)$/) },
    ])
  })

  it('of an hour costs at most 60 fetches and no request, and the attempts never end', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    await setup.verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    const hour = 3_600_000
    for (setup.clock.milliseconds = 0.8 * ttl; setup.clock.milliseconds < 0.8 * ttl + hour;) {
      const before = setup.begun()
      const failed = events.next('jwtgate:keys.refresh_failed')
      expect((await setup.verifier.verify(token)).claims.sub).toBe('alice')
      if (setup.begun() > before) await failed
      setup.clock.milliseconds += 2_000
    }
    const attempts = setup.begun() - 1
    expect(attempts).toBeLessThanOrEqual(60)
    expect(attempts).toBeGreaterThanOrEqual(30) // One per 120 s at the least.
  })

  it('is backed off from: 1 s, doubling to 120 s, with jitter', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    await setup.verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    setup.clock.milliseconds = 0.8 * ttl
    const attempts: number[] = []
    while (attempts.length < 11) {
      const before = setup.begun()
      const failed = events.next('jwtgate:keys.refresh_failed')
      await setup.verifier.verify(token)
      if (setup.begun() > before) {
        attempts.push(setup.clock.milliseconds)
        await failed
      }
      setup.clock.milliseconds += 100
    }
    const pauses = pausesBetween(attempts)
    const nominal = [1, 2, 4, 8, 16, 32, 64, 120, 120, 120]
    expect(pauses.map((pause, index) => isAbout(pause, nominal[index]))).toEqual(nominal.map(() => true))
  })

  it('is over for the back-off at the very moment that it names', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    await setup.verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    setup.clock.milliseconds = 0.8 * ttl
    const random = vi.spyOn(Math, 'random').mockReturnValue(0) // The jitter shortens the first pause to 750 ms.
    try {
      await failToRefresh(setup)
    } finally {
      random.mockRestore()
    }
    setup.clock.milliseconds += 749
    await setup.verifier.verify(token)
    expect(setup.begun()).toBe(2)
    setup.clock.milliseconds += 1
    await failToRefresh(setup)
    expect(setup.begun()).toBe(3)
  })

  it('ends with the first attempt that succeeds', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    await setup.verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    setup.clock.milliseconds = ttl
    await failToRefresh(setup)

    server.setKeys([keyJwk])
    setup.clock.milliseconds += 1_000
    const loaded = events.next('jwtgate:keys.loaded')
    await setup.verifier.verify(token)
    await loaded
    setup.clock.milliseconds += 0.8 * ttl - 1
    await setup.verifier.verify(token)
    expect(setup.begun()).toBe(3)
  })

  it('starts its back-off anew after a success', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    await setup.verifier.verify(token)
    for (let outage = 0; outage < 2; outage++) {
      server.on('/jwks', answer('', {}, 500))
      setup.clock.milliseconds += 0.8 * ttl
      for (const wait of [0, 1_000, 2_000, 4_000]) {
        setup.clock.milliseconds += wait
        await failToRefresh(setup)
      }
      server.setKeys([keyJwk])
      setup.clock.milliseconds += 8_000
      const loaded = events.next('jwtgate:keys.loaded')
      await setup.verifier.verify(token)
      await loaded
    }
    expect(setup.begun()).toBe(1 + 2 * 5)
  })
})

describe('the end of maxStale', () => {
  const maxStale = 3_600_000
  const end = ttl + maxStale

  it('is the last moment at which known keys are used', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri, remote: { maxStale } })
    await setup.verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    setup.clock.milliseconds = end - 10_000
    await failToRefresh(setup)
    setup.clock.milliseconds = end - 1
    await failToRefresh(setup)

    setup.clock.milliseconds = end + 1
    expect(await refusalOf(setup.verifier.verify(token))).toMatchObject({
      name: 'KeySourceError',
      code: 'keys_unavailable',
      status: 503,
    })
  })

  it.each([
    ['with a known kid', token],
    ['with an unknown kid', mint({}, { header: { kid: 'x' } })],
    ['without a kid', mint()],
  ])('is 503 also where it comes while a token %s waits for a refresh that fails', async (_name, waiting) => {
    let isDown = false
    const { verifier, clock } = remoteVerifier({
      jwksUri: server.jwksUri,
      remote: {
        maxStale: ttl,
        fetch: async () => {
          if (!isDown) return Response.json({ keys: [keyJwk] })
          clock.milliseconds += 2
          return new Response('', { status: 500 })
        },
      },
    })
    await verifier.verify(token)
    isDown = true
    clock.milliseconds = 2 * ttl - 1
    expect(await refusalOf(verifier.verify(waiting))).toMatchObject({ code: 'keys_unavailable', status: 503 })
  })

  it('is a day by default', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    await setup.verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    setup.clock.milliseconds = ttl
    await failToRefresh(setup)
    setup.clock.milliseconds = ttl + 86_400_000 - 1
    await failToRefresh(setup)
    setup.clock.milliseconds = ttl + 86_400_001
    expect((await refusalOf(setup.verifier.verify(token))).status).toBe(503)
  })

  it('lets a request wait for an attempt that is due, and so be accepted', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri, remote: { maxStale: 0 } })
    await setup.verifier.verify(token)
    setup.clock.milliseconds = ttl + 1
    expect((await setup.verifier.verify(token)).claims.sub).toBe('alice')
    expect(setup.begun()).toBe(2)
  })

  it('leaves nothing but the back-off to say when the provider is asked: an unknown kid does not', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri, remote: { maxStale } })
    await setup.verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    setup.clock.milliseconds = end + 1
    for (const kid of ['k1', 'x', 'y', 'z']) {
      expect((await refusalOf(setup.verifier.verify(mint({}, { header: { kid } })))).status).toBe(503)
    }
    expect(setup.begun()).toBe(1 + 1)
  })

  it('shortens the back-off to that without keys: 3 s later the provider is asked again', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri, remote: { maxStale } })
    await setup.verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    for (let attempts = 12; attempts > 0; attempts--) {
      setup.clock.milliseconds = end - attempts * 120_000
      await failToRefresh(setup)
    }
    setup.clock.milliseconds = end - 1
    await failToRefresh(setup) // With keys, the next attempt is up to 120 s away.

    server.setKeys([keyJwk])
    setup.clock.milliseconds = end + 3_000
    expect((await setup.verifier.verify(token)).claims.sub).toBe('alice')
  })
})

describe('an outage at the start', () => {
  it.each(providerFaults)('is 503 and heals by itself: $name', async ({ respond, reason, code }) => {
    server.on('/jwks', respond)
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri, remote })
    const refusal = await refusalOf(verifier.verify(token))
    expect(refusal).toMatchObject({
      name: 'KeySourceError',
      code: expect.stringMatching(code ?? /^keys_(unavailable|invalid)$/),
      status: 503,
      statusCode: 503,
      expose: false,
      hint: expect.stringMatching(reason),
    })
    expect(refusal.headers).toEqual({ 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) })
    expect(events.on('jwtgate:keys.refresh_failed')).toMatchObject([{ keys: 0 }])
    expect(events.on('jwtgate:keys.stale')).toEqual([])

    server.setKeys([keyJwk])
    clock.milliseconds += 1_000
    expect((await verifier.verify(token)).claims.sub).toBe('alice')
  })

  it('heals when the provider starts to listen', async () => {
    const { origin, jwksUri } = server
    await server.close()
    const { verifier, clock } = remoteVerifier({ jwksUri })
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'keys_unavailable', status: 503 })

    server = await startKeyServer([keyJwk], Number(new URL(origin).port))
    clock.milliseconds += 1_000
    expect((await verifier.verify(token)).claims.sub).toBe('alice')
  })

  it('costs at most one fetch a second and is retried at least every 3 s, at 100 requests a second', async () => {
    server.on('/jwks', answer('', {}, 500))
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    const seconds = 60
    for (; clock.milliseconds < seconds * 1_000; clock.milliseconds += 10) {
      expect((await refusalOf(verifier.verify(token))).status).toBe(503)
    }
    expect(begun()).toBeLessThanOrEqual(seconds)
    expect(begun()).toBeGreaterThanOrEqual(seconds / 3)
  })

  it('is backed off from: 1 s, doubling to 3 s, with jitter', async () => {
    server.on('/jwks', answer('', {}, 500))
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    const attempts: number[] = []
    for (; attempts.length < 6; clock.milliseconds += 10) {
      const before = begun()
      await refusalOf(verifier.verify(token))
      if (begun() > before) attempts.push(clock.milliseconds)
    }
    const nominal = [1, 2, 3, 3, 3]
    const pauses = pausesBetween(attempts)
    expect(pauses.map((pause, index) => isAbout(pause, nominal[index]))).toEqual(nominal.map(() => true))
  })

  it('says in Retry-After when the next attempt may be made', async () => {
    server.on('/jwks', answer('', {}, 500))
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    for (let attempt = 1; attempt <= 6; attempt++) {
      const { headers } = await refusalOf(verifier.verify(token))
      expect(begun()).toBe(attempt)
      const seconds = Number(headers['Retry-After'])
      expect(seconds).toBeGreaterThanOrEqual(1)
      expect(seconds).toBeLessThanOrEqual(3)
      clock.milliseconds += seconds * 1_000
    }
  })

  it('refuses at once between attempts: no request waits for the provider', async () => {
    server.on('/jwks', hang)
    const { verifier, begun } = remoteVerifier({ jwksUri: server.jwksUri, remote: { timeoutDuration: 100 } })
    await refusalOf(verifier.verify(token))
    const refusals = await Promise.all(Array.from({ length: 100 }, () => refusalOf(verifier.verify(token))))
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['keys_unavailable']))
    expect(begun()).toBe(1)
  })

  it('makes ready() reject without asking more often than the back-off allows', async () => {
    server.on('/jwks', answer('', {}, 500))
    const { verifier, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    for (let attempt = 0; attempt < 10; attempt++) {
      await expect(verifier.ready()).rejects.toMatchObject({ code: 'keys_unavailable' })
    }
    expect(begun()).toBe(1)
  })
})

describe('what the operator reads', () => {
  it.each(providerFaults)('is a hint of whole sentences: $name', async ({ respond }) => {
    server.on('/jwks', respond)
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri, remote })
    const { hint } = await refusalOf(verifier.verify(token))
    expect(hint).toContain(server.jwksUri)
    expect(hint).not.toMatch(/\.\.|undefined|\[object/)
  })

  const again = 'Tokens cannot be checked until then; it is tried again by itself.'
  const isItUp = `Is the provider up, can this machine reach it, and is the URL right? ${again}`
  const isItASet = 'Is this the URL of a JWK Set, and do its keys fit the option `algorithms`?'
  const whoIsIt =
    'Is the provider up, can this machine reach it, and is the option `issuer` exactly what the provider calls itself? '
  const openId = '/.well-known/openid-configuration'

  it.each<[string, () => void, string, string]>([
    ['a status', () => server.on('/jwks', answer('', {}, 500)), 'the answer has the status 500', isItUp],
    [
      'no set',
      () => server.on('/jwks', answer('[]')),
      'it is no JWK Set, which is an object with an array `keys` (RFC 7517 section 5)',
      isItASet,
    ],
    [
      'keys for other algorithms',
      () => server.setKeys([jwkOf(newKey('ES384'), { kid: 'k1' })]),
      'none of its keys fits',
      isItASet,
    ],
  ])('is where it happened, what, and what to do, in these words: %s', async (_name, arrange, reason, remedy) => {
    arrange()
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    expect((await refusalOf(verifier.verify(token))).hint).toBe(`${server.jwksUri}: ${reason}. ${remedy}`)
  })

  it('is that for metadata too', async () => {
    server.on(openId, answer('', {}, 500))
    const { verifier } = remoteVerifier({ issuer: server.origin })
    const { hint } = await refusalOf(verifier.verify(mint({ iss: server.origin })))
    expect(hint).toBe(`${server.origin}${openId}: the answer has the status 500. ${whoIsIt}${again}`)
  })

  it('is that also for an answer that cannot be read for a reason that nobody foresaw', async () => {
    const withoutHeaders = async (): Promise<never> => {
      const { status, body } = Response.json({ keys: [keyJwk] })
      return { status, body } as never
    }
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri, remote: { fetch: withoutHeaders } })
    const { hint } = await refusalOf(verifier.verify(token))
    expect(hint).toBe(`${server.jwksUri}: reading it failed unexpectedly. ${isItUp}`)
  })

  it('is that also where the clock of the application broke while the first answer came, and all heals', async () => {
    let brokenCalls = 0
    let fetched = 0
    const { verifier } = remoteVerifier({
      jwksUri: server.jwksUri,
      clock: { now: () => mintedAt * 1_000, elapsed: () => (brokenCalls-- > 0 ? Number.NaN : 0) },
      remote: {
        fetch: async () => {
          brokenCalls = fetched++ === 0 ? 2 : 0 // To say when it came, and to say when that failed.
          return Response.json({ keys: [keyJwk] })
        },
      },
    })
    const refusal = await refusalOf(verifier.verify(token))
    expect(refusal).toMatchObject({ code: 'keys_unavailable', status: 503 })
    expect(refusal.hint).toBe(`${server.jwksUri}: the set was not fetched yet. ${isItUp}`)
    expect((await verifier.verify(token)).claims.sub).toBe('alice')
  })
})
