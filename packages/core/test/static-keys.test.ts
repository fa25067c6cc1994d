// Keys at hand: secrets in rotation, one public key in every form, a key set with good and bad entries.
import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AlgorithmName, ConfigError, JwtVerifier, JwtVerifierOptions } from '@jwtgate/core'
import { certificatePem, selfSignedCertificate } from '../../../test/support/certificate.ts'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { jwkOf, keyFor, newKey, publicKeyAlgorithms, type SigningKey } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { outcomeOf, refusalOf, testVerifier } from '../../../test/support/verifiers.ts'

const rsa = keyFor('RS256')
const ec = keyFor('ES256')
const ed = keyFor('Ed25519')
const weakRsa: SigningKey = signingKey('RS256', generateKeyPairSync('rsa', { modulusLength: 1024 }))
const secp256k1 = signingKey('ES256', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))
const rsaPss = signingKey('PS256', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }))
const ed448 = signingKey('EdDSA', generateKeyPairSync('ed448'))
const x25519 = signingKey('EdDSA', generateKeyPairSync('x25519'))

/** SubjectPublicKeyInfo of P-256 whose point is the single byte 0 (SEC 1 section 2.3.3). */
const pemAtInfinity = certificatePem(
  Buffer.from('3019301306072a8648ce3d020106082a8648ce3d03010703020000', 'hex'),
).replaceAll('CERTIFICATE', 'PUBLIC KEY')

/** A key set may hold anything: it comes from outside. */
function verifierOf(keys: readonly unknown[], algorithms: readonly AlgorithmName[] = ['ES256']): JwtVerifier {
  const jwks = { keys: keys as readonly object[] }
  return testVerifier({ jwks, algorithms })
}

function publicKeyRefusal(publicKey: unknown, algorithms: readonly AlgorithmName[]): ConfigError {
  const changes = { publicKey, algorithms } as Partial<JwtVerifierOptions>
  return configErrorOf(() => testVerifier(changes))
}

describe('several secrets', () => {
  const keys = [newKey('HS256'), newKey('HS256'), newKey('HS256'), newKey('HS256')]
  const verifier = testVerifier({ algorithms: ['HS256'], secret: keys.map(({ verifier }) => verifier) })

  it.each([0, 1, 2, 3])('a token of secret number %i is accepted, with and without kid', async (index) => {
    const key = keys[index] ?? ec
    expect(await outcomeOf(verifier.verify(mint({}, { key })))).toBe('accepted')
    expect(await outcomeOf(verifier.verify(mint({}, { key, header: { kid: 'any' } })))).toBe('accepted')
  })

  it('a token of another secret is refused', async () => {
    expect(await outcomeOf(verifier.verify(mint({}, { key: newKey('HS256') })))).toBe('signature_invalid')
  })

  it('may be given in different forms', async () => {
    const texts = ['first', 'second', 'third', 'fourth'].map((text) => text.padEnd(32))
    const [first = '', second = '', third = ''] = texts
    const secret = [first, Buffer.from(second), createSecretKey(Buffer.from(third))]
    const mixed = testVerifier({ algorithms: ['HS256'], secret })
    const outcomes = texts.map((text) => {
      const signer = createSecretKey(Buffer.from(text))
      return outcomeOf(mixed.verify(mint({}, { key: { alg: 'HS256', signer, verifier: signer } })))
    })
    expect(await Promise.all(outcomes)).toEqual(['accepted', 'accepted', 'accepted', 'signature_invalid'])
  })
})

