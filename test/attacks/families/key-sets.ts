// Keys that stand in the issuer's own key set and may not verify: each signs a token that is good otherwise.
import { createHash, createSecretKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { jwkOf, keyFor, newKey, type SigningKey } from '../../support/keys.ts'
import { base64url, mint, partsOf, signatureOf, withSignature, type Claims } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const use = 'RFC 7517 section 4.2'
const operations = 'RFC 7517 section 4.3'
const algorithm = 'RFC 7517 section 4.4'
const keyId = 'RFC 7517 section 4.5'
const keyType = 'RFC 8725 section 3.1, CVE-2022-23539 (jsonwebtoken)'
const curve = 'RFC 7518 section 3.4, CVE-2022-23539 (jsonwebtoken)'
const secretKey = 'RFC 7518 section 6.4, CVE-2015-9235 (jsonwebtoken)'
const rsaSize = 'RFC 7518 section 3.3'
const rsaExponent = 'RFC 8017 section 3.1'
const privateParts = 'RFC 7517 section 9.2'
const emptySecret = 'RFC 7518 section 3.2, CVE-2026-102266 (PyJWT)'
/** One of them must not take the others with it. */
const malformed = 'RFC 7517 section 5, CVE-2026-102274 (PyJWT)'
const bound = 'RFC 7517 section 4.4, CVE-2026-48523 (PyJWT)'
const ring = 'RFC 8725 section 3.1, CVE-2021-46743 (PHP-JWT)'

/** All that unusable keys are taken for: it is not for the algorithm that they are refused. */
const pinned = ['ES256', 'ES384', 'RS256', 'PS256', 'Ed25519'] as const
type Pinned = (typeof pinned)[number]
/** A key that signs as one of {@link pinned}. */
type PinnedKey = SigningKey & { readonly alg: Pinned }

const ec = keyOf('ES256')
const ec384 = keyOf('ES384')
const ed = keyOf('Ed25519')
const rsa = keyOf('RS256')
const hmac = newKey('HS256')
const nothing = createSecretKey(Buffer.alloc(0))
const empty: SigningKey = { alg: 'HS256', signer: nothing, verifier: nothing }
const smallRsa: PinnedKey = { alg: 'RS256', ...rsaOf(1024) }
const nearlyLargeRsa: PinnedKey = { alg: 'RS256', ...rsaOf(2040) }

/** The same key, for another algorithm. */
const as = (key: PinnedKey, alg: Pinned): PinnedKey => ({ ...key, alg })

function keyOf(alg: Pinned): PinnedKey {
  return { ...newKey(alg), alg }
}

function rsaOf(modulusLength: number): Omit<SigningKey, 'alg'> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
  return { signer: privateKey, verifier: publicKey }
}

export interface UnusableKey {
  /** What is wrong with it. */
  readonly what: string
  readonly source: string
  readonly jwk: Readonly<Record<string, unknown>>
  /** What it is taken for. */
  readonly alg: Pinned
  /** What would verify with it. */
  readonly token: (header: Claims) => string
  readonly code: Attack['code']
}

/** A key that signs, with members of the entry that say something else. */
function unusable(what: string, source: string, key: PinnedKey, labels: Claims): UnusableKey {
  const jwk = { ...jwkOf(key), ...labels }
  return { what, source, jwk, alg: key.alg, token: (header) => mint({}, { key, header }), code: 'key_unknown' }
}

const ecPrivate = ec.signer.export({ format: 'jwk' })
const rsaPrivate = rsa.signer.export({ format: 'jwk' })
const rsaPublic = jwkOf(rsa)
const [ecPublic, ec384Public, edPublic] = [jwkOf(ec), jwkOf(ec384), jwkOf(ed)]

/** With an exponent of 1 a signature is its own message: nobody needs a key. */
function forgedWithExponentOne(header: Claims): string {
  const token = mint({}, { key: rsa, header })
  const [head, payload] = partsOf(token)
  const digest = createHash('sha256').update(`${head}.${payload}`).digest()
  // RFC 8017 section 9.2, EMSA-PKCS1-v1_5.
  const info = Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), digest])
  const padding = Buffer.alloc(256 - 3 - info.length, 0xff)
  return withSignature(token, Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), info]))
}

