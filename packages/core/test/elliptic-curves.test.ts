// Points of the NIST curves, whole and compressed: those that OpenSSL makes are on their curve, and none beside them.
import { createECDH, createPublicKey, ECDH } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { der, oid } from '../../../test/support/der.ts'
import { ellipticCurves, isOnCurve, recoverY } from '../src/crypto/elliptic-curves.ts'

interface Curve {
  readonly name: string
  readonly openSslName: string
  readonly identifier: string
}

const curves: readonly Curve[] = [
  { name: 'P-256', openSslName: 'prime256v1', identifier: '2a8648ce3d030107' },
  { name: 'P-384', openSslName: 'secp384r1', identifier: '2b81040022' },
  { name: 'P-521', openSslName: 'secp521r1', identifier: '2b81040023' },
]

describe.each(curves)('the curve $name', ({ name, openSslName, identifier }) => {
  const curve = curveOf(name)
  const { prime, b, width } = curve
  // Enough of them for both roots, and some of each parity.
  const points = Array.from({ length: 8 }, () => {
    const point = createECDH(openSslName).generateKeys()
    return { x: numberOf(point.subarray(1, 1 + width)), y: numberOf(point.subarray(1 + width)) }
  })

  it('has the points that OpenSSL makes, each with its opposite', () => {
    for (const { x, y } of points) {
      expect(isOnCurve(curve, x, y)).toBe(true)
      expect(isOnCurve(curve, x, prime - y)).toBe(true)
    }
  })

  it('has no points beside them', () => {
    for (const { x, y } of points) {
      for (const [otherX, otherY] of [
        [x + 1n, y],
        [x, y + 1n],
        [x, y - 1n],
        [y, x],
        [0n, 0n],
        [x, 0n],
      ] as const) {
        expect(isOnCurve(curve, otherX, otherY)).toBe(false)
      }
    }
  })

  it('has no points with coordinates that are not reduced', () => {
    for (const { x, y } of points) {
      expect(isOnCurve(curve, x + prime, y)).toBe(false)
      expect(isOnCurve(curve, x, y + prime)).toBe(false)
      expect(isOnCurve(curve, x + prime, y + prime)).toBe(false)
    }
  })

  it('has a point where x is 0, and not the same again where x is the prime', () => {
    const y = recoverY(curve, 0n, true)
    expect((y * y) % prime).toBe(b)
    expect(isOnCurve(curve, 0n, y)).toBe(true)
    expect(isOnCurve(curve, prime, y)).toBe(false)
    expect(isOnCurve(curve, 0n, y + prime)).toBe(false)
  })

  it('has two points for each x, one of them odd', () => {
    for (const { x, y } of points) {
      const both = [true, false].map((isOdd) => recoverY(curve, x, isOdd))
      expect(both).toEqual(y % 2n === 1n ? [y, prime - y] : [prime - y, y])
    }
  })

  it('has as its points with a small x those that OpenSSL finds, and as few', () => {
    let found = 0
    for (let x = 0n; x < 24n; x++) {
      for (const isOdd of [true, false]) {
        const y = recoverY(curve, x, isOdd)
        const whole = Buffer.concat([Buffer.from([4]), bytesOf(x, width), bytesOf(y, width)])
        const compressed = Buffer.concat([Buffer.from([isOdd ? 3 : 2]), bytesOf(x, width)])
        const recovered = uncompressed(compressed, openSslName)
        expect(isOnCurve(curve, x, y)).toBe(recovered !== undefined)
        expect(isOnCurve(curve, x, y)).toBe(isKey(identifier, whole))
        if (recovered === undefined) continue
        found++
        expect(whole.equals(recovered)).toBe(true)
      }
    }
    expect(found).toBeGreaterThan(0)
    expect(found).toBeLessThan(48)
  })
})

describe('a curve small enough to try each point', () => {
  // On two of them there are points where y is 0, which the curves above have not.
  it.each([
    [23n, 5n],
    [19n, 7n],
    [11n, 2n],
  ])('of the prime %i and b = %i has exactly those that fulfil its equation', (prime, b) => {
    const curve = { prime, b, width: 1 }
    for (let x = 0n; x < 2n * prime; x++) {
      for (let y = 0n; y < 2n * prime; y++) {
        const difference = (x ** 3n + (prime - 3n) * x + b - y ** 2n) % prime
        expect([x, y, isOnCurve(curve, x, y)]).toEqual([x, y, x < prime && y < prime && difference === 0n])
      }
    }
  })
})

function curveOf(name: string): NonNullable<ReturnType<typeof ellipticCurves.get>> {
  const curve = ellipticCurves.get(name)
  if (curve === undefined) throw new Error(`no ${name}`)
  return curve
}

function uncompressed(point: Buffer, curve: string): Buffer | undefined {
  try {
    return Buffer.from(ECDH.convertKey(point, curve, undefined, undefined, 'uncompressed') as Buffer)
  } catch {
    return undefined
  }
}

function isKey(identifier: string, point: Buffer): boolean {
  const algorithm = der(0x30, oid('2a8648ce3d0201'), oid(identifier))
  const key = der(0x30, algorithm, der(0x03, Buffer.from([0]), point))
  try {
    createPublicKey({ key, format: 'der', type: 'spki' })
    return true
  } catch {
    return false
  }
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`)
}

function bytesOf(value: bigint, width: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * width, '0'), 'hex')
}
