// A refusal on its way out: operators are told, and it gets its challenge.
import { isJwtGateError } from '../errors.ts'
import { publishRefusal } from '../events.ts'
import { defaultRealm, setChallenge } from './challenge.ts'

/** Passes on what is not ours, for instance what a rule of the application threw. */
export function refused(error: unknown, realm: string = defaultRealm): unknown {
  if (!isJwtGateError(error)) return error
  if (error.code !== 'authentication_not_run') {
    publishRefusal(error.code === 'permission_denied' ? 'jwtgate:permission.denied' : 'jwtgate:token.refused', error)
  }
  setChallenge(error, realm)
  return error
}
