// The tokens of tests that need no issuer over HTTP: minted as @jwtgate/testing mints, with a key and a time of their own.
import {
  base64url,
  partsOf,
  signatureOf as signatureOver,
  signCompactJws,
} from '../../packages/testing/src/compact-jws.ts'
import { keyFor, type SigningKey } from './keys.ts'

export const issuer = 'https://id.example.com'
export const audience = 'https://api.example.com'
/** The time in all tests that do not say another: seconds since 1970. */
export const now = 1_800_000_000

export type Claims = Readonly<Record<string, unknown>>

/** The claims of a token that is good at {@link now}, for an hour. */
export function goodClaims(changes: Claims = {}): Claims {
  return { iss: issuer, aud: audience, sub: 'alice', iat: now, nbf: now, exp: now + 3600, ...changes }
}

export interface MintOptions {
  readonly key?: SigningKey
  /** Laid over `{ alg, typ: 'JWT' }`; `undefined` takes a member out. */
  readonly header?: Claims
  /** In place of the good claims' JSON: text or bytes as they are. */
  readonly payload?: string | Uint8Array
}

/** A token that is correctly signed, whatever stands in it. */
export function mint(changes: Claims = {}, { key = keyFor('ES256'), header = {}, payload }: MintOptions = {}): string {
  return signed(
    JSON.stringify({ alg: key.alg, typ: 'JWT', ...header }),
    payload ?? JSON.stringify(goodClaims(changes)),
    key,
  )
}

/** Header and payload as they are, correctly signed. */
export function signed(header: string | Uint8Array, payload: string | Uint8Array, key: SigningKey): string {
  return signCompactJws(header, payload, key.alg, key.signer)
}

/** The signature over any text, also over what is no JWS. */
export function signatureOf(input: string, { alg, signer }: SigningKey): Buffer {
  return signatureOver(Buffer.from(input, 'latin1'), alg, signer)
}

/** The token with another signature. */
export function withSignature(token: string, signature: Uint8Array): string {
  const [header, payload] = partsOf(token)
  return `${header}.${payload}.${base64url(signature)}`
}

export { base64url, partsOf }
