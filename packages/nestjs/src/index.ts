// The public surface of @jwtgate/nestjs, with what an application needs from the core.
export { JwtGateModule } from './jwt-gate.module.ts'
export { JwtGate } from './jwt-gate.ts'
export type {
  JwtGateAsyncOptions,
  JwtGateModuleFlags,
  JwtGateOptions,
  OneVerifier,
  OneVerifierByOptions,
  SeveralVerifiers,
} from './module-options.ts'
export { JwtAuthGuard } from './jwt-auth.guard.ts'
export { RequireAccess, RequirePermission, RequireRole, RequireScope } from './rules.ts'
export { OptionalJwt, Public, UseVerifier } from './decorators.ts'
export type { ClassOrMethodDecorator } from './marking.ts'
export { CurrentAuth, CurrentClaims } from './current-auth.decorator.ts'
export { authOf, optionalAuthOf, type AuthOf } from './auth-of.ts'
export { JwtExceptionFilter } from './jwt-exception.filter.ts'

export { allOf, anyOf, permission, role, scope } from '@jwtgate/core'
export type { AccessPredicate, AccessRule, AccessRuleOrName, AccessRules, ClaimSource } from '@jwtgate/core'
export { fromBearer, fromCookie, fromHeader } from '@jwtgate/core'
export type { AuthenticationOptions, RevocationCheck, TokenSource } from '@jwtgate/core'
export { ConfigError, createJwtVerifier, InvalidRequestError, isJwtGateError } from '@jwtgate/core'
export type { IssuerStatus, JwtGateError, JwtGateErrorCode, JwtGateEvents, JwtVerifier } from '@jwtgate/core'
export type { Auth, ClaimsSchema, ClaimsWith, JwtClaims, JwtHeader } from '@jwtgate/core'
export type { AlgorithmName, Clock, FetchFunction, IssuerOptions } from '@jwtgate/core'
export type { JwtVerifierOptions, RemoteOptions, SharedOptions, SharedSecret, VerifierStatus } from '@jwtgate/core'
