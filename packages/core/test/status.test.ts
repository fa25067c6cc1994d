// verifier.status(): for each issuer the state of its keys, as a plain object for a health endpoint.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createJwtVerifier, type IssuerStatus, type JwtVerifier, type VerifierStatus } from '@jwtgate/core'
import { severalIssuers, testIssuer } from '../../../test/support/issuers.ts'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { audience, issuer, mint, now } from '../../../test/support/mint.ts'
import { hang, held } from '../../../test/support/provider-faults.ts'
import { recordEvents, type RecordedEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier, type RemoteSetup } from '../../../test/support/remote-verifier.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { codeOf, outcomeOf, TestClock, testVerifier } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const keyJwk = jwkOf(keyFor('ES256'), { kid: 'k1' })
const token = mint({}, { header: { kid: 'k1' } })
const start = now * 1_000
const lifetime = 600_000
const maxStale = 3_600_000

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

/** Of the only issuer. */
function statusOf(verifier: JwtVerifier): IssuerStatus {
  const { issuers } = verifier.status()
  expect(issuers).toHaveLength(1)
  const [status] = issuers
  if (status === undefined) throw new Error('no issuer')
  return status
}

async function warmSetup(changes: Parameters<typeof remoteVerifier>[0] = {}): Promise<RemoteSetup> {
  const setup = remoteVerifier({ jwksUri: server.jwksUri, remote: { maxStale }, ...changes })
  await setup.verifier.ready()
  return setup
}

/** Lets a refresh that is due fail, in the background. */
async function failToRefresh({ verifier }: RemoteSetup): Promise<void> {
  const failed = events.next('jwtgate:keys.refresh_failed')
  await verifier.ready()
  await failed
}

const never: IssuerStatus = {
  issuer,
  state: 'missing',
  keys: 0,
  age: null,
  lastSuccess: null,
  lastFailure: null,
}
const justLoaded: IssuerStatus = { ...never, state: 'fresh', keys: 1, age: 0, lastSuccess: start }

interface State {
  readonly name: string
  readonly reach: () => Promise<RemoteSetup>
  readonly expected: IssuerStatus
}

/** Every state that the keys of an issuer can be in. */
const states: readonly State[] = [
  {
    name: 'before the first fetch',
    reach: async () => remoteVerifier({ jwksUri: server.jwksUri }),
    expected: never,
  },
  {
    name: 'while the first fetch is under way',
    reach: async () => {
      server.on('/jwks', hang)
      const setup = remoteVerifier({ jwksUri: server.jwksUri, remote: { timeoutDuration: 100 } })
      setup.verifier.ready().catch(() => {})
      return setup
    },
    expected: never,
  },
  {
    name: 'after the first fetch failed',
    reach: async () => {
      server.on('/jwks', answer('', {}, 500))
      const setup = remoteVerifier({ jwksUri: server.jwksUri })
      setup.clock.advance(5_000)
      await codeOf(setup.verifier.verify(token))
      setup.clock.advance(7_000)
      return setup
    },
    expected: { ...never, lastFailure: { code: 'keys_unavailable', at: start + 5_000 } },
  },
  { name: 'just loaded', reach: () => warmSetup(), expected: justLoaded },
  {
    name: 'at the last moment of its lifetime',
    reach: async () => {
      const setup = await warmSetup()
      setup.clock.advance(lifetime - 1)
      return setup
    },
    expected: { ...justLoaded, age: lifetime - 1 },
  },
  {
    name: 'at the end of its lifetime',
    reach: async () => {
      const setup = await warmSetup()
      setup.clock.advance(lifetime)
      return setup
    },
    expected: { ...justLoaded, state: 'stale', age: lifetime },
  },
  {
    name: 'after a refresh failed within the lifetime',
    reach: async () => {
      const setup = await warmSetup()
      server.on('/jwks', answer('{"keys":[]}'))
      setup.clock.advance(0.8 * lifetime)
      await failToRefresh(setup)
      return setup
    },
    expected: {
      ...justLoaded,
      age: 0.8 * lifetime,
      lastFailure: { code: 'keys_invalid', at: start + 0.8 * lifetime },
    },
  },
  {
    name: 'at the last moment of maxStale, in an outage',
    reach: async () => {
      const setup = await warmSetup()
      server.on('/jwks', answer('', {}, 500))
      setup.clock.advance(lifetime)
      await failToRefresh(setup)
      setup.clock.advance(maxStale)
      return setup
    },
    expected: {
      ...justLoaded,
      state: 'stale',
      age: lifetime + maxStale,
      lastFailure: { code: 'keys_unavailable', at: start + lifetime },
    },
  },
  {
    name: 'past maxStale',
    reach: async () => {
      const setup = await warmSetup()
      setup.clock.advance(lifetime + maxStale + 1)
      return setup
    },
    expected: { ...justLoaded, state: 'missing', keys: 0, age: lifetime + maxStale + 1 },
  },
  {
    name: 'after it healed',
    reach: async () => {
      server.on('/jwks', answer('', {}, 500))
      const setup = remoteVerifier({ jwksUri: server.jwksUri })
      await codeOf(setup.verifier.verify(token))
      server.setKeys([keyJwk])
      setup.clock.advance(1_000)
      await setup.verifier.ready()
      setup.clock.advance(500)
      return setup
    },
    expected: {
      ...justLoaded,
      age: 500,
      lastSuccess: start + 1_000,
      lastFailure: { code: 'keys_unavailable', at: start },
    },
  },
]

