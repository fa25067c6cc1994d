// A refusal on its way out: operators are told, and it gets its challenge.
import { isJwtGateError } from '../errors.ts'
import { publishRefusal } from '../events.ts'
import { defaultRealm, setChallenge } from './challenge.ts'

/** Passes on what is not ours, for instance what a rule of the application threw. */
export function refused(error: unknown, realm: string = defaultRealm): object {
  if (!isJwtGateError(error)) return throwable(error)
  publishRefusal(error.code === 'permission_denied' ? 'jwtgate:permission.denied' : 'jwtgate:token.refused', error)
  setChallenge(error, realm)
  return error
}

/** What is no object becomes an error: frameworks take `next(undefined)` for "go on". */
export function throwable(error: unknown): object {
  if (typeof error === 'object' && error !== null) return error
  return new TypeError(`What was thrown is no error: ${error === null ? 'null' : typeof error}`)
}
