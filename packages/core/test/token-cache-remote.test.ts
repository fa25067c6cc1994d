// Tokens that are remembered, and a key set behind a URL: they go with their keys, and keep the set fresh as all others do.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JsonWebKey } from 'node:crypto'
import type { JwtVerifierOptions } from '@jwtgate/core'
import { countingVerifier, type CountingVerifier } from '../../../test/support/counting-verifier.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { issuer, mint, now } from '../../../test/support/mint.ts'
import { recordEvents, type RecordedEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier } from '../../../test/support/remote-verifier.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { codeOf, outcomeOf, type TestClock } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const key = keyFor('ES256')
const other = newKey('ES256')
const keyJwk = jwkOf(key, { kid: 'k1' })
const otherJwk = jwkOf(other, { kid: 'k2' })
const [minute, day] = [60_000, 86_400_000]
/** As old as the keys may become while the provider is down: the lifetime of the set, and `maxStale`. */
const longest = 10 * minute + day
/** Its times are no matter here. */
const lasting = { nbf: 0, iat: 0, exp: now + 1_000_000 }
const token = mint(lasting, { header: { kid: 'k1' } })
const otherToken = mint(lasting, { key: other, header: { kid: 'k2' } })

interface Provider {
  keys: readonly JsonWebKey[]
  isDown: boolean
}

interface RemoteCounting extends CountingVerifier {
  readonly provider: Provider
  readonly clock: TestClock
  readonly begun: () => number
}

let events: RecordedEvents
beforeEach(() => void (events = recordEvents()))
afterEach(() => events.stop())

/** The provider is in this process, answers at once, and has the key `k1`. */
function remoteCounting(changes: Partial<JwtVerifierOptions> = {}): RemoteCounting {
  const provider: Provider = { keys: [keyJwk], isDown: false }
  const fetch = async (): Promise<Response> =>
    provider.isDown ? new Response('', { status: 500 }) : Response.json({ keys: provider.keys })
  let setup: ReturnType<typeof remoteVerifier> | undefined
  const counting = countingVerifier(changes, (options) => {
    setup = remoteVerifier({ ...options, jwksUri: `${issuer}/jwks`, remote: { ...options.remote, fetch } })
    return setup.verifier
  })
  if (setup === undefined) throw new Error('No verifier was made')
  return { ...counting, provider, clock: setup.clock, begun: setup.begun }
}

/** A request of this token, and the refresh that it starts in the background. */
async function refreshed({ verifier }: CountingVerifier, by = token): Promise<void> {
  const loaded = events.next('jwtgate:keys.loaded')
  await verifier.verify(by)
  await loaded
}

