// A short run of `pnpm fuzz signatures`, with other signatures each time; and that it notices a conversion that is not right.
import { expect, it } from 'vitest'
import { derSignature } from '../../packages/core/src/crypto/ecdsa-signature.ts'
import { compareSignatures, newSignatureStatistics } from './signatures.ts'

it('of every ECDSA signature, as it is and changed, our DER says what ieee-p1363 of Node says', () => {
  const statistics = newSignatureStatistics()
  compareSignatures(statistics, { signatures: 3000 })
  expect(statistics.good).toBeGreaterThan(1000)
  expect(statistics.leadingZeros).toBeGreaterThan(10)
})

it.each<[string, (signature: Uint8Array) => Uint8Array]>([
  ['writes no zero before a high bit', (signature) => withoutPadding(derSignature(signature))],
  ['forgets the last bytes', (signature) => derSignature(signature).subarray(0, signature.length)],
  ['writes nothing', () => new Uint8Array()],
])('is noticed: a conversion that %s', (_what, convert) => {
  expect(() => compareSignatures(newSignatureStatistics(), { signatures: 300, convert })).toThrow('Not true of')
})

/** The first integer without the byte that keeps it from being negative. */
function withoutPadding(der: Uint8Array): Uint8Array {
  const at = der.indexOf(0x02) + 2
  if (der[at] !== 0) return der
  const shorter = Uint8Array.from([...der.subarray(0, at), ...der.subarray(at + 1)])
  shorter[at - 1] = (der[at - 1] ?? 0) - 1
  const lengthAt = der[1] === 0x81 ? 2 : 1
  shorter[lengthAt] = (der[lengthAt] ?? 0) - 1
  return shorter
}
