// authOf(): the verified token of a request, typed.
import { createAuthReader, findAuth, type Auth, type AuthOf } from '@jwtgate/core'
import type { KoaContext } from './middleware.ts'

/**
 * The verified token of this request. Read from where only jwtgate writes, not from `ctx.state.auth`. With a verifier or a schema
 * as the second argument, its claims have the type that these give them.
 *
 * @throws SetupError (500) if no `requireJwt()` ran before, if the request is anonymous, or if another verifier or schema
 *   made the claims
 * @example router.get('/me', (ctx) => (ctx.body = { sub: authOf(ctx).claims.sub }))
 * @example authOf(ctx, schema).claims.tenant
 */
export const authOf: AuthOf<KoaContext> = createAuthReader(({ req }) => req)

/** The same behind `optionalJwt()`: `undefined` for an anonymous request. */
export function optionalAuthOf({ req }: KoaContext): Auth | undefined {
  return findAuth(req)
}
