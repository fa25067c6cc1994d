// The header of a token against what the verifier is pinned to: alg, crit and b64, typ, kid.
import { describe, expect, it } from 'vitest'
import { casesOf } from '../../../test/support/cases.ts'
import { engine } from '../../../test/support/engine.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { base64url, goodClaims, mint, signed } from '../../../test/support/mint.ts'
import { withPolluted } from '../../../test/support/pollution.ts'
import { codeOf, outcomeOf, refusalOf, testVerifier } from '../../../test/support/verifiers.ts'

const kelvin = '\u212a'

describe('alg', () => {
  const others: readonly unknown[] = [
    undefined,
    null,
    '',
    'none',
    'None',
    'NONE',
    'nOnE',
    'none ',
    'es256',
    'Es256',
    'ES256 ',
    ' ES256',
    'ES256\0',
    'ES256,ES384',
    '\uff25\uff33256',
    'ES256K',
    'ES384',
    'HS256',
    'RS256',
    'EdDSA',
    'toString',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    ['ES256'],
    ['none', 'ES256'],
    { name: 'ES256' },
    { toString: 'ES256' },
    256,
    0,
    true,
  ]

  it.each(casesOf(others))('$value is not accepted where ES256 is pinned', async ({ value: alg }) => {
    expect(await codeOf(testVerifier().verify(mint({}, { header: { alg } })))).toBe('algorithm_not_allowed')
  })

  it.each(['none', 'None', 'NONE'])('%s with no signature is not accepted', async (alg) => {
    const token = `${base64url(JSON.stringify({ alg }))}.${base64url(JSON.stringify(goodClaims()))}.`
    expect(await codeOf(testVerifier().verify(token))).toBe('algorithm_not_allowed')
  })

  it('twice is malformed, whichever stands first', async () => {
    for (const header of ['{"alg":"none","alg":"ES256"}', '{"alg":"ES256","alg":"none"}']) {
      const token = signed(header, JSON.stringify(goodClaims()), keyFor('ES256'))
      expect(await codeOf(testVerifier().verify(token))).toBe('token_malformed')
    }
  })

  it('is not inherited', async () => {
    const token = mint({}, { header: { alg: undefined } })
    const code = await withPolluted({ alg: 'ES256' }, () => codeOf(testVerifier().verify(token)))
    expect(code).toBe('algorithm_not_allowed')
  })

  it('that is not pinned: the hint names the option and what it accepts, not what the token says', async () => {
    const { hint } = await refusalOf(testVerifier().verify(mint({}, { header: { alg: 'canary' } })))
    expect(hint).toMatch(/`algorithms`.*ES256/)
    const several = testVerifier({ algorithms: ['ES256', 'ES384'], jwks: { keys: [jwkOf(keyFor('ES256'))] } })
    const { hint: all } = await refusalOf(several.verify(mint({}, { header: { alg: 'canary' } })))
    expect(all).toMatch(/: ES256, ES384\.$/)
    expect(hint).not.toContain('canary')
  })
})

describe('crit and b64', () => {
  it.each<[string, object]>([
    ['crit with an extension', { crit: ['http://example.com/x'], 'http://example.com/x': true }],
    ['crit with b64', { crit: ['b64'], b64: false }],
    ['crit with b64 true', { crit: ['b64'], b64: true }],
    ['crit with a registered claim', { crit: ['exp'], exp: 1 }],
    ['crit with a name that is absent', { crit: ['x'] }],
    ['crit with alg', { crit: ['alg'] }],
    ['an empty crit', { crit: [] }],
    ['crit as a string', { crit: 'b64' }],
    ['crit as an object', { crit: {} }],
    ['crit as null', { crit: null }],
    ['crit as false', { crit: false }],
    ['b64 false alone', { b64: false }],
    ['b64 true alone', { b64: true }],
    ['b64 as null', { b64: null }],
    ['b64 as a string', { b64: 'false' }],
  ])('%s is refused', async (_what, header) => {
    expect(await codeOf(testVerifier().verify(mint({}, { header: { ...header } })))).toBe('critical_header')
  })

  it.each(['Crit', 'CRIT', 'b-64', 'critical'])('a member %s is neither and is ignored', async (name) => {
    await expect(testVerifier().verify(mint({}, { header: { [name]: ['x'] } }))).resolves.toBeDefined()
  })

  it('are not inherited', async () => {
    const action = () => testVerifier().verify(mint())
    // jose, which reads the header for itself, does take them from there: then nothing is accepted.
    const outcome = engine === 'jose' ? 'signature_invalid' : 'accepted'
    expect(await withPolluted({ crit: ['x'], b64: false }, async () => outcomeOf(action()))).toBe(outcome)
  })
})

