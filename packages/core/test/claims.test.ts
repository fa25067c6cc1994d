// The registered claims against options and clock: presence, types, values, the second that decides.
import { describe, expect, it } from 'vitest'
import { createJwtVerifier, type JwtVerifierOptions } from '@jwtgate/core'
import { casesOf } from '../../../test/support/cases.ts'
import { audience, goodClaims, issuer, mint, now, type Claims } from '../../../test/support/mint.ts'
import { withPolluted } from '../../../test/support/pollution.ts'
import { codeOf, outcomeOf, refusalOf, testOptions, testVerifier } from '../../../test/support/verifiers.ts'
import { checkStaticClaims, type ClaimRules } from '../src/claims.ts'

type Options = Partial<JwtVerifierOptions>

/** What becomes of a token that is good but for these claims. */
function outcomeFor(claims: Claims, options: Options = {}): Promise<string> {
  return outcomeOf(testVerifier(options).verify(mint(claims)))
}

describe('presence', () => {
  it.each(['iss', 'aud', 'exp', 'nbf'])('%s is required, and the hint names it', async (name) => {
    const { code, hint } = await refusalOf(testVerifier().verify(mint({ [name]: undefined })))
    expect(code).toBe('claim_missing')
    expect(hint).toContain(`\`${name}\``)
  })

  it.each(['sub', 'iat', 'jti'])('%s is not required', async (name) => {
    expect(await outcomeFor({ [name]: undefined })).toBe('accepted')
  })

  it('without nbf the hint says exactly what to set', async () => {
    const { hint } = await refusalOf(testVerifier().verify(mint({ nbf: undefined })))
    expect(hint).toContain("optionalClaims: ['nbf']")
  })

  it.each<[string, Options, string]>([
    ['exp', {}, 'The token has no `exp`, which every token must have.'],
    [
      'aud',
      {},
      'The token has no `aud`, which every token must have; `audience: null` would accept tokens that are meant for anybody.',
    ],
    [
      'sub',
      { requiredClaims: ['sub'] },
      'The token has no `sub`, which the options require (`requiredClaims`, `claimValues` or `maxTokenAge`).',
    ],
  ])('without %s the hint says who requires it: %j', async (name, options, expected) => {
    const { hint } = await refusalOf(testVerifier(options).verify(mint({ [name]: undefined })))
    expect(hint).toBe(expected)
  })

  it('optionalClaims waives nbf and nothing else', async () => {
    const options: Options = { optionalClaims: ['nbf'] }
    expect(await outcomeFor({ nbf: undefined }, options)).toBe('accepted')
    for (const name of ['iss', 'aud', 'exp'])
      expect(await outcomeFor({ [name]: undefined }, options)).toBe('claim_missing')
  })

  it('an optional nbf is checked when it is there', async () => {
    const options: Options = { optionalClaims: ['nbf'] }
    expect(await outcomeFor({ nbf: now + 1 }, options)).toBe('token_not_yet_valid')
    expect(await outcomeFor({ nbf: String(now) }, options)).toBe('claim_invalid')
    expect(await outcomeFor({ nbf: null }, options)).toBe('claim_invalid')
  })

  it('requiredClaims adds to the four', async () => {
    const options: Options = { requiredClaims: ['sub', 'tenant'] }
    expect(await outcomeFor({ tenant: 'a' }, options)).toBe('accepted')
    for (const name of ['sub', 'tenant', 'nbf']) {
      expect(await outcomeFor({ tenant: 'a', [name]: undefined }, options)).toBe('claim_missing')
    }
  })

  it.each(casesOf([false, 0, '', [], {}]))('requiredClaims asks for presence: $value is one', async ({ value }) => {
    expect(await outcomeFor({ tenant: value }, { requiredClaims: ['tenant'] })).toBe('accepted')
  })

  it('requiredClaims does not count null', async () => {
    const { code, hint } = await refusalOf(testVerifier({ requiredClaims: ['tenant'] }).verify(mint({ tenant: null })))
    expect([code, hint]).toEqual(['claim_invalid', '`tenant` is null.'])
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'requiredClaims counts own members only: %s',
    async (name) => {
      expect(await outcomeFor({}, { requiredClaims: [name] })).toBe('claim_missing')
    },
  )

  it('maxTokenAge makes iat required', async () => {
    expect(await outcomeFor({ iat: undefined }, { maxTokenAge: 60 })).toBe('claim_missing')
  })
})

describe('types', () => {
  const noNumbers = [String(now), '', 'NaN', 'Infinity', '1e3', true, false, null, [], [now], {}, { value: now }]
  const noStrings = [0, 7, now, true, false, null, [], ['text'], {}, { value: 'text' }]
  const wrongTimes = ['exp', 'nbf', 'iat'].flatMap((name) => noNumbers.map((value) => ({ name, value })))
  const wrongTexts = ['iss', 'sub', 'jti'].flatMap((name) => noStrings.map((value) => ({ name, value })))

  it.each([...wrongTimes, ...wrongTexts])('$name is refused as $value', async ({ name, value }) => {
    expect(await outcomeFor({ [name]: value })).toBe('claim_invalid')
  })

  it.each(['exp', 'nbf', 'iat'])('%s is refused as a number that no double can hold', async (name) => {
    for (const number of ['1e400', '-1e400']) {
      const payload = JSON.stringify(goodClaims({ [name]: 'number' })).replace('"number"', number)
      expect(await codeOf(testVerifier().verify(mint({}, { payload })))).toBe('claim_invalid')
    }
  })

  const noAudiences = [null, 7, true, {}, { 0: audience }, [7], [null], [audience, 7], [[audience]], [audience, null]]

  it.each(casesOf<unknown>(noAudiences))('aud is refused as $value', async ({ value: aud }) => {
    expect(await outcomeFor({ aud })).toBe('claim_invalid')
    expect(await outcomeFor({ aud }, { audience: null })).toBe('claim_invalid')
  })

  it.each<[string, unknown, string]>([
    ['sub', 7, '`sub` is not a string.'],
    ['aud', 7, '`aud` is not a string or a list of strings.'],
    [
      'exp',
      '7',
      '`exp` is not a number of seconds since 1970, up to the year 9999 (milliseconds would be far beyond).',
    ],
  ])('the hint says what %s has to be', async (name, value, expected) => {
    const { hint } = await refusalOf(testVerifier().verify(mint({ [name]: value })))
    expect(hint).toBe(expected)
  })

  it.each<[string, Claims]>([
    ['times with fractions', { exp: now + 0.5, nbf: now - 0.5, iat: now - 0.25 }],
    ['times before 1970', { nbf: -1, iat: -1.5 }],
    ['an exp at the end of the year 9999', { exp: 253_402_300_799 }],
    ['an nbf of zero', { nbf: 0 }],
    ['an empty sub and jti', { sub: '', jti: '' }],
  ])('%s are of the right type', async (_what, claims) => {
    expect(await outcomeFor(claims)).toBe('accepted')
  })

  it.each(['exp', 'nbf', 'iat'])('%s in milliseconds is refused: an `exp` would never come', async (name) => {
    expect(await outcomeFor({ [name]: (now + 60) * 1000 })).toBe('claim_invalid')
  })
})

describe('the issuer', () => {
  it('is one of the list', async () => {
    const options: Options = { issuer: ['https://a.example.com', 'https://b.example.com/'] }
    expect(await outcomeFor({ iss: 'https://a.example.com' }, options)).toBe('accepted')
    expect(await outcomeFor({ iss: 'https://b.example.com/' }, options)).toBe('accepted')
    expect(await outcomeFor({ iss: issuer }, options)).toBe('issuer_mismatch')
  })

  it.each([
    `${issuer}/`,
    ` ${issuer}`,
    `${issuer} `,
    `${issuer}\0`,
    issuer.toUpperCase(),
    issuer.replace('https', 'http'),
    `${issuer}:443`,
    issuer.slice(0, -1),
    '',
    '__proto__',
  ])('is compared exactly: %j is another', async (iss) => {
    expect(await outcomeFor({ iss })).toBe('issuer_mismatch')
  })

  it.each([`${issuer}x`, issuer.slice(0, -1), `${issuer}//`])(
    'that differs by more than a slash: the hint does not speak of one: %j',
    async (iss) => {
      const { hint } = await refusalOf(testVerifier().verify(mint({ iss })))
      expect(hint).not.toMatch(/slash/)
    },
  )

  it('is compared once more when the signature is proven, by the rules that were chosen for it', () => {
    const others = ['https://a.example.com', 'https://b.example.com']
    const rules: ClaimRules = {
      issuers: others,
      audiences: [audience],
      requiredClaims: ['iss'],
      claimValues: new Map(),
      acceptBoundTokens: false,
      clockTolerance: 0,
      maxTokenAge: undefined,
    }
    expect(() => checkStaticClaims(goodClaims({ iss: others[1] }), rules)).not.toThrow()
    expect(() => checkStaticClaims(goodClaims(), rules)).toThrow(
      expect.objectContaining({
        code: 'issuer_mismatch',
        hint: `\`iss\` is "${issuer}", the option \`issuer\` "${others[0]}", "${others[1]}" (compared exactly).`,
      }),
    )
  })

  it('that differs by a slash at the end: the hint says so', async () => {
    for (const [iss, option] of [
      [`${issuer}/`, issuer],
      [issuer, `${issuer}/`],
    ] as const) {
      const { hint } = await refusalOf(testVerifier({ issuer: option }).verify(mint({ iss })))
      expect(hint).toMatch(/slash/)
      expect(hint).toMatch(/`issuer`/)
    }
  })
})

describe('the audience', () => {
  it.each<[string, unknown]>([
    ['itself', audience],
    ['a list with it', [audience]],
    ['a list with it and others', ['https://other.example.com', audience]],
  ])('is accepted as %s', async (_what, aud) => {
    expect(await outcomeFor({ aud })).toBe('accepted')
  })

  const others: readonly unknown[] = [
    'https://other.example.com',
    `${audience}/`,
    audience.toUpperCase(),
    ` ${audience}`,
    `${audience} https://other.example.com`,
    '',
    [],
    [''],
    ['https://other.example.com', `${audience}/`],
  ]

  it.each(casesOf(others))('is another: $value', async ({ value: aud }) => {
    expect(await outcomeFor({ aud })).toBe('audience_mismatch')
  })

  it.each<[string, unknown, string]>([
    ['a text', 'a', '"a"'],
    ['a list of five', ['a', 'b', 'c', 'd', 'e'], '"a", "b", "c", "d", "e"'],
    ['a list of six', ['a', 'b', 'c', 'd', 'e', 'f'], '"a", "b", "c", "d", "e" and more'],
  ])('is quoted beside that of the option: %s', async (_what, aud, quoted) => {
    const { hint } = await refusalOf(testVerifier().verify(mint({ aud })))
    expect(hint).toBe(`\`aud\` is ${quoted}, the option \`audience\` "${audience}" (compared exactly).`)
  })

  it('may be any of the list of the option', async () => {
    const options: Options = { audience: ['a', 'b'] }
    expect(await outcomeFor({ aud: 'b' }, options)).toBe('accepted')
    expect(await outcomeFor({ aud: ['x', 'a'] }, options)).toBe('accepted')
    expect(await outcomeFor({ aud: ['x', 'ab'] }, options)).toBe('audience_mismatch')
  })

  it('null: it is neither required nor checked', async () => {
    expect(await outcomeFor({ aud: undefined }, { audience: null })).toBe('accepted')
    expect(await outcomeFor({ aud: 'https://other.example.com' }, { audience: null })).toBe('accepted')
    expect(await outcomeFor({ aud: [] }, { audience: null })).toBe('accepted')
  })

  it('null: all other claims are as required as ever', async () => {
    for (const name of ['iss', 'exp', 'nbf'])
      expect(await outcomeFor({ [name]: undefined }, { audience: null })).toBe('claim_missing')
  })
})

describe('the second that decides', () => {
  interface Instant {
    readonly claim: string
    /** Seconds from now. */
    readonly at: number
    readonly tolerance: number
    readonly code: string
  }
  const ok = 'accepted'
  const instants: readonly Instant[] = [
    { claim: 'exp', at: 1, tolerance: 0, code: ok },
    { claim: 'exp', at: 0.001, tolerance: 0, code: ok },
    { claim: 'exp', at: 0, tolerance: 0, code: 'token_expired' },
    { claim: 'exp', at: -1, tolerance: 0, code: 'token_expired' },
    { claim: 'exp', at: -4, tolerance: 5, code: ok },
    { claim: 'exp', at: -4.999, tolerance: 5, code: ok },
    { claim: 'exp', at: -5, tolerance: 5, code: 'token_expired' },
    { claim: 'exp', at: -299, tolerance: 300, code: ok },
    { claim: 'exp', at: -300, tolerance: 300, code: 'token_expired' },
    { claim: 'nbf', at: -1, tolerance: 0, code: ok },
    { claim: 'nbf', at: 0, tolerance: 0, code: ok },
    { claim: 'nbf', at: 0.001, tolerance: 0, code: 'token_not_yet_valid' },
    { claim: 'nbf', at: 1, tolerance: 0, code: 'token_not_yet_valid' },
    { claim: 'nbf', at: 5, tolerance: 5, code: ok },
    { claim: 'nbf', at: 6, tolerance: 5, code: 'token_not_yet_valid' },
    { claim: 'iat', at: -1, tolerance: 0, code: ok },
    { claim: 'iat', at: 0, tolerance: 0, code: ok },
    { claim: 'iat', at: 1, tolerance: 0, code: 'claim_invalid' },
    { claim: 'iat', at: 5, tolerance: 5, code: ok },
    { claim: 'iat', at: 6, tolerance: 5, code: 'claim_invalid' },
  ]

  it.each(instants)('$claim $at s from now with a tolerance of $tolerance s: $code', async (instant) => {
    const verification = testVerifier({ clockTolerance: instant.tolerance }).verify(
      mint({ [instant.claim]: now + instant.at }),
    )
    expect(await outcomeOf(verification)).toBe(instant.code)
  })

  it.each([
    { age: 60, tolerance: 0, code: ok },
    { age: 61, tolerance: 0, code: 'token_too_old' },
    { age: 65, tolerance: 5, code: ok },
    { age: 66, tolerance: 5, code: 'token_too_old' },
  ])('a token of $age s with maxTokenAge 60 and a tolerance of $tolerance s: $code', async (token) => {
    const options: Options = { maxTokenAge: 60, clockTolerance: token.tolerance }
    expect(await outcomeOf(testVerifier(options).verify(mint({ iat: now - token.age })))).toBe(token.code)
  })

  it('the clock counts whole seconds', async () => {
    const clock = { now: () => now * 1000 + 999 }
    expect(await outcomeFor({ exp: now + 1 }, { clock })).toBe('accepted')
    expect(await outcomeFor({ nbf: now + 1 }, { clock })).toBe('token_not_yet_valid')
  })

  it('the tolerance is 5 s where none is set', async () => {
    const { clockTolerance: _zero, ...options } = testOptions()
    const verifier = createJwtVerifier(options)
    await expect(verifier.verify(mint({ exp: now - 4 }))).resolves.toBeDefined()
    expect(await codeOf(verifier.verify(mint({ exp: now - 5 })))).toBe('token_expired')
  })

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['minus infinity', Number.NEGATIVE_INFINITY],
  ])('a clock that says %s refuses every token', async (_what, milliseconds) => {
    const verifier = testVerifier({ clock: { now: () => milliseconds }, optionalClaims: ['nbf'], maxTokenAge: 60 })
    for (const claims of [{}, { exp: 1e300 }, { exp: 1e300, nbf: undefined }, { exp: 1e300, iat: -1e300 }]) {
      await expect(verifier.verify(mint(claims))).rejects.toThrow(/clock|access token/)
    }
  })
})

