// One deadline over a whole attempt to get keys, and over what any one request waits for them.
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FetchFunction } from '@jwtgate/core'
import { durationOf } from '../../../test/support/duration.ts'
import { answer, startKeyServer, type KeyServer, type Responder } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { drip, hang, late } from '../../../test/support/provider-faults.ts'
import { recordEvents, type RecordedEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier, type RemoteSetup } from '../../../test/support/remote-verifier.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { codeOf, outcomeOf, refusalOf } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const keyJwk = jwkOf(keyFor('ES256'), { kid: 'k1' })
const nextJwk = jwkOf(newKey('ES256'), { kid: 'k2' })
const token = mint({}, { header: { kid: 'k1' } })
const strange = mint({}, { header: { kid: 'x' } })
const openId = '/.well-known/openid-configuration'
const oauth = '/.well-known/oauth-authorization-server'
const refreshAt = 480_000

const timeoutDuration = 600
/** Of one answer: within the deadline by itself, and beyond it as the second of two. */
const slow = 480
/** Two deadlines one after the other would be 1,200 ms, a slow answer and then a deadline 1,080 ms. */
const atMost = 900

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

function discovering(remote: { readonly fetch?: FetchFunction } = {}): RemoteSetup & { readonly token: string } {
  const setup = remoteVerifier({ issuer: server.origin, remote: { timeoutDuration, ...remote } })
  return { ...setup, token: mint({ iss: server.origin }, { header: { kid: 'k1' } }) }
}

/** Its keys are known, and a refresh of them hangs in the background. */
async function withHangingRefresh(respond: Responder = hang): Promise<RemoteSetup> {
  const setup = remoteVerifier({ jwksUri: server.jwksUri, remote: { timeoutDuration } })
  await setup.verifier.ready()
  server.on('/jwks', respond)
  setup.clock.milliseconds = refreshAt
  await setup.verifier.verify(token)
  expect(setup.begun()).toBe(2)
  return setup
}

/** Of this test's provider: a fetch that hangs in the background outlives its test. */
function failures(): readonly unknown[] {
  return events.on('jwtgate:keys.refresh_failed').filter(({ url }) => url.startsWith(server.origin))
}

function metadata(): string {
  return JSON.stringify({ issuer: server.origin, jwks_uri: server.jwksUri })
}

/** The wait, which was ended by the deadline and by nothing else. */
function expectOneDeadline(waited: number): void {
  expect(waited).toBeGreaterThanOrEqual(timeoutDuration - 50)
  expect(waited).toBeLessThan(atMost)
}

describe('an attempt', () => {
  it.each<[string, Responder]>([
    ['that are as slow', late(answer('{"keys":[]}'), slow)],
    ['that never come', hang],
    ['that come byte by byte', drip(JSON.stringify({ keys: [keyJwk] }), 20)],
  ])('has one deadline over slow metadata and keys %s', async (_what, respond) => {
    server.on(openId, late(answer(metadata()), slow))
    server.on('/jwks', respond)
    const { verifier, token } = discovering()
    const refusal = refusalOf(verifier.verify(token))
    expectOneDeadline(await durationOf(refusal))
    expect(await refusal).toMatchObject({ name: 'KeySourceError', status: 503 })
    expect((await refusal).hint).toContain(`${timeoutDuration} ms`)
    expect(failures()).toHaveLength(1)
  })

  it('has one deadline over the 404 of OpenID, the metadata of RFC 8414 and the keys', async () => {
    const third = timeoutDuration / 2
    server.on(openId, late(answer('', {}, 404), third))
    server.on(oauth, late(answer(metadata()), third / 2))
    server.on('/jwks', hang)
    const { verifier, token, begun } = discovering()
    const refusal = refusalOf(verifier.verify(token))
    expectOneDeadline(await durationOf(refusal))
    expect((await refusal).code).toMatch(/^(keys_unavailable|discovery_failed)$/)
    expect(begun()).toBe(3)
  })

  it('has one deadline over both kinds of metadata, and asks for no keys after it', async () => {
    server.on(openId, late(answer('', {}, 404), slow))
    server.on(oauth, late(answer(metadata()), slow))
    const { verifier, token } = discovering()
    const refusal = refusalOf(verifier.verify(token))
    expectOneDeadline(await durationOf(refusal))
    expect((await refusal).code).toBe('discovery_failed')
    await pause(slow)
    expect(server.fetches()).toBe(0)
  })

  it('may be as slow as the deadline allows in all', async () => {
    server.on(openId, late(answer('', {}, 404), 50))
    server.on(oauth, late(answer(metadata()), 50))
    server.on('/jwks', late(answer(JSON.stringify({ keys: [keyJwk] })), 50))
    const { verifier, token } = discovering()
    expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
  })

  it('bounds ready() too', async () => {
    server.on(openId, late(answer(metadata()), slow))
    server.on('/jwks', hang)
    const ready = discovering().verifier.ready()
    expectOneDeadline(await durationOf(ready))
    await expect(ready).rejects.toMatchObject({ name: 'KeySourceError', status: 503 })
  })

  it('is made anew with a whole deadline of its own', async () => {
    server.on(openId, late(answer(metadata()), slow))
    server.on('/jwks', hang)
    const { verifier, token, clock } = discovering()
    await refusalOf(verifier.verify(token))
    clock.milliseconds += 1_000
    server.setKeys([keyJwk])
    expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
  })
})

