// A verifier whose keys are behind a URL, with its clock and an exact count of the fetches that it began.
import { createJwtVerifier, type JwtVerifier, type JwtVerifierOptions } from '@jwtgate/core'
import { countedFetch } from './counted-fetch.ts'
import { audience, issuer } from './mint.ts'
import { TestClock } from './verifiers.ts'

export interface RemoteSetup {
  readonly verifier: JwtVerifier
  /** `milliseconds` alone moves the ages of cached keys and leaves tokens as young as they are. */
  readonly clock: TestClock
  /** How many fetches were begun, metadata included: right at once, where a server's count lags behind. */
  readonly begun: () => number
}

/** Accepts what mint() makes, with keys from `jwksUri`, or from the issuer's metadata where that is not given. */
export function remoteVerifier(changes: Partial<JwtVerifierOptions>): RemoteSetup {
  const clock = new TestClock()
  const { fetch, begun } = countedFetch(changes.remote?.fetch)
  const verifier = createJwtVerifier({
    issuer,
    audience,
    algorithms: ['ES256'],
    clockTolerance: 0,
    clock,
    ...changes,
    remote: { ...changes.remote, fetch },
  })
  return { verifier, clock, begun }
}
