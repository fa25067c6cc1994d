// Every way in which a request or a configuration is refused: classes by what HTTP does, codes by what happened.

/** Marks our errors across copies of this package (CommonJS and ES module, or two versions in one tree). */
const errorBrand = Symbol.for('jwtgate.error')

/** How a request carries its credentials wrongly. */
export type InvalidRequestCode = 'request_malformed' | 'multiple_tokens'

/** Why a token is refused. */
export type InvalidTokenCode =
  | 'token_malformed'
  | 'algorithm_not_allowed'
  | 'type_not_allowed'
  | 'critical_header'
  | 'key_unknown'
  | 'signature_invalid'
  | 'issuer_mismatch'
  | 'audience_mismatch'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_too_old'
  | 'claim_missing'
  | 'claim_invalid'
  | 'token_bound'
  | 'claims_rejected'
  | 'token_revoked'

/** Why keys cannot be had: no answer, an unusable one, or no usable metadata. */
export type KeySourceCode = 'keys_unavailable' | 'keys_invalid' | 'discovery_failed'

/** What happened, for programs. Stable: a code is never renamed or reused. */
export type JwtGateErrorCode =
  | 'token_missing'
  | InvalidRequestCode
  | InvalidTokenCode
  | 'permission_denied'
  | KeySourceCode
  | 'revocation_unavailable'
  | 'authentication_not_run'

interface CodeFacts {
  readonly status: number
  /** Constant, and safe on the wire: only characters that `error_description` allows (RFC 6750 section 3). */
  readonly message: string
}

const codeFacts: Readonly<Record<JwtGateErrorCode, CodeFacts>> = {
  token_missing: { status: 401, message: 'An access token is required' },

  request_malformed: { status: 400, message: 'The credentials of the request are malformed' },
  multiple_tokens: { status: 400, message: 'More than one set of credentials was sent' },

  token_malformed: { status: 401, message: 'The access token is malformed' },
  algorithm_not_allowed: { status: 401, message: 'The access token is signed with an algorithm that is not accepted' },
  type_not_allowed: { status: 401, message: 'The token is not of an accepted type' },
  critical_header: { status: 401, message: 'The access token demands a header extension that is not supported' },
  key_unknown: { status: 401, message: 'The access token is signed with an unknown key' },
  signature_invalid: { status: 401, message: 'The signature of the access token is invalid' },
  issuer_mismatch: { status: 401, message: 'The access token comes from another issuer' },
  audience_mismatch: { status: 401, message: 'The access token is meant for another audience' },
  token_expired: { status: 401, message: 'The access token expired' },
  token_not_yet_valid: { status: 401, message: 'The access token is not valid yet' },
  token_too_old: { status: 401, message: 'The access token was issued too long ago' },
  claim_missing: { status: 401, message: 'The access token lacks a required claim' },
  claim_invalid: { status: 401, message: 'A claim of the access token is invalid' },
  token_bound: { status: 401, message: 'The access token is bound to its sender and is no plain bearer token' },
  claims_rejected: { status: 401, message: 'The claims of the access token were rejected' },
  token_revoked: { status: 401, message: 'The access token was revoked' },

  permission_denied: { status: 403, message: 'The access token does not grant what this request needs' },

  keys_unavailable: { status: 503, message: 'The keys that verify access tokens are unavailable' },
  keys_invalid: { status: 503, message: 'The keys that verify access tokens are unusable' },
  discovery_failed: { status: 503, message: 'The metadata of the token issuer is unavailable' },

  revocation_unavailable: { status: 503, message: 'Whether the access token was revoked cannot be told now' },

  authentication_not_run: {
    status: 500,
    message: 'Nobody authenticated this request: mount requireJwt() or optionalJwt() before guards and authOf()',
  },
}

/**
 * The common shape of every refusal. Express and Koa render it by themselves from `status`, `headers` and `expose`.
 *
 * Recognise it with {@link isJwtGateError}, not with `instanceof`: a CommonJS and an ES module copy of this package have
 * different classes.
 */
export abstract class JwtGateError extends Error {
  /** What happened; see the table of codes in the README. */
  readonly code: JwtGateErrorCode
  /** The HTTP status: 400, 401, 403, 500 or 503. */
  declare status: number
  /** The same as `status`, where frameworks look for this name. */
  declare statusCode: number
  /** Response headers that belong to this refusal: `WWW-Authenticate` (RFC 6750 section 3) or `Retry-After`. */
  declare headers: Record<string, string>
  /** Whether `message` is meant for the client: `true` for 4xx, `false` for 5xx. */
  declare expose: boolean
  /**
   * For the operator, never for the client: what was wrong and which option to change. Not enumerable, so that
   * serialising the error leaves it out. Quotes no token and no key, and claims only after the signature is proven.
   */
  declare readonly hint: string | undefined

  protected constructor(code: JwtGateErrorCode, hint: string | undefined) {
    const { status, message } = codeFacts[code]
    super(message)
    this.code = code
    // Hidden, so that a logged refusal is one line; assignable, for frameworks and their plugins do.
    defineHidden(this, 'status', status)
    defineHidden(this, 'statusCode', status)
    defineHidden(this, 'headers', {})
    defineHidden(this, 'expose', status < 500)
    defineHidden(this, 'hint', hint)
  }
}

