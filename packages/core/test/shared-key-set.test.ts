// Verifiers made one by one share a remote key set, its fetches and its budget, if all that says how it is fetched is the same.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createJwtVerifier, type JwtVerifier, type JwtVerifierOptions } from '@jwtgate/core'
import { runModule } from '../../../test/support/child-process.ts'
import { countedFetch, type CountedFetch } from '../../../test/support/counted-fetch.ts'
import { durationOf } from '../../../test/support/duration.ts'
import { severalIssuers, testIssuer } from '../../../test/support/issuers.ts'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { audience, issuer, mint } from '../../../test/support/mint.ts'
import { held } from '../../../test/support/provider-faults.ts'
import { recordEvents } from '../../../test/support/recorded-events.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { codeOf, outcomeOf, TestClock, refusalOf } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

type Options = Partial<JwtVerifierOptions>

const keyJwk = jwkOf(keyFor('ES256'), { kid: 'k1' })
const rsaJwk = jwkOf(keyFor('RS256'), { kid: 'rsa' })
const token = mint({}, { header: { kid: 'k1' } })
const rsaToken = mint({}, { key: keyFor('RS256'), header: { kid: 'rsa' } })
const minute = 60_000
const openId = '/.well-known/openid-configuration'

let server: KeyServer
/** Of all verifiers that are not told otherwise. */
let clock: TestClock
let provider: CountedFetch

beforeEach(async () => {
  server = await startKeyServer([keyJwk])
  clock = new TestClock()
  provider = countedFetch()
})

afterEach(() => server.close())

/** Shares with all others of the same test, unless the changes say otherwise. */
function verifierWith({ remote, ...changes }: Options = {}): JwtVerifier {
  const location = 'issuer' in changes ? {} : { jwksUri: server.jwksUri }
  return createJwtVerifier({
    issuer,
    audience,
    algorithms: ['ES256'],
    clockTolerance: 0,
    clock,
    ...location,
    ...changes,
    remote: { fetch: provider.fetch, ...remote },
  })
}

/** What the server sees of two verifiers that are used one after the other. */
async function fetchesOf(first: Options, second: Options): Promise<number> {
  for (const options of [first, second]) await verifierWith(options).ready()
  return server.fetches()
}

/** All of these that differ from the default make a set of their own. */
const aFetch: NonNullable<NonNullable<Options['remote']>['fetch']> = (url, options) => fetch(url, options)
const anotherFetch: typeof aFetch = (url, options) => fetch(url, options)

interface Pair {
  readonly name: string
  readonly first?: () => Options
  readonly second?: () => Options
}

describe('two verifiers share one key set', () => {
  const pairs: readonly Pair[] = [
    { name: 'where all options are the same' },
    { name: 'whatever their audience', second: () => ({ audience: 'https://other.example.com' }) },
    { name: 'whatever their issuer, if both name the same jwksUri', second: () => ({ issuer: 'b', jwksUri: uri() }) },
    {
      name: 'whatever tokens have to be',
      second: () => ({ typ: 'at+jwt', maxTokenAge: 60, requiredClaims: ['sub'], clockTolerance: 5, scopesFrom: ['x'] }),
    },
    { name: 'whatever the order of algorithms', second: () => ({ algorithms: ['RS256', 'ES256'] }) },
    {
      name: 'where one spells the defaults out',
      second: () => ({
        remote: {
          timeoutDuration: 5_000,
          cacheMaxAge: 600_000,
          maxStale: 86_400_000,
          maxResponseBytes: 1_048_576,
          allowInsecureHttp: false,
          headers: {},
        },
      }),
    },
    {
      name: 'where the headers are equal, in any order and case',
      first: () => ({ remote: { headers: { 'X-Api-Key': 'k', 'X-Tenant': 't' } } }),
      second: () => ({ remote: { headers: { 'x-tenant': 't', 'X-API-KEY': 'k' } } }),
    },
    {
      name: 'where all remote options are equal, each in an object of its own',
      first: () => ({ remote: { timeoutDuration: 1_000, cacheMaxAge: 30_000, headers: { a: 'b' } } }),
      second: () => ({ remote: { headers: { a: 'b' }, cacheMaxAge: 30_000, timeoutDuration: 1_000 } }),
    },
    {
      name: 'where both discover it from the same issuer',
      first: () => ({ issuer: server.origin }),
      second: () => ({ issuer: server.origin, audience: 'b' }),
    },
  ]

  it.each(pairs)('$name', async ({ first, second }) => {
    expect(await fetchesOf(first?.() ?? {}, second?.() ?? {})).toBe(1)
  })

  it('where neither names a clock or a fetch, since those of the system are the same for all', async () => {
    const options = { issuer, audience, algorithms: ['ES256'], jwksUri: server.jwksUri } as const
    for (let made = 0; made < 3; made++) await createJwtVerifier(options).ready()
    expect(server.fetches()).toBe(1)
  })

  it('where a clock is an instance of a class, and the same one', async () => {
    class Watch {
      #elapsed = 0
      elapsed(): number {
        return this.#elapsed
      }
    }
    const watch = new Watch()
    expect(await fetchesOf({ clock: watch }, { clock: watch })).toBe(1)
  })

  it('and its discovery', async () => {
    await fetchesOf({ issuer: server.origin }, { issuer: server.origin })
    expect(server.counts.get(openId)).toBe(1)
  })
})

