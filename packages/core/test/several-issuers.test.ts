// Several issuers behind one verifier: each with its own audience, algorithms, keys and rules, and no token meets another's.
import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Auth, IssuerOptions, JwtVerifier } from '@jwtgate/core'
import { severalIssuers, testIssuer } from '../../../test/support/issuers.ts'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { audience, mint, now, withSignature, type Claims } from '../../../test/support/mint.ts'
import { outcomeOf, refusalOf, TestClock, testVerifier } from '../../../test/support/verifiers.ts'

const a = testIssuer('https://a.example.com')
const b = testIssuer('https://b.example.com')
const orders = [
  ['first', (one: IssuerOptions, other: IssuerOptions) => [one, other]],
  ['last', (one: IssuerOptions, other: IssuerOptions) => [other, one]],
] as const

describe('each of several issuers', () => {
  it('vouches for its own tokens', async () => {
    const verifier = severalIssuers([a.options(), b.options()])
    const auths = await Promise.all([
      verifier.verify(a.mint({ sub: 'alice' })),
      verifier.verify(b.mint({ sub: 'bob' })),
    ])
    expect(auths.map(({ claims }) => [claims.iss, claims.sub])).toEqual([
      [a.name, 'alice'],
      [b.name, 'bob'],
    ])
  })

  it.each(orders)("does not vouch for what another's key signed, where it stands %s", async (_where, list) => {
    const verifier = severalIssuers(list(a.options(), b.options()))
    expect(await outcomeOf(verifier.verify(a.mint({}, { key: b.key })))).toBe('signature_invalid')
    expect(await outcomeOf(verifier.verify(b.mint({}, { key: a.key })))).toBe('signature_invalid')
  })

  it("does not find a kid in another's set", async () => {
    const verifier = severalIssuers([
      a.options({ jwks: { keys: [jwkOf(a.key, { kid: 'of a' })] } }),
      b.options({ jwks: { keys: [jwkOf(b.key, { kid: 'of b' })] } }),
    ])
    expect(await outcomeOf(verifier.verify(a.mint({}, { header: { kid: 'of a' } })))).toBe('accepted')
    expect(await outcomeOf(verifier.verify(a.mint({}, { key: b.key, header: { kid: 'of b' } })))).toBe('key_unknown')
  })

  it('has its own key under a kid that another has too', async () => {
    const kid = { header: { kid: 'k1' } }
    const verifier = severalIssuers([
      a.options({ jwks: { keys: [jwkOf(a.key, { kid: 'k1' })] } }),
      b.options({ jwks: { keys: [jwkOf(b.key, { kid: 'k1' })] } }),
    ])
    expect(await outcomeOf(verifier.verify(a.mint({}, kid)))).toBe('accepted')
    expect(await outcomeOf(verifier.verify(b.mint({}, kid)))).toBe('accepted')
    expect(await outcomeOf(verifier.verify(a.mint({}, { key: b.key, ...kid })))).toBe('signature_invalid')
  })

  const ownRules: readonly (readonly [string, Partial<IssuerOptions>, Claims, string, string])[] = [
    ['audience', { audience: 'orders' }, { aud: 'orders' }, 'accepted', 'audience_mismatch'],
    ['audience', { audience: 'orders' }, {}, 'audience_mismatch', 'accepted'],
    ['audience', { audience: null }, { aud: 'anything' }, 'accepted', 'audience_mismatch'],
    ['audience', { audience: null }, { aud: undefined }, 'accepted', 'claim_missing'],
    ['clockTolerance', { clockTolerance: 300 }, { exp: now - 299 }, 'accepted', 'token_expired'],
    ['maxTokenAge', { maxTokenAge: 60 }, { iat: now - 61 }, 'token_too_old', 'accepted'],
    ['optionalClaims', { optionalClaims: ['nbf'] }, { nbf: undefined }, 'accepted', 'claim_missing'],
    ['requiredClaims', { requiredClaims: ['tenant'] }, {}, 'claim_missing', 'accepted'],
    ['claimValues', { claimValues: { use: 'access' } }, { use: 'id' }, 'claim_invalid', 'accepted'],
    ['acceptBoundTokens', { acceptBoundTokens: true }, { cnf: {} }, 'accepted', 'token_bound'],
  ]

  describe.each(orders)('that stands %s', (_where, list) => {
    it.each(ownRules)('has its own %s: %j, for %j', async (_option, changes, claims, own, others) => {
      const verifier = severalIssuers(list(a.options(changes), b.options()))
      expect(await outcomeOf(verifier.verify(a.mint(claims)))).toBe(own)
      expect(await outcomeOf(verifier.verify(b.mint(claims)))).toBe(others)
    })
  })

  it.each<[string, unknown, string, string, string]>([
    ['none', undefined, 'type_not_allowed', 'accepted', 'type_not_allowed'],
    ['the default', 'JWT', 'type_not_allowed', 'accepted', 'type_not_allowed'],
    ['that of one and the default', 'at+jwt', 'accepted', 'accepted', 'type_not_allowed'],
    ['that of one', 'vc+jwt', 'type_not_allowed', 'type_not_allowed', 'accepted'],
    ['that of nobody', 'logout+jwt', 'type_not_allowed', 'type_not_allowed', 'type_not_allowed'],
    ['no string', 7, 'type_not_allowed', 'type_not_allowed', 'type_not_allowed'],
  ])('accepts its own types of token: %s', async (_what, typ, ofA, ofB, ofC) => {
    const c = testIssuer('https://c.example.com')
    const verifier = severalIssuers([
      a.options({ typ: 'at+jwt' }),
      b.options(),
      c.options({ typ: ['vc+jwt', 'x+jwt'] }),
    ])
    for (const [issuer, outcome] of [[a, ofA] as const, [b, ofB] as const, [c, ofC] as const]) {
      expect(await outcomeOf(verifier.verify(issuer.mint({}, { header: { typ } })))).toBe(outcome)
    }
  })

  it('says where permissions, scopes and roles stand in its own tokens', async () => {
    const claims = {
      permissions: ['p'],
      scope: 's t',
      roles: ['r'],
      realm: { permissions: ['own p'], roles: ['own r'] },
      granted: 'own-s',
    }
    const verifier = severalIssuers([
      a.options({
        permissionsFrom: ['realm', 'permissions'],
        scopesFrom: ({ granted }) => [String(granted)],
        rolesFrom: ['realm', 'roles'],
      }),
      b.options(),
    ])
    expect(grantsOf(await verifier.verify(a.mint(claims)))).toEqual([['own p'], ['own-s'], ['own r']])
    expect(grantsOf(await verifier.verify(b.mint(claims)))).toEqual([['p'], ['s', 't'], ['r']])
  })

  function grantsOf({ permissions, scopes, roles }: Auth): readonly (readonly string[])[] {
    return [permissions, scopes, roles]
  }
})

