// The public key of the API, which anybody has, as the secret of an HMAC.
import { createHmac, type KeyObject } from 'node:crypto'
import { certificatePem, selfSignedCertificate } from '../../support/certificate.ts'
import { jwkOf, keyFor, type SigningKey } from '../../support/keys.ts'
import { mint } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'
import { crafted } from '../crafted.ts'

/** A public key, written so that somebody takes it for a secret. */
export interface Form {
  readonly name: string
  readonly source: string
  readonly secret: string | Uint8Array
}

const confusion =
  'RFC 8725 section 2.1, CVE-2015-9235 (jsonwebtoken), CVE-2016-10555 (jwt-simple), CVE-2016-5431 (jose-php)'
const pkcs1Confusion = 'CVE-2017-11424 (PyJWT), CVE-2023-48223 (fast-jwt)'
const spellingConfusion = 'CVE-2026-34950 (fast-jwt), CVE-2026-102268 (PyJWT)'
const derConfusion = 'CVE-2026-85394 (python-jose), CVE-2026-102271 (PyJWT)'
const jwkConfusion = 'CVE-2026-48526 (PyJWT)'
const bomConfusion = 'CVE-2026-102272 (PyJWT)'
const containerConfusion = 'CVE-2026-102273 (PyJWT)'
const sshConfusion = 'CVE-2022-29217 (PyJWT), CVE-2024-33663 (python-jose)'
const noSecret = 'CVE-2019-20933 (InfluxDB), CVE-2026-44351 (fast-jwt), CVE-2026-45363 (ruby-jwt)'
/** What a key without `alg` in a set verifies, a token may not choose. */
const unlabelled = 'CVE-2026-22817 (Hono), CVE-2020-15084 (express-jwt), CVE-2024-37568 (Authlib)'

const hashes = ['HS256', 'HS384', 'HS512'] as const

function pemOf(key: KeyObject, type: 'spki' | 'pkcs1'): string {
  return key.export({ format: 'pem', type }).toString()
}

/** A PEM as it comes out of files, environment variables and copies from a terminal. */
function pemForms(name: string, source: string, pem: string): readonly Form[] {
  const bare = pem.trimEnd()
  const lines = bare.split('\n').slice(1, -1)
  const spellings: readonly (readonly [string, string])[] = [
    ['', `${bare}\n`],
    [' without its final newline', bare],
    [' with two final newlines', `${bare}\n\n`],
    [' with CRLF', `${bare}\n`.replaceAll('\n', '\r\n')],
    [' with CRLF but none at the end', bare.replaceAll('\n', '\r\n')],
    [' with CR', `${bare}\n`.replaceAll('\n', '\r')],
    [' after blanks', `  ${bare}\n`],
    [' after a newline', `\n${bare}\n`],
    [' after a byte order mark', `\uFEFF${bare}\n`],
    [' with its last line behind a tab', `${bare}\n`.replace('-----END', '\t-----END')],
    [' with each line indented', `${bare}\n`.replace(/^(?=.)/gm, '    ')],
    [' with blanks at the end', `${bare}  `],
    [' with a zero byte at the end', `${bare}\n\0`],
    [' with its newlines as \\n', `${bare}\n`.replaceAll('\n', String.raw`\n`)],
    [' with blanks for newlines', bare.replaceAll('\n', ' ')],
    [' of one line', bare.replaceAll('\n', '')],
    [', only its base64', lines.join('')],
    [', only its base64, in lines', `${lines.join('\n')}\n`],
  ]
  return spellings.map(([spelling, secret]) => ({
    name: `${name}${spelling}`,
    source: spelling === '' ? source : `${source}, ${spellingConfusion}`,
    secret,
  }))
}

function jwkForms(key: SigningKey): readonly Form[] {
  const jwk = jwkOf(key)
  const labelled = jwkOf(key, { alg: key.alg, use: 'sig' })
  const sorted = Object.fromEntries(Object.entries(jwk).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const texts: readonly (readonly [name: string, source: string, secret: string])[] = [
    ['a JWK', jwkConfusion, JSON.stringify(jwk)],
    ['a JWK, indented', jwkConfusion, JSON.stringify(jwk, undefined, 2)],
    ['a JWK with its labels', jwkConfusion, JSON.stringify(labelled)],
    ['a JWK with its members in order (RFC 7638)', jwkConfusion, JSON.stringify(sorted)],
    ['a JWK after a byte order mark', bomConfusion, `\uFEFF${JSON.stringify(jwk)}`],
    ['a JWK after blanks', bomConfusion, ` \n\t${JSON.stringify(jwk)}`],
    ['a JWK Set', containerConfusion, JSON.stringify({ keys: [labelled] })],
    ['a list of JWKs', containerConfusion, JSON.stringify([labelled])],
    ['a list of sets', containerConfusion, JSON.stringify([{ keys: [labelled] }])],
    ['a JWK in another object', containerConfusion, JSON.stringify({ jwk: labelled })],
    ['a set in the metadata of a client', containerConfusion, JSON.stringify({ a: [{ jwks: { keys: [jwk] } }] })],
    ['a JWK as a string in JSON', containerConfusion, JSON.stringify(JSON.stringify(jwk))],
  ]
  const members = Object.entries(jwk).flatMap(([name, value]): readonly Form[] => [
    { name: `\`${name}\` as text`, source: confusion, secret: String(value) },
    { name: `\`${name}\` as bytes`, source: confusion, secret: Buffer.from(String(value), 'base64url') },
    {
      name: `\`${name}\` in hexadecimal`,
      source: confusion,
      secret: Buffer.from(String(value), 'base64url').toString('hex'),
    },
  ])
  return [...texts.map(([name, source, secret]) => ({ name, source, secret })), ...members]
}

/** RFC 4253 section 6.6, RFC 5656 section 3.1. */
function sshForms(key: SigningKey): readonly Form[] {
  const { n, e, x = '', y = '' } = jwkOf(key)
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  const [type, ...parts] =
    n === undefined || e === undefined
      ? (['ecdsa-sha2-nistp256', Buffer.from('nistp256'), point] as const)
      : (['ssh-rsa', mpint(e), mpint(n)] as const)
  const blob = Buffer.concat([Buffer.from(type), ...parts].map(sshString))
  const line = `${type} ${blob.toString('base64')}`
  return [
    { name: 'a line of OpenSSH', source: sshConfusion, secret: line },
    { name: 'a line of OpenSSH with a newline', source: sshConfusion, secret: `${line}\n` },
    { name: 'a line of OpenSSH with a comment', source: sshConfusion, secret: `${line} api@example.com` },
    { name: 'the bytes of OpenSSH', source: sshConfusion, secret: blob },
    { name: 'the base64 of OpenSSH', source: sshConfusion, secret: blob.toString('base64') },
    { name: 'the base64 of OpenSSH in lines', source: sshConfusion, secret: linesOf(blob) },
  ]
}

/** RFC 4716 section 3.4. */
function linesOf(content: Buffer): string {
  return (content.toString('base64').match(/.{1,70}/g) ?? []).join('\n')
}

function sshString(content: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}

/** A zero in front keeps it positive. */
function mpint(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.readUInt8(0) < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes])
}

