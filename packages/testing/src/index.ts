// The public surface of @jwtgate/testing.
export {
  createTestIssuer,
  type FetchCounts,
  type TestIssuer,
  type TestIssuerOptions,
  type TestVerifierOptions,
} from './test-issuer.ts'
export { createTestClock, type TestClock } from './clock.ts'
export type { SignOptions, TestClaims } from './signer.ts'
export { badTokens, type BadToken } from './bad-token-list.ts'
export type { BadTokens, RegisteredClaim } from './bad-tokens.ts'
export type { TestJwks } from './key-ring.ts'
export type { Outage, Responder } from './loopback-server.ts'
