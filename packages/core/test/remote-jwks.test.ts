// A key set behind a URL from a cold start: one fetch for all, what it asks, what it accepts, and how ready() tells.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createJwtVerifier, isJwtGateError } from '@jwtgate/core'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { mint } from '../../../test/support/mint.ts'
import { hang, paddedSet, setOf } from '../../../test/support/provider-faults.ts'
import { recordEvents, type RecordedEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier } from '../../../test/support/remote-verifier.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { refusalOf } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const key = keyFor('ES256')
const token = mint({}, { header: { kid: 'k1' } })
let server: KeyServer
let events: RecordedEvents

beforeEach(async () => {
  server = await startKeyServer([jwkOf(key, { kid: 'k1' })])
  events = recordEvents()
})

afterEach(async () => {
  events.stop()
  await server.close()
})

describe('a cold start', () => {
  const twoHundred = Array.from({ length: 200 })

  it('fetches once for 200 concurrent requests', async () => {
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await Promise.all(twoHundred.map(() => verifier.verify(token)))
    expect(server.fetches()).toBe(1)
  })

  it('fetches once for 200 concurrent requests that name two keys', async () => {
    const second = newKey('ES256')
    server.setKeys([jwkOf(key, { kid: 'k1' }), jwkOf(second, { kid: 'k2' })])
    const secondToken = mint({}, { key: second, header: { kid: 'k2' } })
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await Promise.all(twoHundred.map((_, index) => verifier.verify(index % 2 === 0 ? token : secondToken)))
    expect(server.fetches()).toBe(1)
  })

  it('asks once for the metadata and once for the keys of 200 concurrent requests', async () => {
    const { verifier } = remoteVerifier({ issuer: server.origin })
    const ownToken = mint({ iss: server.origin }, { header: { kid: 'k1' } })
    await Promise.all(twoHundred.map(() => verifier.verify(ownToken)))
    expect([...server.counts]).toEqual([
      ['/.well-known/openid-configuration', 1],
      ['/jwks', 1],
    ])
  })

  it('fetches at most once more for 200 concurrent requests whose kid the first answer lacks', async () => {
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    const strange = mint({}, { header: { kid: 'unknown' } })
    const refusals = await Promise.all(twoHundred.map(() => refusalOf(verifier.verify(strange))))
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['key_unknown']))
    expect(server.fetches()).toBeLessThanOrEqual(2)
  })

  it('fetches nothing for a token of another issuer', async () => {
    const { verifier, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    const refusal = await refusalOf(verifier.verify(mint({ iss: 'https://other.example.com' })))
    expect(refusal.code).toBe('issuer_mismatch')
    expect(begun()).toBe(0)
  })

  it('works with the global fetch and the clocks of the system', async () => {
    const issuer = server.origin
    const verifier = createJwtVerifier({ issuer, audience: 'api', algorithms: ['ES256'], jwksUri: server.jwksUri })
    const seconds = Math.floor(Date.now() / 1000)
    const claims = { iss: issuer, aud: 'api', nbf: seconds, iat: seconds, exp: seconds + 60 }
    const auth = await verifier.verify(mint(claims, { header: { kid: 'k1' } }))
    expect(auth.claims).toMatchObject(claims)
  })
})

describe('the global fetch', () => {
  afterEach(() => void vi.unstubAllGlobals())

  it('is the one of that moment: whoever replaces it later is asked', async () => {
    const options = { issuer: server.origin, audience: 'api', algorithms: ['ES256'] } as const
    await createJwtVerifier(options).ready()
    const verifier = createJwtVerifier({ ...options, jwksUri: server.jwksUri })
    const asked: string[] = []
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(url)
      return Response.json({ keys: [jwkOf(key, { kid: 'k1' })] })
    })
    await verifier.ready()
    expect(asked).toEqual([server.jwksUri])
  })
})

describe('the request', () => {
  it('is a GET that accepts JSON and carries remote.headers', async () => {
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri, remote: { headers: { 'X-Api-Key': 'k-123' } } })
    const good = answer(setOf(1))
    const asked = new Promise<{ method: string | undefined; headers: Readonly<Record<string, unknown>> }>((resolve) => {
      server.on('/jwks', (request, response) => {
        resolve({ method: request.method, headers: request.headers })
        good(request, response)
      })
    })
    await verifier.ready()
    expect(await asked).toMatchObject({ method: 'GET', headers: { accept: 'application/json', 'x-api-key': 'k-123' } })
  })

  it('does not follow a redirect: the other host is never asked', async () => {
    const other = await startKeyServer([jwkOf(key, { kid: 'k1' })])
    try {
      for (const status of [301, 302, 303, 307, 308]) {
        server.on('/jwks', answer('', { location: other.jwksUri }, status))
        const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
        expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'keys_unavailable', status: 503 })
      }
      expect([...other.counts]).toEqual([])
    } finally {
      await other.close()
    }
  })
})