/** Each would verify what is taken for it, were it usable. */
export const unusableKeys: readonly UnusableKey[] = [
  {
    what: 'a shared secret, for a token with HMAC',
    source: secretKey,
    alg: 'ES256',
    jwk: { ...hmac.verifier.export({ format: 'jwk' }) },
    token: (header) => mint({}, { key: hmac, header }),
    code: 'algorithm_not_allowed',
  },
  {
    what: 'a shared secret that says it is for ES256',
    source: secretKey,
    alg: 'ES256',
    jwk: { ...hmac.verifier.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' },
    token: (header) => mint({}, { key: hmac, header: { alg: 'ES256', ...header } }),
    code: 'key_unknown',
  },
  {
    what: 'an empty shared secret, for a token with HMAC',
    source: emptySecret,
    alg: 'ES256',
    jwk: { kty: 'oct', k: '' },
    token: (header) => mint({}, { key: empty, header }),
    code: 'algorithm_not_allowed',
  },
  {
    what: 'an empty shared secret that says it is for ES256',
    source: emptySecret,
    alg: 'ES256',
    jwk: { kty: 'oct', k: '', alg: 'ES256' },
    token: (header) => mint({}, { key: empty, header: { alg: 'ES256', ...header } }),
    code: 'key_unknown',
  },
  unusable('a shared secret beside a public key', secretKey, ec, { k: base64url(Buffer.alloc(32)) }),

  ...['enc', 'SIG', 'sig ', 'sig enc', '', ['sig'], null, true].map((value) =>
    unusable(`use ${JSON.stringify(value)}`, use, ec, { use: value }),
  ),
  ...[
    ['sign'],
    ['encrypt', 'wrapKey'],
    ['VERIFY'],
    ['verify '],
    [],
    [['verify']],
    'verify',
    { verify: true },
    null,
  ].map((value) => unusable(`key_ops ${JSON.stringify(value)}`, operations, ec, { key_ops: value })),
  unusable('key_ops with verify, but use enc', operations, ec, { use: 'enc', key_ops: ['verify'] }),
  unusable('use sig, but key_ops without verify', operations, ec, { use: 'sig', key_ops: ['sign'] }),

  ...['ES384', 'RS256', 'HS256', 'ECDH-ES', 'es256', 'ES256 ', 'none', '', ['ES256'], null].map((alg) =>
    unusable(`a key on P-256 with alg ${JSON.stringify(alg)}`, algorithm, ec, { alg }),
  ),
  ...['RS512', 'PS256', 'ES256', 'RSA-OAEP', 'HS256'].map((alg) =>
    unusable(`an RSA key with alg ${alg}, for a token with RS256`, algorithm, rsa, { alg }),
  ),
  unusable('an RSA key with alg RS256, for a token with PS256', algorithm, as(rsa, 'PS256'), { alg: 'RS256' }),

  unusable('an RSA key of 1024 bits', rsaSize, smallRsa, {}),
  unusable('an RSA key of 1024 bits, for PS256', rsaSize, as(smallRsa, 'PS256'), {}),
  unusable('an RSA key of 2040 bits', rsaSize, nearlyLargeRsa, {}),
  {
    what: 'an RSA key with the exponent 1',
    source: rsaExponent,
    alg: 'RS256',
    jwk: { ...rsaPublic, e: 'AQ' },
    token: forgedWithExponentOne,
    code: 'key_unknown',
  },
  {
    what: 'an RSA key with the exponent 1, written with zeros before it',
    source: rsaExponent,
    alg: 'RS256',
    jwk: { ...rsaPublic, e: 'AAAB' },
    token: forgedWithExponentOne,
    code: 'key_unknown',
  },
  ...['', 'AA', 'Ag'].map((e) =>
    unusable(`an RSA key with the exponent ${JSON.stringify(e)}`, rsaExponent, rsa, { e }),
  ),

  ...(['', '!', 'AQ', 1, [], undefined] as const).map((n) =>
    unusable(`an RSA key with the modulus ${JSON.stringify(n) ?? 'left out'}`, malformed, rsa, { n }),
  ),
  ...(['!', 65537, undefined] as const).map((e) =>
    unusable(`an RSA key with the exponent ${JSON.stringify(e) ?? 'left out'}`, malformed, rsa, { e }),
  ),

  unusable('a key on P-256, for ES384', curve, as(ec, 'ES384'), {}),
  unusable('a key on P-256 that says it is for ES384', curve, as(ec, 'ES384'), { alg: 'ES384' }),
  unusable('a key on P-384, for ES256', curve, as(ec384, 'ES256'), {}),
  unusable('a key on P-384 that says it is for ES256', curve, as(ec384, 'ES256'), { alg: 'ES256' }),
  unusable('a key on P-256 that says it is on P-384', curve, ec, { crv: 'P-384' }),
  unusable('a key on P-256 that says it is on P-384, for ES384', curve, as(ec, 'ES384'), { crv: 'P-384' }),
  unusable('a key on P-384 that says it is on P-256', curve, ec384, { crv: 'P-256' }),
  unusable('a key on P-256 that says it is on secp256k1', curve, ec, { crv: 'secp256k1' }),
  unusable('a key on P-256 with its curve in lower case', curve, ec, { crv: 'p-256' }),
  unusable('a key on P-256 without a curve', curve, ec, { crv: undefined }),
  unusable('a point that is not on P-256', 'RFC 8725 section 3.4', ec, { y: ecPublic.x }),
  unusable('the point 0, 0', 'RFC 8725 section 3.4', ec, { x: zeros(32), y: zeros(32) }),

  ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].map((member) =>
    unusable(`a key with the private member ${member}`, privateParts, ec, { [member]: 'AQ' }),
  ),
  unusable('a private key for ES256', privateParts, ec, { ...ecPrivate }),
  unusable('a key with the private part of another', privateParts, ec, {
    d: newKey('ES256').signer.export({ format: 'jwk' }).d,
  }),
  unusable('a private key for RS256', privateParts, rsa, { ...rsaPrivate }),
  unusable('a private key that says it is public', privateParts, ec, { ...ecPrivate, use: 'sig', key_ops: ['verify'] }),
  unusable('a private key whose d is empty', privateParts, ec, { d: '' }),
  unusable('a private key whose d is null', privateParts, ec, { d: null }),

  unusable('an RSA key that says it is EC', keyType, rsa, { kty: 'EC' }),
  unusable('an RSA key that says it is EC on P-256', keyType, rsa, { kty: 'EC', crv: 'P-256', alg: 'ES256' }),
  unusable('an RSA key that says it is a shared secret', keyType, rsa, { kty: 'oct' }),
  unusable('an RSA key without a type', keyType, rsa, { kty: undefined }),
  unusable('an RSA key whose type is in lower case', keyType, rsa, { kty: 'rsa' }),
  unusable('an RSA key whose type is a list', keyType, rsa, { kty: ['RSA'] }),
  unusable('a key on P-256 that says it is RSA', keyType, ec, { kty: 'RSA' }),
  unusable('a key on P-256 that says it is OKP', keyType, ec, { kty: 'OKP' }),
  unusable('a key on P-256 that says it is RSA, with the members of both', keyType, ec, { ...rsaPublic }),
  unusable('a key on P-256 that says it is Ed25519', keyType, ec, { kty: 'OKP', crv: 'Ed25519' }),
  unusable('an Ed25519 key that says it is EC', keyType, ed, { kty: 'EC' }),
  unusable('an Ed25519 key that says it is on P-256', keyType, ed, { kty: 'EC', crv: 'P-256', y: edPublic.x }),
  unusable('an Ed25519 key that says it is X25519', 'RFC 8037 section 2', ed, { crv: 'X25519' }),
  unusable('an Ed25519 key that says it is Ed448', 'RFC 8037 section 2', ed, { crv: 'Ed448' }),
  unusable('an X25519 label and the members of a key on P-384', keyType, ec384, { ...ec384Public, kty: 'OKP' }),
]