describe('the signal that remote.fetch is given', () => {
  it('ends metadata and keys at the same deadline', async () => {
    const ended: number[] = []
    const startedAt = performance.now()
    const { verifier, token } = discovering({
      fetch: async (url, { signal }) => {
        signal.addEventListener('abort', () => ended.push(performance.now() - startedAt))
        if (url.endsWith('/jwks')) return new Promise(() => {})
        await pause(slow)
        return new Response(metadata())
      },
    })
    await refusalOf(verifier.verify(token))
    expect(ended.length).toBeGreaterThanOrEqual(1)
    for (const at of ended) expectOneDeadline(at)
  })
})

describe('a remote.fetch that ignores its signal', () => {
  const ignoring: readonly (readonly [name: string, fetch: FetchFunction])[] = [
    ['never settles', () => new Promise(() => {})],
    ['answers after the deadline', () => pause(timeoutDuration + 50, Response.json({ keys: [keyJwk] }))],
    [
      'rejects after the deadline',
      async () => {
        await pause(timeoutDuration + 50)
        throw new Error('too late')
      },
    ],
    ['has a body without an end', async () => new Response(new ReadableStream())],
  ]

  it.each(ignoring)('and %s is given up at the deadline', async (_name, fetch) => {
    const setup = remoteVerifier({ jwksUri: server.jwksUri, remote: { timeoutDuration, fetch } })
    const refusal = refusalOf(setup.verifier.verify(token))
    expectOneDeadline(await durationOf(refusal))
    expect((await refusal).code).toBe('keys_unavailable')
    await pause(100) // So that a late rejection would be seen.
  })

  it('and is slow with the metadata is asked for nothing more after the deadline', async () => {
    const asked: string[] = []
    const { verifier, token } = discovering({
      fetch: async (url) => {
        asked.push(url)
        await pause(timeoutDuration + 100)
        return new Response(metadata())
      },
    })
    expectOneDeadline(await durationOf(verifier.verify(token)))
    await pause(300)
    expect(asked).toEqual([server.origin + openId])
  })

  it('and answers late does not bring its keys after its attempt was given up', async () => {
    let answerLate = (): void => {}
    const { verifier, begun } = remoteVerifier({
      jwksUri: server.jwksUri,
      remote: {
        timeoutDuration,
        fetch: () =>
          new Promise((resolve) => {
            answerLate = () => resolve(Response.json({ keys: [keyJwk] }))
          }),
      },
    })
    expect(await codeOf(verifier.verify(token))).toBe('keys_unavailable')
    answerLate()
    await pause(20)
    expect(await codeOf(verifier.verify(token))).toBe('keys_unavailable')
    expect(events.on('jwtgate:keys.loaded')).toEqual([])
    expect(begun()).toBe(1)
  })
})

