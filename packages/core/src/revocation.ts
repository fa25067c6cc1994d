// The revocation hook: the application's own word on a verified token, for every request.
import type { Auth } from './auth.ts'
import { withDeadline } from './deadline.ts'
import { InvalidTokenError, RevocationCheckError } from './errors.ts'

/**
 * Whether a verified token was revoked. Only `true` and `false` count; anything else, a rejection, or no answer within 5
 * seconds is a failure of the check: 503, never a pass.
 */
export type RevocationCheck = (auth: Auth, options: { readonly signal: AbortSignal }) => boolean | Promise<boolean>

const deadline = 5_000

/**
 * @throws InvalidTokenError `token_revoked`
 * @throws RevocationCheckError `revocation_unavailable`
 */
export async function checkRevocation(auth: Auth, isRevoked: RevocationCheck): Promise<void> {
  const answer = await ask(auth, isRevoked)
  if (answer === true)
    throw new InvalidTokenError('token_revoked', 'The option `isRevoked` says that the token was revoked.')
  if (answer !== false) throw new RevocationCheckError('The option `isRevoked` gave neither true nor false.')
}

async function ask(auth: Auth, isRevoked: RevocationCheck): Promise<unknown> {
  let expired: RevocationCheckError | undefined
  const expire = (): Error =>
    (expired = new RevocationCheckError(`The option \`isRevoked\` gave no answer within ${deadline} ms.`))
  try {
    return await withDeadline(deadline, async (signal) => isRevoked(auth, { signal }), expire)
  } catch (error) {
    if (expired !== undefined) throw expired
    const name = error instanceof Error && /^\w{1,64}$/.test(error.name) ? error.name : 'something'
    throw new RevocationCheckError(`The option \`isRevoked\` threw ${name}.`)
  }
}
