// What a refusal tells: enough for the operator, nothing of the token but what its issuer has signed and a hint may quote.
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { problemResponse, type JwtGateError, type JwtVerifierOptions } from '@jwtgate/core'
import { families } from '../../../test/attacks/families/all.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import {
  audience,
  base64url,
  goodClaims,
  mint,
  now,
  signed,
  withSignature,
  type Claims,
} from '../../../test/support/mint.ts'
import { recordEvents } from '../../../test/support/recorded-events.ts'
import { refusalOf, testVerifier } from '../../../test/support/verifiers.ts'

const canary = 'Canary7f3a'
/** In every claim that no hint may quote, and in the names of claims. */
const canaries: Claims = {
  sub: canary,
  jti: canary,
  email: canary,
  scope: canary,
  permissions: [canary],
  roles: [{ [canary]: canary }],
  token_use: canary,
  nested: { [canary]: [canary] },
  [canary]: canary,
}

interface Refusal {
  readonly error: JwtGateError
  /** All that anybody could see of it. */
  readonly text: string
}

async function refuse(token: string, options: Partial<JwtVerifierOptions> = {}): Promise<Refusal> {
  const events = recordEvents()
  try {
    const error = await refusalOf(testVerifier(options).verify(token))
    const seen: readonly unknown[] = [
      error.message,
      error.hint,
      error.stack,
      error.cause,
      String(error),
      JSON.stringify(error),
      JSON.stringify(error.headers),
      inspect(error, { showHidden: true, depth: 9 }),
      problemResponse(error)?.body,
      JSON.stringify(events.all()),
    ]
    return { error, text: seen.join('\n') }
  } finally {
    events.stop()
  }
}

describe('a token whose signature is proven', () => {
  it.each<[string, Claims, Partial<JwtVerifierOptions>]>([
    ['claim_missing', { nbf: undefined }, {}],
    ['claim_missing', {}, { requiredClaims: ['tenant'] }],
    ['claim_invalid', { sub: { [canary]: canary } }, {}],
    ['claim_invalid', { jti: [canary] }, {}],
    ['claim_invalid', {}, { claimValues: { token_use: 'access' } }],
    ['claim_invalid', { iat: now + 1 }, {}],
    ['audience_mismatch', { aud: 'https://other.example.com' }, {}],
    ['token_bound', { cnf: { jkt: canary } }, {}],
    ['type_not_allowed', { at_hash: canary }, {}],
    ['type_not_allowed', { events: { [canary]: {} } }, {}],
    ['token_expired', { exp: now }, {}],
    ['token_not_yet_valid', { nbf: now + 1 }, {}],
    ['token_too_old', { iat: now - 61 }, { maxTokenAge: 60 }],
  ])('refused with %s shows no claim that a hint may not quote: %j, %j', async (code, claims, options) => {
    const token = mint({ ...canaries, ...claims }, { header: { kid: canary, x: canary } })
    const { error, text } = await refuse(token, options)
    expect(error.code).toBe(code)
    expect(error.hint).toMatch(/\S/)
    for (const secret of [canary, ...token.split('.')]) expect(text).not.toContain(secret)
  })

  it('for another audience: the hint shows both sides', async () => {
    const { error } = await refuse(mint({ aud: ['https://a.example.com', 'https://b.example.com'] }))
    expect(error.hint).toContain('https://a.example.com')
    expect(error.hint).toContain('https://b.example.com')
    expect(error.hint).toContain(audience)
  })

  it('that expired: the hint shows exp, the clock and the option', async () => {
    const { error } = await refuse(mint({ exp: now - 7 }), { clockTolerance: 3 })
    expect(error.hint).toContain(String(now - 7))
    expect(error.hint).toContain(String(now))
    expect(error.hint).toMatch(/`clockTolerance` is 3 s/)
  })

  it('what a hint quotes is escaped and cut to 64 characters', async () => {
    const aud = `\n\r\0\u001b[31m"\\\u2028\u202e\u00e9${'x'.repeat(200)}`
    const { error, text } = await refuse(mint({ aud }))
    expect(error.hint).toMatch(/^[ -~]+$/)
    expect(error.hint).not.toMatch(/x{64}/)
    expect(text).not.toContain(aud)
  })

  it('what a hint quotes of a long list is short', async () => {
    const { error } = await refuse(mint({ aud: Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(99, 'x')) }))
    expect(error.code).toBe('audience_mismatch')
    expect(error.hint?.length).toBeLessThan(1000)
  })
})

