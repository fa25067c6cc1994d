// The public surface of @jwtgate/core.
export { createJwtVerifier, isVerifier, type JwtVerifier } from './verifier.ts'
export type {
  Clock,
  IssuerOptions,
  Jwk,
  JwtVerifierOptions,
  RemoteOptions,
  SharedOptions,
  SharedSecret,
  TokenCacheOptions,
} from './options.ts'
export type { IssuerStatus, VerifierStatus } from './status.ts'
export type { KeyStatus } from './keys/key-source.ts'
export type { ClaimsSchema, ClaimsWith } from './claims-schema.ts'
export type { RevocationCheck } from './revocation.ts'
export type { AlgorithmName } from './algorithms.ts'
export type { FetchFunction, FetchResponse } from './keys/fetch-json.ts'

export type { Auth } from './auth.ts'
export type { JwtClaims } from './claims.ts'
export type { JwtHeader } from './jws.ts'

export {
  allOf,
  anyOf,
  permission,
  role,
  scope,
  type AccessRule,
  type AccessRuleOrName,
  type AccessRules,
  type ClaimSource,
  type GrantKind,
  type NamedRule,
  type RuleGroup,
} from './permissions.ts'

export {
  createAccessAuthorizer,
  createAuthenticator,
  createAuthorizer,
  createAuthReader,
  findAuth,
  requireAuth,
  type AccessAuthorizer,
  type AccessPredicate,
  type AuthenticationOptions,
  type Authenticator,
  type AuthOf,
  type Authorizer,
  type TokenFinder,
} from './http/authenticate.ts'
export { problemResponse, type ProblemDetails, type ProblemResponse } from './http/problem.ts'
export { refuseArguments } from './option-checks.ts'
export {
  fromBearer,
  fromCookie,
  fromHeader,
  fromOneOf,
  type RequestLike,
  type TokenSource,
} from './http/token-source.ts'

export {
  ConfigError,
  InvalidRequestError,
  InvalidTokenError,
  isJwtGateError,
  JwtGateError,
  KeySourceError,
  PermissionDeniedError,
  RevocationCheckError,
  SetupError,
  TokenMissingError,
  type InvalidRequestCode,
  type InvalidTokenCode,
  type JwtGateErrorCode,
  type KeySourceCode,
} from './errors.ts'
export type {
  JwtGateEvents,
  KeyEntrySkippedEvent,
  KeyRemovedEvent,
  KeysLoadedEvent,
  KeysRefreshFailedEvent,
  KeysStaleEvent,
  RefusalEvent,
  UnknownKidEvent,
} from './events.ts'
