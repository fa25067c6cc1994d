// A key as another implementation writes it -> the ways in which our verifier can be given it.
import { createJwtVerifier, type AlgorithmName, type JwtVerifier, type JwtVerifierOptions } from '@jwtgate/core'
import { audience, issuer } from '../support/mint.ts'
import type { Material } from './minter.ts'

export interface Form {
  readonly name: string
  readonly options: Partial<JwtVerifierOptions>
}

export function formsOf({ secret, jwk, pem = {} }: Material): readonly Form[] {
  const forms: Form[] = Object.entries(pem).map(([name, text]) => ({ name, options: { publicKey: text } }))
  if (secret !== undefined) forms.push({ name: 'secret', options: { secret: Buffer.from(secret, 'base64url') } })
  if (jwk !== undefined) {
    forms.push({ name: 'JWK', options: { publicKey: jwk } }, { name: 'JWK Set', options: { jwks: { keys: [jwk] } } })
  }
  if (forms.length === 0) throw new Error('The key comes in no form')
  return forms
}

/** By the real time, as the tokens are made. */
export function verifierOf(alg: AlgorithmName, { options }: Form, more: Partial<JwtVerifierOptions> = {}): JwtVerifier {
  return createJwtVerifier({ issuer, audience, algorithms: [alg], ...options, ...more })
}