describe('typ', () => {
  const refusedForms: readonly unknown[] = [null, 1, true, ['JWT'], { JWT: 1 }, '', ' ', '/']

  it.each([undefined, 'JWT', 'jwt', 'jWt', 'application/jwt', 'APPLICATION/JWT', 'at+jwt', 'AT+JWT'])(
    '%s is accepted by default',
    async (typ) => {
      await expect(testVerifier().verify(mint({}, { header: { typ } }))).resolves.toBeDefined()
    },
  )

  it('application/at+jwt is accepted by default', async () => {
    await expect(testVerifier().verify(mint({}, { header: { typ: 'application/at+JWT' } }))).resolves.toBeDefined()
  })

  const others: readonly unknown[] = [
    ...refusedForms,
    ' JWT',
    'JWT ',
    'JWT\0',
    'JWS',
    'JOSE',
    'JWE',
    'id+jwt',
    'dpop+jwt',
    'logout+jwt',
    'secevent+jwt',
    'text/jwt',
    'application/',
    '/jwt',
    'application/application/jwt',
    'application/x/jwt',
    'at+jwt; charset=utf-8',
    'at+jwt,JWT',
    '\uff2a\uff37\uff34',
  ]

  it.each(casesOf(others))('$value is refused by default', async ({ value: typ }) => {
    expect(await codeOf(testVerifier().verify(mint({}, { header: { typ } })))).toBe('type_not_allowed')
  })

  describe.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+jwt'])('with the option %s', (option) => {
    it.each(['at+jwt', 'At+Jwt', 'application/at+jwt', 'APPLICATION/AT+JWT'])('%s is accepted', async (typ) => {
      await expect(testVerifier({ typ: option }).verify(mint({}, { header: { typ } }))).resolves.toBeDefined()
    })

    it.each(casesOf([undefined, ...refusedForms, 'JWT', 'application/jwt', 'text/at+jwt', 'at jwt']))(
      '$value is refused',
      async ({ value: typ }) => {
        const verifier = testVerifier({ typ: option })
        expect(await codeOf(verifier.verify(mint({}, { header: { typ } })))).toBe('type_not_allowed')
      },
    )
  })

  it('may be one of a list', async () => {
    const verifier = testVerifier({ typ: ['at+jwt', 'vendor/x'] })
    for (const typ of ['at+jwt', 'vendor/x', 'Vendor/X']) {
      await expect(verifier.verify(mint({}, { header: { typ } }))).resolves.toBeDefined()
    }
    expect(await codeOf(verifier.verify(mint({}, { header: { typ: 'x' } })))).toBe('type_not_allowed')
  })

  it('is compared in ASCII: the Kelvin sign is no k', async () => {
    const verifier = testVerifier({ typ: 'kb+jwt' })
    await expect(verifier.verify(mint({}, { header: { typ: 'KB+JWT' } }))).resolves.toBeDefined()
    expect(await codeOf(verifier.verify(mint({}, { header: { typ: `${kelvin}b+jwt` } })))).toBe('type_not_allowed')
  })

  it('is not inherited where the option demands it', async () => {
    const token = mint({}, { header: { typ: undefined } })
    const code = await withPolluted({ typ: 'at+jwt' }, () => codeOf(testVerifier({ typ: 'at+jwt' }).verify(token)))
    expect(code).toBe('type_not_allowed')
  })

  it('is not inherited where it may be absent', async () => {
    const token = mint({}, { header: { typ: undefined } })
    await expect(withPolluted({ typ: 'logout+jwt' }, () => testVerifier().verify(token))).resolves.toBeDefined()
  })

  it('that is refused: the hint names the option', async () => {
    const { hint } = await refusalOf(testVerifier().verify(mint({}, { header: { typ: 'logout+jwt' } })))
    expect(hint).toMatch(/option `typ`/)
  })

  it('that the option demands: the hint says whether it is missing or another', async () => {
    const verifier = testVerifier({ typ: ['at+jwt', 'vendor/x'] })
    const { hint: missing } = await refusalOf(verifier.verify(mint({}, { header: { typ: undefined } })))
    expect(missing).toBe('The header has no `typ`, which the option `typ` demands.')
    const { hint: other } = await refusalOf(verifier.verify(mint()))
    expect(other).toBe("The header's `typ` is none of the option `typ`: application/at+jwt, vendor/x.")
  })
})