describe('a remembered token', () => {
  it('survives the refreshes of the set that has its key, whatever else comes and goes', async () => {
    const remote = remoteCounting()
    await remote.verifier.verify(token)
    for (const keys of [[keyJwk, otherJwk], [otherJwk, keyJwk], [keyJwk], [{ ...keyJwk }]]) {
      remote.provider.keys = keys
      remote.clock.milliseconds += 8 * minute
      await refreshed(remote)
      expect((await remote.verifier.verify(token)).claims.sub).toBe('alice')
    }
    expect([remote.verified(), remote.begun()]).toEqual([1, 5])
  })

  it.each<[string, readonly JsonWebKey[], string]>([
    ['leaves the set', [otherJwk], 'key_unknown'],
    ['is replaced under its kid', [jwkOf(other, { kid: 'k1' })], 'signature_invalid'],
    ['gets another kid', [{ ...keyJwk, kid: 'k3' }], 'key_unknown'],
    ['is labelled for another algorithm', [{ ...keyJwk, alg: 'ES384' }, otherJwk], 'key_unknown'],
    ['is labelled for encryption', [{ ...keyJwk, use: 'enc' }, otherJwk], 'key_unknown'],
  ])('is refused from the next refresh on when its key %s', async (_how, keys, code) => {
    for (const isRevoked of [undefined, () => false]) {
      const remote = remoteCounting(isRevoked && { isRevoked })
      await remote.verifier.verify(token)
      remote.provider.keys = keys
      remote.clock.milliseconds = 8 * minute
      await refreshed(remote) // It is good until then, and starts the refresh itself.
      for (let request = 0; request < 3; request++) expect(await codeOf(remote.verifier.verify(token))).toBe(code)
      expect(remote.verified()).toBe(1)
    }
  })

  it.each([15 * minute, day])('is refused at once when its key left in an idle time of %d ms', async (idle) => {
    const remote = remoteCounting()
    await remote.verifier.verify(token)
    remote.provider.keys = [otherJwk]
    remote.clock.milliseconds = idle
    expect(await codeOf(remote.verifier.verify(token))).toBe('key_unknown')
  })

  it('is verified anew where its key comes back, and once', async () => {
    const remote = remoteCounting()
    await remote.verifier.verify(token)
    for (const keys of [[otherJwk], [keyJwk, otherJwk]]) {
      remote.provider.keys = keys
      remote.clock.milliseconds += 20 * minute
      await outcomeOf(remote.verifier.verify(token))
    }
    for (let request = 0; request < 3; request++) await remote.verifier.verify(token)
    expect(remote.verified()).toBe(2)
  })

  it('is verified anew, and stays good, where its key has become another object of the same', async () => {
    const remote = remoteCounting()
    await remote.verifier.verify(token)
    remote.provider.keys = [{ ...keyJwk, alg: 'ES256' }] // It now says what it is for: another identity.
    remote.clock.milliseconds = 8 * minute
    await refreshed(remote)
    for (let request = 0; request < 3; request++)
      expect(await outcomeOf(remote.verifier.verify(token))).toBe('accepted')
    expect(remote.verified()).toBe(2)
  })

  it('stays remembered where a second key comes under its kid', async () => {
    const remote = remoteCounting()
    await remote.verifier.verify(token)
    remote.provider.keys = [jwkOf(other, { kid: 'k1' }), keyJwk]
    remote.clock.milliseconds = 8 * minute
    await refreshed(remote)
    expect(await outcomeOf(remote.verifier.verify(token))).toBe('accepted')
    expect(remote.verified()).toBe(1)
  })

  it('without a kid is refused once its key is not the only one, and good again when it is', async () => {
    const remote = remoteCounting()
    const nameless = mint(lasting)
    const outcomes: string[] = []
    for (const keys of [[keyJwk], [keyJwk, otherJwk], [keyJwk]]) {
      remote.provider.keys = keys
      remote.clock.milliseconds += 20 * minute
      outcomes.push(await outcomeOf(remote.verifier.verify(nameless)))
    }
    expect(outcomes).toEqual(['accepted', 'key_unknown', 'accepted'])
  })

  it('whose key left does not keep others from being remembered', async () => {
    const remote = remoteCounting()
    remote.provider.keys = [keyJwk, otherJwk]
    await remote.verifier.verify(token)
    await remote.verifier.verify(otherToken)
    remote.provider.keys = [otherJwk]
    remote.clock.milliseconds = 8 * minute
    await refreshed(remote, otherToken)
    expect(await codeOf(remote.verifier.verify(token))).toBe('key_unknown')
    expect(await outcomeOf(remote.verifier.verify(otherToken))).toBe('accepted')
    expect(remote.verified()).toBe(2)
  })

  it.each<[string, readonly JsonWebKey[], string]>([
    ['left', [otherJwk], 'key_unknown'],
    ['was replaced', [otherJwk, jwkOf(other, { kid: 'k1' })], 'signature_invalid'],
  ])('whose key %s is forgotten, and takes no room from others', async (_how, keys, code) => {
    const remote = remoteCounting({ tokenCache: { max: 2 } })
    remote.provider.keys = [keyJwk, otherJwk]
    await remote.verifier.verify(token)
    await remote.verifier.verify(otherToken)
    remote.provider.keys = keys
    remote.clock.milliseconds = 15 * minute
    for (let request = 0; request < 3; request++) expect(await codeOf(remote.verifier.verify(token))).toBe(code)
    const third = mint({ ...lasting, sub: 'carol' }, { key: other, header: { kid: 'k2' } })
    for (const one of [third, otherToken, third]) await remote.verifier.verify(one)
    expect(remote.verified()).toBe(3)
  })

  it('expires before its key is missed, and is refused for its key first', async () => {
    const remote = remoteCounting()
    const short = mint({}, { header: { kid: 'k1' } })
    await remote.verifier.verify(short)
    remote.clock.seconds += 3_600
    expect(await codeOf(remote.verifier.verify(short))).toBe('token_expired')
    remote.provider.keys = [otherJwk]
    remote.clock.milliseconds = 15 * minute
    expect(await codeOf(remote.verifier.verify(short))).toBe('key_unknown')
  })
})

