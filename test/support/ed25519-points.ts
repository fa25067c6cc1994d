// Points on Ed25519's curve (RFC 8032 section 5.1): sums that no library makes, and signatures with numbers of one's choice.
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { add, groupOrder, littleEndian, modulo, numberOf, pointAt, type Point } from './ed25519-curve.ts'

/** A key that is only a number, and its point: what Ed25519 makes of a seed. */
export interface Scalar {
  readonly number: bigint
  readonly point: Buffer
}

/** The sum of two points, each in its 32 bytes. */
export function sumOf(first: Uint8Array, second: Uint8Array): Buffer {
  const { x, y } = add(pointOf(first), pointOf(second))
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
  const point = pointAt(number & (2n ** 255n - 1n))
  if (point === undefined) throw new Error('not on the curve')
  const { x, y } = point
  return { x: (x & 1n) === number >> 255n ? x : modulo(-x), y }
}