describe('kid', () => {
  const longest = 'k'.repeat(256)
  const kids = ['k1', '', '__proto__', 'constructor', 'toString', 'hasOwnProperty', longest, 'schlüssel \u{1f511}']
  const verifierOf = (...known: readonly string[]) =>
    testVerifier({ jwks: { keys: known.map((kid) => jwkOf(keyFor('ES256'), { kid })) } })

  it.each(casesOf<unknown>([null, 7, 0, true, [], ['k1'], {}, { k1: 1 }]))(
    'is malformed: $value',
    async ({ value: kid }) => {
      const token = mint({}, { header: { kid } })
      expect(await codeOf(verifierOf('k1').verify(token))).toBe('token_malformed')
      expect(await codeOf(testVerifier().verify(token))).toBe('token_malformed')
    },
  )

  it.each([257, 2000, 100_000])('of %i characters is malformed', async (length) => {
    const token = mint({}, { header: { kid: 'k'.repeat(length) } })
    expect(await codeOf(verifierOf('k1').verify(token))).toBe('token_malformed')
    expect(await codeOf(testVerifier({ maxTokenLength: 1_048_576 }).verify(token))).toBe('token_malformed')
  })

  it.each(kids)('finds its key: %j', async (kid) => {
    const auth = await verifierOf('other', kid).verify(mint({}, { header: { kid } }))
    expect(auth.header.kid).toBe(kid)
  })

  it.each(kids)('finds no other key: %j', async (kid) => {
    expect(await codeOf(verifierOf('other').verify(mint({}, { header: { kid } })))).toBe('key_unknown')
  })

  it.each(['K1', 'k1 ', ' k1', 'k1\0', 'k'])('is compared exactly: %j is not k1', async (kid) => {
    expect(await codeOf(verifierOf('k1').verify(mint({}, { header: { kid } })))).toBe('key_unknown')
  })

  it('is not inherited', async () => {
    const action = () => verifierOf('k1').verify(mint())
    await expect(withPolluted({ kid: 'other' }, action)).resolves.toBeDefined()
  })

  it('that is unknown: the hint does not quote it', async () => {
    const { hint } = await refusalOf(verifierOf('k1').verify(mint({}, { header: { kid: 'canary' } })))
    expect(hint).toMatch(/`kid`/)
    expect(hint).not.toContain('canary')
  })
})

describe('a key in the header', () => {
  const mallory = newKey('ES256')

  it.each<[string, object]>([
    ['jwk', { jwk: jwkOf(mallory) }],
    ['jku', { jku: 'https://mallory.example.com/jwks' }],
    ['x5u', { x5u: 'https://mallory.example.com/certificate' }],
    ['x5c', { x5c: [base64url('certificate')] }],
  ])('is never used: %s', async (_name, header) => {
    const token = mint({}, { key: mallory, header: { ...header } })
    expect(await codeOf(testVerifier().verify(token))).toBe('signature_invalid')
    await expect(testVerifier().verify(mint({}, { header: { ...header } }))).resolves.toBeDefined()
  })
})
