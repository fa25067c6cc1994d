// Mints tokens, good and bad, with node:crypto and none of our own code.
import { constants, createHmac, sign, type KeyObject } from 'node:crypto'
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
  const input = `${base64url(header)}.${base64url(payload)}`
  return `${input}.${signatureOf(input, key).toString('base64url')}`
}

export function signatureOf(input: string, { alg, signer }: SigningKey): Buffer {
  const data = Buffer.from(input, 'latin1')
  const hash = `sha${alg.slice(2)}`
  switch (alg.slice(0, 2)) {
    case 'HS':
      return createHmac(hash, signer).update(data).digest()
    case 'RS':
      return sign(hash, data, signer)
    case 'PS':
      return sign(hash, data, pss(signer))
    case 'ES':
      return sign(hash, data, { key: signer, dsaEncoding: 'ieee-p1363' })
    default:
      return sign(null, data, signer)
  }
}

export function base64url(content: string | Uint8Array): string {
  return Buffer.from(content).toString('base64url')
}

/** The parts of a token, to change one and put them together again. */
export function partsOf(token: string): readonly [string, string, string] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return [header, payload, signature]
}

/** The token with another signature. */
export function withSignature(token: string, signature: Uint8Array): string {
  const [header, payload] = partsOf(token)
  return `${header}.${payload}.${base64url(signature)}`
}

function pss(key: KeyObject): {
  readonly key: KeyObject
  readonly padding: number
  readonly saltLength: number
} {
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
}
