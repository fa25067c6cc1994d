// An attack: a token, or what passes for one, and how it has to end.
import type { JwtGateErrorCode, JwtVerifierOptions } from '@jwtgate/core'

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
}

/** Attacks of one kind. */
export interface Family {
  readonly about: string
  readonly attacks: readonly Attack[]
}
