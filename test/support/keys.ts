// Key pairs for every algorithm, made once per test file that asks.
import { createSecretKey, generateKeyPairSync, randomBytes, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'

export interface SigningKey {
  readonly alg: AlgorithmName
  /** Signs: a private key, or the secret. */
  readonly signer: KeyObject
  /** Verifies: the public key, or the secret. */
  readonly verifier: KeyObject
}

const makers: Readonly<Record<AlgorithmName, () => { privateKey: KeyObject; publicKey: KeyObject }>> = {
  HS256: () => secret(32),
  HS384: () => secret(48),
  HS512: () => secret(64),
  RS256: () => rsa(),
  RS384: () => rsa(),
  RS512: () => rsa(),
  PS256: () => rsa(),
  PS384: () => rsa(),
  PS512: () => rsa(),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  Ed25519: () => generateKeyPairSync('ed25519'),
}

export const algorithmNames = Object.keys(makers) as readonly AlgorithmName[]
export const publicKeyAlgorithms = algorithmNames.filter((alg) => !alg.startsWith('HS'))

const made = new Map<AlgorithmName, SigningKey>()

/** The same key for each call: making RSA keys is slow. */
export function keyFor(alg: AlgorithmName): SigningKey {
  const key = made.get(alg) ?? newKey(alg)
  made.set(alg, key)
  return key
}

/** Another key at each call. */
export function newKey(alg: AlgorithmName): SigningKey {
  const { privateKey, publicKey } = makers[alg]()
  return { alg, signer: privateKey, verifier: publicKey }
}

export function jwkOf({ verifier }: SigningKey, labels: Readonly<Record<string, unknown>> = {}): JsonWebKey {
  return { ...verifier.export({ format: 'jwk' }), ...labels }
}

function secret(bytes: number): { privateKey: KeyObject; publicKey: KeyObject } {
  const key = createSecretKey(randomBytes(bytes))
  return { privateKey: key, publicKey: key }
}

function rsa(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}