describe('one public key', () => {
  const forms: readonly (readonly [string, SigningKey, NonNullable<JwtVerifierOptions['publicKey']>])[] = [
    ...publicKeyAlgorithms.flatMap((alg) => {
      const key = keyFor(alg)
      return [
        [`of ${alg} as PEM`, key, pem(key)] as const,
        [`of ${alg} as JWK`, key, jwkOf(key)] as const,
        [`of ${alg} as KeyObject`, key, key.verifier] as const,
      ]
    }),
    ['as PEM in PKCS #1', rsa, String(rsa.verifier.export({ format: 'pem', type: 'pkcs1' }))],
    ['as certificate', ec, certificatePem(selfSignedCertificate(ec))],
    ['as PEM behind empty lines', ec, `\n\n${pem(ec)}`],
    ['as PEM with line ends of Windows', ec, pem(ec).replaceAll('\n', '\r\n')],
    ['as JWK with labels', ec, jwkOf(ec, { kid: 'k1', alg: 'ES256', use: 'sig', key_ops: ['verify'] })],
    ['as JWK with a certificate that is not looked at', ec, jwkOf(ec, { x5c: ['x'], x5t: 'x', ext: true })],
  ]

  it.each(forms)('%s is accepted', async (_form, key, publicKey) => {
    const verifier = testVerifier({ algorithms: [key.alg], publicKey })
    expect(await outcomeOf(verifier.verify(mint({}, { key })))).toBe('accepted')
    expect(await outcomeOf(verifier.verify(mint({}, { key: newKey(key.alg) })))).toBe('signature_invalid')
  })

  it('decides by its signature, whatever kid the token has', async () => {
    const verifier = testVerifier({ publicKey: jwkOf(ec, { kid: 'k1' }) })
    for (const kid of [undefined, 'k1', 'k2']) {
      expect(await outcomeOf(verifier.verify(mint({}, { header: { kid } })))).toBe('accepted')
    }
  })

  it.each<[string, SigningKey, AlgorithmName[], string]>([
    ['RSA too short for RS256', weakRsa, ['ES256', 'RS256'], 'an RSA key needs at least 2048 bits; this one has 1024'],
    ['RSA too short for PS256', weakRsa, ['ES256', 'PS256'], 'an RSA key needs at least 2048 bits; this one has 1024'],
    ['a key on another curve', keyFor('ES384'), ['RS256', 'ES256'], 'ES256 needs a key on the curve P-256'],
    ['of another type', ed, ['RS256', 'ES256'], 'RS256 needs an RSA key; ES256 needs a key on the curve P-256'],
  ])('%s is told what its own kind of algorithm needs, else what each does', (_what, key, algorithms, reason) => {
    const expected = `publicKey is refused: ${reason}. Give a public key as PEM, JWK or KeyObject.`
    for (const form of [key.verifier, pem(key), jwkOf(key)]) {
      expect(publicKeyRefusal(form, algorithms).message).toBe(expected)
    }
  })

  it('fits every pinned algorithm', () => {
    for (const publicKey of [ec.verifier, pem(ec), jwkOf(ec)]) {
      const { option, message } = publicKeyRefusal(publicKey, ['ES256', 'RS256'])
      expect(option).toBe('publicKey')
      expect(message).toMatch(/RSA/)
    }
  })

  it.each<[string, unknown, AlgorithmName[]]>([
    ['a private PEM in PKCS #8', rsa.signer.export({ format: 'pem', type: 'pkcs8' }), ['RS256']],
    ['a private PEM in PKCS #1', rsa.signer.export({ format: 'pem', type: 'pkcs1' }), ['RS256']],
    ['a private PEM in SEC 1', ec.signer.export({ format: 'pem', type: 'sec1' }), ['ES256']],
    [
      'an encrypted private PEM',
      ec.signer.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }),
      ['ES256'],
    ],
    ['a private PEM behind a public one', `${pem(ec)}${privatePem(ec)}`, ['ES256']],
    ['a private PEM before a certificate', `${privatePem(ec)}${certificatePem(selfSignedCertificate(ec))}`, ['ES256']],
    ['a private KeyObject of RSA', rsa.signer, ['RS256']],
    ['a private KeyObject of EC', ec.signer, ['ES256']],
    ['a private KeyObject of Ed25519', ed.signer, ['Ed25519']],
    ['a private JWK of RSA', rsa.signer.export({ format: 'jwk' }), ['RS256']],
    ['a private JWK of EC', ec.signer.export({ format: 'jwk' }), ['ES256']],
    ['a private JWK of Ed25519', ed.signer.export({ format: 'jwk' }), ['Ed25519']],
    ['a JWK with one private member', jwkOf(rsa, { p: 'AQAB' }), ['RS256']],
  ])('is not %s', (_what, publicKey, algorithms) => {
    const error = publicKeyRefusal(publicKey, algorithms)
    expect(error).toMatchObject({ name: 'ConfigError', option: 'publicKey' })
    expect(error.message).toMatch(/private/)
    expect(error.message).toMatch(/Give a public key/)
  })

  it.each<[string, unknown, AlgorithmName[], RegExp]>([
    ['RSA of 1024 bits as PEM', pem(weakRsa), ['RS256'], /2048 bits/],
    ['RSA of 1024 bits as JWK', jwkOf(weakRsa), ['PS256'], /2048 bits/],
    ['RSA of 1024 bits as KeyObject', weakRsa.verifier, ['RS512'], /2048 bits/],
    ['RSA of 2040 bits', generateKeyPairSync('rsa', { modulusLength: 2040 }).publicKey, ['RS256'], /2048 bits/],
    ['RSA with the exponent 1', jwkOf(rsa, { e: 'AQ' }), ['RS256'], /exponent/],
    ['RSA with the exponent 2', jwkOf(rsa, { e: 'Ag' }), ['RS256'], /./],
    ['RSA with the exponent 0', jwkOf(rsa, { e: 'AA' }), ['RS256'], /./],
    ['RSA for RSASSA-PSS only, under RS256', rsaPss.verifier, ['RS256'], /rsa-pss/],
    ['RSA for RSASSA-PSS only, under PS256', pem(rsaPss), ['PS256'], /rsa-pss/],
    ['RSA for ES256', rsa.verifier, ['ES256'], /curve P-256/],
    ['RSA for EdDSA', pem(rsa), ['EdDSA'], /Ed25519/],
    ['P-256 for ES384', ec.verifier, ['ES384'], /curve P-384/],
    ['P-256 for ES512', pem(ec), ['ES512'], /curve P-521/],
    ['P-384 for ES256', jwkOf(keyFor('ES384')), ['ES256'], /curve P-256/],
    ['P-521 for ES384', keyFor('ES512').verifier, ['ES384'], /curve P-384/],
    ['P-256 for RS256', ec.verifier, ['RS256'], /RSA/],
    ['secp256k1 for ES256', secp256k1.verifier, ['ES256'], /curve P-256/],
    ['secp256k1 for ES256 as JWK', jwkOf(secp256k1), ['ES256'], /curve P-256/],
    ['Ed25519 for ES256', ed.verifier, ['ES256'], /curve P-256/],
    ['Ed448 for EdDSA', ed448.verifier, ['EdDSA'], /ed448/],
    ['Ed448 for EdDSA as JWK', jwkOf(ed448), ['EdDSA'], /ed448|Ed25519/],
    ['Ed448 for Ed25519 as PEM', pem(ed448), ['Ed25519'], /ed448/],
    ['X25519 for EdDSA', x25519.verifier, ['EdDSA'], /x25519/],
    ['a secret KeyObject', keyFor('HS256').verifier, ['RS256'], /secret/],
    ['a symmetric JWK', jwkOf(keyFor('HS256')), ['RS256'], /private members|kty/],
    ['a JWK for encryption', jwkOf(rsa, { use: 'enc' }), ['RS256'], /`use`/],
    ['a JWK that may not verify', jwkOf(rsa, { key_ops: ['encrypt'] }), ['RS256'], /`key_ops`/],
    ['a JWK for another algorithm', jwkOf(rsa, { alg: 'RS512' }), ['RS256'], /`alg`/],
    ['a JWK whose point is not on its curve', { ...jwkOf(ec), y: jwkOf(ec).x }, ['ES256'], /parse/],
    ['a JWK without its point', { kty: 'EC', crv: 'P-256' }, ['ES256'], /`x`/],
    ['a JWK with a point that is no string', { kty: 'OKP', crv: 'Ed25519', x: 7 }, ['EdDSA'], /`x`/],
    ['a JWK of an unknown type', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA' }, ['ES256'], /`kty`/],
    // Under it anybody can sign: the verification equation no longer has the key in it.
    ['a PEM with the point at infinity', pemAtInfinity, ['ES256'], /parse/],
    ['a PEM that is cut off', pem(ec).slice(0, 60), ['ES256'], /parse/],
    ['a PEM of something else', certificatePem(Buffer.from('x')), ['ES256'], /parse/],
    ['a key set', { keys: [jwkOf(ec)] }, ['ES256'], /./],
  ])('is not %s', (_what, publicKey, algorithms, reason) => {
    const error = publicKeyRefusal(publicKey, algorithms)
    expect(error).toMatchObject({ name: 'ConfigError', code: 'config_invalid', option: 'publicKey' })
    expect(error.message).toMatch(reason)
    expect(error.message).toMatch(/Give a public key as PEM, JWK or KeyObject/)
  })

  it('that is refused is not shown', () => {
    for (const publicKey of [privatePem(ec), ec.signer.export({ format: 'jwk' }), pem(weakRsa), jwkOf(weakRsa)]) {
      const { message } = publicKeyRefusal(publicKey, ['ES256'])
      const content = typeof publicKey === 'string' ? publicKey : JSON.stringify(publicKey)
      const runs = content.match(/[\w+/-]{16,}/g) ?? []
      expect(runs.filter((run) => message.includes(run))).toEqual([])
    }
  })
})

