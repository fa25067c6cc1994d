// Tokens that bring the key to check them with, or say where it is.
import { createHash, createSecretKey } from 'node:crypto'
import { certificatePem, selfSignedCertificate } from '../../support/certificate.ts'
import { jwkOf, keyFor, newKey, type SigningKey } from '../../support/keys.ts'
import { mint, type Claims } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const key = keyFor('ES256')
const attacker = newKey('ES256')
const attackerRsa = newKey('RS256')
const attackerCertificate = selfSignedCertificate(attacker)
const chain = (...certificates: readonly Uint8Array[]): readonly string[] =>
  certificates.map((certificate) => Buffer.from(certificate).toString('base64'))
const hashOf = (hash: string): string => createHash(hash).update(attackerCertificate).digest('base64url')

/** A set with one key, `current`. */
const inSet = { jwks: { keys: [jwkOf(key, { kid: 'current' })] } }
const hmac = { algorithms: ['HS256'], secret: keyFor('HS256').verifier } as const
const knownSecret: SigningKey = {
  alg: 'HS256',
  signer: createSecretKey(Buffer.alloc(32, 'a')),
  verifier: createSecretKey(Buffer.alloc(32, 'a')),
}

const forged = (header: Claims, signer = attacker): string => mint({ sub: 'admin' }, { key: signer, header })

/** Where the attacker's key is: what a server there answers, by path. */
export const attackerDocuments: Readonly<Record<string, string>> = {
  '/jwks': JSON.stringify({ keys: [jwkOf(attacker, { kid: 'attacker' }), jwkOf(attacker, { kid: 'current' })] }),
  '/x5u': certificatePem(attackerCertificate),
}

interface Inserted {
  readonly name: string
  readonly source: string
  readonly header: Claims
}

const jwkSource = 'RFC 7515 section 4.1.3, CVE-2018-0114 (node-jose), CVE-2026-27962 (Authlib)'
const schemes = 'RFC 8725 section 3.10, CVE-2026-48522 (PyJWT)'
const brought: readonly Inserted[] = [
  { name: 'jwk', source: jwkSource, header: { jwk: jwkOf(attacker) } },
  {
    name: 'jwk that calls itself the current key',
    source: jwkSource,
    header: { jwk: jwkOf(attacker, { kid: 'current', alg: 'ES256', use: 'sig' }) },
  },
  { name: 'jwk with its private part', source: jwkSource, header: { jwk: attacker.signer.export({ format: 'jwk' }) } },
  { name: 'a list as jwk', source: jwkSource, header: { jwk: [jwkOf(attacker)] } },
  { name: 'a set of keys as jwk', source: jwkSource, header: { jwk: { keys: [jwkOf(attacker)] } } },
  { name: 'a set of keys as jwks', source: jwkSource, header: { jwks: { keys: [jwkOf(attacker)] } } },
  {
    name: 'jku with the set in the URL itself',
    source: schemes,
    header: { jku: `data:application/json,${encodeURIComponent(JSON.stringify({ keys: [jwkOf(attacker)] }))}` },
  },
  ...['file:///etc/passwd', 'ftp://127.0.0.1:9/jwks', '//127.0.0.1:9/jwks', '/jwks'].map((jku) => {
    return { name: `jku ${jku}`, source: schemes, header: { jku } }
  }),
  { name: 'x5c', source: 'RFC 7515 section 4.1.6', header: { x5c: chain(attackerCertificate) } },
  {
    name: 'x5c that ends in the certificate of the right key',
    source: 'RFC 7515 section 4.1.6',
    header: { x5c: chain(attackerCertificate, selfSignedCertificate(key)) },
  },
  { name: 'x5c as text', source: 'RFC 7515 section 4.1.6', header: { x5c: certificatePem(attackerCertificate) } },
  { name: 'x5t', source: 'RFC 7515 section 4.1.7', header: { x5t: hashOf('sha1') } },
  { name: 'x5t#S256', source: 'RFC 7515 section 4.1.8', header: { 'x5t#S256': hashOf('sha256') } },
  {
    name: 'x5c, x5t and x5t#S256 that fit each other',
    source: 'RFC 7515 section 4.1.6',
    header: { x5c: chain(attackerCertificate), x5t: hashOf('sha1'), 'x5t#S256': hashOf('sha256') },
  },
]

