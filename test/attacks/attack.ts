// An attack: a token, or what passes for one, and how it has to end.
import type { IssuerOptions, JwtGateErrorCode, JwtVerifier, JwtVerifierOptions, SharedOptions } from '@jwtgate/core'
import { severalIssuers } from '../support/issuers.ts'
import { testVerifier } from '../support/verifiers.ts'

export interface Attack {
  /** What is tried. */
  readonly name: string
  /** Where it is from: an RFC's section, a CVE, a public write-up. */
  readonly source: string
  readonly token: () => string
  /** How it ends; `accepted` for what only looks like an attack, and shows that the others are refused for what they are. */
  readonly code: JwtGateErrorCode | 'accepted'
  /** Of the verifier, laid over those for ES256: see `testOptions()`. */
  readonly options?: Partial<JwtVerifierOptions>
  /** In place of them: a verifier for several issuers. */
  readonly issuers?: readonly IssuerOptions[]
}

/** Attacks of one kind. */
export interface Family {
  readonly about: string
  readonly attacks: readonly Attack[]
}

/** The one that is attacked. */
export function verifierOf(
  { options, issuers }: Pick<Attack, 'options' | 'issuers'>,
  shared: SharedOptions = {},
): JwtVerifier {
  return issuers === undefined ? testVerifier({ ...options, ...shared }) : severalIssuers(issuers, shared)
}
