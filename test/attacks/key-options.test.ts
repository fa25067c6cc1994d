// Keys that may not verify, as the only ones of a verifier: it is refused where it is made.
import { describe, expect, it } from 'vitest'
import { configErrorOf } from '../support/config-errors.ts'
import { jwkOf, keyFor, newKey } from '../support/keys.ts'
import { testVerifier } from '../support/verifiers.ts'
import { tellingForms } from './families/hmac-confusion.ts'
import { unusableKeys } from './families/key-sets.ts'

describe.each(unusableKeys)('$what ($source)', ({ jwk, alg }) => {
  it('is refused as the only key of a set', () => {
    const error = configErrorOf(() => testVerifier({ algorithms: [alg], jwks: { keys: [jwk] } }))
    expect(error).toMatchObject({ code: 'config_invalid', option: 'jwks' })
  })

  it('is refused as the public key', () => {
    const error = configErrorOf(() => testVerifier({ algorithms: [alg], publicKey: jwk }))
    expect(error).toMatchObject({ code: 'config_invalid', option: 'publicKey' })
  })
})

const publicKey = keyFor('ES256').verifier

it.each([
  ['a set of shared secrets for HMAC', { jwks: { keys: [newKey('HS256').verifier.export({ format: 'jwk' })] } }],
  ['a public key for HMAC', { publicKey }],
  ['a public key as the secret', { secret: publicKey }],
  ['a public JWK as the secret', { secret: jwkOf(keyFor('ES256')) as never }],
  ['a public key in PEM as the secret', { secret: publicKey.export({ format: 'pem', type: 'spki' }) }],
])('%s is refused (RFC 8725 section 3.1, CVE-2015-9235 in jsonwebtoken)', (_what, options) => {
  const error = configErrorOf(() => testVerifier({ algorithms: ['HS256'], ...options }))
  expect(error).toMatchObject({ code: 'config_invalid', option: 'secret' })
})

describe.each(['RS256', 'ES256'] as const)('the public key for %s as the secret', (alg) => {
  it.each(tellingForms(keyFor(alg)))('is refused as $name ($source)', ({ secret }) => {
    const error = configErrorOf(() => testVerifier({ algorithms: ['HS256'], secret }))
    expect(error).toMatchObject({ code: 'config_invalid', option: 'secret' })
  })
})

it('an empty set is refused (RFC 7517 section 5.1)', () => {
  expect(configErrorOf(() => testVerifier({ jwks: { keys: [] } })).option).toBe('jwks')
})
