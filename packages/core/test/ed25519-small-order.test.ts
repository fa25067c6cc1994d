// The points of small order on Ed25519, derived from its curve (RFC 8032 section 5.1): a key among them verifies what nobody signed.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { JwtVerifierOptions } from '@jwtgate/core'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import {
  d,
  groupOrder,
  littleEndian,
  modulo,
  multiply,
  pointAt,
  prime,
  type Point,
} from '../../../test/support/ed25519-curve.ts'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { outcomeOf, testVerifier } from '../../../test/support/verifiers.ts'
import { isSmallOrder, smallOrderPoints } from '../src/crypto/ed25519-small-order.ts'

const torsion = torsionPoints()
/** Both signs of x, also where x is 0, and y not reduced where that fits into 255 bits. */
const encodings = [...new Set(torsion.flatMap(({ y }) => [y, y + prime].filter((text) => text < 2n ** 255n)))].flatMap(
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
    const generator = multiply(point, groupOrder)
    const points = Array.from({ length: 8 }, (_, index) => multiply(generator, BigInt(index)))
    if (new Set(points.map(({ x, y }) => `${x},${y}`)).size === 8) return points
  }
}

function jwkWith(bytes: Buffer): { readonly kty: string; readonly crv: string; readonly x: string } {
  return { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }
}

function handleOf(bytes: Buffer): KeyObject {
  return createPublicKey({ key: { ...jwkWith(bytes) }, format: 'jwk' })
}
