// ECDSA signatures that nobody made, or that are written otherwise than R and S side by side.
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { keyFor, newKey, type SigningKey } from '../../support/keys.ts'
import { partsOf, withSignature } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'
import { bigIntOf, bytesOf, crafted, goodSignature } from '../crafted.ts'

interface Curve {
  readonly alg: 'ES256' | 'ES384' | 'ES512'
  /** Of the group, SP 800-186 section 3.2.1. */
  readonly order: bigint
  /** Of the field. */
  readonly prime: bigint
  /** Bytes of R and of S. */
  readonly width: number
}

const curves: readonly Curve[] = [
  {
    alg: 'ES256',
    order: 0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n,
    prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    width: 32,
  },
  {
    alg: 'ES384',
    order:
      0xffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_c7634d81_f4372ddf_581a0db2_48b0a77a_ecec196a_ccc52973n,
    prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    width: 48,
  },
  {
    alg: 'ES512',
    order:
      0x01ff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_fffffffa_51868783_bf2f966b_7fcc0148_f709a5d0_3bb5c9b8_899c47ae_bb6fb71e_91386409n,
    prime: 2n ** 521n - 1n,
    width: 66,
  },
]

const psychic = 'CVE-2022-21449 (Java), SEC 1 section 4.1.4 step 1'
const range = 'SEC 1 section 4.1.4 step 1'
const sideBySide = 'RFC 7518 section 3.4'
const lengths = 'RFC 7518 section 3.4'
const signedParts = 'RFC 7515 section 5.2'
const der = 'RFC 7518 section 3.4, CVE-2019-14859 (python-ecdsa), CVE-2024-42460 and CVE-2024-42461 (elliptic)'

/** R and S that no signature has, whatever was signed. */
function impossible({ order: n, prime, width }: Curve): readonly (readonly [string, string, bigint, bigint])[] {
  const most = 2n ** BigInt(8 * width) - 1n
  const zeros: readonly (readonly [string, bigint])[] = [
    ['0', 0n],
    ['the order', n],
  ]
  const values: readonly (readonly [string, bigint])[] = [
    ...zeros,
    ['1', 1n],
    ['the order - 1', n - 1n],
    ['the order + 1', n + 1n],
    ['the prime', prime],
    ['all ones', most],
  ]
  const isZero = (value: bigint): boolean => zeros.some(([, zero]) => zero === value)
  return values.flatMap(([rName, r]) =>
    values.map(([sName, s]) => [`r = ${rName}, s = ${sName}`, isZero(r) || isZero(s) ? psychic : range, r, s] as const),
  )
}

type Rewrite = readonly [name: string, source: string, rewrite: (signature: Buffer, curve: Curve) => Uint8Array]

const bytes = (...values: readonly number[]): Buffer => Buffer.from(values)

function halves(signature: Buffer, { width }: Curve): readonly [r: Buffer, s: Buffer] {
  return [signature.subarray(0, width), signature.subarray(width)]
}

/** With R and S as numbers. */
function inNumbers(rewrite: (r: bigint, s: bigint, curve: Curve) => readonly [bigint, bigint]): Rewrite[2] {
  return (signature, curve) => {
    const [r, s] = halves(signature, curve).map(bigIntOf)
    return Buffer.concat(rewrite(r ?? 0n, s ?? 0n, curve).map((value) => bytesOf(value, curve.width)))
  }
}

function modulo(value: bigint, n: bigint): bigint {
  return ((value % n) + n) % n
}