describe('the algorithms of one issuer', () => {
  const ed = testIssuer('https://ed.example.com', 'EdDSA')
  const hmac = testIssuer('https://hmac.example.com', 'HS256')
  const verifier = severalIssuers([a.options(), ed.options(), hmac.options()])

  it.each([
    ['ES256', a],
    ['EdDSA', ed],
    ['HS256', hmac],
  ] as const)('are accepted from it: %s', async (_alg, issuer) => {
    expect(await outcomeOf(verifier.verify(issuer.mint()))).toBe('accepted')
  })

  it.each([
    ['ES256 from the issuer of EdDSA', ed.mint({}, { key: a.key })],
    ['EdDSA from the issuer of ES256', a.mint({}, { key: ed.key })],
    ['HS256 from the issuer of ES256', a.mint({}, { key: hmac.key })],
    ['ES256 from the issuer of HS256', hmac.mint({}, { key: a.key })],
    ['ES384, which is nobody’s', a.mint({}, { key: keyFor('ES384') })],
  ])('are not accepted from another: %s', async (_what, token) => {
    expect(await outcomeOf(verifier.verify(token))).toBe('algorithm_not_allowed')
  })

  it.each(['pem', 'der'] as const)('do not make a shared secret of another’s public key: %s', async (format) => {
    const text = ed.key.verifier.export({ format: format as 'der', type: 'spki' })
    const key = { alg: 'HS256', signer: createSecretKey(Buffer.from(text)), verifier: ed.key.verifier } as const
    expect(await outcomeOf(verifier.verify(ed.mint({}, { key })))).toBe('algorithm_not_allowed')
    expect(await outcomeOf(verifier.verify(hmac.mint({}, { key })))).toBe('signature_invalid')
  })

  it('are what the hint names, and not those of others', async () => {
    const { hint } = await refusalOf(verifier.verify(ed.mint({}, { key: a.key })))
    expect(hint).toMatch(/`algorithms`.*EdDSA/)
    expect(hint).not.toMatch(/ES256|HS256/)
  })
})

