// Texts that are not quite a compact JWS: other forms, and other spellings of the same bytes.
import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto'
import { keyFor } from '../../support/keys.ts'
import {
  base64url,
  goodClaims,
  mint,
  partsOf,
  signatureOf,
  signed,
  withSignature,
  type Claims,
} from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const source = 'RFC 7515 sections 2 and 7.1'
/** A token that has two texts is revoked under one of them. */
const secondText = `${source}, CVE-2026-102269 (PyJWT)`
const manyDots = `${source}, CVE-2025-30204 (golang-jwt), CVE-2025-27144 (go-jose)`
const oversized = 'CWE-400, CVE-2025-61920 (Authlib)'
const key = keyFor('ES256')
const hmac = { algorithms: ['HS256'], secret: keyFor('HS256').verifier } as const
const large = { maxTokenLength: 1_048_576 }
const goodHeader = '{"alg":"ES256","typ":"JWT"}'
const goodPayload = JSON.stringify(goodClaims({ jti: '>>>???>>>???>>>???' }))

const malformed = (name: string, token: () => string, options?: Attack['options'], from = source): Attack => ({
  name,
  source: from,
  token,
  code: 'token_malformed',
  ...(options === undefined ? {} : { options }),
})

type Parts = readonly [header: string, payload: string, signature: string]
const partNames = ['header', 'payload', 'signature'] as const