describe('two verifiers have a key set each', () => {
  const pairs: readonly Pair[] = [
    { name: 'where the URLs differ', second: () => ({ jwksUri: `${uri()}?tenant=b` }) },
    {
      name: 'where one is told the URL that the other discovers',
      first: () => ({ issuer: server.origin }),
      second: () => ({ issuer: server.origin, jwksUri: uri() }),
    },
    {
      name: 'where they discover the same URL from two issuers',
      first: () => ({ issuer: `${server.origin}/a` }),
      second: () => ({ issuer: `${server.origin}/b` }),
    },
    { name: 'where timeoutDuration differs', second: () => ({ remote: { timeoutDuration: 5_001 } }) },
    { name: 'where cacheMaxAge differs', second: () => ({ remote: { cacheMaxAge: 599_999 } }) },
    { name: 'where maxStale differs', second: () => ({ remote: { maxStale: 0 } }) },
    { name: 'where maxResponseBytes differs', second: () => ({ remote: { maxResponseBytes: 1_048_575 } }) },
    {
      name: 'where two numbers change places',
      first: () => ({ remote: { cacheMaxAge: 30_000, maxStale: 60_000 } }),
      second: () => ({ remote: { cacheMaxAge: 60_000, maxStale: 30_000 } }),
    },
    { name: 'where allowInsecureHttp differs', second: () => ({ remote: { allowInsecureHttp: true } }) },
    { name: 'where one has a header more', second: () => ({ remote: { headers: { 'x-tenant': 'b' } } }) },
    {
      name: 'where the value of a header differs',
      first: () => ({ remote: { headers: { 'x-tenant': 'a' } } }),
      second: () => ({ remote: { headers: { 'x-tenant': 'b' } } }),
    },
    {
      name: 'where the case of a header’s value differs',
      first: () => ({ remote: { headers: { 'x-tenant': 'a' } } }),
      second: () => ({ remote: { headers: { 'x-tenant': 'A' } } }),
    },
    {
      name: 'where one header’s value reads like two headers',
      first: () => ({ remote: { headers: { a: '1', b: '2' } } }),
      second: () => ({ remote: { headers: { a: '1,b:2' } } }),
    },
    {
      name: 'where one header’s value reads like two headers in JSON',
      first: () => ({ remote: { headers: { a: '1', b: '2' } } }),
      second: () => ({ remote: { headers: { a: '1","b":"2' } } }),
    },
    {
      name: 'where the fetch is another function, even one of the same text',
      first: () => ({ remote: { fetch: aFetch } }),
      second: () => ({ remote: { fetch: anotherFetch } }),
    },
    { name: 'where the clock is another object', second: () => ({ clock: new TestClock() }) },
    {
      name: 'where the clock is another object with the same functions',
      second: () => ({ clock: { now: clock.now, elapsed: clock.elapsed } }),
    },
  ]

  it('where the global fetch was replaced between them, as tests do', async () => {
    const options = { issuer, audience, algorithms: ['ES256'], jwksUri: server.jwksUri, clock } as const
    const { fetch } = globalThis
    await createJwtVerifier(options).ready()
    try {
      globalThis.fetch = async (...call) => fetch(...call)
      await createJwtVerifier(options).ready()
    } finally {
      globalThis.fetch = fetch
    }
    await createJwtVerifier(options).ready()
    expect(server.fetches()).toBe(2)
  })

  it.each(pairs)('$name', async ({ first, second }) => {
    for (const name of ['a', 'b']) {
      const metadata = { issuer: `${server.origin}/${name}`, jwks_uri: uri() }
      server.on(`/${name}${openId}`, answer(JSON.stringify(metadata)))
    }
    expect(await fetchesOf(first?.() ?? {}, second?.() ?? {})).toBe(2)
  })

  it('where one names a fetch and the other does not', async () => {
    const { fetch: _none, ...rest } = { fetch: provider.fetch }
    const options = { issuer, audience, algorithms: ['ES256'] as const, jwksUri: uri(), clock }
    await createJwtVerifier({ ...options, remote: rest }).ready()
    await createJwtVerifier({ ...options, remote: { fetch: provider.fetch } }).ready()
    expect(server.fetches()).toBe(2)
  })

  it('where one names a clock and the other does not', async () => {
    const options = { issuer, audience, algorithms: ['ES256'] as const, jwksUri: uri() }
    await createJwtVerifier(options).ready()
    await createJwtVerifier({ ...options, clock }).ready()
    expect(server.fetches()).toBe(2)
  })

  it('so that each header reaches the provider for the verifier that names it', async () => {
    const tenants: unknown[] = []
    const good = answer(JSON.stringify({ keys: [keyJwk] }))
    server.on('/jwks', (request, response) => {
      tenants.push(request.headers['x-tenant'])
      good(request, response)
    })
    for (const tenant of ['a', 'b', 'a']) await verifierWith({ remote: { headers: { 'x-tenant': tenant } } }).ready()
    expect(tenants).toEqual(['a', 'b'])
  })
})

