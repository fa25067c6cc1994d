// requirePermission() and its kin: may the sender of this request do this?
import type { IncomingMessage } from 'node:http'
import {
  createAccessAuthorizer,
  createAuthorizer,
  type AccessPredicate,
  type AccessRule,
  type AccessRules,
} from '@jwtgate/core'
import { runThenNext, type Middleware } from './middleware.ts'

/**
 * Lets a request through whose token has all of these permissions; else 403 (`permission_denied`). Mount it behind
 * `requireJwt()`; without it, 500 (`authentication_not_run`); for an anonymous request, 401 (`token_missing`).
 *
 * @param rules - names, or `anyOf('write', 'admin')` for one of them
 * @throws ConfigError at once, for no name or one with characters that a scope cannot have (RFC 6749 section 3.3)
 * @example app.delete('/users/:id', requirePermission('users:delete'), handler)
 */
export function requirePermission(...rules: AccessRules): Middleware {
  return guard(createAuthorizer('permission', rules))
}

/** The same for scopes (RFC 6749 section 3.3); the challenge of a 403 names them (RFC 6750 section 3.1). */
export function requireScope(...rules: AccessRules): Middleware {
  return guard(createAuthorizer('scope', rules))
}

/** The same for roles. */
export function requireRole(...rules: AccessRules): Middleware {
  return guard(createAuthorizer('role', rules))
}

/** What a function given to {@link requireAccess} sees, unless it says otherwise: a wildcard of Express 5 is a list. */
export interface RouteRequest extends IncomingMessage {
  readonly params: Readonly<Record<string, string>>
}

/**
 * The same for a rule of several kinds, or for a function of the token and the request: `true` allows, anything else does
 * not, and what it throws goes to `next`.
 *
 * @example app.put('/users/:id', requireAccess((auth, req) => auth.claims.sub === req.params.id), handler)
 * @example app.get('/report', requireAccess(anyOf(permission('report:read'), role('auditor'))), handler)
 */
export function requireAccess<Request extends IncomingMessage = RouteRequest>(
  ruleOrPredicate: AccessRule | AccessPredicate<Request>,
  ...more: readonly never[]
): Middleware {
  const authorize = createAccessAuthorizer(ruleOrPredicate, ...more)
  // The route gives the request that the function asks for: only Express knows which, and its types cannot say so here.
  return guard((request) => authorize(request, request as Request))
}

function guard(authorize: (request: IncomingMessage) => void | Promise<void>): Middleware {
  return (request, _response, next) => {
    void runThenNext(() => authorize(request), next)
  }
}
