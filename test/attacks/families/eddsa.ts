// Ed25519 signatures that nobody made, that can be written twice, or that are those of another algorithm.
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { smallOrderPoints } from '../../../packages/core/src/crypto/ed25519-small-order.ts'
import { challengeOf, groupOrder as order, scalarOf, signatureOf, sumOf } from '../../support/ed25519-points.ts'
import { jwkOf, keyFor, newKey, type SigningKey } from '../../support/keys.ts'
import { mint, partsOf, withSignature } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'
import { bigIntOf, bytesOf, crafted, goodSignature } from '../crafted.ts'

const decoding = 'RFC 8032 section 5.1.7 step 1'
const malleable = 'RFC 8032 sections 5.1.7 and 8.4, CVE-2024-48949 (elliptic), CVE-2020-36843 (EdDSA-Java)'
/** Both ways to check are allowed, with the factor of 8 and without; OpenSSL and WebCrypto take the one without. */
const mixedOrder = 'RFC 8032 section 5.1.7 step 3, "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020)'
const smallOrder = 'RFC 8032 section 5.1.7, "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020)'
const lengths = 'RFC 8032 section 5.1.7 step 1, CVE-2024-42459 (elliptic)'
const signedParts = 'RFC 7515 section 5.2'
const otherAlgorithms = 'RFC 8037 section 3.1, RFC 9864 section 2.2'

const bytes = (...values: readonly number[]): Buffer => Buffer.from(values)

function reversed(content: Uint8Array): Buffer {
  return Buffer.from(new Uint8Array(content).toReversed())
}

function littleEndian(value: bigint): Buffer {
  return reversed(bytesOf(value, 32))
}

/** The points whose order divides 8, with both signs of x. */
const points: readonly Buffer[] = [...smallOrderPoints].flatMap((text) => {
  const point = Buffer.from(text, 'hex')
  const negative = Buffer.from(point)
  negative.writeUInt8(point.readUInt8(31) | 0x80, 31)
  return [point, negative]
})

const neutral = littleEndian(1n)

/** Those of them that are written as they should be and are not neutral, with what each has to be taken times to be neutral. */
const mixing = points.flatMap((point) => {
  const hex = point.toString('hex')
  for (let sum = sumOf(point, neutral), order = 1n; order <= 8n; sum = sumOf(sum, point), order++) {
    if (order === 1n && !sum.equals(point)) return []
    if (sum.equals(neutral)) return order === 1n ? [] : [{ hex, point, order }]
  }
  throw new Error(`${hex} has an order above 8`)
})

type Made = readonly [name: string, source: string, token: () => string]

function rewritten(key: SigningKey): readonly Made[] {
  const [good, signature] = goodSignature(key)
  const [r, sBytes] = [signature.subarray(0, 32), signature.subarray(32)]
  const s = bigIntOf(reversed(sBytes))
  const publicPoint = Buffer.from(jwkOf(key).x ?? '', 'base64url')
  const multiples = Array.from({ length: 14 }, (_, index) => BigInt(index + 1))
  const flippedR = Buffer.from(r)
  flippedR.writeUInt8(r.readUInt8(31) ^ 0x80, 31)
  const signatures: readonly (readonly [string, string, Uint8Array])[] = [
    ...multiples.map(
      (times) => [`S + ${times} L`, malleable, Buffer.concat([r, littleEndian(s + times * order)])] as const,
    ),
    ['L - S', decoding, Buffer.concat([r, littleEndian(order - s)])],
    ['S = L', malleable, Buffer.concat([r, littleEndian(order)])],
    ['S = 0', decoding, Buffer.concat([r, littleEndian(0n)])],
    ['S of all ones', malleable, Buffer.concat([r, Buffer.alloc(32, 0xff)])],
    ...[0x20, 0x40, 0x80].map((bit) => {
      const changed = Buffer.from(signature)
      changed.writeUInt8(signature.readUInt8(63) | bit, 63)
      return [`the bit ${bit} of the last byte of S set`, malleable, changed] as const
    }),
    ['R with the other sign', decoding, Buffer.concat([flippedR, sBytes])],
    ['R of all ones, which is no point', decoding, Buffer.concat([Buffer.alloc(32, 0xff), sBytes])],
    ['the public key as R', decoding, Buffer.concat([publicPoint, sBytes])],
    ['the public key as R and S = 0', decoding, Buffer.concat([publicPoint, Buffer.alloc(32)])],
    ['S and R for R and S', decoding, Buffer.concat([sBytes, r])],
    ['reversed', decoding, reversed(signature)],
    ['all zero', decoding, Buffer.alloc(64)],
    ['all ones', decoding, Buffer.alloc(64, 0xff)],
    ['nothing', lengths, bytes()],
    ['only R', lengths, r],
    ['only S', lengths, sBytes],
    ['the last byte cut off', lengths, signature.subarray(0, -1)],
    ['the first byte cut off', lengths, signature.subarray(1)],
    ['a zero byte at the end', lengths, Buffer.concat([signature, bytes(0)])],
    ['another byte at the end', lengths, Buffer.concat([signature, bytes(0xff)])],
    ['a zero byte in front', lengths, Buffer.concat([bytes(0), signature])],
    ['filled to the length of Ed448', lengths, Buffer.concat([signature, Buffer.alloc(50)])],
    ['twice', lengths, Buffer.concat([signature, signature])],
    ['all zero and a byte too long', lengths, Buffer.alloc(65)],
    ['as hexadecimal', lengths, Buffer.from(signature.toString('hex'))],
    ...points.flatMap((point) => [
      [`R = ${point.toString('hex')}, S of a good token`, smallOrder, Buffer.concat([point, sBytes])] as const,
      [`R = ${point.toString('hex')}, S = 0`, smallOrder, Buffer.concat([point, Buffer.alloc(32)])] as const,
      [`R = ${point.toString('hex')}, S = L`, smallOrder, Buffer.concat([point, littleEndian(order)])] as const,
    ]),
  ]
  return signatures.map(([name, source, made]) => [name, source, () => withSignature(good, made)])
}