describe('of several things that are wrong with a token for several issuers, the first decides the code', () => {
  const ed = testIssuer('https://ed.example.com', 'EdDSA')
  const stranger = 'https://mallory.example.com'
  const verifier = severalIssuers([
    a.options({ jwks: { keys: [jwkOf(a.key, { kid: 'k1' })] } }),
    ed.options({ typ: 'at+jwt', audience: 'orders' }),
  ])
  const unsigned = (token: string): string => withSignature(token, Buffer.alloc(0))

  it.each<[string, string, string]>([
    ["nobody's algorithm, then a stranger", 'algorithm_not_allowed', mint({ iss: stranger }, { key: keyFor('ES384') })],
    ["nobody's algorithm, then no payload", 'algorithm_not_allowed', mint({}, { key: keyFor('ES384'), payload: '[]' })],
    ['a critical extension, then a stranger', 'critical_header', a.mint({ iss: stranger }, header({ crit: ['x'] }))],
    ["nobody's type, then a stranger", 'type_not_allowed', a.mint({ iss: stranger }, header({ typ: 'logout+jwt' }))],
    ['a kid that is no string, then a stranger', 'token_malformed', a.mint({ iss: stranger }, header({ kid: 7 }))],
    ['a payload that is none, then no issuer', 'token_malformed', a.mint({}, { payload: '[]' })],
    ['a stranger, then a bad signature', 'issuer_mismatch', unsigned(a.mint({ iss: stranger }))],
    ['no issuer, then a bad signature', 'claim_missing', unsigned(a.mint({ iss: undefined }))],
    ['an issuer that is no string, then a bad signature', 'claim_invalid', unsigned(a.mint({ iss: [a.name] }))],
    ['a stranger, then a type of one issuer', 'issuer_mismatch', a.mint({ iss: stranger }, header({ typ: 'at+jwt' }))],
    ["another's algorithm, then the own type", 'algorithm_not_allowed', ed.mint({}, { key: a.key })],
    [
      "another's algorithm, then an unknown kid",
      'algorithm_not_allowed',
      ed.mint({}, { key: a.key, ...header({ kid: 'x' }) }),
    ],
    ["another's algorithm, then a bad signature", 'algorithm_not_allowed', unsigned(ed.mint({}, { key: a.key }))],
    ["another's type, then a bad signature", 'type_not_allowed', unsigned(ed.mint())],
    ["another's type, then another audience", 'type_not_allowed', ed.mint({ aud: 'x' })],
    ['an unknown kid, then a past exp', 'key_unknown', a.mint({ exp: 1 }, header({ kid: 'x' }))],
    ['a bad signature, then another audience', 'signature_invalid', unsigned(a.mint({ aud: 'x' }))],
    ['another audience, then a past exp', 'audience_mismatch', a.mint({ aud: 'x', exp: 1 })],
  ])('%s: %s', async (_what, code, token) => {
    expect(await outcomeOf(verifier.verify(token))).toBe(code)
  })

  it('a type is demanded before the payload is read, where every issuer demands one', async () => {
    const strict = severalIssuers([a.options({ typ: 'at+jwt' }), b.options({ typ: 'JWT' })])
    const token = a.mint({}, { payload: '[]', header: { typ: undefined } })
    expect(await outcomeOf(strict.verify(token))).toBe('type_not_allowed')
  })

  function header(members: Claims): { readonly header: Claims } {
    return { header: members }
  }
})

describe('an issuer that is none of several', () => {
  const verifier = severalIssuers([a.options(), b.options()])

  it.each([
    'https://mallory.example.com',
    '',
    'https://A.example.com',
    'https://a.example.com ',
    ' https://a.example.com',
    'https://a.example.com/x',
    'https://a.example.com?',
    'https://a.example.com,https://b.example.com',
    '.*',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'undefined',
    '0',
  ])('is refused, however near it comes: %j', async (iss) => {
    for (const key of [a.key, b.key]) {
      expect(await outcomeOf(verifier.verify(mint({ iss }, { key })))).toBe('issuer_mismatch')
    }
  })

  it('by a slash at its end is refused, and the hint says so', async () => {
    const error = await refusalOf(verifier.verify(a.mint({ iss: `${a.name}/` })))
    expect(error.code).toBe('issuer_mismatch')
    expect(error.hint).toMatch(/slash/)
  })

  it('is not shown by the hint, which shows the option', async () => {
    const { hint } = await refusalOf(verifier.verify(a.mint({ iss: 'https://canary.example.com' })))
    expect(hint).toMatch(/`issuer`/)
    expect(hint).toContain(a.name)
    expect(hint).toContain(b.name)
    expect(hint).not.toContain('canary')
  })

  it.each([
    [5, 'https://0, https://1, https://2, https://3, https://4 (compared exactly).'],
    [6, 'https://0, https://1, https://2, https://3, https://4 and more (compared exactly).'],
  ])('of %i issuers is told no more than five', async (count, end) => {
    const names = Array.from({ length: count }, (_, index) => `https://${index}`)
    const { hint } = await refusalOf(testVerifier({ issuer: names }).verify(mint()))
    expect(hint).toBe(`\`iss\` is not what the option \`issuer\` says: ${end}`)
  })
})

