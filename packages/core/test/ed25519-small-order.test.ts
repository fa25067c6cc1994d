// The points of small order on Ed25519, derived from its curve (RFC 8032 section 5.1): a key among them verifies what nobody signed.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { JwtVerifierOptions } from '@jwtgate/core'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { outcomeOf, testVerifier } from '../../../test/support/verifiers.ts'
import { isSmallOrder, smallOrderPoints } from '../src/crypto/ed25519-small-order.ts'

interface Point {
  readonly x: bigint
  readonly y: bigint
}

const p = 2n ** 255n - 19n
/** The order of the large subgroup: the curve has eight times as many points. */
const largeOrder = 2n ** 252n + 27742317777372353535851937790883648493n
const d = modulo(-121665n * inverse(121666n))
const neutral: Point = { x: 0n, y: 1n }

const torsion = torsionPoints()
/** Both signs of x, also where x is 0, and y not reduced where that fits into 255 bits. */
const encodings = [...new Set(torsion.flatMap(({ y }) => [y, y + p].filter((text) => text < 2n ** 255n)))].flatMap(
  (y) => [0n, 1n].map((sign) => littleEndian(y + (sign << 255n))),
)
const cases = encodings.map((bytes) => [bytes.toString('hex'), bytes] as const)

describe('the points of small order', () => {
  it('are eight, and lie on the curve', () => {
    expect(torsion).toHaveLength(8)
    for (const { x, y } of torsion) expect(modulo(y * y - x * x - 1n - d * x * x * y * y)).toBe(0n)
  })

  it('are exactly those of the list, with the sign bit cleared', () => {
    const cleared = encodings.map((bytes) => {
      const copy = Buffer.from(bytes)
      copy.writeUInt8(copy.readUInt8(31) & 0x7f, 31)
      return copy.toString('hex')
    })
    expect(new Set(cleared)).toEqual(smallOrderPoints)
  })

  it.each([0, 31, 33])('are what a text of %i bytes is taken for: no point has that length', (length) => {
    expect(isSmallOrder(new Uint8Array(length).fill(0x58))).toBe(true)
  })

  it.each(cases)('are refused as publicKey, in every form: %s', (_hex, bytes) => {
    const jwk = jwkWith(bytes)
    const forms: unknown[] = [jwk, handleOf(bytes), handleOf(bytes).export({ format: 'pem', type: 'spki' })]
    for (const publicKey of forms) {
      for (const alg of ['EdDSA', 'Ed25519']) {
        const changes = { publicKey, algorithms: [alg] } as Partial<JwtVerifierOptions>
        const error = configErrorOf(() => testVerifier(changes))
        expect(error.option).toBe('publicKey')
        expect(error.message).toMatch(/small-order/)
      }
    }
  })

  it.each(cases)('are left out of a key set: %s', async (_hex, bytes) => {
    const key = keyFor('Ed25519')
    const keys = [{ ...jwkWith(bytes), kid: 'small' }, jwkOf(key, { kid: 'good' })]
    const verifier = testVerifier({ algorithms: ['Ed25519'], jwks: { keys } })
    expect(await outcomeOf(verifier.verify(mint({}, { key, header: { kid: 'good' } })))).toBe('accepted')
    expect(await outcomeOf(verifier.verify(mint({}, { key, header: { kid: 'small' } })))).toBe('key_unknown')
  })
})

/** Any point times the large order is one whose order divides 8: tried until that is 8 itself. */
function torsionPoints(): readonly Point[] {
  for (let y = 2n; ; y++) {
    const point = pointAt(y)
    if (point === undefined) continue
    const generator = multiply(point, largeOrder)
    const points = Array.from({ length: 8 }, (_, index) => multiply(generator, BigInt(index)))
    if (new Set(points.map(({ x, y }) => `${x},${y}`)).size === 8) return points
  }
}

/** Solves -x^2 + y^2 = 1 + d x^2 y^2 for x (RFC 8032 section 5.1.3), if there is a solution. */
function pointAt(y: bigint): Point | undefined {
  const square = modulo((y * y - 1n) * inverse(d * y * y + 1n))
  const root = power(square, (p + 3n) / 8n)
  const candidates = [root, modulo(root * power(2n, (p - 1n) / 4n))]
  const x = candidates.find((candidate) => modulo(candidate * candidate) === square)
  return x === undefined ? undefined : { x, y }
}

function add(a: Point, b: Point): Point {
  const product = modulo(d * modulo(a.x * b.x) * modulo(a.y * b.y))
  return {
    x: modulo((a.x * b.y + a.y * b.x) * inverse(1n + product)),
    y: modulo((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  }
}

function multiply(point: Point, factor: bigint): Point {
  let result = neutral
  for (let doubled = point, left = factor; left > 0n; left >>= 1n) {
    if (left & 1n) result = add(result, doubled)
    doubled = add(doubled, doubled)
  }
  return result
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
  const rest = value % p
  return rest < 0n ? rest + p : rest
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toReversed())
}

function jwkWith(bytes: Buffer): { readonly kty: string; readonly crv: string; readonly x: string } {
  return { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }
}

function handleOf(bytes: Buffer): KeyObject {
  return createPublicKey({ key: { ...jwkWith(bytes) }, format: 'jwk' })
}