/** Of a good signature, which none of them is any more. */
const rewrites: readonly Rewrite[] = [
  ['nothing', lengths, () => bytes()],
  ['a zero byte', lengths, () => bytes(0)],
  ['only R', lengths, (signature, curve) => halves(signature, curve)[0]],
  ['only S', lengths, (signature, curve) => halves(signature, curve)[1]],
  ['the last byte cut off', lengths, (signature) => signature.subarray(0, -1)],
  ['the first byte cut off', lengths, (signature) => signature.subarray(1)],
  ['a zero byte at the end', lengths, (signature) => Buffer.concat([signature, bytes(0)])],
  ['a zero byte in front', lengths, (signature) => Buffer.concat([bytes(0), signature])],
  [
    'a zero byte in front of R and of S',
    lengths,
    (signature, curve) => Buffer.concat(halves(signature, curve).flatMap((half) => [bytes(0), half])),
  ],
  [
    'a zero byte at the end of R and of S',
    lengths,
    (signature, curve) => Buffer.concat(halves(signature, curve).flatMap((half) => [half, bytes(0)])),
  ],
  ['a recovery number at the end', lengths, (signature) => Buffer.concat([signature, bytes(27)])],
  ['a recovery number in front', lengths, (signature) => Buffer.concat([bytes(27), signature])],
  ['another byte at the end', lengths, (signature) => Buffer.concat([signature, bytes(0xff)])],
  ['twice', lengths, (signature) => Buffer.concat([signature, signature])],
  ['a thousand bytes more', lengths, (signature) => Buffer.concat([signature, Buffer.alloc(1000)])],
  ['all zero', psychic, (signature) => Buffer.alloc(signature.length)],
  ['all zero and a byte too short', psychic, (signature) => Buffer.alloc(signature.length - 1)],
  ['all zero and a byte too long', psychic, (signature) => Buffer.alloc(signature.length + 1)],
  ['S and R for R and S', sideBySide, (signature, curve) => Buffer.concat([...halves(signature, curve)].toReversed())],
  [
    'R twice',
    sideBySide,
    (signature, curve) => Buffer.concat([halves(signature, curve)[0], halves(signature, curve)[0]]),
  ],
  ['little-endian', sideBySide, (signature, curve) => Buffer.concat(halves(signature, curve).map(reversed))],
  ['reversed', sideBySide, reversed],
  ['as hexadecimal', sideBySide, (signature) => Buffer.from(signature.toString('hex'))],
  ['as base64url once more', sideBySide, (signature) => Buffer.from(signature.toString('base64url'))],
  ['R negated', range, inNumbers((r, s, { order }) => [order - r, s])],
  ['R and S negated', range, inNumbers((r, s, { order }) => [order - r, order - s])],
  ['R by one larger', range, inNumbers((r, s, { order }) => [modulo(r + 1n, order), s])],
  ['S by one larger', range, inNumbers((r, s, { order }) => [r, modulo(s + 1n, order)])],
]

/** The same numbers modulo the order, which only leaves room for them in the 528 bits of ES512. */
const notReduced: readonly Rewrite[] = [
  ['R + the order', range, inNumbers((r, s, { order }) => [r + order, s])],
  ['S + the order', range, inNumbers((r, s, { order }) => [r, s + order])],
  ['R and S + the order', range, inNumbers((r, s, { order }) => [r + order, s + order])],
  ['S + 60 times the order', range, inNumbers((r, s, { order }) => [r, s + 60n * order])],
  ['2 times the order - S', range, inNumbers((r, s, { order }) => [r, 2n * order - s])],
  ['the highest bit set', lengths, (signature) => Buffer.concat([bytes(0x80), signature.subarray(1)])],
]

function reversed(content: Buffer): Uint8Array {
  return new Uint8Array(content).toReversed()
}

/** As ECDSA makes it, R and S side by side. */
function plain(hash: string, key: KeyObject): (input: Buffer) => Buffer {
  return (input) => sign(hash, input, { key, dsaEncoding: 'ieee-p1363' })
}

type Signing = readonly [name: string, source: string, signature: (input: Buffer) => Uint8Array]

