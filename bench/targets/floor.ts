// What cannot be avoided: the signature check of node:crypto alone, on a prepared key and prepared bytes, in its fastest form.
import { constants, createHmac, timingSafeEqual, verify, type VerifyKeyObjectInput } from 'node:crypto'
import type { Material } from './target.ts'

/** What is checked, cut out of a token beforehand. */
interface Signed {
  readonly input: Buffer
  readonly signature: Buffer
}

export interface Floor {
  readonly name: string
  /** Does all that need not be timed, and gives what is to be timed. */
  readonly prepare: (tokens: readonly string[]) => () => void
}

/** The first one is the floor; the others say what another form of the same call costs. */
export function floorsFor(material: Material): readonly [Floor, ...Floor[]] {
  const { algorithm, key } = material
  const hash = algorithm === 'EdDSA' ? null : `sha${algorithm.slice(2)}`
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return [
        floor('createHmac, timingSafeEqual', signedPart, ({ input, signature }) =>
          timingSafeEqual(createHmac(String(hash), key).update(input).digest(), signature),
        ),
      ]
    case 'PS': {
      const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
      const options: VerifyKeyObjectInput = { key, padding, saltLength }
      return [floor('crypto.verify', signedPart, ({ input, signature }) => verify(hash, input, options, signature))]
    }
    case 'ES': {
      const options: VerifyKeyObjectInput = { key, dsaEncoding: 'ieee-p1363' }
      return [
        floor('crypto.verify, DER', derSignedPart, ({ input, signature }) => verify(hash, input, key, signature)),
        floor("crypto.verify, { dsaEncoding: 'ieee-p1363' }", signedPart, ({ input, signature }) =>
          verify(hash, input, options, signature),
        ),
      ]
    }
    default:
      return [
        floor('crypto.verify', signedPart, ({ input, signature }) => verify(hash, input, key, signature)),
        floor('crypto.verify, { key }', signedPart, ({ input, signature }) => verify(hash, input, { key }, signature)),
      ]
  }
}

function floor(name: string, cut: (token: string) => Signed, isGood: (signed: Signed) => boolean): Floor {
  return {
    name,
    prepare: (tokens) => {
      const all = tokens.map(cut)
      return () => {
        for (const signed of all) if (!isGood(signed)) throw new Error(`${name}: a good token was refused`)
      }
    },
  }
}

function signedPart(token: string): Signed {
  const end = token.lastIndexOf('.')
  return { input: Buffer.from(token.slice(0, end)), signature: Buffer.from(token.slice(end + 1), 'base64url') }
}

/** With the signature as OpenSSL takes it: a SEQUENCE of two INTEGERs (RFC 3279 section 2.2.3). */
function derSignedPart(token: string): Signed {
  const { input, signature } = signedPart(token)
  const half = signature.length / 2
  const integers = Buffer.concat([signature.subarray(0, half), signature.subarray(half)].map(derInteger))
  return { input, signature: Buffer.concat([Buffer.from([0x30, integers.length]), integers]) }
}

/** Without leading zeros, except one where it would be negative. At most 127 bytes, which is more than P-384 has. */
function derInteger(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0)
  const digits = bytes.subarray(start)
  const sign = (digits[0] ?? 0) > 0x7f ? [0] : []
  return Buffer.concat([Buffer.from([0x02, sign.length + digits.length, ...sign]), digits])
}
