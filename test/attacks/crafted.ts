// Tokens with signatures that no library makes: what the attacks of several families are put together with.
import { base64url, goodClaims, mint, partsOf, type Claims } from '../support/mint.ts'
import type { SigningKey } from '../support/keys.ts'

interface CraftOptions {
  /** Of the header, where it is not the key's own. */
  readonly alg?: string
  readonly kid?: string
  /** Laid over the good ones. */
  readonly claims?: Claims
}

/** A good token but for its signature, which is made of what was to be signed. */
export function crafted(
  signature: (input: Buffer) => Uint8Array,
  { alg = 'ES256', kid, claims }: CraftOptions = {},
): string {
  const input = [{ alg, typ: 'JWT', kid }, goodClaims(claims)].map((part) => base64url(JSON.stringify(part))).join('.')
  return `${input}.${base64url(signature(Buffer.from(input)))}`
}

/** Of a good token of this key. */
export function goodSignature(key: SigningKey, changes: Claims = {}): readonly [token: string, signature: Buffer] {
  const token = mint(changes, { key })
  return [token, Buffer.from(partsOf(token)[2], 'base64url')]
}

export function bigIntOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

/** Big-endian. */
export function bytesOf(value: bigint, width: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * width, '0'), 'hex')
}
