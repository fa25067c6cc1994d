// HMAC tags that are cut, grown, or made with nearly the right secret.
import { createHash, createHmac } from 'node:crypto'
import { keyFor, newKey, type SigningKey } from '../../support/keys.ts'
import { mint, partsOf, signatureOf } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'
import { crafted, goodSignature } from '../crafted.ts'

const whole = 'RFC 7518 section 3.2'
/** Compared as far as it goes, a short tag is found by trying. */
const lengths = 'RFC 7518 section 3.2, CVE-2020-28042 (ServiceStack)'
const otherSecrets = 'RFC 7518 section 3.2, RFC 8725 section 2.2'
const signedParts = 'RFC 7515 section 5.2'
const pinning = 'RFC 8725 section 3.1'

const algorithmNames = ['HS256', 'HS384', 'HS512'] as const
type HmacName = (typeof algorithmNames)[number]
type Tag = (input: Buffer) => Uint8Array

const hashOf = (alg: HmacName): string => `sha${alg.slice(2)}`
const tagOf = (hash: string, secret: Uint8Array): ((input: Buffer) => Buffer) => {
  return (input) => createHmac(hash, secret).update(input).digest()
}

/** Of a good tag. */
const rewrites: readonly (readonly [name: string, source: string, rewrite: (tag: Buffer) => Uint8Array])[] = [
  ...[0, 1, 2, 4, 8, 16].map((length) => {
    return [`its first ${length} bytes`, lengths, (tag: Buffer) => tag.subarray(0, length)] as const
  }),
  ['its first half', lengths, (tag) => tag.subarray(0, tag.length / 2)],
  ['its last byte cut off', lengths, (tag) => tag.subarray(0, -1)],
  ['its first byte cut off', lengths, (tag) => tag.subarray(1)],
  ['a zero byte at the end', lengths, (tag) => Buffer.concat([tag, Buffer.alloc(1)])],
  ['a zero byte in front', lengths, (tag) => Buffer.concat([Buffer.alloc(1), tag])],
  ['twice', lengths, (tag) => Buffer.concat([tag, tag])],
  ['a thousand bytes more', lengths, (tag) => Buffer.concat([tag, Buffer.alloc(1000)])],
  ['all zero', whole, (tag) => Buffer.alloc(tag.length)],
  ['all ones', whole, (tag) => Buffer.alloc(tag.length, 0xff)],
  ['reversed', whole, (tag) => new Uint8Array(tag).toReversed()],
  ['as hexadecimal', whole, (tag) => Buffer.from(tag.toString('hex'))],
  ['as base64url once more', whole, (tag) => Buffer.from(tag.toString('base64url'))],
  ['the first bit changed', whole, (tag) => Buffer.from(tag.map((byte, index) => (index === 0 ? byte ^ 0x80 : byte)))],
  [
    'the last bit changed',
    whole,
    (tag) => Buffer.from(tag.map((byte, index) => (index === tag.length - 1 ? byte ^ 1 : byte))),
  ],
]

