// What came of an attack, in one word.
import { isJwtGateError } from '@jwtgate/core'

/** The code of the refusal, or `accepted`. @throws whatever else was thrown: no attack may cause it */
export async function outcomeOf(verified: Promise<unknown>): Promise<string> {
  try {
    await verified
    return 'accepted'
  } catch (error) {
    if (isJwtGateError(error)) return error.code
    throw error
  }
}
