// Makes bad tokens out of a good one: the classic attacks on JWT verification.
import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto'
import { parseObject, type JsonObject } from './json.ts'

export interface TokenParts {
  readonly header: JsonObject
  readonly payload: JsonObject
  readonly signature: string
}

/** Reads a token without verifying anything. */
export function partsOf(token: string): TokenParts {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return { header: decode(header), payload: decode(payload), signature }
}

/** More permissions than were granted, under the signature of what was granted. */
export function tampered(token: string, permissions: readonly string[]): string {
  const { header, payload, signature } = partsOf(token)
  return `${encode(header)}.${encode({ ...payload, permissions })}.${signature}`
}

/** A token that says of itself that it needs no signature (RFC 7518 section 3.6). */
export function unsigned(token: string): string {
  const { header, payload } = partsOf(token)
  return `${encode({ ...header, alg: 'none' })}.${encode(payload)}.`
}

/** Signed with a secret that everybody knows, the public key: fools a verifier that lets the token choose. */
export function signedWithPublicKey(token: string, publicKey: JsonWebKey): string {
  const { header, payload } = partsOf(token)
  const secret = createPublicKey({ key: publicKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const signingInput = `${encode({ ...header, alg: 'HS256' })}.${encode(payload)}`
  return `${signingInput}.${createHmac('sha256', secret).update(signingInput).digest('base64url')}`
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function decode(part: string): JsonObject {
  return parseObject(Buffer.from(part, 'base64url').toString())
}
