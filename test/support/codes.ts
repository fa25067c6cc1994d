// The codes of errors whose class has several. Complete: a code that is missing does not compile.
import type { InvalidRequestCode, InvalidTokenCode, KeySourceCode } from '@jwtgate/core'

export const requestCodes: readonly InvalidRequestCode[] = namesOf({ request_malformed: true, multiple_tokens: true })

export const tokenCodes: readonly InvalidTokenCode[] = namesOf({
  token_malformed: true,
  algorithm_not_allowed: true,
  type_not_allowed: true,
  critical_header: true,
  key_unknown: true,
  signature_invalid: true,
  issuer_mismatch: true,
  audience_mismatch: true,
  token_expired: true,
  token_not_yet_valid: true,
  token_too_old: true,
  claim_missing: true,
  claim_invalid: true,
  token_bound: true,
  claims_rejected: true,
  token_revoked: true,
} satisfies Record<InvalidTokenCode, true>)

export const keyCodes: readonly KeySourceCode[] = namesOf({
  keys_unavailable: true,
  keys_invalid: true,
  discovery_failed: true,
} satisfies Record<KeySourceCode, true>)

function namesOf<Name extends string>(record: Readonly<Record<Name, true>>): readonly Name[] {
  return Object.keys(record) as Name[]
}