describe('a key set', () => {
  const good = jwkOf(ec, { kid: 'good' })
  const other = newKey('ES256')
  const bad: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a string', 'key'],
    ['a number', 7],
    ['a list', [good]],
    ['an empty object', {}],
    ['an unknown kty', { ...jwkOf(other, { kid: 'bad' }), kty: 'AKP' }],
    ['a kty in lower case', { ...jwkOf(other, { kid: 'bad' }), kty: 'ec' }],
    ['a kty that is no string', { ...jwkOf(other, { kid: 'bad' }), kty: ['EC'] }],
    ['no kty', { ...jwkOf(other, { kid: 'bad' }), kty: undefined }],
    ['the use enc', jwkOf(other, { kid: 'bad', use: 'enc' })],
    ['a use that is no string', jwkOf(other, { kid: 'bad', use: ['sig'] })],
    ['key_ops without verify', jwkOf(other, { kid: 'bad', key_ops: ['sign'] })],
    ['empty key_ops', jwkOf(other, { kid: 'bad', key_ops: [] })],
    ['key_ops as a string', jwkOf(other, { kid: 'bad', key_ops: 'verify' })],
    ['private members', { ...other.signer.export({ format: 'jwk' }), kid: 'bad' }],
    ['a private member that is null', jwkOf(other, { kid: 'bad', d: null })],
    ['a secret', jwkOf(keyFor('HS256'), { kid: 'bad' })],
    ['RSA of 1024 bits', jwkOf(weakRsa, { kid: 'bad' })],
    ['another curve', jwkOf(keyFor('ES384'), { kid: 'bad' })],
    ['secp256k1', jwkOf(secp256k1, { kid: 'bad' })],
    ['Ed448', jwkOf(ed448, { kid: 'bad' })],
    ['the label of another algorithm', jwkOf(other, { kid: 'bad', alg: 'ES384' })],
    ['the label of HMAC', jwkOf(other, { kid: 'bad', alg: 'HS256' })],
    ['the label none', jwkOf(other, { kid: 'bad', alg: 'none' })],
    ['a label in lower case', jwkOf(other, { kid: 'bad', alg: 'es256' })],
    ['a label that is no string', jwkOf(other, { kid: 'bad', alg: ['ES256'] })],
    ['a kid that is no string', jwkOf(other, { kid: 7 })],
    ['the curve of another label', { ...jwkOf(other, { kid: 'bad' }), crv: 'P-384' }],
    ['a point that is not on the curve', { ...jwkOf(other, { kid: 'bad' }), y: good.y }],
    ['a point that is no string', { ...jwkOf(other, { kid: 'bad' }), x: 7 }],
  ]

  it.each(bad)('with %s among its entries uses the good one and leaves that out', async (_what, entry) => {
    for (const keys of [
      [entry, good],
      [good, entry],
    ]) {
      const verifier = verifierOf(keys)
      expect(await outcomeOf(verifier.verify(mint({}, { header: { kid: 'good' } })))).toBe('accepted')
      expect(await outcomeOf(verifier.verify(mint()))).toBe('accepted')
      expect(await outcomeOf(verifier.verify(mint({}, { key: other, header: { kid: 'bad' } })))).toBe('key_unknown')
    }
  })

  it.each(bad)('with nothing but %s is refused', (_what, entry) => {
    const error = configErrorOf(() => verifierOf([entry]))
    expect(error).toMatchObject({ name: 'ConfigError', option: 'jwks' })
    expect(error.message).toMatch(/none of its 1 keys is usable.*keys\[0\]/)
  })

  it.each<[string, unknown]>([
    ['it is not an object', 'text'],
    ['its `kid` is not a string', jwkOf(ec, { kid: 7 })],
    ['its `alg` is not a string', jwkOf(ec, { alg: null })],
    ['its `use` is not a string', jwkOf(ec, { use: ['sig'] })],
    ['its `use` is not `sig`', jwkOf(ec, { use: 'enc' })],
    ['its `key_ops` lacks `verify`', jwkOf(ec, { key_ops: ['sign'] })],
    ['it has private members', ec.signer.export({ format: 'jwk' })],
    ['its `kty` is none of RSA, EC and OKP', { kty: 'oct' }],
    ['its `x` is missing or no string', { ...jwkOf(ec), x: 7 }],
    ['its `x` is longer than 88 characters', { ...jwkOf(ec), x: 'A'.repeat(89) }],
    ['its `alg` is no signature algorithm that is accepted here', jwkOf(ec, { alg: 'ES384' })],
  ])('says of an entry that it leaves out why: %s', (reason, entry) => {
    const { message } = configErrorOf(() => verifierOf([entry]))
    expect(message).toContain(`none of its 1 keys is usable; keys[0]: ${reason}.`)
  })

  it('with an entry that says so in its labels uses it', async () => {
    const labels = { kid: 'k1', alg: 'ES256', use: 'sig', key_ops: ['verify', 'encrypt'], x5c: ['x'], ext: true }
    const verifier = verifierOf([jwkOf(ec, labels)])
    expect(await outcomeOf(verifier.verify(mint({}, { header: { kid: 'k1' } })))).toBe('accepted')
  })

  it('may have more keys than a remote one: it is in the hands of the application', async () => {
    const keys = Array.from({ length: 1001 }, (_, index) => jwkOf(ec, { kid: `${index}` }))
    expect(await outcomeOf(verifierOf(keys).verify(mint({}, { header: { kid: '1000' } })))).toBe('accepted')
  })
})

