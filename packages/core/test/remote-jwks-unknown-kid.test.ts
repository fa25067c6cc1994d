// A token whose kid the set does not hold: a rotation is noticed at once, a flood of made-up kids costs next to nothing.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { hang, held } from '../../../test/support/provider-faults.ts'
import { recordEvents, type RecordedEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier, type RemoteSetup } from '../../../test/support/remote-verifier.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { codeOf, refusalOf } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const key = keyFor('ES256')
const next = newKey('ES256')
const keyJwk = jwkOf(key, { kid: 'k1' })
const nextJwk = jwkOf(next, { kid: 'k2' })
const token = mint({}, { header: { kid: 'k1' } })
const nextToken = mint({}, { key: next, header: { kid: 'k2' } })
const burst = 3
const refill = 8_000

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

function madeUpToken(): string {
  return mint({}, { header: { kid: `made up ${madeUp++}` } })
}

/** One after the other, each checked to be refused for its key. */
async function flood({ verifier }: RemoteSetup, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) expect(await codeOf(verifier.verify(madeUpToken()))).toBe('key_unknown')
}

describe('a rotation', () => {
  it('is accepted by the first token of the new key, and the old key goes on', async () => {
    const { verifier, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.setKeys([keyJwk, nextJwk])
    expect((await verifier.verify(nextToken)).claims.sub).toBe('alice')
    expect((await verifier.verify(token)).claims.sub).toBe('alice')
    expect(begun()).toBe(2)
  })

  it('makes at most two fetches, however many tokens of the new key come at once', async () => {
    const { verifier, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.setKeys([keyJwk, nextJwk])
    await Promise.all(Array.from({ length: 200 }, () => verifier.verify(nextToken)))
    expect(begun()).toBe(2)
  })

  it('is found by a fetch in flight, which every request joins', async () => {
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.setKeys([keyJwk, nextJwk])
    clock.milliseconds = 480_000
    await Promise.all([token, nextToken, nextToken].map((one) => verifier.verify(one)))
    expect(begun()).toBe(2)
  })

  it('is found by one more fetch where the one in flight began too early to know', async () => {
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    const before = held(answer(JSON.stringify({ keys: [keyJwk] })))
    server.on('/jwks', before.respond)
    clock.milliseconds = 480_000
    await verifier.verify(token)
    await before.arrived

    server.setKeys([keyJwk, nextJwk])
    const accepted = Promise.all([nextToken, nextToken].map((one) => verifier.verify(one)))
    await before.letGo()
    expect(await accepted).toHaveLength(2)
    expect(begun()).toBe(3)
  })

  it('needs no budget where a fetch is in flight already', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    await setup.verifier.verify(token)
    await flood(setup, burst - 1)
    const lastOfBurst = held(answer(JSON.stringify({ keys: [keyJwk, nextJwk] })))
    server.on('/jwks', lastOfBurst.respond)
    const refused = refusalOf(setup.verifier.verify(madeUpToken()))
    const accepted = setup.verifier.verify(nextToken)
    await lastOfBurst.letGo()
    expect((await accepted).claims.sub).toBe('alice')
    await refused
    expect(setup.begun()).toBe(1 + burst)
  })

  it('during a flood of made-up kids is accepted within 8 s, and the old key is never affected', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    await setup.verifier.verify(token)
    await flood(setup, 50)
    server.setKeys([keyJwk, nextJwk])
    setup.clock.milliseconds += refill
    await flood(setup, 1)
    expect((await setup.verifier.verify(nextToken)).claims.sub).toBe('alice')
    expect((await setup.verifier.verify(token)).claims.sub).toBe('alice')
  })
})