const goodKey = keyFor('ES256')
const goodRsa = newKey('RS256')
const kidOf = (index: number): string => `unusable-${index}`

/** All unusable keys, each by its own name, among usable ones. */
const mixed = {
  algorithms: pinned,
  jwks: {
    keys: [
      ...unusableKeys.map(({ jwk }, index): object => Object.assign({}, jwk, { kid: kidOf(index) })),
      ...[1, null, ['list'], {}].map((kid): object => jwkOf(ec, { kid })),
      null,
      'text',
      [],
      jwkOf(goodKey, { kid: 'good', use: 'sig', key_ops: ['verify'], alg: 'ES256' }),
      jwkOf(goodRsa, { kid: 'good-rsa' }),
    ] as readonly object[],
  },
}

const [first, second, encrypting] = [newKey('ES256'), newKey('ES256'), newKey('ES256')]

/** One RSA key, labelled for one algorithm under one name and for another under another. */
const labelled = {
  algorithms: ['RS256', 'PS256'],
  jwks: { keys: (['RS256', 'PS256'] as const).map((alg) => jwkOf(goodRsa, { kid: alg, alg })) },
} as const

/** Several keys with one name, of which some are usable. */
const sameName = {
  algorithms: ['ES256', 'RS256'],
  jwks: {
    keys: [
      jwkOf(encrypting, { kid: 'same', use: 'enc' }),
      jwkOf(first, { kid: 'same' }),
      jwkOf(second, { kid: 'same' }),
      jwkOf(goodRsa, { kid: 'same' }),
    ],
  },
} as const

