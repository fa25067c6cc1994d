// authOf(): the verified token of a request, typed.
import type { IncomingMessage } from 'node:http'
import { findAuth, requireAuth, type Auth } from '@jwtgate/core'

/**
 * The verified token of this request. Read from where only jwtgate writes, not from `req.auth`.
 *
 * @throws SetupError (500) if no `requireJwt()` ran before, or if the request is anonymous
 * @example app.get('/me', (req, res) => res.json({ sub: authOf(req).claims.sub }))
 */
export function authOf(request: IncomingMessage): Auth {
  return requireAuth(request)
}

/** The same behind `optionalJwt()`: `undefined` for an anonymous request. */
export function optionalAuthOf(request: IncomingMessage): Auth | undefined {
  return findAuth(request)
}