describe('the status of an issuer', () => {
  it.each(states)('$name', async ({ reach, expected }) => {
    const { verifier } = await reach()
    expect(verifier.status()).toStrictEqual({ issuers: [expected] })
  })

  it.each(states)('$name is plain: it survives JSON as it is', async ({ reach }) => {
    const status: VerifierStatus = (await reach()).verifier.status()
    expect(JSON.parse(JSON.stringify(status))).toStrictEqual(status)
    for (const object of [status, ...status.issuers]) expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
    expect(Array.isArray(status.issuers)).toBe(true)
  })

  it.each(states)('$name is a fresh object at each call', async ({ reach }) => {
    const { verifier } = await reach()
    const [one, two] = [verifier.status(), verifier.status()]
    expect(one).toStrictEqual(two)
    expect(one).not.toBe(two)
    expect(one.issuers).not.toBe(two.issuers)
    expect(one.issuers[0]).not.toBe(two.issuers[0])
    const [failure, again] = [one.issuers[0]?.lastFailure, two.issuers[0]?.lastFailure]
    expect(failure === null || failure !== again).toBe(true)
  })

  it.each(states)('$name costs no I/O, however often it is asked for', async ({ reach }) => {
    const { verifier, begun } = await reach()
    await pause(0) // What was begun before is seen after some microtasks only.
    const before = begun()
    for (let asked = 0; asked < 100; asked++) verifier.status()
    await pause(0)
    expect(begun()).toBe(before)
  })

  it.each(states)('$name says what tokens get', async ({ reach, expected }) => {
    const { verifier, clock } = await reach()
    server.on('/jwks', answer('', {}, 500))
    const patient = mint({ exp: clock.seconds + 3_600 }, { header: { kid: 'k1' } })
    expect(await outcomeOf(verifier.verify(patient))).toBe(
      expected.state === 'missing' ? 'keys_unavailable' : 'accepted',
    )
  })

  it('counts a set as fresh for what Cache-Control allows, and not longer than cacheMaxAge', async () => {
    for (const { maxAge, cacheMaxAge, ttl } of [
      { maxAge: 60, cacheMaxAge: lifetime, ttl: 60_000 },
      { maxAge: 3_600, cacheMaxAge: 120_000, ttl: 120_000 },
      { maxAge: 0, cacheMaxAge: lifetime, ttl: 30_000 },
    ]) {
      server.setKeys([keyJwk], { 'cache-control': `max-age=${maxAge}` })
      const { verifier, clock } = await warmSetup({ remote: { cacheMaxAge } })
      clock.advance(ttl - 1)
      expect(statusOf(verifier).state).toBe('fresh')
      clock.advance(1)
      expect(statusOf(verifier).state).toBe('stale')
    }
  })

  it('is fresh again after a refresh, with the time of that', async () => {
    const setup = await warmSetup()
    setup.clock.advance(lifetime)
    const loaded = events.next('jwtgate:keys.loaded')
    await setup.verifier.ready()
    await loaded
    setup.clock.advance(250)
    expect(statusOf(setup.verifier)).toStrictEqual({ ...justLoaded, age: 250, lastSuccess: start + lifetime })
  })

  it('is missing until an answer has been read to its end', async () => {
    const first = held(answer(JSON.stringify({ keys: [keyJwk] })))
    server.on('/jwks', first.respond)
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    const ready = verifier.ready()
    await first.arrived
    expect(statusOf(verifier)).toStrictEqual(never)
    await first.letGo()
    await ready
    expect(statusOf(verifier)).toStrictEqual(justLoaded)
  })

  it('names the last failure of several', async () => {
    const setup = await warmSetup()
    server.on('/jwks', answer('', {}, 500))
    setup.clock.advance(lifetime)
    await failToRefresh(setup)
    server.on('/jwks', answer('[]'))
    setup.clock.advance(1_000)
    await failToRefresh(setup)
    expect(statusOf(setup.verifier).lastFailure).toStrictEqual({ code: 'keys_invalid', at: start + lifetime + 1_000 })
  })

  it('says how long ago by the clock that no jump of the wall clock moves', async () => {
    const { verifier, clock } = await warmSetup()
    clock.seconds -= 7_200
    clock.milliseconds += 1_500
    expect(statusOf(verifier).age).toBe(1_500)
  })

  it('says how long ago in whole milliseconds', async () => {
    const { verifier, clock } = await warmSetup()
    clock.milliseconds += 1_499.6
    expect(statusOf(verifier).age).toBe(1_500)
  })

  it('says when by the wall clock of that moment, and does not change it when that jumps', async () => {
    const setup = await warmSetup()
    server.on('/jwks', answer('', {}, 500))
    setup.clock.advance(lifetime)
    await failToRefresh(setup)
    setup.clock.seconds -= 7_200
    const lastFailure = { code: 'keys_unavailable', at: start + lifetime }
    expect(statusOf(setup.verifier)).toMatchObject({ lastSuccess: start, lastFailure })
  })

  it('says the same moment at each call with the clocks of the system', async () => {
    const verifier = createJwtVerifier({ issuer, audience, algorithms: ['ES256'], jwksUri: server.jwksUri })
    await verifier.ready()
    const moments = new Set<number | null>()
    for (let call = 0; call < 20; call++) {
      moments.add(statusOf(verifier).lastSuccess)
      await pause(3)
    }
    expect([...moments]).toEqual([expect.any(Number)])
  })

  it('says where discovery failed', async () => {
    server.on('/.well-known/openid-configuration', answer('', {}, 500))
    const { verifier } = remoteVerifier({ issuer: server.origin })
    await verifier.ready().catch(() => {})
    const lastFailure = { code: 'discovery_failed', at: start }
    expect(statusOf(verifier)).toStrictEqual({ ...never, issuer: server.origin, lastFailure })
  })

  it('is of no effect on the verifier: what is done to it stays with whoever asked', async () => {
    const { verifier } = await warmSetup()
    const status = verifier.status()
    const [first] = status.issuers
    for (const object of [first, status]) {
      try {
        Object.assign(object ?? {}, { state: 'missing', issuers: [] })
      } catch {
        // A frozen object is as good.
      }
    }
    expect(verifier.status()).toStrictEqual({ issuers: [justLoaded] })
  })

  it('is whole within the events that tell of a fetch', async () => {
    const seen: IssuerStatus[] = []
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    const note = (): void => void seen.push(statusOf(setup.verifier))
    const channels = ['jwtgate:keys.refresh_failed', 'jwtgate:keys.loaded'] as const
    for (const channel of channels) subscribe(channel, note)
    try {
      server.on('/jwks', answer('[]'))
      await setup.verifier.ready().catch(() => {})
      setup.clock.advance(1_000)
      server.setKeys([keyJwk])
      await setup.verifier.ready()
    } finally {
      for (const channel of channels) unsubscribe(channel, note)
    }
    const lastFailure = { code: 'keys_invalid', at: start } as const
    expect(seen).toStrictEqual([
      { ...never, lastFailure },
      { ...justLoaded, lastSuccess: start + 1_000, lastFailure },
    ])
  })

  it('can be asked for as a function of its own, without the verifier', async () => {
    const { verifier } = await warmSetup()
    expect({ ...verifier }.status()).toStrictEqual({ issuers: [justLoaded] })
  })
})

