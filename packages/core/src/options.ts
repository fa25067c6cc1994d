// What a verifier can be told. The checks are in settings.ts.
import type { KeyObject } from 'node:crypto'
import type { AlgorithmName } from './algorithms.ts'
import type { ClaimsSchema } from './claims-schema.ts'
import type { FetchFunction } from './keys/fetch-json.ts'
import type { ClaimSource } from './permissions.ts'
import type { RevocationCheck } from './revocation.ts'

/** A shared secret for HMAC: a string is taken as UTF-8. At least as many bytes as the hash has: 32, 48 or 64. */
export type SharedSecret = string | Uint8Array | KeyObject

/**
 * What one issuer's tokens have to be. `issuer`, `audience` and `algorithms` are required, and at most one of `jwksUri`,
 * `jwks`, `publicKey` and `secret` may be given; without one, the key set is found from the issuer's metadata (OpenID
 * Connect Discovery 1.0, RFC 8414).
 */
export interface IssuerOptions<Output extends object = object> {
  /** Who issues the tokens: the exact text of `iss` (RFC 7519 section 4.1.1), or its spellings. A list excludes discovery. */
  readonly issuer: string | readonly string[]
  /**
   * Who you are: `aud` must have it, or one of the list (RFC 7519 section 4.1.3). `null` means: neither required nor
   * checked, so that tokens for other APIs of the same issuer are accepted; check something else then, see `claimValues`.
   */
  readonly audience: string | readonly string[] | null
  /** The accepted signature algorithms (RFC 8725 section 3.1). HMAC and public-key algorithms never together. */
  readonly algorithms: readonly AlgorithmName[]

  /** Where the issuer's key set is: an `https` URL, or `http` on this machine. */
  readonly jwksUri?: string
  /** The key set itself (RFC 7517 section 5). Entries that cannot be used are left out. */
  readonly jwks?: { readonly keys: readonly object[] }
  /** The one public key: PEM (`PUBLIC KEY` or `CERTIFICATE`, whose dates are not checked), JWK or KeyObject. */
  readonly publicKey?: string | Jwk | KeyObject
  /** The shared secret, or up to 4 of them while one is replaced. Only for HS256, HS384 and HS512. */
  readonly secret?: SharedSecret | readonly SharedSecret[]
  /** How a key set is fetched and kept; for `jwksUri` and discovery. */
  readonly remote?: RemoteOptions

  /** Seconds by which the clocks may differ: for `exp`, `nbf`, `iat` and `maxTokenAge`. Default 5, at most 300. */
  readonly clockTolerance?: number
  /**
   * Seconds since `iat` after which a token is refused whatever its `exp`, 1 to 31 536 000 (a year). Makes `iat` required.
   * Default: no limit.
   */
  readonly maxTokenAge?: number
  /**
   * Of `iss`, `aud`, `exp` and `nbf`, only `nbf` may be left out by the issuer. It is checked when it is there.
   * Default: none.
   */
  readonly optionalClaims?: readonly 'nbf'[]
  /** Claims that must be there and not null, besides `iss`, `aud`, `exp` and `nbf`. Default: none. */
  readonly requiredClaims?: readonly string[]
  /** Claims that must have exactly this string, or one of these: `{ token_use: 'access' }`. Default: none. */
  readonly claimValues?: Readonly<Record<string, string | readonly string[]>>
  /**
   * The accepted `typ` of the header (RFC 8725 section 3.11), as a media type with or without `application/`; a token
   * without one is refused then. Default: none, `JWT` or `at+jwt`.
   */
  readonly typ?: string | readonly string[]
  /**
   * Accepts tokens that are bound to a key (`cnf`) although nobody here checks the proof (RFC 9449 section 7.2). Only if
   * something in front of this API does. Default `false`.
   */
  readonly acceptBoundTokens?: boolean

  /** Where permissions stand. Default `['permissions']`. Must come to a list of strings; all else is no permission. */
  readonly permissionsFrom?: ClaimSource
  /** Where scopes stand: a list, or a string split at blanks. Default: `scope`, or else `scp`. */
  readonly scopesFrom?: ClaimSource
  /** Where roles stand, for instance `['realm_access', 'roles']`. Default `['roles']`. Must come to a list of strings. */
  readonly rolesFrom?: ClaimSource