function otherTags(alg: HmacName, { signer }: SigningKey): readonly (readonly [string, string, Tag])[] {
  const hash = hashOf(alg)
  const secret = signer.export()
  const own = tagOf(hash, secret)
  const otherHashes = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256', 'sha3-256']
  return [
    ...otherHashes.filter((name) => name !== hash).map((name) => [`of ${name}`, whole, tagOf(name, secret)] as const),
    ...otherHashes
      .filter((name) => name === 'sha512' && name !== hash)
      .map((name) => {
        const cut = (input: Buffer): Buffer => tagOf(name, secret)(input).subarray(0, secret.length)
        return [`of ${name}, cut to the length of its own`, pinning, cut] as const
      }),
    ['the hash without a secret', whole, (input) => createHash(hash).update(input).digest()],
    ['the hash of secret and text', whole, (input) => createHash(hash).update(secret).update(input).digest()],
    ['the hash of text and secret', whole, (input) => createHash(hash).update(input).update(secret).digest()],
    ['the secret itself', whole, () => secret],
    ['with no secret', otherSecrets, tagOf(hash, Buffer.alloc(0))],
    ['with a secret of zeros', otherSecrets, tagOf(hash, Buffer.alloc(secret.length))],
    // By half: HMAC lengthens a secret with zeros (RFC 2104 section 2), and the last byte of a random one may be zero.
    ['with the secret cut', otherSecrets, tagOf(hash, secret.subarray(0, secret.length / 2))],
    ['with the secret grown', otherSecrets, tagOf(hash, Buffer.concat([secret, Buffer.from([1])]))],
    ['with the secret in hexadecimal', otherSecrets, tagOf(hash, Buffer.from(secret.toString('hex')))],
    ['with the secret in base64', otherSecrets, tagOf(hash, Buffer.from(secret.toString('base64')))],
    ['with another secret', otherSecrets, tagOf(hash, newKey(alg).signer.export())],
    ...['secret', 'undefined', 'null', '[object Object]', 'your-256-bit-secret'].map((text) => {
      return [`with the secret ${text}`, otherSecrets, tagOf(hash, Buffer.from(text))] as const
    }),
    ['over nothing', signedParts, () => own(Buffer.alloc(0))],
    ['over the header only', signedParts, (input) => own(input.subarray(0, input.indexOf('.')))],
    ['over the payload only', signedParts, (input) => own(input.subarray(input.indexOf('.') + 1))],
    ['over the decoded payload', signedParts, (input) => own(Buffer.from(partsOf(input.toString())[1], 'base64url'))],
    ['over a dot more', signedParts, (input) => own(Buffer.from(`${input.toString()}.`))],
    ['over the hash', signedParts, (input) => own(createHash(hash).update(input).digest())],
  ]
}

function attacksOn(alg: HmacName): readonly Attack[] {
  const key = keyFor(alg)
  const options: Attack['options'] = { algorithms: [alg], secret: key.verifier }
  const [, tag] = goodSignature(key)
  const made: readonly (readonly [string, string, Tag])[] = [
    ...rewrites.map(([name, source, rewrite]) => {
      return [name, source, (input: Buffer) => rewrite(signatureOf(input.toString(), key))] as const
    }),
    ...otherTags(alg, key),
    ['of a good token with another sub', signedParts, () => goodSignature(key, { sub: 'bob' })[1]],
  ]
  return [
    ...made.map(([name, source, sign]): Attack => {
      return {
        name: `${alg}: ${name}`,
        source,
        token: () => crafted(sign, { alg }),
        code: 'signature_invalid',
        options,
      }
    }),
    {
      name: `${alg}: the tag as it should be, made in the same way`,
      source: whole,
      token: () => crafted(tagOf(hashOf(alg), key.signer.export()), { alg }),
      code: 'accepted',
      options,
    },
    {
      // Which is no weakness: it takes the secret to know that.
      name: `${alg}: with a zero byte behind the secret, where HMAC puts some itself`,
      source: 'RFC 2104 section 2',
      token: () => crafted(tagOf(hashOf(alg), Buffer.concat([key.signer.export(), Buffer.alloc(1)])), { alg }),
      code: 'accepted',
      options,
    },
    ...algorithmNames
      .filter((name) => name !== alg)
      .map((name): Attack => {
        return {
          name: `the tag of ${alg} under a header of ${name}`,
          source: pinning,
          token: () => crafted(() => tag, { alg: name }),
          code: 'algorithm_not_allowed',
          options,
        }
      }),
    { name: `${alg}: a good token`, source: whole, token: () => mint({}, { key }), code: 'accepted', options },
  ]
}

export const hmac: Family = {
  about: 'HMAC tags that are cut, grown, or made with nearly the right secret',
  attacks: algorithmNames.flatMap(attacksOn),
}