/** A refusal whose stack could only show our own frames: it carries none, so that a flood of bad tokens floods no log. */
abstract class StacklessError extends JwtGateError {
  protected constructor(code: JwtGateErrorCode, hint: string | undefined) {
    // Reflect.set: where the property is frozen, an assignment would throw and replace the refusal.
    const limit = Error.stackTraceLimit
    Reflect.set(Error, 'stackTraceLimit', 0)
    try {
      super(code, hint)
    } finally {
      Reflect.set(Error, 'stackTraceLimit', limit)
    }
  }
}

/** No credentials of a scheme that we read: 401 with a challenge that names no error (RFC 6750 section 3.1). */
export class TokenMissingError extends StacklessError {
  declare readonly code: 'token_missing'

  constructor(hint?: string) {
    super('token_missing', hint)
  }
}

/** The request carries its credentials wrongly: 400, `invalid_request` (RFC 6750 section 3.1). */
export class InvalidRequestError extends StacklessError {
  declare readonly code: InvalidRequestCode

  constructor(code: InvalidRequestCode, hint?: string) {
    super(code, hint)
  }
}

/** The token is refused: 401, `invalid_token` (RFC 6750 section 3.1). */
export class InvalidTokenError extends StacklessError {
  declare readonly code: InvalidTokenCode

  constructor(code: InvalidTokenCode, hint?: string) {
    super(code, hint)
  }
}

/** The token is good but grants too little: 403, `insufficient_scope` (RFC 6750 section 3.1). */
export class PermissionDeniedError extends StacklessError {
  declare readonly code: 'permission_denied'
  /** The scopes that would have been enough, for the challenge's `scope`; `undefined` unless the rule is about scopes. */
  declare readonly requiredScopes: readonly string[] | undefined

  constructor(hint?: string, requiredScopes?: readonly string[]) {
    super('permission_denied', hint)
    defineHidden(this, 'requiredScopes', requiredScopes)
  }
}

/** The keys cannot be had, which is not the token's fault: 503 with `Retry-After`. */
export class KeySourceError extends StacklessError {
  declare readonly code: KeySourceCode

  /** @param retryAfter - seconds after which another try makes sense (RFC 9110 section 10.2.3) */
  constructor(code: KeySourceCode, hint?: string, retryAfter: number = 1) {
    super(code, hint)
    this.headers['Retry-After'] = String(retryAfter)
  }
}

/** Nobody can say whether the token was revoked, which is not the token's fault: 503 with `Retry-After`. */
export class RevocationCheckError extends StacklessError {
  declare readonly code: 'revocation_unavailable'

  constructor(hint?: string) {
    super('revocation_unavailable', hint)
    this.headers['Retry-After'] = '1'
  }
}

/** The program is wired wrongly, for instance a guard without `requireJwt()` before it: 500. */
export class SetupError extends JwtGateError {
  declare readonly code: 'authentication_not_run'

  constructor(hint?: string) {
    super('authentication_not_run', hint)
  }
}

/**
 * An option is missing, unknown or unsafe. Thrown where the verifier or guard is made; only a clock that
 * gives no number, and a schema that throws or makes no object, show later: as a 500.
 * The message names the option and what to write instead; it never quotes a secret or a key.
 */
export class ConfigError extends TypeError {
  readonly code = 'config_invalid'
  /** The option to change, for instance `audience` or `remote.timeoutDuration`. */
  readonly option: string

  constructor(option: string, message: string) {
    super(message)
    this.option = option
  }
}

// Names and brands stand on the prototypes: no own property a log would print, and no minifier can change them.
for (const [name, errorClass] of Object.entries({
  JwtGateError,
  TokenMissingError,
  InvalidRequestError,
  InvalidTokenError,
  PermissionDeniedError,
  KeySourceError,
  RevocationCheckError,
  SetupError,
  ConfigError,
})) {
  defineHidden(errorClass.prototype, 'name', name)
}
defineHidden(JwtGateError.prototype, errorBrand, 'JwtGateError')
defineHidden(ConfigError.prototype, errorBrand, 'ConfigError')

/**
 * Whether `error` is a refusal of jwtgate, whichever copy of the package made it; with `code`, whether it is that one.
 *
 * @example if (isJwtGateError(error, 'token_expired')) refreshSession()
 */
export function isJwtGateError<Code extends JwtGateErrorCode = JwtGateErrorCode>(
  error: unknown,
  code?: Code,
): error is JwtGateError & { readonly code: Code } {
  if (typeof error !== 'object' || error === null) return false
  const branded = error as { readonly [errorBrand]?: unknown; readonly code?: unknown }
  return branded[errorBrand] === 'JwtGateError' && (code === undefined || branded.code === code)
}

function defineHidden(target: object, name: PropertyKey, value: unknown): void {
  // Without prototype: a polluted one could make it a getter.
  const descriptor = { __proto__: null, value, writable: true, configurable: true, enumerable: false }
  Object.defineProperty(target, name, descriptor)
}