describe('the number of keys', () => {
  it('is of those that are usable and fit the pinned algorithms', async () => {
    const rsa = newKey('RS256')
    server.setKeys([
      keyJwk,
      jwkOf(newKey('ES256'), { kid: 'k2' }),
      jwkOf(rsa, { kid: 'rsa' }),
      jwkOf(newKey('ES256'), { kid: 'enc', use: 'enc' }),
      jwkOf(newKey('ES384'), { kid: 'p384' }),
    ])
    const numbers: number[] = []
    for (const algorithms of [['ES256'], ['RS256'], ['RS256', 'PS256'], ['ES256', 'RS256', 'ES384']] as const) {
      numbers.push(statusOf((await warmSetup({ algorithms })).verifier).keys)
    }
    expect(numbers).toEqual([2, 1, 1, 4])
  })

  it('is right also beyond what is tried for one token', async () => {
    server.setKeys(Array.from({ length: 9 }, () => jwkOf(newKey('ES256'))))
    expect(statusOf((await warmSetup()).verifier).keys).toBe(9)
  })
})

describe('verifiers on one key set', () => {
  it('tell the same of it, each with the keys that fit its own algorithms', async () => {
    server.setKeys([keyJwk, jwkOf(newKey('RS256'), { kid: 'r1' }), jwkOf(newKey('RS256'), { kid: 'r2' })])
    const clock = new TestClock()
    const options = { issuer, audience, jwksUri: server.jwksUri, clock }
    const ec = createJwtVerifier({ ...options, algorithms: ['ES256'] })
    const rsa = createJwtVerifier({ ...options, algorithms: ['RS256'], issuer: 'https://rsa.example.com' })
    await ec.ready()
    clock.advance(1_000)
    expect(statusOf(ec)).toStrictEqual({ ...justLoaded, age: 1_000 })
    expect(statusOf(rsa)).toStrictEqual({ ...justLoaded, issuer: 'https://rsa.example.com', keys: 2, age: 1_000 })
  })
})