describe('claimValues', () => {
  const options: Options = { claimValues: { token_use: 'access', tenant: ['a', 'b'] } }

  it('accepts exactly these values', async () => {
    expect(await outcomeFor({ token_use: 'access', tenant: 'a' }, options)).toBe('accepted')
    expect(await outcomeFor({ token_use: 'access', tenant: 'b' }, options)).toBe('accepted')
  })

  it.each(casesOf<unknown>(['id', 'Access', 'access ', '', null, true, 0, ['access'], { access: true }]))(
    'refuses $value where access is wanted',
    async ({ value }) => {
      expect(await outcomeFor({ token_use: value, tenant: 'a' }, options)).toBe('claim_invalid')
    },
  )

  it('requires the claims that it names', async () => {
    expect(await outcomeFor({ tenant: 'a' }, options)).toBe('claim_missing')
    expect(await outcomeFor({ token_use: 'access' }, options)).toBe('claim_missing')
  })

  it('the hint names claim and option', async () => {
    const { hint } = await refusalOf(testVerifier(options).verify(mint({ token_use: 'id', tenant: 'a' })))
    expect(hint).toMatch(/`token_use`.*`claimValues`/)
  })
})

describe('tokens of other kinds', () => {
  it.each<unknown>([{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}, null, 'x', false])(
    'with cnf they are bound, and refused as plain bearer tokens: %j',
    async (cnf) => {
      expect(await outcomeFor({ cnf })).toBe('token_bound')
      expect(await outcomeFor({ cnf }, { acceptBoundTokens: true })).toBe('accepted')
    },
  )

  it('the hint for a bound token names the option', async () => {
    const { hint } = await refusalOf(testVerifier().verify(mint({ cnf: { jkt: 'x' } })))
    expect(hint).toContain('acceptBoundTokens')
  })

  it.each(['at_hash', 'c_hash', 'events'])('with %s they are refused, whatever it holds', async (name) => {
    for (const value of ['x', {}, null]) expect(await outcomeFor({ [name]: value })).toBe('type_not_allowed')
  })
})

