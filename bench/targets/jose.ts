// jose as a target, with a key that was imported before, and the claims required that ours requires.
import { importJWK, jwtVerify, type JWK } from 'jose'
import type { AsyncTarget, Material } from './target.ts'

export async function joseTarget({ algorithm, issuer, key }: Material): Promise<AsyncTarget> {
  const imported = algorithm.startsWith('HS') ? key : await importJWK(issuer.jwks.keys[0] as JWK, algorithm)
  const options = {
    algorithms: [algorithm],
    issuer: issuer.url,
    audience: issuer.audience,
    requiredClaims: ['exp', 'nbf'],
  }
  return { name: 'jose', verifyLater: (token) => jwtVerify(token, imported, options) }
}
