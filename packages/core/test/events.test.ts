// What operators are told: each channel with its payload, and nothing in it that an attacker wrote as it was.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createAuthenticator,
  createAuthorizer,
  createJwtVerifier,
  PermissionDeniedError,
  scope,
  type RequestLike,
} from '@jwtgate/core'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { audience, goodClaims, issuer, mint, now } from '../../../test/support/mint.ts'
import { channelNames, recordEvents, type RecordedEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier } from '../../../test/support/remote-verifier.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { refusalOf, testVerifier } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const key = keyFor('ES256')
const keyJwk = jwkOf(key, { kid: 'k1' })
const token = mint({}, { header: { kid: 'k1' } })

let events: RecordedEvents

beforeEach(() => {
  events = recordEvents()
})

afterEach(() => events.stop())

function bearing(value: string): RequestLike {
  return { headers: { authorization: `Bearer ${value}` } }
}

describe('the channels', () => {
  it('are those of the design, and no token that is accepted is told on any', async () => {
    expect(channelNames).toHaveLength(8)
    await testVerifier().verify(mint())
    expect(events.all()).toEqual([])
  })
})

describe('jwtgate:token.refused', () => {
  it('tells code, status, message and hint of a token that verify() refuses', async () => {
    const refusal = await refusalOf(testVerifier().verify(mint({ exp: now })))
    expect(events.all()).toEqual([
      ['jwtgate:token.refused', { code: 'token_expired', status: 401, message: refusal.message, hint: refusal.hint }],
    ])
    expect(refusal.hint).toContain('clockTolerance')
  })

  it('names the option to change where an issuer sends no nbf', async () => {
    const { nbf: _nbf, ...claims } = goodClaims()
    await refusalOf(testVerifier().verify(mint({}, { payload: JSON.stringify(claims) })))
    expect(events.on('jwtgate:token.refused')).toMatchObject([
      { code: 'claim_missing', hint: expect.stringContaining("optionalClaims: ['nbf']") },
    ])
  })

  it.each([
    ['no credentials', { headers: {} }, { code: 'token_missing', status: 401 }],
    ['malformed credentials', { headers: { authorization: 'Bearer a b' } }, { code: 'request_malformed', status: 400 }],
    [
      'two sets of credentials',
      {
        headers: { authorization: 'Bearer a' },
        rawHeaders: ['Authorization', 'Bearer a', 'authorization', 'Bearer b'],
      },
      { code: 'multiple_tokens', status: 400 },
    ],
    ['a refused token', bearing('x.y.z'), { code: 'token_malformed', status: 401 }],
  ])('is told once for a request with %s', async (_name, request, told) => {
    await createAuthenticator(testVerifier())(request).catch(() => {})
    expect(events.all()).toHaveLength(1)
    expect(events.on('jwtgate:token.refused')).toMatchObject([{ ...told, hint: expect.stringMatching(/\S/) }])
  })

  it('is told for a token whose keys cannot be had', async () => {
    const { verifier } = remoteVerifier({
      jwksUri: 'https://id.example.com/jwks',
      remote: { fetch: () => Promise.reject(new Error('down')) },
    })
    await refusalOf(verifier.verify(token))
    expect(events.on('jwtgate:token.refused')).toMatchObject([{ code: 'keys_unavailable', status: 503 }])
  })

  it('carries the iss, aud and times of a signed token only escaped and cut', async () => {
    const hostile = `https://x/\u001b[31m\n\r"\\\u2028${'x'.repeat(5_000)}`
    await refusalOf(testVerifier().verify(mint({ aud: hostile })))
    const [event] = events.on('jwtgate:token.refused')
    expect(event).toMatchObject({ code: 'audience_mismatch', hint: expect.stringContaining(audience) })
    expect(event?.hint).toMatch(/^[ -~]+$/)
    expect(event?.hint?.length).toBeLessThan(600)
  })

  it('carries no other claim, and nothing of a token that nobody signed', async () => {
    const stranger = newKey('ES256')
    const claims = { sub: 'canary-sub', email: 'canary-email', jti: 'canary-jti' }
    await refusalOf(testVerifier().verify(mint({ ...claims, aud: 'another' })))
    await refusalOf(testVerifier().verify(mint({ ...claims, aud: 'canary-aud' }, { key: stranger })))
    await refusalOf(testVerifier().verify(mint({ ...claims, iss: 'canary-iss' }, { key: stranger })))
    await refusalOf(testVerifier().verify(mint(claims, { header: { typ: 'canary-typ', kid: 'canary-kid' } })))
    expect(events.on('jwtgate:token.refused')).toHaveLength(4)
    expect(JSON.stringify(events.all())).not.toContain('canary')
  })

  it('is told while others listen too, even where one of them throws', async () => {
    const uncaught: unknown[] = []
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => void uncaught.push(error))
    const { subscribe, unsubscribe } = await import('node:diagnostics_channel')
    const thrower = (): void => {
      throw new Error('a subscriber that is broken')
    }
    subscribe('jwtgate:token.refused', thrower)
    try {
      expect((await refusalOf(testVerifier().verify('x'))).code).toBe('token_malformed')
      await new Promise(setImmediate)
    } finally {
      unsubscribe('jwtgate:token.refused', thrower)
      process.removeAllListeners('uncaughtException')
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
    expect(uncaught).toHaveLength(1)
    expect(events.on('jwtgate:token.refused')).toHaveLength(1)
  })
})

