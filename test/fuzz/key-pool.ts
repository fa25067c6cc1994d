// The keys of the fuzz: those that verifiers are given, those of strangers, and those that no verifier may take.
import { createSecretKey, generateKeyPairSync, randomBytes, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'

export interface PoolKey {
  readonly name: string
  /** What it can sign. */
  readonly algorithms: readonly AlgorithmName[]
  readonly signer: KeyObject
  readonly verifier: KeyObject
  /** As an entry of a key set, without labels. A secret has none. */
  readonly jwk: JsonWebKey
  /** With its private members. */
  readonly privateJwk: JsonWebKey
}

const rsa: readonly AlgorithmName[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const hmac: readonly AlgorithmName[] = ['HS256', 'HS384', 'HS512']

function pair(
  name: string,
  algorithms: readonly AlgorithmName[],
  { publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
): PoolKey {
  const jwk = publicKey.export({ format: 'jwk' })
  return {
    name,
    algorithms,
    signer: privateKey,
    verifier: publicKey,
    jwk,
    privateJwk: privateKey.export({ format: 'jwk' }),
  }
}

const rsaPair = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
const ecPair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })

/** What a verifier may be given. */
export const publicKeys: readonly PoolKey[] = [
  pair('RSA 1', rsa, rsaPair(2048)),
  pair('P-256 1', ['ES256'], ecPair('P-256')),
  pair('P-384', ['ES384'], ecPair('P-384')),
  pair('P-521', ['ES512'], ecPair('P-521')),
  pair('Ed25519 1', ['EdDSA', 'Ed25519'], generateKeyPairSync('ed25519')),
  pair('RSA 2', rsa, rsaPair(2048)),
  pair('P-256 2', ['ES256'], ecPair('P-256')),
  pair('Ed25519 2', ['EdDSA', 'Ed25519'], generateKeyPairSync('ed25519')),
]

/** Nobody is given these. */
export const strangers: readonly PoolKey[] = [
  pair('RSA of a stranger', rsa, rsaPair(2048)),
  pair('P-256 of a stranger', ['ES256'], ecPair('P-256')),
  pair('P-384 of a stranger', ['ES384'], ecPair('P-384')),
  pair('P-521 of a stranger', ['ES512'], ecPair('P-521')),
  pair('Ed25519 of a stranger', ['EdDSA', 'Ed25519'], generateKeyPairSync('ed25519')),
  secret('secret of a stranger'),
]

/** In a key set, but fit for nothing: they sign what their neighbours would. */
export const unfitKeys: readonly PoolKey[] = [
  pair('RSA of 2047 bits', rsa, rsaPair(2047)),
  pair('secp256k1', ['ES256'], ecPair('secp256k1')),
  pair('Ed448', ['EdDSA', 'Ed25519'], generateKeyPairSync('ed448')),
]

export const secrets: readonly PoolKey[] = [secret('secret 1'), secret('secret 2')]

function secret(name: string): PoolKey {
  const key = createSecretKey(randomBytes(64))
  const jwk = key.export({ format: 'jwk' })
  return { name, algorithms: hmac, signer: key, verifier: key, jwk, privateJwk: jwk }
}

export const publicKeyAlgorithms: readonly AlgorithmName[] = [
  ...rsa,
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
]
export const hmacAlgorithms = hmac

const byName = new Map([...publicKeys, ...strangers, ...unfitKeys, ...secrets].map((key) => [key.name, key]))

/** Cases hold the names of keys: they are printed. */
export function keyNamed(name: string): PoolKey {
  const key = byName.get(name)
  if (key === undefined) throw new Error(`There is no key "${name}" among those of the fuzz`)
  return key
}