function uri(): string {
  return server.jwksUri
}

describe('one set for many verifiers', () => {
  it('is fetched once, however many of them start at the same time', async () => {
    const verifiers = Array.from({ length: 50 }, () => verifierWith())
    const outcomes = await Promise.all(verifiers.map((verifier) => outcomeOf(verifier.verify(token))))
    expect(new Set(outcomes)).toEqual(new Set(['accepted']))
    expect(provider.begun()).toBe(1)
  })

  it('is discovered and fetched once, however many of them start at the same time', async () => {
    const verifiers = Array.from({ length: 50 }, () => verifierWith({ issuer: server.origin }))
    await Promise.all(verifiers.map((verifier) => verifier.ready()))
    expect(provider.begun()).toBe(2)
  })

  it('is one set for 10,000 verifiers with the same options', async () => {
    const events = recordEvents()
    try {
      const verifiers = Array.from({ length: 10_000 }, () => verifierWith())
      await Promise.all(verifiers.map((verifier) => verifier.ready()))
      expect(await outcomeOf(verifiers[9_999]?.verify(token) ?? Promise.reject(new Error('none')))).toBe('accepted')
      expect(provider.begun()).toBe(1)
      expect(events.on('jwtgate:keys.loaded')).toHaveLength(1)
    } finally {
      events.stop()
    }
  })

  it('has one budget: made-up kids at each of them cost three fetches in all', async () => {
    const verifiers = Array.from({ length: 10 }, () => verifierWith())
    await Promise.all(verifiers.map((verifier) => verifier.ready()))
    for (const [index, verifier] of verifiers.entries()) {
      expect(await codeOf(verifier.verify(mint({}, { header: { kid: `made up ${index}` } })))).toBe('key_unknown')
    }
    expect(provider.begun()).toBe(1 + 3)
  })

  it('remembers for all of them which kid was asked for in vain', async () => {
    const [a, b] = [verifierWith(), verifierWith()]
    await a.ready()
    const strange = mint({}, { header: { kid: 'x' } })
    for (const verifier of [a, b, a, b]) expect(await codeOf(verifier.verify(strange))).toBe('key_unknown')
    expect(provider.begun()).toBe(1 + 1)
  })

  it('backs off for all of them where the provider is down', async () => {
    server.on('/jwks', answer('', {}, 500))
    for (const verifier of [verifierWith(), verifierWith()]) {
      expect(await codeOf(verifier.verify(token))).toBe('keys_unavailable')
    }
    expect(provider.begun()).toBe(1)
  })

  it('loses a key for all of them at once', async () => {
    const [a, b, c] = [verifierWith(), verifierWith(), verifierWith()]
    for (const verifier of [a, b]) expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
    server.setKeys([rsaJwk, jwkOf(newKey('ES256'), { kid: 'k2' })])
    clock.milliseconds = 60 * minute
    for (const verifier of [a, b, c]) expect(await codeOf(verifier.verify(token))).toBe('key_unknown')
  })

  it('gains a key for all of them at once', async () => {
    const [a, b] = [verifierWith(), verifierWith()]
    await a.ready()
    const next = newKey('ES256')
    server.setKeys([keyJwk, jwkOf(next, { kid: 'k2' })])
    const nextToken = mint({}, { key: next, header: { kid: 'k2' } })
    for (const verifier of [a, b]) expect(await outcomeOf(verifier.verify(nextToken))).toBe('accepted')
    expect(provider.begun()).toBe(1 + 1)
  })

  it('leaves to each of them what tokens have to be', async () => {
    const [a, b] = [verifierWith(), verifierWith({ audience: 'b' })]
    expect(await outcomeOf(a.verify(token))).toBe('accepted')
    expect(await outcomeOf(b.verify(token))).toBe('audience_mismatch')
    const forB = mint({ aud: 'b' }, { header: { kid: 'k1' } })
    expect([await outcomeOf(a.verify(forB)), await outcomeOf(b.verify(forB))]).toEqual([
      'audience_mismatch',
      'accepted',
    ])
  })

  it('serves several issuers of one verifier that name the same jwksUri', async () => {
    const [a, b] = [testIssuer('https://a.example.com'), testIssuer('https://b.example.com')]
    server.setKeys([jwkOf(a.key, { kid: 'a' }), jwkOf(b.key, { kid: 'b' })])
    const remote = { fetch: provider.fetch }
    const verifier = severalIssuers([a, b].map(({ options }) => options({ jwksUri: uri(), remote })))
    await verifier.ready()
    expect(provider.begun()).toBe(1)
    for (const [tenant, kid] of [
      [a, 'a'],
      [b, 'b'],
    ] as const) {
      expect((await verifier.verify(tenant.mint({}, { header: { kid } }))).claims.iss).toBe(tenant.name)
    }
    expect(provider.begun()).toBe(1)
  })
})

