// R and S side by side, as JWS has them (RFC 7518 section 3.4) -> in DER, as OpenSSL has them (RFC 3279 section 2.2.3). Node can
// do the same with `dsaEncoding: 'ieee-p1363'`, for a fifth of the time of the check itself on Node 24.

const sequence = 0x30
const integer = 0x02
/** In the first byte of an integer it would mean a negative one, in the first of a length that more bytes follow. */
const highBit = 0x80

/** @param signature - as long as the curve says */
export function derSignature(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2
  const r = firstNonZero(signature, 0, half)
  const s = firstNonZero(signature, half, signature.length)
  const rLength = half - r + padding(signature, r)
  const sLength = signature.length - s + padding(signature, s)
  const length = 2 + rLength + 2 + sLength

  const isLong = length >= highBit
  const der = new Uint8Array((isLong ? 3 : 2) + length)
  der[0] = sequence
  der[1] = highBit | 1 // In front of a long length. A short one takes its place.
  der[isLong ? 2 : 1] = length
  const rEnd = der.length - sLength - 2
  writeInteger(der, rEnd, rLength, signature, r, half)
  writeInteger(der, der.length, sLength, signature, s, signature.length)
  return der
}

/** An integer is written as short as can be, and a zero as one byte. */
function firstNonZero(bytes: Uint8Array, from: number, end: number): number {
  let first = from
  while (first < end - 1 && bytes[first] === 0) first++
  return first
}

/** How many zero bytes have to stand before this one. */
function padding(bytes: Uint8Array, first: number): number {
  return (bytes[first] ?? 0) < highBit ? 0 : 1
}

function writeInteger(
  der: Uint8Array,
  derEnd: number,
  length: number,
  signature: Uint8Array,
  from: number,
  end: number,
): void {
  der[derEnd - length - 2] = integer
  der[derEnd - length - 1] = length
  // What stands before is zero already.
  for (let index = from; index < end; index++) der[derEnd - (end - index)] = signature[index] ?? 0
}