describe('an issuer with several spellings', () => {
  const spellings = {
    Google: ['https://accounts.google.com', 'accounts.google.com'],
    Cognito: [
      'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
      'https://issuer-cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
    ],
  }

  it.each(Object.entries(spellings))('is accepted under each of them, and under no other: %s', async (_who, names) => {
    const [first = ''] = names
    const verifier = severalIssuers([a.options({ issuer: names }), b.options()])
    for (const iss of names) expect((await verifier.verify(a.mint({ iss }))).claims.iss).toBe(iss)
    for (const iss of [first.toUpperCase(), `${first}/`, names.join(' '), a.name]) {
      expect(await outcomeOf(verifier.verify(a.mint({ iss })))).toBe('issuer_mismatch')
    }
  })

  it('has the same keys and rules under each of them', async () => {
    const names = spellings.Google
    const verifier = severalIssuers([a.options({ issuer: names, audience: 'orders' }), b.options()])
    for (const iss of names) {
      expect(await outcomeOf(verifier.verify(a.mint({ iss, aud: 'orders' })))).toBe('accepted')
      expect(await outcomeOf(verifier.verify(a.mint({ iss })))).toBe('audience_mismatch')
      expect(await outcomeOf(verifier.verify(a.mint({ iss, aud: 'orders' }, { key: b.key })))).toBe('signature_invalid')
    }
  })

  it('does not lend a spelling to another issuer', async () => {
    const verifier = severalIssuers([a.options({ issuer: spellings.Google }), b.options({ issuer: spellings.Cognito })])
    for (const iss of spellings.Google) {
      expect(await outcomeOf(verifier.verify(b.mint({ iss })))).toBe('signature_invalid')
    }
  })
})

describe('what several issuers share', () => {
  it('is the longest token', async () => {
    const verifier = severalIssuers([a.options(), b.options()], { maxTokenLength: 1_000 })
    for (const { mint } of [a, b]) {
      expect(await outcomeOf(verifier.verify(mint()))).toBe('accepted')
      expect(await outcomeOf(verifier.verify(mint({ more: 'x'.repeat(1_000) })))).toBe('token_malformed')
    }
  })

  it('is the clock', async () => {
    const clock = new TestClock()
    const verifier = severalIssuers([a.options(), b.options()], { clock })
    const tokens = [a.mint(), b.mint()]
    for (const token of tokens) expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
    clock.seconds = now + 3600
    for (const token of tokens) expect(await outcomeOf(verifier.verify(token))).toBe('token_expired')
  })

  it('is the revocation hook, which sees whose token it is', async () => {
    const asked: string[] = []
    const isRevoked = ({ claims }: Auth): boolean => asked.push(claims.iss) === 2
    const verifier = severalIssuers([a.options(), b.options()], { isRevoked })
    expect(await outcomeOf(verifier.verify(a.mint()))).toBe('accepted')
    expect(await outcomeOf(verifier.verify(b.mint()))).toBe('token_revoked')
    expect(asked).toEqual([a.name, b.name])
  })

  it('may be nothing', async () => {
    const verifier = severalIssuers([a.options()])
    expect(await outcomeOf(verifier.verify(a.mint()))).toBe('accepted')
  })
})

describe('a list of issuers after creation', () => {
  it('can gain none', async () => {
    const list = [a.options()]
    const verifier = severalIssuers(list)
    list.push(b.options())
    expect(await outcomeOf(verifier.verify(b.mint()))).toBe('issuer_mismatch')
  })

  it('can lose none', async () => {
    const list = [a.options(), b.options()]
    const verifier = severalIssuers(list)
    list.length = 0
    expect(await outcomeOf(verifier.verify(b.mint()))).toBe('accepted')
  })

  it('keeps the rules that were given', async () => {
    const options: Record<string, unknown> = { ...a.options(), audience: [audience] }
    const verifier: JwtVerifier = severalIssuers([options as unknown as IssuerOptions])
    ;(options.audience as string[]).push('other')
    Object.assign(options, { acceptBoundTokens: true, publicKey: b.key.verifier })
    expect(await outcomeOf(verifier.verify(a.mint({ aud: 'other' })))).toBe('audience_mismatch')
    expect(await outcomeOf(verifier.verify(a.mint({ cnf: {} })))).toBe('token_bound')
    expect(await outcomeOf(verifier.verify(a.mint()))).toBe('accepted')
  })

  it('freezes and changes nothing that was given', () => {
    const list = [a.options({ issuer: [a.name, 'a'] }), b.options()]
    severalIssuers(list)
    expect(list).toHaveLength(2)
    for (const given of [list, list[0], list[0]?.issuer]) expect(Object.isFrozen(given)).toBe(false)
  })
})