describe('jwtgate:permission.denied', () => {
  it('tells which rule a good token does not meet, and nothing of the token', async () => {
    const request = bearing(mint({ scope: 'canary-scope', permissions: ['canary-permission'] }))
    await createAuthenticator(testVerifier())(request)
    expect(() => createAuthorizer('scope', [scope('orders:read')])(request)).toThrow(PermissionDeniedError)
    expect(events.all()).toEqual([
      [
        'jwtgate:permission.denied',
        {
          code: 'permission_denied',
          status: 403,
          message: expect.stringMatching(/\S/),
          hint: expect.stringContaining('orders:read'),
        },
      ],
    ])
    expect(JSON.stringify(events.all())).not.toContain('canary')
  })
})

describe('the channels of a key set', () => {
  let server: KeyServer

  beforeEach(async () => {
    server = await startKeyServer([keyJwk])
  })

  afterEach(() => server.close())

  it('tell what was loaded', async () => {
    server.setKeys([keyJwk, jwkOf(newKey('ES256'), { kid: 'k2' }), jwkOf(newKey('ES256'), { kid: 'k3', use: 'enc' })])
    const { verifier } = remoteVerifier({ jwksUri: `${server.jwksUri}?key=hush` })
    await verifier.verify(token)
    expect(events.on('jwtgate:keys.loaded')).toEqual([
      { url: server.jwksUri, keys: 2, skipped: 1, duration: expect.any(Number) },
    ])
  })

  it('tell how long the fetch took', async () => {
    const { verifier, clock } = remoteVerifier({
      jwksUri: server.jwksUri,
      remote: {
        fetch: async () => {
          clock.milliseconds += 40
          return Response.json({ keys: [keyJwk] })
        },
      },
    })
    await verifier.verify(token)
    expect(events.on('jwtgate:keys.loaded')).toMatchObject([{ duration: 40 }])
  })

  it('tell what was left out, and why', async () => {
    server.setKeys([jwkOf(newKey('ES256'), { kid: 'k0', use: 'enc' }), keyJwk])
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    expect(events.on('jwtgate:keys.entry_skipped')).toEqual([
      { url: server.jwksUri, index: 0, kid: 'k0', reason: expect.stringContaining('use') },
    ])
  })

  it('tell what was left out of the option jwks', () => {
    createJwtVerifier({ issuer, audience, algorithms: ['ES256'], jwks: { keys: [{ kty: 'oct' }, keyJwk] } })
    expect(events.on('jwtgate:keys.entry_skipped')).toEqual([
      { url: 'jwks', index: 0, kid: undefined, reason: expect.stringContaining('kty') },
    ])
  })

  it('tell that a refresh failed, then that the known keys are older than they should be', async () => {
    const { verifier, clock } = remoteVerifier({ jwksUri: `${server.jwksUri}?key=hush` })
    await verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    for (const age of [480_000, 700_000]) {
      clock.milliseconds = age
      const failed = events.next('jwtgate:keys.refresh_failed')
      await verifier.verify(token)
      expect(await failed).toMatchObject({
        url: server.jwksUri,
        code: 'keys_unavailable',
        reason: expect.stringContaining('500'),
        keys: 1,
      })
    }
    expect(events.on('jwtgate:keys.stale')).toEqual([{ url: server.jwksUri, keys: 1, age: 700_000 }])
  })

  it('tell that a key was removed', async () => {
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.setKeys([jwkOf(newKey('ES256'), { kid: 'k2' })])
    clock.milliseconds = 3_600_000
    await refusalOf(verifier.verify(token))
    expect(events.on('jwtgate:keys.removed')).toEqual([{ url: server.jwksUri, kid: 'k1' }])
  })

  it('tell of an unknown kid, also where it is the first that is asked for', async () => {
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await refusalOf(verifier.verify(mint({}, { header: { kid: 'nobody' } })))
    expect(events.on('jwtgate:keys.unknown_kid')).toEqual([{ url: server.jwksUri, kid: 'nobody' }])
  })

  it('tell of unknown kids once a second at most', async () => {
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    for (; clock.milliseconds < 10_000; clock.milliseconds += 100) {
      await refusalOf(verifier.verify(mint({}, { header: { kid: `made up ${clock.milliseconds}` } })))
    }
    const told = events.on('jwtgate:keys.unknown_kid')
    expect(told.length).toBeLessThanOrEqual(10)
    expect(told[0]).toEqual({ url: server.jwksUri, kid: 'made up 0' })
    expect(told.at(-1)).toEqual({ url: server.jwksUri, kid: 'made up 9000' })
  })

  /** At most 64 printable characters, where a backslash always begins a whole escape. */
  const escapedAndCut = expect.stringMatching(/^(?=.{1,64}$)(?:[ !#-[\]-~]|\\u[0-9a-f]{4})+$/)

  const hostileKids: readonly (readonly [string, string])[] = [
    ['control characters', `a\u0000b\nc\rd\te\u007ff`],
    ['ANSI escapes', '\u001b[31mred\u001b[0m\u009b2J'],
    ['quotes and backslashes', '"\\\'`${x}'],
    ['what looks like a line of its own', 'k\n[jwtgate] all is well'],
    ['right-to-left marks and line separators', '\u202eevil\u2028\u2029\ufeff'],
    ['an emoji where it is cut', `${'x'.repeat(60)}\u{1f600}\u{1f600}\u{1f600}`],
    ['256 characters', 'k'.repeat(256)],
    ['256 control characters', '\u0001'.repeat(256)],
  ]

  it.each(hostileKids)('show the kid of a token escaped and cut to 64 characters: %s', async (_name, kid) => {
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    await refusalOf(verifier.verify(mint({}, { header: { kid } })))
    expect(events.on('jwtgate:keys.unknown_kid')).toEqual([{ url: server.jwksUri, kid: escapedAndCut }])
  })

  it.each([...hostileKids, ['10,000 characters', 'k'.repeat(10_000)] as const])(
    'show the kid of a key escaped and cut to 64 characters: %s',
    async (_name, kid) => {
      server.setKeys([keyJwk, jwkOf(newKey('ES256'), { kid }), jwkOf(newKey('ES256'), { kid, use: 'enc' })])
      const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
      await verifier.verify(token)
      server.setKeys([keyJwk])
      clock.milliseconds = 3_600_000
      await verifier.verify(token)
      const shown = { url: server.jwksUri, kid: escapedAndCut }
      expect(events.on('jwtgate:keys.removed')).toEqual([shown])
      expect(events.on('jwtgate:keys.entry_skipped')).toMatchObject([shown])
    },
  )

  it('show an ordinary kid as it is', async () => {
    const { verifier } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    const kid = 'MjAyNi0xMS0yMg_rotation.7+a/b=='
    await refusalOf(verifier.verify(mint({}, { header: { kid } })))
    expect(events.on('jwtgate:keys.unknown_kid')).toEqual([{ url: server.jwksUri, kid }])
  })

  it('hold no token and no key', async () => {
    const { verifier, clock } = remoteVerifier({ jwksUri: server.jwksUri })
    await verifier.verify(token)
    server.setKeys([jwkOf(newKey('ES256'), { kid: 'k1' }), jwkOf(newKey('RS256'), { kid: 'k2' })])
    clock.milliseconds = 3_600_000
    await refusalOf(verifier.verify(token))
    await refusalOf(verifier.verify(mint({}, { header: { kid: 'nobody' } })))
    const told = JSON.stringify(events.all())
    expect(told).toContain('keys.removed')
    for (const secret of [...token.split('.'), keyJwk.x, keyJwk.y]) expect(told).not.toContain(secret)
  })
})