describe('requests with remembered tokens alone', () => {
  it('start the refresh of the set when it is due, and not before', async () => {
    const remote = remoteCounting()
    await remote.verifier.verify(token)
    remote.clock.milliseconds = 8 * minute - 1
    for (let request = 0; request < 10; request++) await remote.verifier.verify(token)
    expect(remote.begun()).toBe(1)
    for (let age = 8; age <= 80; age += 8) {
      remote.clock.milliseconds = age * minute
      await refreshed(remote)
      await Promise.all(Array.from({ length: 10 }, () => remote.verifier.verify(token)))
      expect(remote.begun()).toBe(1 + age / 8)
    }
    expect(remote.verified()).toBe(1)
  })

  it('keep the keys going, through more than maxStale, for tokens that come later', async () => {
    const remote = remoteCounting()
    await remote.verifier.verify(token)
    while (remote.clock.milliseconds < 2 * day) {
      remote.clock.milliseconds += 8 * minute
      await refreshed(remote)
    }
    expect(remote.verified()).toBe(1)
    remote.provider.isDown = true
    expect(await outcomeOf(remote.verifier.verify(mint(lasting, { header: { kid: 'k1' } })))).toBe('accepted')
  })
})

describe('while the provider is down', () => {
  it('remembered tokens are good as long as their keys are: until maxStale is over, and 503 from then on', async () => {
    for (const isRevoked of [undefined, () => false]) {
      const remote = remoteCounting(isRevoked && { isRevoked })
      await remote.verifier.verify(token)
      remote.provider.isDown = true
      for (const at of [9 * minute, 60 * minute, longest]) {
        remote.clock.milliseconds = at
        expect(await outcomeOf(remote.verifier.verify(token))).toBe('accepted')
        await new Promise(setImmediate)
      }
      remote.clock.milliseconds = longest + 1
      for (let request = 0; request < 3; request++) {
        expect(await codeOf(remote.verifier.verify(token))).toBe('keys_unavailable')
      }
      remote.provider.isDown = false
      remote.clock.milliseconds += minute
      expect(await outcomeOf(remote.verifier.verify(token))).toBe('accepted')
      expect(remote.verified()).toBe(1) // The key is back as it was.
    }
  })

  it('they are no better off than others with maxStale: 0', async () => {
    const remote = remoteCounting({ remote: { maxStale: 0 } })
    await remote.verifier.verify(token)
    remote.provider.isDown = true
    remote.clock.milliseconds = 10 * minute
    expect(await outcomeOf(remote.verifier.verify(token))).toBe('accepted')
    remote.clock.milliseconds += 1
    const unseen = mint(lasting, { header: { kid: 'k1' } })
    for (const one of [token, unseen]) expect(await codeOf(remote.verifier.verify(one))).toBe('keys_unavailable')
  })
})

describe('two verifiers that share a key set', () => {
  it('remember tokens each for itself', async () => {
    const fetch = async (): Promise<Response> => Response.json({ keys: [keyJwk] })
    const first = remoteVerifier({ jwksUri: `${issuer}/jwks`, remote: { fetch } })
    const options = { jwksUri: `${issuer}/jwks`, clock: first.clock, remote: { fetch } }
    const second = remoteVerifier({ ...options, audience: 'https://other.example.com' })
    for (let round = 0; round < 2; round++) {
      expect(await outcomeOf(first.verifier.verify(token))).toBe('accepted')
      expect(await codeOf(second.verifier.verify(token))).toBe('audience_mismatch')
    }
  })
})