describe('the status of several issuers', () => {
  it('is in the order of the options, with the first of the spellings, each for itself', async () => {
    const [a, b, c] = [testIssuer('a.example.com'), testIssuer(server.origin), testIssuer('https://c.example.com')]
    const remote = { timeoutDuration: 1_000 }
    const verifier = severalIssuers([
      c.options({ jwksUri: `${server.origin}/down`, remote }),
      a.options({ issuer: ['https://a.example.com', 'a.example.com'] }),
      b.options({ jwksUri: server.jwksUri, remote }),
    ])
    await verifier.ready().catch(() => {})
    const atHand = { state: 'fresh', keys: 1, age: null, lastSuccess: null, lastFailure: null }
    expect(verifier.status()).toStrictEqual({
      issuers: [
        { ...never, issuer: c.name, lastFailure: { code: 'keys_unavailable', at: start } },
        { ...atHand, issuer: 'https://a.example.com' },
        { ...justLoaded, issuer: b.name },
      ],
    })
  })

  it('has one entry for each of a thousand', () => {
    const key = keyFor('EdDSA')
    const names = Array.from({ length: 1_000 }, (_, index) => `https://${index}.example.com`)
    const verifier = severalIssuers(names.map((name) => testIssuer(name, 'EdDSA', key).options()))
    expect(verifier.status().issuers.map(({ issuer }) => issuer)).toEqual(names)
  })
})

describe('the status of keys given as options', () => {
  const atHand = { issuer, state: 'fresh', age: null, lastSuccess: null, lastFailure: null }
  const secrets = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]

  it.each<[string, Parameters<typeof testVerifier>[0], number]>([
    ['a publicKey', { publicKey: keyFor('ES256').verifier }, 1],
    ['a secret', { algorithms: ['HS256'], secret: secrets[0] ?? '' }, 1],
    ['two secrets', { algorithms: ['HS256'], secret: secrets }, 2],
    [
      'jwks, of which one does not fit',
      { jwks: { keys: [keyJwk, jwkOf(newKey('ES256'), { kid: 'k2' }), jwkOf(newKey('EdDSA'))] } },
      2,
    ],
  ])('is fresh for ever: %s', async (_name, changes, keys) => {
    const clock = new TestClock()
    const verifier = testVerifier({ ...changes, clock })
    expect(verifier.status()).toStrictEqual({ issuers: [{ ...atHand, keys }] })
    await verifier.ready()
    clock.advance(10 * 365 * 86_400_000)
    expect(verifier.status()).toStrictEqual({ issuers: [{ ...atHand, keys }] })
  })

  it('holds nothing of a secret', () => {
    const verifier = testVerifier({ algorithms: ['HS256'], secret: 'hush-7d1f0c-hush-7d1f0c-hush-7d1f0c' })
    expect(inspect(verifier.status(), { depth: 10, showHidden: true })).not.toContain('hush')
  })
})

describe('a secret', () => {
  it.each(['{"keys":[]}', 'hush-7d1f0c', JSON.stringify({ keys: [keyJwk] })])(
    'in headers, in the query of the URL or in the answer %s is not in the status',
    async (body) => {
      const { verifier } = remoteVerifier({
        jwksUri: `${server.jwksUri}?key=hush-7d1f0c`,
        remote: { headers: { authorization: 'Bearer hush-7d1f0c' }, fetch: async () => new Response(body) },
      })
      await verifier.ready().catch(() => {})
      const shown = inspect(verifier.status(), { depth: 10, showHidden: true })
      for (const part of ['hush', 'jwks', server.origin, keyJwk.x ?? 'x']) expect(shown).not.toContain(part)
      expect(Object.keys(statusOf(verifier)).toSorted()).toEqual(Object.keys(never).toSorted())
    },
  )
})
