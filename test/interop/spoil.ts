// A good token -> tokens that nobody signed.
import { base64url, partsOf } from '../support/mint.ts'

/** One byte of a claim is another: it is about `blice`. */
export function withOtherClaim(token: string): string {
  const [header, payload, signature] = partsOf(token)
  const claims = Buffer.from(payload, 'base64url')
  const at = claims.indexOf('alice')
  if (at < 0) throw new Error('The token is not about alice')
  claims.write('b', at)
  return `${header}.${base64url(claims)}.${signature}`
}

/** The payload is that of another token, which the same key has signed. */
export function withPayloadOf(other: string, token: string): string {
  const [header, , signature] = partsOf(token)
  const [, payload] = partsOf(other)
  return `${header}.${payload}.${signature}`
}

/** One bit of the signature is another: in the first byte, in the middle and in the last byte. */
export function withOtherBits(token: string): readonly string[] {
  const [header, payload, signature] = partsOf(token)
  const { length } = Buffer.from(signature, 'base64url')
  return [0, length >> 1, length - 1].map((at) => {
    const changed = Buffer.from(signature, 'base64url')
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    return `${header}.${payload}.${base64url(changed)}`
  })
}
