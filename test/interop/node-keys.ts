// Keys for libraries that have none of their own and leave them to node:crypto.
import { generateKeyPair, randomBytes, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { AlgorithmName, Jwk } from '@jwtgate/core'
import type { LibraryKey } from './library.ts'
import type { Keys, Material } from './minter.ts'

const generate = promisify(generateKeyPair)

type KeyPair = Awaited<ReturnType<typeof generate>>

/** A maker of private keys as PEM and of secrets as bytes. All RSA algorithms share a key: to make one is slow. */
export function nodeKeyMaker(): (alg: AlgorithmName, which: keyof Keys) => Promise<LibraryKey<string | Buffer>> {
  const rsa = new Map<keyof Keys, KeyPair>()
  return async (alg, which) => {
    const kid = `${alg}-${which}`
    if (alg.startsWith('HS')) {
      const signer = randomBytes(Number(alg.slice(2)) / 8)
      return { signer, kid, material: { secret: signer.toString('base64url') } }
    }
    const isRsa = /^[RP]S/.test(alg)
    const pair = (isRsa ? rsa.get(which) : undefined) ?? (await newPair(alg))
    if (isRsa) rsa.set(which, pair)
    const signer = pair.privateKey.export({ format: 'pem', type: 'pkcs8' })
    return { signer, kid, material: materialOf(pair.publicKey, kid) }
  }
}

/** What verifies a token of ours: PEM, or the bytes of the secret. */
export function verifierOf({ pem, secret = '' }: Material): string | Buffer {
  return pem?.SPKI ?? Buffer.from(secret, 'base64url')
}

function newPair(alg: AlgorithmName): Promise<KeyPair> {
  switch (alg) {
    case 'ES256':
      return generate('ec', { namedCurve: 'P-256' })
    case 'ES384':
      return generate('ec', { namedCurve: 'P-384' })
    case 'ES512':
      return generate('ec', { namedCurve: 'P-521' })
    case 'EdDSA':
      return generate('ed25519')
    default:
      return generate('rsa', { modulusLength: 2048 })
  }
}

function materialOf(publicKey: KeyObject, kid: string): Material {
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid } as Jwk
  return { jwk, pem: { SPKI: publicKey.export({ format: 'pem', type: 'spki' }).toString() } }
}
