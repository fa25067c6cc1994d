// ECDSA signatures as JWS has them, checked through our conversion to DER and through Node's own: both have to say the same of each.
import { generateKeyPairSync, randomInt, sign, verify, type KeyObject } from 'node:crypto'
import { derSignature } from '../../packages/core/src/crypto/ecdsa-signature.ts'

export interface SignatureStatistics {
  compared: number
  good: number
  /** How many of the good ones have an R or an S that begins with a zero byte, and how many with two. */
  leadingZeros: number
  twoLeadingZeros: number
  readonly byCurve: Map<string, number>
}

export function newSignatureStatistics(): SignatureStatistics {
  return { compared: 0, good: 0, leadingZeros: 0, twoLeadingZeros: 0, byCurve: new Map() }
}

type Conversion = (signature: Uint8Array) => Uint8Array

interface CurveCase {
  readonly curve: string
  readonly hash: string
  /** The order of the curve's points (FIPS 186-4 appendix D.1.2). */
  readonly order: Buffer
  /** Of a hundred. A signature of P-521 takes twenty times as long as one of P-256. */
  readonly share: number
}

const curves: readonly CurveCase[] = [
  {
    curve: 'P-256',
    hash: 'sha256',
    order: orderOf('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
    share: 94,
  },
  {
    curve: 'P-384',
    hash: 'sha384',
    order: orderOf('ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973'),
    share: 4,
  },
  {
    curve: 'P-521',
    hash: 'sha512',
    order: orderOf(`01ff${'f'.repeat(62)}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`),
    share: 2,
  },
]

const signedWithOneKey = 100

/**
 * Keys of all curves with a hundred signatures each, half of them good.
 *
 * @throws where our conversion and Node's differ
 */
export function compareSignatures(
  statistics: SignatureStatistics,
  { signatures, convert = derSignature }: { readonly signatures: number; readonly convert?: Conversion },
): void {
  for (let done = 0; done < signatures; done += signedWithOneKey) {
    for (const one of curves) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: one.curve })
      for (let index = 0; index < one.share; index++) compareOne(statistics, one, publicKey, privateKey, convert)
    }
  }
}

function compareOne(
  statistics: SignatureStatistics,
  { curve, hash, order }: CurveCase,
  publicKey: KeyObject,
  privateKey: KeyObject,
  convert: Conversion,
): void {
  const text = Buffer.from(`${statistics.compared}`)
  const good = sign(hash, text, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const signature = randomInt(2) === 0 ? good : changed(good, order)
  const expected = verify(hash, text, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
  if (verify(hash, text, publicKey, convert(signature)) !== expected) {
    throw new Error(`Not ${expected} of ${signature.toString('hex')} on ${curve}`)
  }
  statistics.compared++
  statistics.byCurve.set(curve, (statistics.byCurve.get(curve) ?? 0) + 1)
  if (!expected) return
  statistics.good++
  const zeros = halvesOf(signature).map((half) => half.findIndex((byte) => byte !== 0))
  if (zeros.some((count) => count > 0)) statistics.leadingZeros++
  if (zeros.some((count) => count > 1)) statistics.twoLeadingZeros++
}

/** In one of the ways in which a signature may be another one. */
function changed(good: Buffer, order: Buffer): Buffer {
  const [r, s] = halvesOf(good)
  const zero = Buffer.alloc(order.length)
  const one = withLastByte(zero, 1)
  const most = Buffer.alloc(order.length, 0xff)
  const flipped = Buffer.from(good)
  const at = randomInt(good.length)
  flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << randomInt(8)), at)
  const ways = [
    flipped,
    Buffer.concat([r, negative(s, order)]), // As good as the one that it was made of.
    Buffer.concat([s, r]),
    Buffer.concat([withLeadingZeros(r), s]),
    Buffer.concat([r, withLeadingZeros(s)]),
    ...[zero, one, order, most].flatMap((odd) => [Buffer.concat([odd, s]), Buffer.concat([r, odd])]),
    Buffer.concat([zero, zero]),
    Buffer.concat([order, order]),
  ]
  return ways[randomInt(ways.length)] ?? flipped
}

function halvesOf(signature: Buffer): [r: Buffer, s: Buffer] {
  const half = signature.length / 2
  return [signature.subarray(0, half), signature.subarray(half)]
}

function withLeadingZeros(bytes: Buffer): Buffer {
  return Buffer.from(bytes).fill(0, 0, randomInt(1, bytes.length))
}

function withLastByte(bytes: Buffer, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(value, bytes.length - 1)
  return copy
}

function negative(value: Buffer, order: Buffer): Buffer {
  const difference = BigInt(`0x${order.toString('hex')}`) - BigInt(`0x${value.toString('hex')}`)
  return Buffer.from(difference.toString(16).padStart(2 * order.length, '0'), 'hex')
}

function orderOf(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}