describe('a request that joins an older fetch which hangs', () => {
  it('and then causes one more is bounded by one deadline in all', async () => {
    const setup = await withHangingRefresh()
    await pause(50)
    const refusal = refusalOf(setup.verifier.verify(strange))
    expectOneDeadline(await durationOf(refusal))
    expect(await refusal).toMatchObject({ name: 'KeySourceError', code: 'keys_unavailable', status: 503 })
    expect(setup.begun()).toBe(3)
  })

  it('at a cold start is bounded by one deadline in all', async () => {
    server.on('/jwks', (request, response) => {
      server.on('/jwks', hang)
      late(answer(JSON.stringify({ keys: [keyJwk] })), slow)(request, response)
    })
    const setup = remoteVerifier({ jwksUri: server.jwksUri, remote: { timeoutDuration } })
    const first = outcomeOf(setup.verifier.verify(token))
    const refusal = refusalOf(setup.verifier.verify(strange))
    expectOneDeadline(await durationOf(refusal))
    expect(await first).toBe('accepted')
    expect((await refusal).code).toBe('keys_unavailable')
    expect(setup.begun()).toBe(2)
  })

  it('is answered by the one more that it causes, where that is in time', async () => {
    const setup = await withHangingRefresh((request, response) => {
      server.setKeys([keyJwk, jwkOf(keyFor('ES256'), { kid: 'x' })])
      hang(request, response)
    })
    await pause(100)
    expect(await outcomeOf(setup.verifier.verify(strange))).toBe('accepted')
    expect(setup.begun()).toBe(3)
  })

  it('is told the truth where its deadline ends before that of the fetch: 503, not key_unknown', async () => {
    const setup = await withHangingRefresh()
    const codes = await Promise.all(
      [0, 100, 200].map(async (after) => {
        await pause(after)
        const verification = setup.verifier.verify(strange)
        const waited = await durationOf(verification)
        expect(waited).toBeLessThan(atMost)
        return codeOf(verification)
      }),
    )
    expect(new Set(codes)).toEqual(new Set(['keys_unavailable']))
  })

  it('after an idle time waits no longer than one deadline in all', async () => {
    const longer = 1_300 // Than the second for which a request waits for a refresh.
    const setup = remoteVerifier({ jwksUri: server.jwksUri, remote: { timeoutDuration: longer } })
    await setup.verifier.ready()
    server.on('/jwks', hang)
    setup.clock.milliseconds = 3_600_000
    const known = setup.verifier.verify(token) // Begins the refresh.
    await pause(400)
    const waited = await durationOf(setup.verifier.verify(strange))
    expect(waited).toBeGreaterThanOrEqual(longer - 50)
    expect(waited).toBeLessThan(longer + 300) // And not the 900 ms that are left of one, and then the whole of another.
    await known
  })
})

describe('known keys while a fetch hangs', () => {
  it('are answered at once, before and after the deadline', async () => {
    const setup = await withHangingRefresh()
    let isRefused = false
    const refused = codeOf(setup.verifier.verify(strange)).finally(() => (isRefused = true))
    for (let round = 0; round < 20; round++) expect(await outcomeOf(setup.verifier.verify(token))).toBe('accepted')
    expect(isRefused).toBe(false)
    await refused
    for (let round = 0; round < 20; round++) expect(await outcomeOf(setup.verifier.verify(token))).toBe('accepted')
  })

  it('let ready() resolve at once', async () => {
    const setup = await withHangingRefresh()
    await setup.verifier.ready()
    expect(failures()).toEqual([])
  })

  it('are the new ones as soon as the answer is there', async () => {
    const setup = await withHangingRefresh(late(answer(JSON.stringify({ keys: [nextJwk] })), 100))
    const loaded = events.next('jwtgate:keys.loaded')
    expect(await outcomeOf(setup.verifier.verify(token))).toBe('accepted')
    await loaded
    expect(await codeOf(setup.verifier.verify(token))).toBe('key_unknown')
  })
})