describe('a flood of made-up kids', () => {
  it('causes three fetches and then one per 8 s', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    await setup.verifier.verify(token)
    await flood(setup, 200)
    expect(setup.begun()).toBe(1 + burst)

    setup.clock.milliseconds = refill - 1
    await flood(setup, 20)
    expect(setup.begun()).toBe(1 + burst)

    setup.clock.milliseconds = refill
    await flood(setup, 20)
    expect(setup.begun()).toBe(1 + burst + 1)

    setup.clock.milliseconds = 100_000
    await flood(setup, 20)
    expect(setup.begun()).toBe(1 + burst + 1 + burst)
  })

  it('is bounded in the same way when all come at once', async () => {
    const { verifier, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    const codes = await Promise.all(Array.from({ length: 500 }, () => codeOf(verifier.verify(madeUpToken()))))
    expect(new Set(codes)).toEqual(new Set(['key_unknown']))
    expect(begun()).toBeLessThanOrEqual(1 + burst)
  })

  it('has no effect on known keys, which need no fetch and no budget', async () => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri })
    await setup.verifier.verify(token)
    for (let round = 0; round < 20; round++) {
      await flood(setup, 10)
      expect((await setup.verifier.verify(token)).claims.sub).toBe('alice')
    }
    expect(setup.begun()).toBe(1 + burst)
  })

  it('does not delay a known key while the fetch that it caused hangs', async () => {
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri, remote: { timeoutDuration: 300 } })
    await verifier.verify(token)
    server.on('/jwks', hang)
    let refused = false
    const strange = refusalOf(verifier.verify(madeUpToken())).finally(() => (refused = true))
    await verifier.verify(token)
    expect(refused).toBe(false)
    await strange
  })

  it('is answered by the first fetch that began after it came, and waits for none that others cause then', async () => {
    const answers: (() => void)[] = []
    const { verifier, clock } = remoteVerifier({
      jwksUri: server.jwksUri,
      remote: {
        fetch: () => new Promise((resolve) => answers.push(() => resolve(Response.json({ keys: [keyJwk] })))),
      },
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const ready = verifier.ready()
      await vi.advanceTimersByTimeAsync(0)
      answers[0]?.()
      await ready

      clock.milliseconds = 3_600_000
      const first = codeOf(verifier.verify(madeUpToken())) // Begins the refresh, and joins it a second later again.
      clock.milliseconds += 1_000
      const second = codeOf(verifier.verify(madeUpToken())) // Came after it began.
      await vi.advanceTimersByTimeAsync(1_000)
      answers[1]?.()
      expect(await first).toBe('key_unknown')
      expect(answers).toHaveLength(3)
      answers[2]?.()
      expect(await second).toBe('key_unknown')
    } finally {
      vi.useRealTimers()
    }
  })

  it('is refused as key_unknown, 401, after the provider was asked and had no such key', async () => {
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    const refusal = await refusalOf(verifier.verify(madeUpToken()))
    expect(refusal).toMatchObject({ name: 'InvalidTokenError', code: 'key_unknown', status: 401 })
    expect(refusal.hint).toBe(
      `No key of the set for ${server.jwksUri} has the token's \`kid\` and fits ES256. Is the token from another environment?`,
    )
    expect(refusal.headers['WWW-Authenticate']).toContain('error="invalid_token"')
  })

  it('is refused as 503 where the provider was asked and failed', async () => {
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    const refusal = await refusalOf(verifier.verify(madeUpToken()))
    expect(refusal).toMatchObject({ name: 'KeySourceError', code: 'keys_unavailable', status: 503 })
    expect((await verifier.verify(token)).claims.sub).toBe('alice')
  })

  // While nobody can be asked, a `kid` may be new: what is the provider's fault is never a 401.
  it('is answered with 503 during an outage, also once its budget is spent', async () => {
    const { verifier, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    for (let sent = 0; sent < burst; sent++) await refusalOf(verifier.verify(madeUpToken()))
    expect(await codeOf(verifier.verify(madeUpToken()))).toBe('keys_unavailable')
    expect(begun()).toBe(1 + burst)
  })

  it('is told to come again within 8 s, although the next refresh in the background may be minutes away', async () => {
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    clock.milliseconds = 480_000
    for (let failures = 0; failures < 9; failures++) {
      const failed = events.next('jwtgate:keys.refresh_failed')
      await verifier.verify(token)
      await failed
      clock.milliseconds += 120_000
    }
    clock.milliseconds -= 120_000
    const { headers } = await refusalOf(verifier.verify(nextToken))
    expect(headers['Retry-After']).toBe('8')
  })

  it('asks the provider although a failed refresh is being backed off from', async () => {
    const { verifier, clock, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    clock.milliseconds = 480_000
    const failed = events.next('jwtgate:keys.refresh_failed')
    await verifier.verify(token)
    await failed

    server.setKeys([keyJwk, nextJwk])
    expect((await verifier.verify(nextToken)).claims.sub).toBe('alice')
    expect(begun()).toBe(3)
  })
})

describe('a token without kid', () => {
  it('is accepted where exactly one key fits', async () => {
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    expect((await verifier.verify(mint())).claims.sub).toBe('alice')
  })

  it('is refused where two keys fit, since a key is never guessed', async () => {
    server.setKeys([keyJwk, nextJwk])
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    expect(await codeOf(verifier.verify(mint()))).toBe('key_unknown')
  })

  it('causes no fetch where two keys fit: none would tell which', async () => {
    server.setKeys([keyJwk, nextJwk])
    const { verifier, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.ready()
    for (let sent = 0; sent < 5; sent++) expect(await codeOf(verifier.verify(mint()))).toBe('key_unknown')
    expect(begun()).toBe(1)
  })
})
