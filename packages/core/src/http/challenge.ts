// The text of WWW-Authenticate: RFC 6750 section 3 in the grammar of RFC 9110 section 11.6.1.
import { PermissionDeniedError, type JwtGateError } from '../errors.ts'

/** The realm where none is chosen: RFC 6750 section 3 wants at least one parameter in a challenge. */
export const defaultRealm = 'api'

const errorNames: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request'],
  [401, 'invalid_token'],
  [403, 'insufficient_scope'],
])

/** Whether a text may stand between the quotes as it is: the characters of `error_description` (RFC 6750 section 3). */
export function isQuotable(text: unknown): text is string {
  return typeof text === 'string' && /^[ !#-[\]-~]+$/.test(text)
}

/**
 * Gives a refusal its challenge, if it is one that other credentials could mend; a 5xx has none. The text is made of
 * constants and of what was checked when it was configured: nothing of the request is in it.
 */
export function setChallenge(error: JwtGateError, realm: string): void {
  const name = errorNames.get(error.status)
  if (name === undefined) return
  const parameters = [`realm="${realm}"`]
  // Where no credentials were sent, nothing went wrong yet (RFC 6750 section 3.1).
  if (error.code !== 'token_missing') parameters.push(`error="${name}"`, `error_description="${error.message}"`)
  if (error instanceof PermissionDeniedError && error.requiredScopes !== undefined) {
    parameters.push(`scope="${error.requiredScopes.join(' ')}"`)
  }
  error.headers['WWW-Authenticate'] = `Bearer ${parameters.join(', ')}`
}