function signedOtherwise(key: SigningKey): readonly Made[] {
  const { alg, signer } = key
  const own = (input: Uint8Array): Buffer => sign(null, input, signer)
  const [ed448, ec, stranger] = [generateKeyPairSync('ed448').privateKey, keyFor('ES256').signer, newKey(alg).signer]
  const signings: readonly (readonly [string, string, (input: Buffer) => Uint8Array])[] = [
    ['by another key', decoding, (input) => sign(null, input, stranger)],
    ['by an Ed448 key', otherAlgorithms, (input) => sign(null, input, ed448)],
    ['by an Ed448 key, cut to 64 bytes', otherAlgorithms, (input) => sign(null, input, ed448).subarray(0, 64)],
    ['by a P-256 key', otherAlgorithms, (input) => sign('sha256', input, { key: ec, dsaEncoding: 'ieee-p1363' })],
    ['over the hash', 'RFC 8032 section 5.1', (input) => own(createHash('sha512').update(input).digest())],
    ['over nothing', signedParts, () => own(bytes())],
    ['over the header only', signedParts, (input) => own(input.subarray(0, input.indexOf('.')))],
    ['over the payload only', signedParts, (input) => own(input.subarray(input.indexOf('.') + 1))],
    ['over the decoded payload', signedParts, (input) => own(Buffer.from(partsOf(input.toString())[1], 'base64url'))],
    ['of a good token with another sub', signedParts, () => goodSignature(key, { sub: 'bob' })[1]],
  ]
  return signings.map(([name, source, signature]) => [name, source, () => crafted(signature, { alg })])
}

/** Keys under which anybody can sign, in the issuer's own set: they are left out, and the good one beside them is not. */
function smallOrderKeys(key: SigningKey): readonly Attack[] {
  const { alg } = key
  const jwk = (point: Buffer, kid: string): object => ({
    kty: 'OKP',
    crv: 'Ed25519',
    x: point.toString('base64url'),
    kid,
  })
  const ed448 = generateKeyPairSync('ed448')
  const keys = [
    ...points.map((point) => jwk(point, point.toString('hex'))),
    { ...ed448.publicKey.export({ format: 'jwk' }), kid: 'ed448' },
    jwkOf(key, { kid: 'good' }),
  ]
  const options: Attack['options'] = { algorithms: [alg], jwks: { keys } }
  const named = (kid: string, signature: Uint8Array): string =>
    withSignature(mint({}, { key, header: { kid } }), signature)
  return [
    ...points.flatMap((point): readonly Attack[] => {
      const kid = point.toString('hex')
      return [neutral, point].map((r) => ({
        name: `${alg}: the key ${kid}, R = ${r === neutral ? 'the neutral point' : 'the same'}, S = 0`,
        source: smallOrder,
        token: () => named(kid, Buffer.concat([r, Buffer.alloc(32)])),
        code: 'key_unknown',
        options,
      }))
    }),
    {
      name: `${alg}: the good key's name, R = the neutral point, S = 0`,
      source: smallOrder,
      token: () => named('good', Buffer.concat([neutral, Buffer.alloc(32)])),
      code: 'signature_invalid',
      options,
    },
    {
      name: `${alg}: an Ed448 key of the set`,
      source: otherAlgorithms,
      token: () => {
        const token = mint({}, { key, header: { kid: 'ed448' } })
        const input = token.slice(0, token.lastIndexOf('.'))
        return withSignature(token, sign(null, Buffer.from(input), ed448.privateKey))
      },
      code: 'key_unknown',
      options,
    },
    {
      name: `${alg}: a good token by the good key of that set`,
      source: decoding,
      token: () => mint({}, { key, header: { kid: 'good' } }),
      code: 'accepted',
      options,
    },
  ]
}