/** One part written otherwise. Header and payload are signed as they are written then: only their form is wrong. */
function rewritten(part: number, rewrite: (text: string) => string): string {
  const json = '{"alg":"ES256","typ":"JWT","kid":">>>???>>>???"}'
  const parts: Parts = [base64url(json), base64url(goodPayload), '']
  const [header, payload] = parts.map((text, index) => (index === part ? rewrite(text) : text))
  for (;;) {
    const signature = base64url(signatureOf(`${header}.${payload}`, key))
    if (part < 2) return `${header}.${payload}.${signature}`
    // Not every signature has a character that the other alphabet writes otherwise.
    if (/[-_]/.test(signature)) return `${header}.${payload}.${rewrite(signature)}`
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** The last character with these bits set that say nothing. */
const withSpare = (text: string, bits: number): string =>
  text.slice(0, -1) + (alphabet[alphabet.indexOf(text.slice(-1)) | bits] ?? '')
/** As many blanks behind it as leave this many bytes over. */
const blanksFor = (json: string, over: number): string => ' '.repeat((3 + over - (Buffer.byteLength(json) % 3)) % 3)

function withSpareBits(part: 0 | 1, over: 1 | 2, bits: number): string {
  const texts: readonly string[] = [goodHeader, goodPayload].map((json, index) => {
    const text = base64url(json + blanksFor(json, over))
    return index === part ? withSpare(text, bits) : text
  })
  const input = texts.join('.')
  return `${input}.${base64url(signatureOf(input, key))}`
}

const spareBits: readonly Attack[] = [
  ...([0, 1] as const).flatMap((part) =>
    [
      Array.from({ length: 15 }, (_, bits) =>
        malformed(`spare bits ${bits + 1} of four in the ${partNames[part]}`, () => withSpareBits(part, 1, bits + 1)),
      ),
      [1, 2, 3].map((bits) =>
        malformed(`spare bits ${bits} of two in the ${partNames[part]}`, () => withSpareBits(part, 2, bits)),
      ),
    ].flat(),
  ),
  ...Array.from({ length: 15 }, (_, bits) =>
    malformed(`spare bits ${bits + 1} of four in the signature`, () => withSpare(mint(), bits + 1)),
  ),
  ...[1, 2, 3].map((bits) =>
    malformed(
      `spare bits ${bits} of two in the signature`,
      () => withSpare(mint({}, { key: keyFor('HS256') }), bits),
      hmac,
    ),
  ),
]

const rewrites: readonly (readonly [what: string, rewrite: (text: string) => string])[] = [
  ['one = behind', (text) => `${text}=`],
  ['two = behind', (text) => `${text}==`],
  ['three = behind', (text) => `${text}===`],
  ['+ and / for - and _', (text) => text.replaceAll('-', '+').replaceAll('_', '/')],
  ['an impossible length', (text) => text + 'A'.repeat((5 - (text.length % 4)) % 4)],
  ['a character of the same low byte', (text) => `\u0165${text.slice(1)}`],
  ['a character of the same low seven bits', (text) => `\u00e5${text.slice(1)}`],
  ['a lone surrogate', (text) => `${text}\ud800`],
  ['~', (text) => `${text}~`],
  ['%3D', (text) => `${text}%3D`],
  ...[' ', '\t', '\n', '\r\n', '\r', '\v', '\f', '\0', '\u00a0', '\u2028', '\u200b', '\ufeff'].flatMap(
    (blank): readonly (readonly [string, (text: string) => string])[] => [
      [`${JSON.stringify(blank)} before`, (text) => blank + text],
      [`${JSON.stringify(blank)} behind`, (text) => text + blank],
      [`${JSON.stringify(blank)} inside`, (text) => text.slice(0, 8) + blank + text.slice(8)],
    ],
  ),
]
const otherSpellings = partNames.flatMap((partName, part) =>
  rewrites.map(([what, rewrite]) =>
    malformed(
      `${what} in the ${partName}`,
      () => rewritten(part, rewrite),
      undefined,
      part === 2 ? secondText : source,
    ),
  ),
)

const segments = [0, 1, 2, 4, 5, 6, 7].map((count) =>
  malformed(
    `${count} segments of a good token`,
    () => {
      const parts = partsOf(mint())
      return Array.from({ length: count }, (_, index) => parts[index % 3]).join('.')
    },
    undefined,
    `${source}, CVE-2019-18848 (json-jwt)`,
  ),
)

const jweSource = 'RFC 7516 section 3.1'
const jwe = (header: string): string =>
  [header, randomBytes(32), randomBytes(12), randomBytes(48), randomBytes(16)].map((part) => base64url(part)).join('.')

/** A whole one for this API: anybody can encrypt to its public key, and what is inside needs no signature. */
function encrypted(plaintext: string, header: Claims): string {
  const protectedHeader = base64url(JSON.stringify({ alg: 'RSA-OAEP', enc: 'A256GCM', ...header }))
  const [contentKey, iv] = [randomBytes(32), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv).setAAD(Buffer.from(protectedHeader))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const encryptedKey = publicEncrypt({ key: keyFor('RS256').verifier, padding }, contentKey)
  const parts = [encryptedKey, iv, ciphertext, cipher.getAuthTag()].map((part) => base64url(part))
  return [protectedHeader, ...parts].join('.')
}
const rsa = { algorithms: ['RS256'], publicKey: keyFor('RS256').verifier } as const
const unsignedToken = `${base64url('{"alg":"none"}')}.${base64url(goodPayload)}.`

const jsonSource = 'RFC 7515 section 7.2'
const flattened = ([header, payload, signature]: Parts): object => ({ protected: header, payload, signature })
/** CVE-2022-39227: the compact form stands within the JSON. */
const polyglot = ([header, payload, signature]: Parts): string =>
  `{"  ${header}.${base64url(JSON.stringify(goodClaims({ sub: 'admin' })))}.":"","protected":"${header}","payload":"${payload}","signature":"${signature}"}`

/** Bytes that are no UTF-8, each within a text. */
const brokenBytes: readonly (readonly [what: string, bytes: readonly number[]])[] = [
  ['a lone byte 0xff', [0xff]],
  ['a continuation without a start', [0x80]],
  ['a start without continuation', [0xe2, 0x82]],
  ['an overlong A', [0xc1, 0x81]],
  ['an overlong quotation mark', [0xc0, 0xa2]],
  ['an overlong slash of three bytes', [0xe0, 0x80, 0xaf]],
  ['an overlong NUL', [0xc0, 0x80]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['a pair of surrogates (CESU-8)', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ['more than U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
]
/** In place of `~`. */
const withBytes = (json: string, bytes: readonly number[]): Buffer => {
  const [before = '', behind = ''] = json.split('~')
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(behind)])
}
const encodings: readonly (readonly [what: string, encode: (json: string) => Uint8Array])[] = [
  ...brokenBytes.map(([what, bytes]): readonly [string, (json: string) => Uint8Array] => [
    what,
    (json) => withBytes(`${json.slice(0, -1)},"x":"~"}`, bytes),
  ]),
  ['a byte order mark', (json) => Buffer.from(`\ufeff${json}`)],
  ['UTF-16', (json) => Buffer.from(json, 'utf16le')],
  ['UTF-16 with a byte order mark', (json) => Buffer.from(`\ufeff${json}`, 'utf16le')],
  ['UTF-16, big end first', (json) => Buffer.from(json, 'utf16le').swap16()],
  ...[String.raw`\ud800`, String.raw`\udc00`, String.raw`\udc00\ud800`, String.raw`a\uDBFFb`].flatMap(
    (escaped): readonly (readonly [string, (json: string) => Uint8Array])[] => [
      [`${escaped} in a value`, (json) => Buffer.from(`${json.slice(0, -1)},"x":"${escaped}"}`)],
      [`${escaped} in a name`, (json) => Buffer.from(`${json.slice(0, -1)},"${escaped}":1}`)],
      [`${escaped} far within`, (json) => Buffer.from(`${json.slice(0, -1)},"x":[{"y":["${escaped}"]}]}`)],
    ],
  ),
]
const utf8Source = 'RFC 7515 section 5.2, RFC 3629 section 3, RFC 8259 section 8'
const otherEncodings = encodings.flatMap(([what, encode]) => [
  malformed(
    `${what} in the JSON of the header`,
    () => signed(encode(goodHeader), goodPayload, key),
    undefined,
    utf8Source,
  ),
  malformed(
    `${what} in the JSON of the payload`,
    () => signed(goodHeader, encode(goodPayload), key),
    undefined,
    utf8Source,
  ),
])

export const compactForm: Family = {
  about: 'texts that are not quite a compact JWS',
  attacks: [
    ...segments,
    ...[undefined, large].map((options) =>
      malformed(
        `a million segments, ${options ? 'where long tokens are accepted' : 'by default'}`,
        () => '.'.repeat(999_999),
        options,
        manyDots,
      ),
    ),
    malformed('a good token and a million empty segments', () => mint() + '.'.repeat(999_999), large, manyDots),
    malformed('a million segments with something in each', () => 'A.'.repeat(500_000), large, manyDots),
    ...[1, 2, 3, 4].map((dots) => malformed(`only dots: ${dots}`, () => '.'.repeat(dots))),
    malformed('no header', () => mint().replace(/^[^.]+/, '')),
    malformed('no payload', () => signed(goodHeader, '', key)),
    malformed(
      'a token of 10 MB',
      () => signed(goodHeader, JSON.stringify(goodClaims({ x: 'x'.repeat(7_500_000) })), key),
      undefined,
      oversized,
    ),
    malformed('a token of 10 MB where long tokens are accepted', () => 'A'.repeat(10_000_000), large, oversized),
    ...[4097, 600_000].map((length) =>
      malformed(
        `a header of ${length} bytes where long tokens are accepted`,
        () => signed(goodHeader.padEnd(length), goodPayload, key),
        large,
        oversized,
      ),
    ),
    {
      name: 'a header of 4096 bytes',
      source: oversized,
      token: () => signed(goodHeader.padEnd(4096), goodPayload, key),
      code: 'accepted',
    },
    {
      name: 'a signature of 700,000 bytes where long tokens are accepted',
      source: oversized,
      token: () => withSignature(mint(), Buffer.alloc(700_000, 1)),
      code: 'signature_invalid',
      options: large,
    },
    malformed('a token one character too long', () => mint({}, { payload: goodPayload.padEnd(12_288) })),
    malformed('a JWE', () => jwe('{"alg":"RSA-OAEP","enc":"A256GCM"}'), undefined, jweSource),
    malformed(
      'a JWE of a nested JWT',
      () => jwe('{"alg":"dir","enc":"A256GCM","cty":"JWT"}'),
      undefined,
      'RFC 7519 appendix A.2',
    ),
    malformed(
      'an unsigned token, encrypted to the public key of the API',
      () => encrypted(unsignedToken, { cty: 'JWT' }),
      rsa,
      'CVE-2026-29000 (pac4j-jwt), CVE-2023-51774 (json-jwt)',
    ),
    malformed(
      'claims, encrypted to the public key of the API',
      () => encrypted(goodPayload, {}),
      rsa,
      'CVE-2023-51774 (json-jwt)',
    ),
    malformed(
      'a JWE whose content is compressed',
      () => encrypted(goodPayload, { zip: 'DEF' }),
      rsa,
      'CVE-2024-28176 (jose)',
    ),
    malformed(
      'a JWE that takes long to derive its key',
      () => jwe('{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"c2FsdA"}'),
      undefined,
      'CVE-2023-52428 (Nimbus JOSE+JWT)',
    ),
    malformed('a JWE that says ES256', () => jwe(goodHeader), undefined, jweSource),
    {
      name: 'a header of a JWE in a token of three parts',
      source: jweSource,
      token: () => mint({}, { header: { alg: 'dir', enc: 'A256GCM' } }),
      code: 'algorithm_not_allowed',
    },
    malformed(
      'a good token as payload',
      () => mint({}, { header: { cty: 'JWT' }, payload: mint() }),
      undefined,
      'RFC 7519 section 5.2',
    ),
    malformed(
      'a good token as payload, without cty',
      () => mint({}, { payload: mint() }),
      undefined,
      'RFC 7519 section 5.2',
    ),
    malformed('flattened JSON', () => JSON.stringify(flattened(partsOf(mint()))), undefined, `${jsonSource}.2`),
    malformed(
      'general JSON',
      () => {
        const [header, payload, signature] = partsOf(mint())
        return JSON.stringify({ payload, signatures: [{ protected: header, signature }] })
      },
      undefined,
      `${jsonSource}.1`,
    ),
    ...[0, 1].map((good) =>
      malformed(
        `general JSON with two signatures, of which only the ${good === 0 ? 'first' : 'second'} is good`,
        () => {
          const [header, payload, signature] = partsOf(mint())
          const signatures = [
            { protected: header, signature },
            { protected: base64url('{"alg":"none"}'), signature: '' },
          ]
          return JSON.stringify({ payload, signatures: good === 0 ? signatures : signatures.toReversed() })
        },
        undefined,
        `${jsonSource}.1, CVE-2016-9122 (go-jose)`,
      ),
    ),
    malformed('flattened JSON in base64url', () => base64url(JSON.stringify(flattened(partsOf(mint()))))),
    malformed(
      'JSON with the compact form inside',
      () => polyglot(partsOf(mint())),
      undefined,
      'CVE-2022-39227 (python-jwt)',
    ),
    malformed('a good token in quotation marks', () => `"${mint()}"`),
    malformed('Bearer before a good token', () => `Bearer ${mint()}`),
    malformed('two good tokens and a blank', () => `${mint()} ${mint()}`),
    malformed('two good tokens and a comma', () => `${mint()},${mint()}`),
    ...otherSpellings,
    ...spareBits,
    ...otherEncodings,
    { name: 'an empty signature', source, token: () => mint().replace(/[^.]+$/, ''), code: 'signature_invalid' },
    ...partNames.map((name, part): Attack => ({
      name: `the ${name} as it should be`,
      source,
      token: () => rewritten(part, (text) => text),
      code: 'accepted',
    })),
    { name: 'spare bits that are zero', source, token: () => withSpareBits(0, 1, 0), code: 'accepted' },
    { name: 'two spare bits that are zero', source, token: () => withSpareBits(1, 2, 0), code: 'accepted' },
    {
      name: 'a good token with a shared secret',
      source,
      token: () => mint({}, { key: keyFor('HS256') }),
      code: 'accepted',
      options: hmac,
    },
    {
      name: 'a good token where long tokens are accepted',
      source,
      token: () => mint(),
      code: 'accepted',
      options: large,
    },
    { name: 'a good token', source, token: () => mint(), code: 'accepted' },
  ],
}
