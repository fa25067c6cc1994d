// Key material for every algorithm. RSA keys are slow to make: those that are given back are used again.
import { createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'

export interface KeyPair {
  /** Signs: a private key, or the secret. */
  readonly signer: KeyObject
  /** Verifies: the public key, or the secret. */
  readonly verifier: KeyObject
}

const makers: Readonly<Record<AlgorithmName, () => KeyPair>> = {
  HS256: secret,
  HS384: secret,
  HS512: secret,
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: () => pair(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  ES384: () => pair(generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  ES512: () => pair(generateKeyPairSync('ec', { namedCurve: 'P-521' })),
  EdDSA: () => pair(generateKeyPairSync('ed25519')),
  Ed25519: () => pair(generateKeyPairSync('ed25519')),
}

const idleRsa: KeyPair[] = []
const foreign = new Map<AlgorithmName, KeyPair>()

export function isAlgorithmName(name: string): name is AlgorithmName {
  return Object.hasOwn(makers, name)
}

export function isHmac(alg: AlgorithmName): boolean {
  return alg.startsWith('HS')
}

/** A key that nobody else has, until it is given back. */
export function takeKeyPair(alg: AlgorithmName): KeyPair {
  return makers[alg]()
}

/** For whoever comes next. The others are made so fast that keeping them is not worth it. */
export function giveBack({ signer, verifier }: KeyPair): void {
  if (signer.asymmetricKeyType === 'rsa') idleRsa.push({ signer, verifier })
}

/** An attacker's key: the same at each call, and never one of an issuer's. */
export function foreignKeyPair(alg: AlgorithmName): KeyPair {
  const known = foreign.get(alg) ?? makers[alg]()
  foreign.set(alg, known)
  return known
}

function rsa(): KeyPair {
  return idleRsa.pop() ?? pair(generateKeyPairSync('rsa', { modulusLength: 2048 }))
}

/** Printable, so that it can also be set as an environment variable; long enough for HS512 (RFC 7518 section 3.2). */
function secret(): KeyPair {
  const key = createSecretKey(Buffer.from(randomBytes(64).toString('base64url')))
  return { signer: key, verifier: key }
}

function pair({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): KeyPair {
  return { signer: privateKey, verifier: publicKey }
}
