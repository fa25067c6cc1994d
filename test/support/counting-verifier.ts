// A verifier that tells how often it really verified a token: `permissionsFrom` is asked then, and never for one that it remembers.
import type { JwtVerifier, JwtVerifierOptions } from '@jwtgate/core'
import { testVerifier } from './verifiers.ts'

export interface CountingVerifier {
  readonly verifier: JwtVerifier
  /** For how many tokens all checks up to the revocation were run and passed. */
  readonly verified: () => number
}

/** @param make - testVerifier() by default */
export function countingVerifier(
  changes: Partial<JwtVerifierOptions> = {},
  make: (options: Partial<JwtVerifierOptions>) => JwtVerifier = testVerifier,
): CountingVerifier {
  let verified = 0
  const permissionsFrom = (): readonly string[] => {
    verified++
    return []
  }
  return { verifier: make({ permissionsFrom, ...changes }), verified: () => verified }
}