describe('an answer', () => {
  it('is taken whatever its content type, since status and JSON decide', async () => {
    server.on('/jwks', answer(paddedSet(0), { 'content-type': 'text/plain' }))
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    expect((await verifier.verify(token)).claims.sub).toBe('alice')
  })

  it.each([201, 203, 206])('with the status %d is no key set', async (status) => {
    server.on('/jwks', answer(paddedSet(0), {}, status))
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'keys_unavailable' })
  })

  it('may hold 1,000 keys', async () => {
    server.on('/jwks', answer(setOf(1000)))
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(mint({}, { header: { kid: 'key 999' } }))
    expect(events.on('jwtgate:keys.loaded')).toMatchObject([{ keys: 1000, skipped: 0 }])
  })

  it('of 1,001 keys is refused', async () => {
    server.on('/jwks', answer(setOf(1001)))
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    const refusal = await refusalOf(verifier.verify(mint({}, { header: { kid: 'key 0' } })))
    expect(refusal).toMatchObject({ code: 'keys_invalid', status: 503 })
  })

  it('loses its bad entries only, and each is told', async () => {
    const bad = [
      null,
      'key',
      { kty: 'unheard of', kid: 'odd' },
      { kty: 'oct', k: 'c2VjcmV0', kid: 'oct' },
      jwkOf(newKey('ES256'), { kid: 'enc', use: 'enc' }),
      jwkOf(newKey('ES256'), { kid: 'ops', key_ops: ['sign'] }),
      { ...newKey('ES256').signer.export({ format: 'jwk' }), kid: 'private' },
    ]
    server.setKeys([...bad, jwkOf(key, { kid: 'k1' })] as never)
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    expect(events.on('jwtgate:keys.entry_skipped').map(({ index, kid }) => [index, kid])).toEqual([
      [0, undefined],
      [1, undefined],
      [2, 'odd'],
      [3, 'oct'],
      [4, 'enc'],
      [5, 'ops'],
      [6, 'private'],
    ])
    expect(events.on('jwtgate:keys.loaded')).toMatchObject([{ keys: 1, skipped: 7 }])
  })
})

describe('a public key that is labelled for HMAC', () => {
  it('is left out for its label', async () => {
    server.setKeys([{ ...jwkOf(newKey('RS256')), alg: 'HS256' }, jwkOf(key, { kid: 'k1' })])
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    expect(events.on('jwtgate:keys.entry_skipped')).toMatchObject([
      { index: 0, reason: 'its `alg` is no signature algorithm that is accepted here' },
    ])
  })
})

describe('an entry whose members are longer than any key needs', () => {
  it.each([
    ['a modulus of more than 8192 bits', { ...jwkOf(newKey('RS256')), n: 'x'.repeat(1_367) }],
    ['an exponent of more than 8 bytes', { ...jwkOf(newKey('RS256')), e: 'x'.repeat(12) }],
    ['a coordinate longer than that of P-521', { ...jwkOf(newKey('ES256')), x: 'x'.repeat(89) }],
  ])('is left out before it is imported: %s', async (_name, jwk) => {
    server.setKeys([jwk, jwkOf(key, { kid: 'k1' })])
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    expect(events.on('jwtgate:keys.entry_skipped')).toMatchObject([{ reason: expect.stringContaining('longer than') }])
  })
})

describe('ready()', () => {
  it('fetches the keys, so that the first request need not', async () => {
    const { verifier, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.ready()
    expect(begun()).toBe(1)
    await verifier.verify(token)
    await verifier.ready()
    expect(begun()).toBe(1)
  })

  it('fetches metadata and keys where the issuer says where they are', async () => {
    const { verifier, begun } = remoteVerifier({ issuer: server.origin })
    await verifier.ready()
    expect(begun()).toBe(2)
    await verifier.verify(mint({ iss: server.origin }, { header: { kid: 'k1' } }))
    expect(begun()).toBe(2)
  })

  it('shares its fetch with requests that come meanwhile', async () => {
    const { verifier, begun } = remoteVerifier({ jwksUri: server.jwksUri })
    await Promise.all([verifier.ready(), verifier.verify(token), verifier.ready(), verifier.verify(token)])
    expect(begun()).toBe(1)
  })

  it('rejects while there are no keys, and the verifier goes on trying', async () => {
    server.on('/jwks', answer('', {}, 500))
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    const refusal: unknown = await verifier.ready().catch((error: unknown) => error)
    expect(isJwtGateError(refusal, 'keys_unavailable')).toBe(true)
    expect(refusal).toMatchObject({ status: 503, headers: { 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) } })

    server.setKeys([jwkOf(key, { kid: 'k1' })])
    clock.milliseconds += 1_000
    expect((await verifier.verify(token)).claims.sub).toBe('alice')
  })
})

describe('errors of concurrent requests', () => {
  it('are different objects with headers of their own', async () => {
    server.on('/jwks', hang)
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri, remote: { timeoutDuration: 100 } })
    const verifications = [1, 2, 3].map(() => refusalOf(verifier.verify(token)))
    const refusals = await Promise.all(verifications)
    expect(server.fetches()).toBe(1)
    expect(new Set(refusals).size).toBe(3)
    expect(new Set(refusals.map(({ headers }) => headers)).size).toBe(3)

    const [first, second] = refusals
    Object.assign(first?.headers ?? {}, { 'X-Changed': 'yes' })
    expect(second?.headers).not.toHaveProperty('X-Changed')
  })
})