describe('a claim on Object.prototype', () => {
  it.each([
    ['iss', issuer],
    ['aud', audience],
    ['exp', now + 3600],
    ['nbf', now],
  ])('does not stand in for a missing %s', async (name, value) => {
    const token = mint({ [name]: undefined })
    expect(await withPolluted({ [name]: value }, () => codeOf(testVerifier().verify(token)))).toBe('claim_missing')
  })

  it('does not stand in for a claim that the options require', async () => {
    const verifier = testVerifier({ requiredClaims: ['tenant'], claimValues: { token_use: 'access' } })
    const members = { tenant: 'a', token_use: 'access' }
    expect(await withPolluted(members, () => codeOf(verifier.verify(mint())))).toBe('claim_missing')
  })

  it('grants nothing', async () => {
    const members = { permissions: ['a'], scope: 'a', scp: ['a'], roles: ['a'] }
    const auth = await withPolluted(members, () => testVerifier().verify(mint()))
    expect([auth.permissions, auth.scopes, auth.roles]).toEqual([[], [], []])
  })

  it('does not hide scp as an inherited scope', async () => {
    const { scopes } = await withPolluted({ scope: 'b' }, () => testVerifier().verify(mint({ scp: ['a'] })))
    expect(scopes).toEqual(['a'])
  })

  it.each<[string, unknown]>([
    ['at_hash', 'x'],
    ['c_hash', 'x'],
    ['events', {}],
    ['cnf', { jkt: 'x' }],
    ['jti', 7],
    ['nbf', now + 1],
    ['iat', now + 1],
    ['iat', 'x'],
  ])('does not refuse a token that has no %s: %j', async (name, value) => {
    const verifier = testVerifier({ optionalClaims: ['nbf'] })
    const token = mint({ [name]: undefined })
    await expect(withPolluted({ [name]: value }, () => verifier.verify(token))).resolves.toBeDefined()
  })
})