describe('a token that nobody has signed', () => {
  const number = 1_987_654_321_012
  const claims = { ...canaries, aud: canary, exp: number, nbf: number, iat: number }
  const jwks = { keys: [jwkOf(keyFor('ES256'), { kid: 'known' })] }
  const forger = newKey('ES256')

  it.each<[string, string, Partial<JwtVerifierOptions>]>([
    ['issuer_mismatch', mint({ ...claims, iss: `https://${canary}.example.com` }, { key: forger }), {}],
    ['issuer_mismatch', mint({ ...claims, iss: '' }, { key: forger }), {}],
    ['claim_invalid', mint({ ...claims, iss: [canary] }, { key: forger }), {}],
    ['claim_missing', mint({ ...claims, iss: undefined }, { key: forger }), {}],
    ['signature_invalid', mint(claims, { key: forger, header: { kid: canary, typ: 'JWT', jku: canary } }), {}],
    ['signature_invalid', withSignature(mint(claims), Buffer.alloc(0)), {}],
    ['key_unknown', mint(claims, { key: forger, header: { kid: canary } }), { jwks }],
    ['key_unknown', mint(claims, { key: keyFor('RS256') }), { jwks, algorithms: ['ES256', 'RS256'] }],
    ['algorithm_not_allowed', mint(claims, { key: forger, header: { alg: canary } }), {}],
    ['critical_header', mint(claims, { key: forger, header: { crit: [canary], [canary]: canary } }), {}],
    ['type_not_allowed', mint(claims, { key: forger, header: { typ: canary } }), {}],
    ['token_malformed', mint(claims, { key: forger, header: { kid: [canary] } }), {}],
    ['token_malformed', mint(claims, { key: forger, header: { kid: canary.repeat(40) } }), {}],
    ['token_malformed', mint({}, { key: forger, payload: `{"${canary}":${canary}` }), {}],
    ['token_malformed', mint({}, { key: forger, payload: JSON.stringify(canary) }), {}],
    ['token_malformed', mint({}, { key: forger, payload: `{"${canary}":1,"${canary}":2}` }), {}],
    ['token_malformed', signed(`{"alg":"${canary}`, JSON.stringify(goodClaims(claims)), forger), {}],
    ['token_malformed', canary, {}],
    ['token_malformed', `${canary}.${canary}.${canary}=`, {}],
    ['token_malformed', `${canary}.${base64url(canary)}.${canary}.${canary}.${canary}`, {}],
  ])('refused with %s shows nothing of it (case %#)', async (code, token, options) => {
    const { error, text } = await refuse(token, options)
    expect(error.code).toBe(code)
    expect(error.hint).toMatch(/\S/)
    const secrets = [canary, String(number), ...token.split('.').filter((part) => part.length > 4)]
    for (const secret of secrets) expect(text).not.toContain(secret)
  })

  it('from another issuer: the hint shows the option', async () => {
    const { error } = await refuse(mint({ iss: 'https://mallory.example.com' }), { issuer: ['https://a', 'https://b'] })
    expect(error.hint).toMatch(/`issuer`.*https:\/\/a, https:\/\/b/)
    expect(error.hint).not.toContain('mallory')
  })
})

describe('what is refused', () => {
  it.each(families)('is told why in whole sentences: $about', async ({ attacks }) => {
    const vague: unknown[] = []
    for (const { name, code, token, options } of attacks) {
      if (code === 'accepted') continue
      const { hint = '' } = await refusalOf(testVerifier(options).verify(token()))
      const isSentence = /^["`A-Z].{10,}[.?]$/s.test(hint) && !/undefined|\[object|NaN|: \.| {2}/.test(hint)
      if (!isSentence) vague.push({ name, hint })
    }
    expect(vague).toEqual([])
  })

  it('as no text at all is told so', async () => {
    const { code, hint } = await refusalOf(testVerifier().verify(undefined as never))
    expect([code, hint]).toEqual(['token_malformed', 'The token is not a string.'])
  })
})