/** One usable key, and one that is not. */
const oneUsable = {
  jwks: { keys: [jwkOf(encrypting, { use: 'enc' }), jwkOf(goodKey, { use: 'sig' })] as readonly JsonWebKey[] },
}

/** The token as it is, signed by another algorithm than its header says. */
function withSignatureOf(key: SigningKey, token: string): string {
  return withSignature(token, signatureOf(token.slice(0, token.lastIndexOf('.')), key))
}

function zeros(bytes: number): string {
  return base64url(Buffer.alloc(bytes))
}

export const keySets: Family = {
  about: "keys of the issuer's own key set that may not verify",
  attacks: [
    ...unusableKeys.map(({ what, source, token, code }, index): Attack => {
      return { name: what, source, token: () => token({ kid: kidOf(index) }), code, options: mixed }
    }),
    ...['1', 'null', 'list', '[object Object]', 'undefined', ''].map((kid): Attack => {
      return {
        name: `a key whose kid is no string, by the name ${JSON.stringify(kid)}`,
        source: keyId,
        token: () => mint({}, { key: ec, header: { kid } }),
        code: 'key_unknown',
        options: mixed,
      }
    }),
    {
      name: 'an unusable key, by the name of a usable one',
      source: keyId,
      token: () => mint({}, { key: ec, header: { kid: 'good' } }),
      code: 'signature_invalid',
      options: mixed,
    },
    {
      name: 'a usable key, by the name of an unusable one',
      source: keyId,
      token: () => mint({}, { key: goodKey, header: { kid: kidOf(0) } }),
      code: 'key_unknown',
      options: mixed,
    },
    {
      name: 'a usable RSA key, by the name of one for ES256',
      source: ring,
      token: () => mint({}, { key: goodRsa, header: { kid: 'good' } }),
      code: 'key_unknown',
      options: mixed,
    },
    ...(['RS256', 'PS256'] as const).map((label): Attack => {
      const other = label === 'RS256' ? 'PS256' : 'RS256'
      return {
        name: `signed as the ${label} that the key is labelled with, under a header of ${other}`,
        source: bound,
        token: () =>
          withSignatureOf({ ...goodRsa, alg: label }, mint({}, { key: goodRsa, header: { alg: other, kid: label } })),
        code: 'key_unknown',
        options: labelled,
      }
    }),
    {
      name: 'an unusable key, by no name, beside one that is usable',
      source: use,
      token: () => mint({}, { key: encrypting }),
      code: 'signature_invalid',
      options: oneUsable,
    },
    {
      name: 'the only usable key, by no name',
      source: keyId,
      token: () => mint({}, { key: goodKey }),
      code: 'accepted',
      options: oneUsable,
    },
    {
      name: 'a key to encrypt to, by the name that it shares with keys that sign',
      source: keyId,
      token: () => mint({}, { key: encrypting, header: { kid: 'same' } }),
      code: 'signature_invalid',
      options: sameName,
    },
    {
      name: "a stranger's key, by the name that several keys have",
      source: keyId,
      token: () => mint({}, { key: ec, header: { kid: 'same' } }),
      code: 'signature_invalid',
      options: sameName,
    },
    {
      name: 'one of several keys that fit, by no name',
      source: keyId,
      token: () => mint({}, { key: first }),
      code: 'key_unknown',
      options: sameName,
    },
    ...[first, second, goodRsa].map((key, index): Attack => {
      return {
        name: `the key ${index} of several with one name, for ${key.alg}`,
        source: keyId,
        token: () => mint({}, { key, header: { kid: 'same' } }),
        code: 'accepted',
        options: sameName,
      }
    }),
    {
      name: 'a usable RSA key among unusable ones',
      source: keyType,
      token: () => mint({}, { key: goodRsa, header: { kid: 'good-rsa' } }),
      code: 'accepted',
      options: mixed,
    },
    {
      name: 'a usable key among unusable ones',
      source: keyType,
      token: () => mint({}, { key: goodKey, header: { kid: 'good' } }),
      code: 'accepted',
      options: mixed,
    },
  ],
}
