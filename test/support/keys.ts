// Key pairs for every algorithm, made once per test file that asks.
import { createSecretKey, randomBytes, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'
import { takeKeyPair } from '../../packages/testing/src/key-pair.ts'

export interface SigningKey {
  readonly alg: AlgorithmName
  /** Signs: a private key, or the secret. */
  readonly signer: KeyObject
  /** Verifies: the public key, or the secret. */
  readonly verifier: KeyObject
}

export const algorithmNames: readonly AlgorithmName[] = [
  ...(['HS256', 'HS384', 'HS512'] as const),
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
]
export const publicKeyAlgorithms = algorithmNames.filter((alg) => !alg.startsWith('HS'))

const made = new Map<AlgorithmName, SigningKey>()

/** The same key for each call: making RSA keys is slow. */
export function keyFor(alg: AlgorithmName): SigningKey {
  const key = made.get(alg) ?? newKey(alg)
  made.set(alg, key)
  return key
}

/** Another key at each call; a secret of the shortest length that is allowed. */
export function newKey(alg: AlgorithmName): SigningKey {
  if (!alg.startsWith('HS')) return { alg, ...takeKeyPair(alg) }
  const secret = createSecretKey(randomBytes(Number(alg.slice(2)) / 8))
  return { alg, signer: secret, verifier: secret }
}

export function jwkOf({ verifier }: SigningKey, labels: Readonly<Record<string, unknown>> = {}): JsonWebKey {
  return { ...verifier.export({ format: 'jwk' }), ...labels }
}
