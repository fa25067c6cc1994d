// Several issuers, each with a name and a key of its own: their options, and the tokens that they sign.
import { createJwtVerifier, type AlgorithmName, type IssuerOptions } from '@jwtgate/core'
import type { JwtVerifier, SharedOptions } from '@jwtgate/core'
import { newKey, type SigningKey } from './keys.ts'
import { audience, mint, type Claims, type MintOptions } from './mint.ts'
import { TestClock } from './verifiers.ts'

export interface TestIssuer {
  readonly name: string
  readonly key: SigningKey
  /** Accept what it signs, without tolerance; its public key, or its secret, unless the changes say where the keys are. */
  readonly options: (changes?: Partial<IssuerOptions>) => IssuerOptions
  /** A good token of its own at the fixed time, laid under the changes. */
  readonly mint: (claims?: Claims, options?: MintOptions) => string
}

const keyOptions = ['secret', 'publicKey', 'jwks', 'jwksUri']

export function testIssuer(name: string, alg: AlgorithmName = 'ES256', key: SigningKey = newKey(alg)): TestIssuer {
  const atHand = alg.startsWith('HS') ? { secret: key.verifier } : { publicKey: key.verifier }
  return {
    name,
    key,
    options: (changes = {}) => {
      const keys = keyOptions.some((option) => option in changes) ? {} : atHand
      return { issuer: name, audience, algorithms: [alg], clockTolerance: 0, ...keys, ...changes }
    },
    mint: (claims, options) => mint({ iss: name, ...claims }, { key, ...options }),
  }
}

/** A verifier for all of them, at the fixed time. */
export function severalIssuers(issuers: readonly IssuerOptions[], shared: SharedOptions = {}): JwtVerifier {
  return createJwtVerifier(issuers, { clock: new TestClock(), ...shared })
}
