// Several issuers with keys behind URLs: each has its own state, its own outage and its own budget; ready() warms all of them.
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { KeySourceError, type IssuerOptions, type JwtVerifier } from '@jwtgate/core'
import { countedFetch } from '../../../test/support/counted-fetch.ts'
import { severalIssuers, testIssuer, type TestIssuer } from '../../../test/support/issuers.ts'
import { answer, startKeyServer, type KeyServer, type Responder } from '../../../test/support/key-server.ts'
import { jwkOf, newKey } from '../../../test/support/keys.ts'
import { mint, withSignature, type Claims } from '../../../test/support/mint.ts'
import { held } from '../../../test/support/provider-faults.ts'
import { recordEvents } from '../../../test/support/recorded-events.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { outcomeOf, refusalOf, TestClock } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const kid = { header: { kid: 'k1' } }

/** An issuer with a key server of its own. */
interface Provider {
  readonly issuer: TestIssuer
  readonly server: KeyServer
  /** Its key set's URL is given. */
  readonly withUrl: IssuerOptions
  /** Its metadata says where the key set is; the name of the issuer is the server's origin. */
  readonly withDiscovery: IssuerOptions
  /** How many fetches were begun, metadata included: right at once, where a server's count lags behind. */
  readonly begun: () => number
  /** A token that is good, signed with the key of the set. */
  readonly token: (claims?: Claims) => string
}

const providers: Provider[] = []

afterEach(async () => {
  await Promise.all(providers.splice(0).map(({ server }) => server.close()))
})

async function startProvider(): Promise<Provider> {
  const server = await startKeyServer()
  const issuer = testIssuer(server.origin)
  server.setKeys([jwkOf(issuer.key, { kid: 'k1' })])
  const { fetch, begun } = countedFetch()
  const { publicKey: _left, ...withDiscovery } = { ...issuer.options(), remote: { fetch } }
  const provider: Provider = {
    issuer,
    server,
    withUrl: { ...withDiscovery, jwksUri: server.jwksUri },
    withDiscovery,
    begun,
    token: (claims) => issuer.mint(claims, kid),
  }
  providers.push(provider)
  return provider
}

async function startProviders(count: number): Promise<readonly Provider[]> {
  return Promise.all(Array.from({ length: count }, startProvider))
}

