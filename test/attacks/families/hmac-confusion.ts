// The public key of the API, which anybody has, as the secret of an HMAC.
import { createHmac, type KeyObject } from 'node:crypto'
import { certificatePem, selfSignedCertificate } from '../../support/certificate.ts'
import { jwkOf, keyFor, type SigningKey } from '../../support/keys.ts'
import { mint } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'
import { crafted } from '../crafted.ts'

interface Form {
  readonly name: string
  readonly source: string
  readonly secret: string | Uint8Array
}

const confusion = 'RFC 8725 section 2.1, CVE-2015-9235, CVE-2016-5431'
const pkcs1Confusion = 'CVE-2017-11424, CVE-2023-48223'
const sshConfusion = 'CVE-2022-29217, CVE-2024-33663'

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
    [' with each line indented', `${bare}\n`.replace(/^(?=.)/gm, '    ')],
    [' with blanks at the end', `${bare}  `],
    [' with a zero byte at the end', `${bare}\n\0`],
    [' with its newlines as \\n', `${bare}\n`.replaceAll('\n', String.raw`\n`)],
    [' with blanks for newlines', bare.replaceAll('\n', ' ')],
    [' of one line', bare.replaceAll('\n', '')],
    [', only its base64', lines.join('')],
    [', only its base64, in lines', `${lines.join('\n')}\n`],
  ]
  return spellings.map(([spelling, secret]) => ({ name: `${name}${spelling}`, source, secret }))
}

function jwkForms(key: SigningKey): readonly Form[] {
  const jwk = jwkOf(key)
  const labelled = jwkOf(key, { alg: key.alg, use: 'sig' })
  const sorted = Object.fromEntries(Object.entries(jwk).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const texts: readonly (readonly [string, string])[] = [
    ['a JWK', JSON.stringify(jwk)],
    ['a JWK, indented', JSON.stringify(jwk, undefined, 2)],
    ['a JWK with its labels', JSON.stringify(labelled)],
    ['a JWK with its members in order (RFC 7638)', JSON.stringify(sorted)],
    ['a JWK Set', JSON.stringify({ keys: [labelled] })],
    ['[object Object]', '[object Object]'],
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
  return [...texts.map(([name, secret]) => ({ name, source: confusion, secret })), ...members]
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
  ]
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

function formsOf(key: SigningKey, certificate: Buffer): readonly Form[] {
  const { verifier } = key
  const isRsa = verifier.asymmetricKeyType === 'rsa'
  const { x = '', y = '' } = jwkOf(key)
  const [xBytes, yBytes] = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
  const sign = 2 + ((yBytes.at(-1) ?? 0) % 2)
  const ofType: readonly Form[] = isRsa
    ? [
        ...pemForms('PKCS #1 PEM', pkcs1Confusion, pemOf(verifier, 'pkcs1')),
        { name: 'PKCS #1 DER', source: pkcs1Confusion, secret: verifier.export({ format: 'der', type: 'pkcs1' }) },
      ]
    : [
        { name: 'the point', source: confusion, secret: Buffer.concat([Buffer.from([4]), xBytes, yBytes]) },
        { name: 'the point, compressed', source: confusion, secret: Buffer.concat([Buffer.from([sign]), xBytes]) },
        { name: 'the point without its first byte', source: confusion, secret: Buffer.concat([xBytes, yBytes]) },
      ]
  return [
    ...pemForms('SPKI PEM', confusion, pemOf(verifier, 'spki')),
    { name: 'SPKI DER', source: confusion, secret: verifier.export({ format: 'der', type: 'spki' }) },
    ...ofType,
    ...jwkForms(key),
    ...sshForms(key),
    ...pemForms('certificate', confusion, certificatePem(certificate)),
    { name: 'certificate in DER', source: confusion, secret: certificate },
    { name: 'nothing', source: 'CVE-2019-20933', secret: '' },
  ]
}

/** @param own - the hash whose tag comes nearest to the length of a signature of the API's own algorithm */
function attacksOn(key: SigningKey, own: string, publicKey: string): readonly Attack[] {
  const options: Attack['options'] = { algorithms: [key.alg], publicKey }
  const forms = formsOf(key, selfSignedCertificate(key))
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
