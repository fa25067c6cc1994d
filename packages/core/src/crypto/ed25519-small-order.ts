// The Ed25519 points whose order divides 8: a "public key" among them accepts signatures that nobody made.

/** Whether the bytes of a public key (RFC 8032 section 5.1.2) are such a point, or of a length that none has. */
export function isSmallOrder(point: Uint8Array): boolean {
  if (point.length !== 32) return true
  // The sign of x, the last byte's first bit, does not change the order.
  const digits = Array.from(point, (byte, index) => (index === 31 ? byte & 0x7f : byte).toString(16).padStart(2, '0'))
  return smallOrderPoints.has(digits.join(''))
}

/**
 * Their y coordinates in hexadecimal, little-endian, sign bit cleared. Five canonical ones (orders 1, 2, 4 and 8) and the
 * two that come back when y is not reduced modulo p = 2^255 - 19. A test derives them from the curve's equation.
 */
export const smallOrderPoints: ReadonlySet<string> = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000', // y = 1, order 1
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // y = -1, order 2
  '0000000000000000000000000000000000000000000000000000000000000000', // y = 0, order 4
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', // order 8
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', // order 8
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // y = p, not reduced: 0
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // y = p + 1, not reduced: 1
])
