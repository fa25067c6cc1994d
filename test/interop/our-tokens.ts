// The other direction: tokens of @jwtgate/testing's issuer, one as it is and one changed, for each algorithm.
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'
import { createTestIssuer, type TestIssuer } from '@jwtgate/testing'
import { audience } from '../support/mint.ts'
import type { Check, Material } from './minter.ts'
import { withOtherClaim } from './spoil.ts'

/** Two for each algorithm: the first is good, the second is not. */
export async function checksFor(algorithms: readonly AlgorithmName[]): Promise<readonly Check[]> {
  const checks: Check[] = []
  // One after the other: an RSA key of an issuer that is closed serves the next.
  for (const alg of algorithms) {
    await using testIssuer = await createTestIssuer({ audience, algorithms: [alg] })
    const token = testIssuer.sign()
    const key = materialOf(testIssuer)
    checks.push({ alg, token, key }, { alg, token: withOtherClaim(token), key })
  }
  return checks
}

function materialOf({ options, jwks }: TestIssuer): Material {
  const secret = options.secret?.[0]
  if (secret !== undefined) return { secret: Buffer.from(secret).toString('base64url') }
  const [jwk] = jwks.keys
  if (jwk === undefined) throw new Error('The test issuer publishes no key')
  const publicKey = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
  return { jwk, pem: { SPKI: publicKey.export({ format: 'pem', type: 'spki' }).toString() } }
}