describe('the key of a token', () => {
  const second = newKey('ES256')
  const set = [jwkOf(ec, { kid: 'a' }), jwkOf(second, { kid: 'b' }), jwkOf(rsa, { kid: 'r' })]
  const verifier = verifierOf(set, ['ES256', 'RS256'])

  it.each<[string, SigningKey, string | undefined, string]>([
    ['is the one with its kid', ec, 'a', 'accepted'],
    ['is the one with its kid, of several', second, 'b', 'accepted'],
    ['is the one with its kid, of another kind', rsa, 'r', 'accepted'],
    ['is not another one', second, 'a', 'signature_invalid'],
    ['is unknown, if no key has its kid', ec, 'c', 'key_unknown'],
    ['is unknown, if the key with its kid is for another algorithm', ec, 'r', 'key_unknown'],
    ['without kid is the only one that fits', rsa, undefined, 'accepted'],
    ['without kid is unknown, if several fit', ec, undefined, 'key_unknown'],
  ])('%s', async (_what, key, kid, outcome) => {
    expect(await outcomeOf(verifier.verify(mint({}, { key, header: { kid } })))).toBe(outcome)
  })

  it('is named in the hint neither by its kid nor by its bytes', async () => {
    const { hint } = await refusalOf(verifier.verify(mint({}, { header: { kid: 'canary' } })))
    expect(hint).not.toContain('canary')
    expect(hint).not.toContain(String(jwkOf(ec).x))
  })

  it('without kid is the only one, although a second entry is the same again', async () => {
    const jwk = jwkOf(ec, { kid: 'a' })
    expect(await outcomeOf(verifierOf([jwk, { ...jwk }]).verify(mint()))).toBe('accepted')
  })

  it('without kid is the only one that has no kid, if it is the only one at all', async () => {
    expect(await outcomeOf(verifierOf([jwkOf(ec)]).verify(mint()))).toBe('accepted')
    expect(await outcomeOf(verifierOf([jwkOf(ec)]).verify(mint({}, { header: { kid: 'a' } })))).toBe('key_unknown')
  })

  it('may be any of four with the same kid, and not the fifth', async () => {
    const keys = Array.from({ length: 5 }, () => newKey('ES256'))
    const many = verifierOf(keys.map((key) => jwkOf(key, { kid: 'same' })))
    const outcomes = keys.map((key) => outcomeOf(many.verify(mint({}, { key, header: { kid: 'same' } }))))
    const [accepted, refused] = ['accepted', 'signature_invalid']
    expect(await Promise.all(outcomes)).toEqual([accepted, accepted, accepted, accepted, refused])
  })

  it('is looked for among those with its kid that fit its algorithm, which the four do not crowd out', async () => {
    const crowd = Array.from({ length: 5 }, () => jwkOf(newKey('ES256'), { kid: 'same' }))
    const mixed = verifierOf([...crowd, jwkOf(rsa, { kid: 'same' })], ['ES256', 'RS256'])
    expect(await outcomeOf(mixed.verify(mint({}, { key: rsa, header: { kid: 'same' } })))).toBe('accepted')
  })

  it('serves the algorithm of its label only', async () => {
    const labelled = verifierOf([jwkOf(rsa, { kid: 'r', alg: 'RS256' })], ['RS256', 'PS256'])
    const header = { kid: 'r' }
    expect(await outcomeOf(labelled.verify(mint({}, { key: rsa, header })))).toBe('accepted')
    expect(await outcomeOf(labelled.verify(mint({}, { key: { ...rsa, alg: 'PS256' }, header })))).toBe('key_unknown')
  })

  const names = ['EdDSA', 'Ed25519'] as const
  const equivalents = names.flatMap((label) => names.map((alg) => [label, alg] as const))

  it.each(equivalents)('labelled %s serves tokens of %s: they are two names of one algorithm', async (label, alg) => {
    const labelled = verifierOf([jwkOf(ed, { kid: 'e', alg: label })], [alg])
    const token = mint({}, { key: { ...ed, alg }, header: { kid: 'e' } })
    expect(await outcomeOf(labelled.verify(token))).toBe('accepted')
  })

  it.each<[string, SigningKey]>([
    ['Ed448', ed],
    ['ES256', ed],
    ['HS256', ed],
    ['none', ed],
    ['EdDSA', ec],
    ['Ed25519', rsa],
  ])('labelled %s serves no algorithm of another name, whatever it is', async (label, key) => {
    const labelled = verifierOf(
      [jwkOf(key, { kid: 'bad', alg: label }), jwkOf(newKey(key.alg), { kid: 'good' })],
      [key.alg],
    )
    expect(await outcomeOf(labelled.verify(mint({}, { key, header: { kid: 'bad' } })))).toBe('key_unknown')
  })
})

function signingKey(alg: AlgorithmName, pair: { publicKey: KeyObject; privateKey: KeyObject }): SigningKey {
  return { alg, signer: pair.privateKey, verifier: pair.publicKey }
}

function pem({ verifier }: SigningKey): string {
  return String(verifier.export({ format: 'pem', type: 'spki' }))
}

function privatePem({ signer }: SigningKey): string {
  return String(signer.export({ format: 'pem', type: 'pkcs8' }))
}
