// The public surface of @jwtgate/express, with what an application needs from the core.
export { optionalJwt, requireJwt } from './require-jwt.ts'
export { requireAccess, requirePermission, requireRole, requireScope, type RouteRequest, type Rules } from './guards.ts'
export { authOf, optionalAuthOf } from './auth-of.ts'
export { jwtErrorHandler, type ErrorHandler } from './error-handler.ts'
export type { Middleware, Next } from './middleware.ts'

export {
  allOf,
  anyOf,
  ConfigError,
  createJwtVerifier,
  fromBearer,
  fromCookie,
  fromHeader,
  isJwtGateError,
  permission,
  role,
  scope,
  type AccessPredicate,
  type AccessRule,
  type AccessRuleOrName,
  type AlgorithmName,
  type Auth,
  type AuthenticationOptions,
  type ClaimsSchema,
  type ClaimsWith,
  type ClaimSource,
  type Clock,
  type FetchFunction,
  type IssuerOptions,
  type JwtClaims,
  type JwtGateError,
  type JwtGateErrorCode,
  type JwtGateEvents,
  type JwtHeader,
  type JwtVerifier,
  type JwtVerifierOptions,
  type RemoteOptions,
  type RevocationCheck,
  type SharedOptions,
  type SharedSecret,
  type TokenSource,
} from '@jwtgate/core'
