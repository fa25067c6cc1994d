// The curve of Ed25519 (RFC 8032 section 5.1), in numbers: to make points and signatures that no library makes.

export interface Point {
  readonly x: bigint
  readonly y: bigint
}

/** Of the field. */
export const prime = 2n ** 255n - 19n
/** Of the group that the base point makes: the curve has eight times as many points. */
export const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n
export const d = modulo(-121665n * inverse(121666n))
export const neutral: Point = { x: 0n, y: 1n }

/** Solves -x^2 + y^2 = 1 + d x^2 y^2 for x (RFC 8032 section 5.1.3), if there is a solution: one of two. */
export function pointAt(y: bigint): Point | undefined {
  const square = modulo((y * y - 1n) * inverse(d * y * y + 1n))
  const root = power(square, (prime + 3n) / 8n)
  const candidates = [root, modulo(root * power(2n, (prime - 1n) / 4n))]
  const x = candidates.find((candidate) => modulo(candidate * candidate) === square)
  return x === undefined ? undefined : { x, y }
}

export function add(a: Point, b: Point): Point {
  const product = modulo(d * modulo(a.x * b.x) * modulo(a.y * b.y))
  return {
    x: modulo((a.x * b.y + a.y * b.x) * inverse(1n + product)),
    y: modulo((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  }
}

export function multiply(point: Point, factor: bigint): Point {
  let result = neutral
  for (let doubled = point, left = factor; left > 0n; left >>= 1n) {
    if (left & 1n) result = add(result, doubled)
    doubled = add(doubled, doubled)
  }
  return result
}

export function modulo(value: bigint): bigint {
  return ((value % prime) + prime) % prime
}

export function numberOf(littleEndianBytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(new Uint8Array(littleEndianBytes).toReversed()).toString('hex')}`)
}

/** In 32 bytes. */
export function littleEndian(value: bigint): Buffer {
  return Buffer.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toReversed())
}

function inverse(value: bigint): bigint {
  return power(value, prime - 2n)
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = modulo(base), left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = modulo(result * square)
    square = modulo(square * square)
  }
  return result
}
