// aws-jwt-verify as a target, in its synchronous form with the key set given beforehand.
import { JwtVerifier } from 'aws-jwt-verify'
import type { Material, SyncTarget } from './target.ts'

export function awsJwtVerifyTargets({ algorithm, issuer }: Material): readonly SyncTarget[] {
  if (/^(?:HS|PS)/.test(algorithm)) return []
  // Nothing is ever fetched from there.
  const verifier = JwtVerifier.create({
    issuer: issuer.url,
    audience: issuer.audience,
    jwksUri: 'https://127.0.0.1/jwks',
  })
  verifier.cacheJwks(issuer.jwks as Parameters<typeof verifier.cacheJwks>[0])
  return [{ name: 'aws-jwt-verify', verify: (token) => verifier.verifySync(token) }]
}