/** By whoever has another key, or over another hash or other data. */
function ofOthers({ alg, width }: Curve, { signer }: SigningKey): readonly Signing[] {
  const hash = `sha${alg.slice(2)}`
  const ownCurve = `P-${width === 66 ? 521 : 8 * width}`
  const curveNames = ['P-256', 'P-384', 'P-521', 'secp256k1', 'brainpoolP256r1', 'brainpoolP384r1', 'brainpoolP512r1']
  const hashNames = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'sha512-256']
  const own = plain(hash, signer)
  return [
    ['by another key', sideBySide, plain(hash, newKey(alg).signer)],
    ...curveNames
      .filter((name) => name !== ownCurve)
      .map((namedCurve): Signing => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve })
        return [`by a key on ${namedCurve}`, sideBySide, plain(hash, privateKey)]
      }),
    ...hashNames
      .filter((name) => name !== hash)
      .map((name): Signing => [`over ${name}`, sideBySide, plain(name, signer)]),
    ['over nothing', signedParts, () => own(Buffer.alloc(0))],
    ['over the header only', signedParts, (input) => own(input.subarray(0, input.indexOf('.')))],
    ['over the payload only', signedParts, (input) => own(input.subarray(input.indexOf('.') + 1))],
    ['over the decoded payload', signedParts, (input) => own(Buffer.from(partsOf(input.toString())[1], 'base64url'))],
    ['over both without the dot', signedParts, (input) => own(Buffer.from(input.toString().replace('.', '')))],
    ['over a dot more', signedParts, (input) => own(Buffer.from(`${input.toString()}.`))],
    ['over the hash', signedParts, (input) => own(createHash(hash).update(input).digest())],
    ['of a good token with another sub', signedParts, () => goodSignature(keyFor(alg), { sub: 'bob' })[1]],
  ]
}

function inDer({ alg, width }: Curve, { signer }: SigningKey): readonly Signing[] {
  const own = (input: Buffer): Buffer => sign(`sha${alg.slice(2)}`, input, { key: signer, dsaEncoding: 'der' })
  return [
    ['in DER', der, own],
    ['in DER, with a byte after it', der, (input) => Buffer.concat([own(input), bytes(0)])],
    ['in BER, with a length that could be shorter', der, (input) => withLongLength(own(input))],
    ['in DER, cut to the length of R and S', der, (input) => own(input).subarray(0, 2 * width)],
    ['in DER, of r = s = 0', psychic, () => bytes(0x30, 6, 2, 1, 0, 2, 1, 0)],
    ['in DER, of r = s = 1', der, () => bytes(0x30, 6, 2, 1, 1, 2, 1, 1)],
    [
      'in DER of r = s = 0, filled to the length of R and S',
      psychic,
      () => Buffer.concat([bytes(0x30, 6, 2, 1, 0, 2, 1, 0), Buffer.alloc(2 * width - 8)]),
    ],
  ]
}

function withLongLength(content: Buffer): Buffer {
  const isLong = content.readUInt8(1) === 0x81
  return Buffer.concat([bytes(0x30, 0x82, 0, content.readUInt8(isLong ? 2 : 1)), content.subarray(isLong ? 3 : 2)])
}

function attacksOn(curve: Curve): readonly Attack[] {
  const { alg, width, order } = curve
  const key = keyFor(alg)
  const options: Attack['options'] = { algorithms: [alg], publicKey: key.verifier }
  const [good, signature] = goodSignature(key)
  const otherForm = inNumbers((r, s) => [r, order - s])(signature, curve)
  const refused: readonly (readonly [name: string, source: string, token: () => string])[] = [
    ...impossible(curve).map(([name, source, r, s]) => {
      const made = Buffer.concat([bytesOf(r, width), bytesOf(s, width)])
      return [name, source, () => crafted(() => made, { alg })] as const
    }),
    ...[...rewrites, ...(alg === 'ES512' ? notReduced : [])].map(
      ([name, source, rewrite]) => [name, source, () => withSignature(good, rewrite(signature, curve))] as const,
    ),
    ...[...ofOthers(curve, key), ...inDer(curve, key)].map(
      ([name, source, sign]) => [name, source, () => crafted(sign, { alg })] as const,
    ),
  ]
  return [
    ...refused.map(([name, source, token]): Attack => ({
      name: `${alg}: ${name}`,
      source,
      token,
      code: 'signature_invalid',
      options,
    })),
    {
      // Nothing in RFC 7518 asks for the smaller S: whoever sees a token can write a second one that is as good.
      name: `${alg}: the second valid form (r, n - s)`,
      source: 'RFC 7518 section 3.4, BIP 62',
      token: () => withSignature(good, otherForm),
      code: 'accepted',
      options,
    },
    { name: `${alg}: a good token`, source: sideBySide, token: () => good, code: 'accepted', options },
  ]
}

export const ecdsa: Family = {
  about: 'ECDSA signatures that nobody made, or that are written in other ways',
  attacks: curves.flatMap(attacksOn),
}