/** Headers that say where a key is. */
function pointing(origin: string): readonly Inserted[] {
  const { port } = new URL(origin)
  const urls = [
    `${origin}/jwks`,
    `${origin}/jwks#https://id.example.com`,
    `http://id.example.com@127.0.0.1:${port}/jwks`,
  ]
  const source = 'RFC 7515 section 4.1.2, RFC 8725 section 3.10'
  const certificateSource = 'RFC 7515 section 4.1.5, RFC 8725 section 3.10'
  return [
    ...urls.map((jku, index) => ({ name: `jku, written in way ${index + 1}`, source, header: { jku } })),
    { name: 'a list as jku', source, header: { jku: urls } },
    { name: 'the URL as kid', source, header: { jku: urls[0], kid: urls[0] } },
    { name: 'x5u', source: certificateSource, header: { x5u: `${origin}/x5u` } },
    {
      name: 'jku, x5u and a jwk that points on',
      source,
      header: {
        jku: urls[0],
        x5u: `${origin}/x5u`,
        jwk: { ...jwkOf(attacker), jku: urls[0], x5u: `${origin}/x5u` },
      },
    },
    { name: 'iss in the header', source, header: { iss: origin, jku: urls[0] } },
  ]
}

/** Each with one key, where the signature decides; with a set, where the `kid` does; with the right key's name. */
function forgeriesOf(inserted: readonly Inserted[]): readonly Attack[] {
  return inserted.flatMap(({ name, source, header }): readonly Attack[] => [
    { name: `${name}, where one key is configured`, source, token: () => forged(header), code: 'signature_invalid' },
    {
      name: `${name}, where a set is configured`,
      source,
      token: () => forged({ kid: 'attacker', ...header }),
      code: 'key_unknown',
      options: inSet,
    },
    {
      name: `${name}, under the name of the right key`,
      source,
      token: () => forged({ ...header, kid: 'current' }),
      code: 'signature_invalid',
      options: inSet,
    },
  ])
}

/** Forged tokens whose header says that the key is at this origin. */
export const forgeriesPointingAt = (origin: string): readonly Attack[] => forgeriesOf(pointing(origin))

const octSource = 'RFC 7515 section 4.1.3, RFC 8725 section 2.1'
const oct = { jwk: { kty: 'oct', k: Buffer.alloc(32, 'a').toString('base64url') } }

export const headerKeys: Family = {
  about: 'tokens that bring their key, or say where it is',
  attacks: [
    ...forgeriesOf(brought),
    ...forgeriesPointingAt('http://127.0.0.1:9'),
    {
      name: 'jwk with an RSA key and its algorithm',
      source: jwkSource,
      token: () => forged({ jwk: jwkOf(attackerRsa) }, attackerRsa),
      code: 'algorithm_not_allowed',
    },
    {
      name: 'jwk with a shared secret, against a public key',
      source: octSource,
      token: () => forged(oct, knownSecret),
      code: 'algorithm_not_allowed',
    },
    {
      name: 'jwk with a shared secret, against another secret',
      source: octSource,
      token: () => forged(oct, knownSecret),
      code: 'signature_invalid',
      options: hmac,
    },
    {
      name: 'a good token that mentions the key of somebody else in every way: none is looked at',
      source: 'RFC 7515 section 4.1',
      token: () =>
        mint(
          {},
          { header: Object.assign({}, ...[...brought, ...pointing('http://127.0.0.1:9')].map((one) => one.header)) },
        ),
      code: 'accepted',
    },
    {
      name: 'a good token by one of a set',
      source: 'RFC 7515 section 4.1.4',
      token: () => mint({}, { header: { kid: 'current' } }),
      code: 'accepted',
      options: inSet,
    },
    {
      name: 'a good token with a shared secret',
      source: 'RFC 7515 section 4.1.3',
      token: () => mint({}, { key: keyFor('HS256') }),
      code: 'accepted',
      options: hmac,
    },
    { name: 'a good token', source: jwkSource, token: () => mint(), code: 'accepted' },
  ],
}