/** Forms that show what they are: who gives one as `secret` is told so. The others could be random bytes. */
export function tellingForms(key: SigningKey): readonly Form[] {
  const bare = /^(?:`(?:kty|crv|e|n|x|y)`|the point|nothing|\[object Object\])/
  return formsOf(key).filter(({ name }) => !bare.test(name))
}

function formsOf(key: SigningKey): readonly Form[] {
  const certificate = selfSignedCertificate(key)
  const { verifier } = key
  const isRsa = verifier.asymmetricKeyType === 'rsa'
  const { x = '', y = '' } = jwkOf(key)
  const [xBytes, yBytes] = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
  const sign = 2 + ((yBytes.at(-1) ?? 0) % 2)
  const ofType: readonly Form[] = isRsa
    ? [
        ...pemForms('PKCS #1 PEM', pkcs1Confusion, pemOf(verifier, 'pkcs1')),
        { name: 'PKCS #1 DER', source: derConfusion, secret: verifier.export({ format: 'der', type: 'pkcs1' }) },
      ]
    : [
        { name: 'the point', source: confusion, secret: Buffer.concat([Buffer.from([4]), xBytes, yBytes]) },
        { name: 'the point, compressed', source: confusion, secret: Buffer.concat([Buffer.from([sign]), xBytes]) },
        { name: 'the point without its first byte', source: confusion, secret: Buffer.concat([xBytes, yBytes]) },
      ]
  return [
    ...pemForms('SPKI PEM', confusion, pemOf(verifier, 'spki')),
    { name: 'SPKI DER', source: derConfusion, secret: verifier.export({ format: 'der', type: 'spki' }) },
    ...ofType,
    ...jwkForms(key),
    ...sshForms(key),
    ...pemForms('certificate', confusion, certificatePem(certificate)),
    { name: 'certificate in DER', source: derConfusion, secret: certificate },
    { name: '[object Object]', source: confusion, secret: '[object Object]' },
    { name: 'nothing', source: noSecret, secret: '' },
  ]
}

/** @param own - the hash whose tag comes nearest to the length of a signature of the API's own algorithm */
function attacksOn(key: SigningKey, own: string, publicKey: string): readonly Attack[] {
  const options: Attack['options'] = { algorithms: [key.alg], publicKey }
  const inSet: Attack['options'] = { algorithms: [key.alg], jwks: { keys: [jwkOf(key, { kid: 'current' })] } }
  const forms = formsOf(key)
  const tag =
    (alg: string, { secret }: Form) =>
    (input: Buffer): Buffer =>
      createHmac(`sha${alg.slice(2)}`, secret)
        .update(input)
        .digest()
  return [
    ...forms.flatMap((form) =>
      hashes.map((alg): Attack => ({
        name: `${alg} by the ${key.alg} key as ${form.name}`,
        source: form.source,
        token: () => crafted(tag(alg, form), { alg }),
        code: 'algorithm_not_allowed',
        options,
      })),
    ),
    ...forms.map((form): Attack => ({
      name: `HS256 by the ${key.alg} key of a set without labels, as ${form.name}`,
      source: unlabelled,
      token: () => crafted(tag('HS256', form), { alg: 'HS256', kid: 'current' }),
      code: 'algorithm_not_allowed',
      options: inSet,
    })),
    ...forms.map((form): Attack => ({
      name: `${key.alg}, but signed with ${own} by its key as ${form.name}`,
      source: form.source,
      token: () => crafted(tag(own, form), { alg: key.alg }),
      code: 'signature_invalid',
      options,
    })),
    {
      name: `a good token of ${key.alg}`,
      source: confusion,
      token: () => mint({}, { key }),
      code: 'accepted',
      options,
    },
  ]
}

const [rsa, ec] = [keyFor('RS256'), keyFor('ES256')]

export const hmacConfusion: Family = {
  about: 'the public key of the API as the secret of an HMAC',
  attacks: [
    // As text, which is what a library that looks at the token's `alg` only would hand to the HMAC.
    ...attacksOn(rsa, 'HS256', pemOf(rsa.verifier, 'spki')),
    // A tag of HS512 is as long as a signature of ES256.
    ...attacksOn(ec, 'HS512', pemOf(ec.verifier, 'spki')),
  ],
}