/** The error with which ready() rejects. */
async function failureOf(verifier: JwtVerifier): Promise<unknown> {
  return verifier.ready().then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('the keys of several issuers', () => {
  it.each(['withUrl', 'withDiscovery'] as const)('are fetched for tokens of their issuer only: %s', async (kind) => {
    const [a, b] = (await startProviders(2)) as [Provider, Provider]
    const verifier = severalIssuers([a[kind], b[kind]])
    expect(await outcomeOf(verifier.verify(a.token()))).toBe('accepted')
    expect([a.begun() > 0, b.begun()]).toEqual([true, 0])
    expect(await outcomeOf(verifier.verify(b.token()))).toBe('accepted')
    const begun = [a.begun(), b.begun()]
    for (const token of [a.token(), b.token()]) expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
    expect([a.begun(), b.begun()]).toEqual(begun)
    expect([a.server.fetches(), b.server.fetches()]).toEqual([1, 1])
  })

  it('are not fetched for a stranger', async () => {
    const [a, b] = (await startProviders(2)) as [Provider, Provider]
    const verifier = severalIssuers([a.withUrl, b.withDiscovery])
    const strangers: readonly (readonly [string, unknown])[] = [
      ['issuer_mismatch', 'https://mallory.example.com'],
      ['issuer_mismatch', `${a.issuer.name}/`],
      ['issuer_mismatch', a.server.jwksUri],
      ['claim_missing', undefined],
      ['claim_invalid', [a.issuer.name, b.issuer.name]],
      ['claim_invalid', null],
    ]
    for (const [code, iss] of strangers) {
      const token = mint({ iss }, { key: a.issuer.key, ...kid })
      expect(await outcomeOf(verifier.verify(token))).toBe(code)
      expect(await outcomeOf(verifier.verify(withSignature(token, Buffer.alloc(64))))).toBe(code)
    }
    expect([a.begun(), b.begun()]).toEqual([0, 0])
    await setImmediate()
    expect([a.server.counts.size, b.server.counts.size]).toEqual([0, 0])
  })

  it('are not fetched for an algorithm or a type that is only another’s', async () => {
    const [a, b] = (await startProviders(2)) as [Provider, Provider]
    const verifier = severalIssuers([a.withUrl, { ...b.withUrl, algorithms: ['EdDSA'], typ: 'at+jwt' }])
    expect(await outcomeOf(verifier.verify(b.token()))).toBe('algorithm_not_allowed')
    const ed = b.issuer.mint({}, { key: newKey('EdDSA'), ...kid })
    expect(await outcomeOf(verifier.verify(ed))).toBe('type_not_allowed')
    expect([a.begun(), b.begun()]).toEqual([0, 0])
  })

  it('are fetched once for all spellings of an issuer', async () => {
    const [a, b] = (await startProviders(2)) as [Provider, Provider]
    const names = ['https://accounts.google.com', 'accounts.google.com']
    const verifier = severalIssuers([{ ...a.withUrl, issuer: names }, b.withUrl])
    await verifier.ready()
    for (const iss of names) expect(await outcomeOf(verifier.verify(a.token({ iss })))).toBe('accepted')
    expect([a.begun(), b.begun()]).toEqual([1, 1])
  })

  it('do not cross where cold requests of all issuers are interleaved', async () => {
    const all = await startProviders(4)
    const answers = all.map(({ server, issuer }) => {
      const held_ = held(answer(JSON.stringify({ keys: [jwkOf(issuer.key, { kid: 'k1' })] })))
      server.on('/jwks', held_.respond)
      return held_
    })
    const verifier = severalIssuers(all.map(({ withUrl }) => withUrl))
    const rounds = ['alice', 'bob', 'carol']
    const good = rounds.flatMap((sub) => all.map(({ token }) => verifier.verify(token({ sub }))))
    // The own name and kid, another's key.
    const forged = all.map(({ issuer }, index) => {
      const key = all[(index + 1) % all.length]?.issuer.key ?? newKey('ES256')
      return outcomeOf(verifier.verify(issuer.mint({}, { key, ...kid })))
    })
    await Promise.all(answers.map(({ arrived }) => arrived))
    for (const { letGo } of answers.toReversed()) await letGo()

    expect((await Promise.all(good)).map(({ claims }) => [claims.sub, claims.iss])).toEqual(
      rounds.flatMap((sub) => all.map(({ issuer }) => [sub, issuer.name])),
    )
    expect(await Promise.all(forged)).toEqual(all.map(() => 'signature_invalid'))
    expect(all.map(({ server }) => server.fetches())).toEqual([1, 1, 1, 1])
  })
})

describe('the outage of one issuer', () => {
  it('from the start leaves the others untouched, and heals by itself', async () => {
    const [a, b] = (await startProviders(2)) as [Provider, Provider]
    const clock = new TestClock()
    const verifier = severalIssuers([a.withUrl, b.withUrl], { clock })
    b.server.on('/jwks', answer('down', {}, 500))
    const error = await refusalOf(verifier.verify(b.token()))
    expect(error).toMatchObject({ code: 'keys_unavailable', status: 503 })
    expect(error.hint).toContain(b.server.jwksUri)
    expect(await outcomeOf(verifier.verify(a.token()))).toBe('accepted')

    b.server.setKeys([jwkOf(b.issuer.key, { kid: 'k1' })])
    clock.advance(3_000)
    expect(await outcomeOf(verifier.verify(b.token()))).toBe('accepted')
  })

  it.each<[string, string, (server: KeyServer) => unknown]>([
    ['refuses connections', 'discovery_failed', (server) => server.close()],
    [
      'has no metadata',
      'discovery_failed',
      (server) => server.on('/.well-known/openid-configuration', answer('oops', {}, 500)),
    ],
    ['has a set without keys', 'keys_invalid', (server) => server.setKeys([])],
  ])('that %s is told for its tokens only', async (_what, code, breakIt) => {
    const [a, b] = (await startProviders(2)) as [Provider, Provider]
    await breakIt(b.server)
    const verifier = severalIssuers([a.withDiscovery, b.withDiscovery])
    for (let round = 0; round < 3; round++) {
      expect(await outcomeOf(verifier.verify(b.token()))).toBe(code)
      expect(await outcomeOf(verifier.verify(a.token()))).toBe('accepted')
    }
    expect(a.begun()).toBe(2)
  })

  it('does not slow the others down: nobody waits for its answer', async () => {
    const [a, b] = (await startProviders(2)) as [Provider, Provider]
    const hanging = held(answer(JSON.stringify({ keys: [jwkOf(b.issuer.key, { kid: 'k1' })] })))
    b.server.on('/jwks', hanging.respond)
    const verifier = severalIssuers([a.withUrl, b.withUrl])
    const waiting = verifier.verify(b.token())
    await hanging.arrived
    expect(await outcomeOf(verifier.verify(a.token()))).toBe('accepted')
    await hanging.letGo()
    expect((await waiting).claims.iss).toBe(b.issuer.name)
  })

  it('leaves its own known keys in use', async () => {
    const [a, b] = (await startProviders(2)) as [Provider, Provider]
    const clock = new TestClock()
    const verifier = severalIssuers([a.withUrl, b.withUrl], { clock })
    await verifier.ready()
    const events = recordEvents()
    try {
      b.server.on('/jwks', answer('down', {}, 500))
      clock.milliseconds = 900_000
      const [loaded, failed] = [events.next('jwtgate:keys.loaded'), events.next('jwtgate:keys.refresh_failed')]
      for (const { token } of [a, b]) expect(await outcomeOf(verifier.verify(token()))).toBe('accepted')
      expect((await loaded).url).toBe(a.server.jwksUri)
      expect((await failed).url).toBe(b.server.jwksUri)
      for (const { token } of [a, b]) expect(await outcomeOf(verifier.verify(token()))).toBe('accepted')
    } finally {
      events.stop()
    }
  })

  it('and a flood of its made-up kids do not spend the budget of another', async () => {
    const [a, b] = (await startProviders(2)) as [Provider, Provider]
    const verifier = severalIssuers([a.withUrl, b.withUrl])
    await verifier.ready()
    for (let index = 0; index < 20; index++) {
      const forged = a.issuer.mint({}, { header: { kid: `made up ${index}` } })
      expect(await outcomeOf(verifier.verify(forged))).toBe('key_unknown')
    }
    expect(b.begun()).toBe(1)
    const rotated = newKey('ES256')
    b.server.setKeys([jwkOf(rotated, { kid: 'k2' })])
    const token = b.issuer.mint({}, { key: rotated, header: { kid: 'k2' } })
    expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
  })
})

describe('ready() of several issuers', () => {
  it('fetches the keys of all of them, so that no request has to', async () => {
    const all = await startProviders(3)
    const verifier = severalIssuers(all.map(({ withUrl, withDiscovery }, index) => (index ? withUrl : withDiscovery)))
    await expect(verifier.ready()).resolves.toBeUndefined()
    expect(all.map(({ begun }) => begun())).toEqual([2, 1, 1])
    for (const { token } of all) expect(await outcomeOf(verifier.verify(token()))).toBe('accepted')
    expect(all.map(({ begun }) => begun())).toEqual([2, 1, 1])
  })

  it('fetches nothing twice', async () => {
    const all = await startProviders(2)
    const verifier = severalIssuers(all.map(({ withUrl }) => withUrl))
    await Promise.all([verifier.ready(), verifier.ready()])
    await verifier.ready()
    expect(all.map(({ begun }) => begun())).toEqual([1, 1])
  })

  it('has nothing to do where all keys are at hand', async () => {
    const outcome = severalIssuers([testIssuer('a').options(), testIssuer('b', 'HS256').options()]).ready()
    expect(outcome).toBeInstanceOf(Promise)
    await expect(outcome).resolves.toBeUndefined()
  })

  it('rejects with one KeySourceError for each that failed, and the others are usable', async () => {
    const [a, b, c, d] = (await startProviders(4)) as [Provider, Provider, Provider, Provider]
    const clock = new TestClock()
    b.server.on('/jwks', answer('down', {}, 503))
    d.server.on('/.well-known/openid-configuration', answer('down', {}, 500))
    const verifier = severalIssuers([a.withUrl, b.withUrl, c.withUrl, d.withDiscovery], { clock })

    const failure = await failureOf(verifier)
    expect(failure).toBeInstanceOf(AggregateError)
    const { errors } = failure as AggregateError & { readonly errors: readonly KeySourceError[] }
    expect(errors).toHaveLength(2)
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['discovery_failed', 'keys_unavailable']))
    for (const error of errors) {
      expect(error).toBeInstanceOf(KeySourceError)
      expect(error).toMatchObject({ status: 503, headers: { 'Retry-After': expect.stringMatching(/^\d+$/) } })
    }
    const hints = errors.map(({ hint }) => hint).join('\n')
    for (const { server } of [b, d]) expect(hints).toContain(server.origin)
    for (const { server } of [a, c]) expect(hints).not.toContain(server.origin)

    const begun = [a.begun(), c.begun()]
    for (const { token } of [a, c]) expect(await outcomeOf(verifier.verify(token()))).toBe('accepted')
    expect([a.begun(), c.begun()]).toEqual(begun)
    expect(await outcomeOf(verifier.verify(b.token()))).toBe('keys_unavailable')

    b.server.setKeys([jwkOf(b.issuer.key, { kid: 'k1' })])
    clock.advance(3_000)
    expect(await outcomeOf(verifier.verify(b.token()))).toBe('accepted')
  })

  it('rejects with an AggregateError of one where one of two failed', async () => {
    const [a, b] = (await startProviders(2)) as [Provider, Provider]
    a.server.on('/jwks', answer('down', {}, 500))
    const failure = await failureOf(severalIssuers([{ ...a.withUrl, issuer: ['a', 'b'] }, b.withUrl]))
    expect(failure).toBeInstanceOf(AggregateError)
    expect((failure as AggregateError).errors).toMatchObject([{ code: 'keys_unavailable' }])
  })

  it('can be asked again, and resolves once all is well', async () => {
    const [a, b] = (await startProviders(2)) as [Provider, Provider]
    const clock = new TestClock()
    a.server.on('/jwks', answer('down', {}, 500))
    const verifier = severalIssuers([a.withUrl, b.withUrl], { clock })
    expect(await failureOf(verifier)).toBeInstanceOf(AggregateError)
    a.server.setKeys([jwkOf(a.issuer.key, { kid: 'k1' })])
    clock.advance(3_000)
    await expect(verifier.ready()).resolves.toBeUndefined()
    expect(await outcomeOf(verifier.verify(a.token()))).toBe('accepted')
    expect(b.begun()).toBe(1)
  })

  describe('asks for many key sets', () => {
    const tenants = Array.from({ length: 40 }, (_, index) => testIssuer(`https://${index}.example.com`))

    it('eight at a time at most, until it has all of them', async () => {
      const { verifier, most, asked } = await startTenants(() => false)
      await expect(verifier.ready()).resolves.toBeUndefined()
      expect(asked()).toBe(tenants.length)
      expect(most()).toBeGreaterThan(1)
      expect(most()).toBeLessThanOrEqual(8)
      for (const { mint } of tenants) expect(await outcomeOf(verifier.verify(mint({}, kid)))).toBe('accepted')
      expect(asked()).toBe(tenants.length)
    })

    it('and goes on where many of them fail', async () => {
      const isDown = (index: number): boolean => index < 12 || index % 3 === 0
      const { verifier, most, asked } = await startTenants(isDown)
      const failure = await failureOf(verifier)
      expect(asked()).toBe(tenants.length)
      expect(most()).toBeLessThanOrEqual(8)

      const down = tenants.filter((_, index) => isDown(index))
      expect(failure).toBeInstanceOf(AggregateError)
      expect((failure as AggregateError).errors).toHaveLength(down.length)
      for (const tenant of tenants) {
        const outcome = await outcomeOf(verifier.verify(tenant.mint({}, kid)))
        expect(outcome).toBe(down.includes(tenant) ? 'keys_unavailable' : 'accepted')
      }
      expect(asked()).toBe(tenants.length)
    })

    /** All at one server, which answers so late that those who ask at once are there at once. */
    async function startTenants(isDown: (index: number) => boolean) {
      const { server } = await startProvider()
      let [asked, active, most] = [0, 0, 0]
      for (const [index, { key }] of tenants.entries()) {
        const respond = isDown(index) ? answer('down', {}, 500) : keySet(key)
        server.on(`/${index}`, (request, response) => {
          asked++
          most = Math.max(most, ++active)
          void turns(20)
            .then(() => active--)
            .then(() => respond(request, response))
        })
      }
      const issuers = tenants.map((tenant, index) => tenant.options({ jwksUri: `${server.origin}/${index}` }))
      return { verifier: severalIssuers(issuers), asked: () => asked, most: () => most }
    }

    function keySet(key: TestIssuer['key']): Responder {
      return answer(JSON.stringify({ keys: [jwkOf(key, { kid: 'k1' })] }))
    }

    /** Turns of the event loop. */
    async function turns(count: number): Promise<void> {
      for (let turn = 0; turn < count; turn++) await setImmediate()
    }
  })
})
