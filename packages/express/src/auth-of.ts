// authOf(): the verified token of a request, typed.
import type { IncomingMessage } from 'node:http'
import {
  findAuth,
  requireAuth,
  type Auth,
  type ClaimsSchema,
  type ClaimsWith,
  type JwtClaims,
  type JwtVerifier,
} from '@jwtgate/core'

/**
 * The verified token of this request. Read from where only jwtgate writes, not from `req.auth`.
 *
 * @throws SetupError (500) if no `requireJwt()` ran before, or if the request is anonymous
 * @example app.get('/me', (req, res) => res.json({ sub: authOf(req).claims.sub }))
 */
export function authOf(request: IncomingMessage): Auth
/**
 * The same with the claims of this verifier, typed by its schemas.
 *
 * @throws SetupError also if another verifier authenticated the request
 */
export function authOf<Claims extends JwtClaims>(request: IncomingMessage, verifier: JwtVerifier<Claims>): Auth<Claims>
/**
 * The same with the claims that this schema made.
 *
 * @throws SetupError also if the claims did not pass this schema
 * @example authOf(req, schema).claims.tenant
 */
export function authOf<Output extends object>(
  request: IncomingMessage,
  schema: ClaimsSchema<Output>,
): Auth<ClaimsWith<Output>>
export function authOf(request: IncomingMessage, ...madeBy: readonly (JwtVerifier | ClaimsSchema)[]): Auth {
  return madeBy.length === 0 ? requireAuth(request) : requireAuth(request, madeBy[0])
}

/** The same behind `optionalJwt()`: `undefined` for an anonymous request. */
export function optionalAuthOf(request: IncomingMessage): Auth | undefined {
  return findAuth(request)
}