describe('the algorithms of verifiers that share a set', () => {
  beforeEach(() => server.setKeys([keyJwk, rsaJwk]))

  it('are each its own: a token of an algorithm that one does not pin is refused there, before and after', async () => {
    const [ec, rsa] = [verifierWith(), verifierWith({ algorithms: ['RS256'] })]
    for (let round = 0; round < 2; round++) {
      expect([await outcomeOf(ec.verify(token)), await outcomeOf(ec.verify(rsaToken))]).toEqual([
        'accepted',
        'algorithm_not_allowed',
      ])
      expect([await outcomeOf(rsa.verify(token)), await outcomeOf(rsa.verify(rsaToken))]).toEqual([
        'algorithm_not_allowed',
        'accepted',
      ])
    }
    expect(provider.begun()).toBe(1)
  })

  it('keep apart what one RSA key can do', async () => {
    const [rs, ps] = [verifierWith({ algorithms: ['RS256'] }), verifierWith({ algorithms: ['PS256'] })]
    const psToken = mint({}, { key: { ...keyFor('RS256'), alg: 'PS256' }, header: { kid: 'rsa' } })
    expect([await outcomeOf(rs.verify(rsaToken)), await outcomeOf(rs.verify(psToken))]).toEqual([
      'accepted',
      'algorithm_not_allowed',
    ])
    expect([await outcomeOf(ps.verify(rsaToken)), await outcomeOf(ps.verify(psToken))]).toEqual([
      'algorithm_not_allowed',
      'accepted',
    ])
  })

  it('never take a key for another algorithm than its label says', async () => {
    server.setKeys([{ ...rsaJwk, alg: 'PS256' }])
    const both = verifierWith({ algorithms: ['RS256', 'PS256'] })
    const psToken = mint({}, { key: { ...keyFor('RS256'), alg: 'PS256' }, header: { kid: 'rsa' } })
    expect(await outcomeOf(both.verify(psToken))).toBe('accepted')
    expect(await outcomeOf(both.verify(rsaToken))).toBe('key_unknown')
  })

  it('find the key of a token without kid, where exactly one fits its algorithm', async () => {
    const [ec, both] = [verifierWith(), verifierWith({ algorithms: ['RS256', 'ES256'] })]
    expect(await outcomeOf(ec.verify(mint()))).toBe('accepted')
    expect(await outcomeOf(both.verify(mint()))).toBe('accepted')
    expect(await outcomeOf(both.verify(mint({}, { key: keyFor('RS256') })))).toBe('accepted')
  })

  it('never make a secret of a public key', async () => {
    server.setKeys([keyJwk, { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url'), kid: 'oct' }])
    await verifierWith().ready()
    const forged = mint({}, { key: newKey('HS256'), header: { kid: 'oct' } })
    expect(await outcomeOf(verifierWith().verify(forged))).toBe('algorithm_not_allowed')
  })

  it.each(['ES384', 'EdDSA', 'PS512'] as const)(
    'without a key for %s let that verifier’s ready() reject with keys_invalid, and the others’ resolve',
    async (algorithm) => {
      server.setKeys([keyJwk])
      const [fitting, misfit] = [verifierWith(), verifierWith({ algorithms: [algorithm] })]
      await expect(misfit.ready()).rejects.toMatchObject({ name: 'KeySourceError', code: 'keys_invalid', status: 503 })
      await expect(fitting.ready()).resolves.toBeUndefined()
      await expect(misfit.ready()).rejects.toMatchObject({ code: 'keys_invalid' })
      expect(await outcomeOf(fitting.verify(token))).toBe('accepted')
    },
  )

  it('without a key for them are the fault of the set: 503, missing, until it has one', async () => {
    server.setKeys([keyJwk])
    const misfit = verifierWith({ algorithms: ['RS256'] })
    const rsaToken = mint({}, { key: keyFor('RS256'), header: { kid: 'rsa' } })
    expect(await refusalOf(misfit.verify(rsaToken))).toMatchObject({ code: 'keys_invalid', status: 503 })
    expect(misfit.status().issuers).toMatchObject([{ state: 'missing', keys: 0 }])
    server.setKeys([keyJwk, jwkOf(keyFor('RS256'), { kid: 'rsa' })])
    clock.milliseconds += 4_000
    expect(await outcomeOf(misfit.verify(rsaToken))).toBe('accepted')
    expect(misfit.status().issuers).toMatchObject([{ state: 'fresh', keys: 1 }])
  })

  it('without a key for them are told by an error of its own for each request', async () => {
    const misfit = verifierWith({ algorithms: ['ES384'] })
    const strange = mint({}, { key: keyFor('ES384') })
    const refusals = [await refusalOf(misfit.verify(strange)), await refusalOf(misfit.verify(strange))]
    expect(refusals.map(({ code }) => code)).toEqual(['keys_invalid', 'keys_invalid'])
    expect(new Set(refusals.map(({ headers }) => headers)).size).toBe(2)
  })

  it('without a key for them let ready() ask again, but not more often than the pauses of a kid allow', async () => {
    server.setKeys([keyJwk])
    const misfit = verifierWith({ algorithms: ['RS256'] })
    for (; clock.milliseconds < minute; clock.milliseconds += 1_000) {
      await expect(misfit.ready()).rejects.toMatchObject({ code: 'keys_invalid' })
    }
    expect(provider.begun()).toBeGreaterThan(2)
    expect(provider.begun()).toBeLessThanOrEqual(1 + 10)
    server.setKeys([keyJwk, rsaJwk])
    clock.milliseconds += 8_000
    await expect(misfit.ready()).resolves.toBeUndefined()
  })

  it('let ready() resolve once the set has a key that fits', async () => {
    server.setKeys([keyJwk])
    const [ec, rsa] = [verifierWith(), verifierWith({ algorithms: ['RS256'] })]
    await expect(rsa.ready()).rejects.toMatchObject({ code: 'keys_invalid' })
    server.setKeys([keyJwk, rsaJwk])
    clock.milliseconds = 60 * minute
    expect(await outcomeOf(ec.verify(token))).toBe('accepted')
    await expect(rsa.ready()).resolves.toBeUndefined()
  })

  it('have no part in which entries of the set are skipped', async () => {
    const events = recordEvents()
    try {
      server.setKeys([keyJwk, rsaJwk, jwkOf(keyFor('EdDSA'), { kid: 'ed' }), { kty: 'unheard of', kid: 'odd' }])
      await verifierWith().ready()
      expect(events.on('jwtgate:keys.loaded')).toMatchObject([{ keys: 3, skipped: 1 }])
      expect(events.on('jwtgate:keys.entry_skipped')).toMatchObject([{ kid: 'odd' }])
    } finally {
      events.stop()
    }
  })
})

describe('ready() of a set that is in use', () => {
  it('counts as no use of a set that is young', async () => {
    const [a, b] = [verifierWith(), verifierWith()]
    await a.ready()
    clock.milliseconds = 8 * minute - 1
    await b.ready()
    expect(provider.begun()).toBe(1)
  })

  it.each([8, 60])('counts as a use after %d minutes: it starts the refresh, and does not wait for it', async (age) => {
    const [a, b] = [verifierWith(), verifierWith()]
    await a.ready()
    const refresh = held(answer(JSON.stringify({ keys: [keyJwk] })))
    server.on('/jwks', refresh.respond)
    clock.milliseconds = age * minute
    expect(await durationOf(b.ready())).toBeLessThan(500)
    expect(await durationOf(a.ready())).toBeLessThan(500)
    await refresh.letGo()
    expect(provider.begun()).toBe(2)
  })
})

/** In a process of its own: `make(path)` makes a verifier whose provider is `fetch`; `collect()` collects garbage. */
const childPrelude = `
  import { setFlagsFromString } from 'node:v8'
  import { runInNewContext } from 'node:vm'
  import { setImmediate } from 'node:timers/promises'
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc')
  const collect = async () => { for (let round = 0; round < 5; round++) { await setImmediate(); gc() } }
  let begun = 0
  const body = JSON.stringify({ keys: input.keys })
  const remote = { fetch: async () => { begun++; return new Response(body) } }
  const make = (path = '') => createJwtVerifier({
    issuer: 'https://id.example.com', audience: 'api', algorithms: ['ES256'],
    jwksUri: 'https://id.example.com/jwks' + path, remote,
  })
  `

async function runChild(program: string, before = ''): Promise<unknown> {
  const importing = `const { createJwtVerifier } = await import('@jwtgate/core')`
  const run = await runModule(`${before}${importing}${childPrelude}${program}`, { keys: [keyJwk] }, {}, 30_000)
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  return JSON.parse(run.stdout)
}

describe('a set that no verifier uses any more', () => {
  it('is collected: the next verifier fetches anew', async () => {
    const program = `
      await make().ready()
      const shared = begun
      await make().ready()
      await collect()
      await make().ready()
      console.log(JSON.stringify({ shared, anew: begun }))`
    expect(await runChild(program)).toEqual({ shared: 1, anew: 2 })
  })

  it('stays while one of many verifiers is still in use', async () => {
    const program = `
      const kept = make()
      for (let made = 0; made < 100; made++) await make().ready()
      await collect()
      await make().ready()
      await kept.ready()
      console.log(JSON.stringify(begun))`
    expect(await runChild(program)).toBe(1)
  })

  it('does not take its successor with it, which was made before its end was noticed', async () => {
    const program = `
      await make().ready()
      await setImmediate()
      gc()
      const successor = make() // In the same turn: nobody has been told of what was collected.
      await successor.ready()
      await collect()
      await make().ready()
      await successor.ready()
      console.log(JSON.stringify(begun))`
    expect(await runChild(program)).toBe(1 + 1)
  })

  it('leaves no memory behind, however many there were', async () => {
    const program = `
      const makeMany = async (from) => {
        for (let index = from; index < from + 5_000; index++) await make('?tenant=' + index).ready()
        await collect()
        return process.memoryUsage().heapUsed
      }
      await makeMany(0)
      const before = await makeMany(5_000)
      const after = await makeMany(10_000)
      console.log(JSON.stringify((after - before) / 5_000))`
    expect(await runChild(program)).toBeLessThan(100) // Bytes of each.
  })
}, 40_000)

describe('a runtime', () => {
  it.each(['WeakRef', 'FinalizationRegistry'])('without %s shares nothing, and all goes on', async (name) => {
    const program = `
      await make().ready()
      await make().ready()
      console.log(JSON.stringify(begun))`
    expect(await runChild(program, `new Response("loaded before");\ndelete globalThis.${name}\n`)).toBe(2)
  })
}, 20_000)