  /**
   * A schema for the claims: any that speaks Standard Schema 1 (zod, valibot, arktype and more) and makes an object. Its
   * output is laid over the payload, and gives `claims` its type; `iss`, `sub`, `aud`, `exp`, `nbf`, `iat` and `jti` stay as
   * they were verified. Permissions, scopes and roles are read from the payload. Default: none.
   */
  readonly claims?: ClaimsSchema<Output>
}

/** What all issuers of a verifier share. */
export interface SharedOptions {
  /**
   * The last check, for every request: whether this token was revoked. Only `true` and `false` count; anything else, a
   * rejection, or no answer within 5 seconds is a 503. Default: none.
   */
  readonly isRevoked?: RevocationCheck
  /** Characters, 256 to 1 048 576. A longer token is refused before anything else. Default 16 384. */
  readonly maxTokenLength?: number
  /**
   * How many verified tokens are remembered, so that the signature of the same token is not checked again; `false` for none.
   * Whether its key is still in use, the time, and `isRevoked` are checked for every request all the same. Remembered is the
   * token with its `Auth`, which its requests share. Default: the limits of {@link TokenCacheOptions}.
   */
  readonly tokenCache?: TokenCacheOptions | false
  /** The clocks to use, for tests: either or both. Default: those of the system. */
  readonly clock?: Partial<Clock>
}

/** The limits of a verifier's memory for tokens. What was not used for the longest time is forgotten first. */
export interface TokenCacheOptions {
  /** Tokens, 1 to 1 000 000. Default 10 000. */
  readonly max?: number
  /** Bytes of memory, estimated from the length of the tokens: 65 536 to 1 073 741 824. Default 33 554 432 (32 MiB). */
  readonly maxBytes?: number
}

/** The options of {@link createJwtVerifier} for one issuer. */
export interface JwtVerifierOptions<Output extends object = object> extends IssuerOptions<Output>, SharedOptions {}

/** A public key as JSON (RFC 7517 section 4, RFC 7518 section 6). Our own type: those of Node differ between its versions. */
export interface Jwk {
  readonly kty?: string
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
  readonly key_ops?: readonly string[]
  readonly n?: string
  readonly e?: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly [member: string]: unknown
}

/** How a remote key set is fetched and kept. */
export interface RemoteOptions {
  /**
   * Milliseconds for one attempt to get the keys, from connecting to the last byte, discovery included; a request that
   * needs them waits no longer than this either. 100 to 60 000, default 5000.
   */
  readonly timeoutDuration?: number
  /**
   * Milliseconds after which a set is fetched again; the answer's `Cache-Control` can only shorten it,
   * and to no less than 30 000. From 30 000 to 86 400 000 (a day); default 600 000 (ten minutes).
   */
  readonly cacheMaxAge?: number
  /**
   * Milliseconds for which known keys are used beyond that while the provider is down, 0 to 2 592 000 000 (30 days).
   * Default 86 400 000 (a day).
   */
  readonly maxStale?: number
  /** Bytes of an answer after decompression, 1024 to 16 777 216. Default 1 048 576. */
  readonly maxResponseBytes?: number
  /**
   * Header fields of each request, besides `accept: application/json`. With discovery they go to the host of the metadata
   * and to the host of the `jwks_uri` that it names. Default: none.
   */
  readonly headers?: Readonly<Record<string, string>>
  /** Used in place of the global `fetch`, for instance with a proxy. Must honour `signal`. */
  readonly fetch?: FetchFunction
  /** Accepts plain `http` beyond this machine: whoever is on the way can replace the keys. Default `false`. */
  readonly allowInsecureHttp?: boolean
}

/** The time, injectable so that tests need not wait. */
export interface Clock {
  /** Milliseconds since 1970, as `Date.now()`: for `exp`, `nbf` and `iat`. */
  now(): number
  /** Milliseconds of a clock that never goes back, as `performance.now()`: for the ages of cached keys. */
  elapsed(): number
}