/**
 * Points of mixed order are those of the large group and one of small order together. A check that multiplies by 8 does not
 * see the small part, one that does not multiply does; two APIs that check differently would disagree about such a token.
 * Only who has the private key can make them, so nobody can forge with them: they are no reason to refuse a key, whose order
 * would take a multiplication to find out. What counts is that both engines say the same.
 */
function mixedOrders(alg: 'EdDSA' | 'Ed25519'): readonly Attack[] {
  const key = scalarOf(Buffer.alloc(32, 1))
  const optionsOf = (point: Buffer): NonNullable<Attack['options']> => {
    return { algorithms: [alg], publicKey: { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') } }
  }
  /** With another nonce until the challenge is a multiple of the small part's order, or is none. */
  const signedBy = (publicPoint: Buffer, small: Buffer, isWanted: (challenge: bigint) => boolean): string =>
    crafted(
      (input) => {
        for (let seed = 1; ; seed++) {
          const nonce = scalarOf(Buffer.alloc(32, seed))
          const r = sumOf(nonce.point, small)
          const challenge = challengeOf(r, publicPoint, input)
          if (isWanted(challenge)) return signatureOf(r, nonce, challenge, key)
        }
      },
      { alg },
    )
  const options = optionsOf(key.point)
  return [
    ...mixing.flatMap(({ hex, point, order: smallOrder }): readonly Attack[] => {
      const mixed = sumOf(key.point, point)
      const mixedOptions = optionsOf(mixed)
      return [
        {
          name: `${alg}: a good signature but for R + ${hex}`,
          source: mixedOrder,
          token: () => signedBy(key.point, point, () => true),
          code: 'signature_invalid',
          options,
        },
        {
          name: `${alg}: the key + ${hex}, where its small part counts`,
          source: mixedOrder,
          token: () => signedBy(mixed, neutral, (challenge) => challenge % smallOrder !== 0n),
          code: 'signature_invalid',
          options: mixedOptions,
        },
        {
          name: `${alg}: the key + ${hex}, where its small part happens to vanish`,
          source: mixedOrder,
          token: () => signedBy(mixed, neutral, (challenge) => challenge % smallOrder === 0n),
          code: 'accepted',
          options: mixedOptions,
        },
      ]
    }),
    {
      name: `${alg}: R and the key as they should be, made in the same way`,
      source: decoding,
      token: () => signedBy(key.point, neutral, () => true),
      code: 'accepted',
      options,
    },
  ]
}

function attacksOn(alg: 'EdDSA' | 'Ed25519'): readonly Attack[] {
  const key = keyFor(alg)
  const options: Attack['options'] = { algorithms: [alg], publicKey: key.verifier }
  const otherNames = ['EdDSA', 'Ed25519', 'Ed448', 'Ed25519ph', 'Ed25519ctx'].filter((name) => name !== alg)
  return [
    ...[...rewritten(key), ...signedOtherwise(key)].map(([name, source, token]): Attack => ({
      name: `${alg}: ${name}`,
      source,
      token,
      code: 'signature_invalid',
      options,
    })),
    ...otherNames.map((name): Attack => ({
      name: `${name} where ${alg} is pinned`,
      source: otherAlgorithms,
      token: () => mint({}, { key, header: { alg: name } }),
      code: 'algorithm_not_allowed',
      options,
    })),
    ...smallOrderKeys(key),
    ...mixedOrders(alg),
    { name: `${alg}: a good token`, source: decoding, token: () => mint({}, { key }), code: 'accepted', options },
  ]
}

export const eddsa: Family = {
  about: 'Ed25519 signatures that nobody made, or that are written in other ways',
  attacks: [...attacksOn('EdDSA'), ...attacksOn('Ed25519')],
}
