// authOf(): the verified token of a request, typed.
import type { IncomingMessage } from 'node:http'
import { findAuth, requireAuth, type Auth, type AuthOf } from '@jwtgate/core'

/**
 * The verified token of this request. Read from where only jwtgate writes, not from `req.auth`. With a verifier or a schema
 * as the second argument, its claims have the type that these give them.
 *
 * @throws SetupError (500) if no `requireJwt()` ran before, if the request is anonymous, or if another verifier or schema
 *   made the claims
 * @example app.get('/me', (req, res) => res.json({ sub: authOf(req).claims.sub }))
 * @example authOf(req, schema).claims.tenant
 */
export const authOf: AuthOf<IncomingMessage> = requireAuth

/** The same behind `optionalJwt()`: `undefined` for an anonymous request. */
export function optionalAuthOf(request: IncomingMessage): Auth | undefined {
  return findAuth(request)
}
