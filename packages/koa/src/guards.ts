// requirePermission() and its kin: may the sender of this request do this?
import {
  createAccessAuthorizer,
  createAuthorizer,
  type AccessPredicate,
  type AccessRule,
  type AccessRules,
  type Authorizer,
} from '@jwtgate/core'
import { middleware, type KoaContext, type Middleware } from './middleware.ts'

/**
 * Lets a request through whose token has all of these permissions; else 403 (`permission_denied`). Mount it behind
 * `requireJwt()`; without it, 500 (`authentication_not_run`); for an anonymous request, 401 (`token_missing`).
 *
 * @param rules - names, or `anyOf('write', 'admin')` for one of them
 * @throws ConfigError at once, for no name or one with characters that a scope cannot have (RFC 6749 section 3.3)
 * @example router.delete('/users/:id', requirePermission('users:delete'), handler)
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

/** What a function given to {@link requireAccess} sees, unless it says otherwise: a context of @koa/router. */
export interface RouteContext extends KoaContext {
  readonly params: Readonly<Record<string, string>>
}

/**
 * The same for a rule of several kinds, or for a function of the token and the context: `true` allows, anything else does
 * not, and what it throws is thrown.
 *
 * @example router.put('/users/:id', requireAccess((auth, ctx) => auth.claims.sub === ctx.params.id), handler)
 * @example router.get('/report', requireAccess(anyOf(permission('report:read'), role('auditor'))), handler)
 */
export function requireAccess<Context extends KoaContext = RouteContext>(
  ruleOrPredicate: AccessRule | AccessPredicate<Context>,
  ...more: readonly never[]
): Middleware {
  const authorize = createAccessAuthorizer(ruleOrPredicate, ...more)
  return middleware(async (ctx: KoaContext, next) => {
    // The route gives the context that the function asks for: only the router knows which.
    await authorize(ctx.req, ctx as Context)
    await next()
  })
}

function guard(authorize: Authorizer): Middleware {
  return middleware(async (ctx: KoaContext, next) => {
    authorize(ctx.req)
    await next()
  })
}
