// Points on Ed25519's curve (RFC 8032 section 5.1): sums that no library makes, and signatures with numbers of one's choice.
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'

interface Point {
  readonly x: bigint
  readonly y: bigint
}

/** A key that is only a number, and its point: what Ed25519 makes of a seed. */
export interface Scalar {
  readonly number: bigint
  readonly point: Buffer
}

/** Of the group that the base point makes. */
export const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n
const p = 2n ** 255n - 19n
const d = modulo(-121665n * inverse(121666n))

/** The sum of two points, each in its 32 bytes. */
export function sumOf(first: Uint8Array, second: Uint8Array): Buffer {
  const [a, b] = [pointOf(first), pointOf(second)]
  const product = modulo(d * modulo(a.x * b.x) * modulo(a.y * b.y))
  const x = modulo((a.x * b.y + a.y * b.x) * inverse(1n + product))
  const y = modulo((a.y * b.y + a.x * b.x) * inverse(1n - product))
  return littleEndian(y + ((x & 1n) << 255n))
}

/** RFC 8032 section 5.1.5. */
export function scalarOf(seed: Uint8Array): Scalar {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const publicKey = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }))
  const half = createHash('sha512').update(seed).digest().subarray(0, 32)
  half.writeUInt8(half.readUInt8(0) & 0xf8, 0)
  half.writeUInt8((half.readUInt8(31) & 0x7f) | 0x40, 31)
  return { number: numberOf(half), point: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url') }
}

/** What R, the public key and the text are hashed to (RFC 8032 section 5.1.7 step 2). */
export function challengeOf(r: Uint8Array, publicPoint: Uint8Array, input: Uint8Array): bigint {
  return numberOf(createHash('sha512').update(r).update(publicPoint).update(input).digest()) % groupOrder
}

/** R and S, for this R (RFC 8032 section 5.1.6 step 5). */
export function signatureOf(r: Uint8Array, nonce: Scalar, challenge: bigint, key: Scalar): Buffer {
  return Buffer.concat([r, littleEndian((nonce.number + challenge * key.number) % groupOrder)])
}

/** RFC 8032 section 5.1.3. */
function pointOf(bytes: Uint8Array): Point {
  const number = numberOf(bytes)
  const y = number & (2n ** 255n - 1n)
  const square = modulo((y * y - 1n) * inverse(d * y * y + 1n))
  const root = power(square, (p + 3n) / 8n)
  const x = [root, modulo(root * power(2n, (p - 1n) / 4n))].find((one) => modulo(one * one) === square)
  if (x === undefined) throw new Error('not on the curve')
  return { x: (x & 1n) === number >> 255n ? x : modulo(-x), y }
}

function inverse(value: bigint): bigint {
  return power(value, p - 2n)
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = modulo(base), left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = modulo(result * square)
    square = modulo(square * square)
  }
  return result
}

function modulo(value: bigint): bigint {
  return ((value % p) + p) % p
}

function numberOf(littleEndianBytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(new Uint8Array(littleEndianBytes).toReversed()).toString('hex')}`)
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toReversed())
}
