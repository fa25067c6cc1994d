// A request -> who sent it, remembered on the request; a rule -> allowed or refused. What every adapter calls.
import { isMadeBy, type Auth } from '../auth.ts'
import { isClaimsSchema, type ClaimsSchema, type ClaimsWith } from '../claims-schema.ts'
import type { JwtClaims } from '../claims.ts'
import { ConfigError, isJwtGateError, PermissionDeniedError, SetupError, TokenMissingError } from '../errors.ts'
import { hideMember } from '../hidden-member.ts'
import { givenOptions } from '../option-checks.ts'
import type { JwtVerifierOptions } from '../options.ts'
import { describeRule, isAllowed, kindsOf, ruleOf, scopesOf, type AccessRule, type GrantKind } from '../permissions.ts'
import { createJwtVerifier, isVerifier, type JwtVerifier } from '../verifier.ts'
import { defaultRealm, isQuotable, setChallenge } from './challenge.ts'
import { refused, throwable } from './refused.ts'
import { fromBearer, fromOneOf, type RequestLike, type TokenSource } from './token-source.ts'

/** How a request is authenticated, besides how its token is verified. */
export interface AuthenticationOptions {
  /** The name of the protected area in challenges (RFC 9110 section 11.5): printable ASCII without quotes. Default `api`. */
  readonly realm?: string
  /** Where the token is, or may be: of several places, one may hold it. Default {@link fromBearer}. */
  readonly tokenFrom?: TokenSource | readonly TokenSource[]
}

/**
 * Authenticates a request and remembers the outcome on it; `undefined` is an anonymous one, if these are let in.
 *
 * @param findToken - where the token of this one request is, in place of the option `tokenFrom`
 * @param missing - the hint for the operator where it finds none
 */
export type Authenticator = (
  request: RequestLike,
  findToken?: TokenFinder,
  missing?: string,
) => Promise<Auth | undefined>

/** Finds the token of the one request that it was made for; `undefined` if there is none. @throws InvalidRequestError */
export type TokenFinder = () => string | undefined | Promise<string | undefined>

/**
 * Makes what an adapter runs for each request: find the token, verify it, remember who sent it.
 *
 * @param anonymous - whether a request without a token is let in; a bad token never is
 * @throws ConfigError for unusable options, at once; the authenticator itself rejects with a `JwtGateError`
 */
export function createAuthenticator(
  verifierOrOptions: JwtVerifier | JwtVerifierOptions,
  options: AuthenticationOptions = {},
  anonymous: 'refused' | 'allowed' = 'refused',
): Authenticator {
  // First: who mounts this without calling it gives a request here, and its response as the options.
  const verifier = isVerifier(verifierOrOptions) ? verifierOrOptions : createJwtVerifier(verifierOrOptions)
  const { realm, tokenFrom, missing } = resolveAuthenticationOptions(options)
  if (anonymous !== 'refused' && anonymous !== 'allowed') {
    throw new ConfigError('anonymous', "anonymous must be 'refused' or 'allowed'.")
  }

  return async (request, findToken, missingThere = elsewhereHint) => {
    // What an earlier middleware found must not outlive a refusal here.
    if (recall(request) !== undefined) forget(request)
    const token = findToken === undefined ? tokenOf(request) : await tokenFoundBy(findToken, missingThere)
    const auth = token === undefined ? undefined : await verify(token)
    remember(request, { auth, realm, verifier })
    return auth
  }

  function tokenOf(request: RequestLike): string | undefined {
    try {
      return orRefused(tokenFrom(request), missing)
    } catch (error) {
      throw refused(error, realm)
    }
  }

  async function tokenFoundBy(findToken: TokenFinder, hint: string): Promise<string | undefined> {
    try {
      const token: unknown = await findToken()
      if (token === undefined || typeof token === 'string') return orRefused(token, hint)
    } catch (error) {
      throw refused(error, realm)
    }
    throw new TypeError('What finds the token must give a string or undefined')
  }

  function orRefused(token: string | undefined, hint: string): string | undefined {
    if (token === undefined && anonymous === 'refused') throw new TokenMissingError(hint)
    return token
  }

  async function verify(token: string): Promise<Auth> {
    let auth: unknown
    try {
      auth = await verifier.verify(token)
    } catch (error) {
      throw inRealm(error, realm)
    }
    // The application may have wrapped it. Who sent a token must never pass for anonymous.
    if (typeof auth !== 'object' || auth === null) throw new TypeError('The verifier gave no Auth for a token')
    return auth as Auth
  }
}

const missingHint =
  'The request has no `Authorization: Bearer ...` header. Is it sent, does a proxy drop it, is another scheme used?'

const elsewhereHint = 'No token was found. Is it sent, and where it is looked for?'

/** Reads who sent a request. What adapters export as `authOf`. */
export interface AuthOf<Request> {
  /**
   * The verified token of this request. Read from where only jwtgate writes.
   *
   * @throws SetupError (500) if no `requireJwt()` ran before, or if the request is anonymous
   */
  (request: Request): Auth
  /**
   * The same with the claims of this verifier, typed by its schemas.
   *
   * @throws SetupError also if another verifier authenticated the request
   */
  <Claims extends JwtClaims>(request: Request, verifier: JwtVerifier<Claims>): Auth<Claims>
  /**
   * The same with the claims that this schema made.
   *
   * @throws SetupError also if the claims did not pass this schema
   */
  <Output extends object>(request: Request, schema: ClaimsSchema<Output>): Auth<ClaimsWith<Output>>
}

/**
 * Makes an adapter's `authOf()`.
 *
 * @param authenticated - what was given to the authenticator, out of what the framework gives to handlers
 */
export function createAuthReader<Request>(authenticated: (request: Request) => object): AuthOf<Request> {
  // That the claims are of the type that is asked for, readAuth() sees at run time.
  return (request: Request, ...madeBy: readonly unknown[]) => readAuth(authenticated(request), madeBy)
}

/** For requests that stand for themselves. */
export const requireAuth: AuthOf<object> = createAuthReader((request) => request)

function readAuth(request: object, madeBy: readonly unknown[]): Auth {
  const outcome = recall(request)
  if (outcome?.auth === undefined) throw refused(new SetupError(outcome === undefined ? notRunHint : anonymousHint))
  const { auth, verifier } = outcome
  // By how many are given: a schema that is undefined, by a misspelt import, must not mean that none is asked for.
  const [maker] = madeBy
  if (madeBy.length === 0 || maker === verifier || (isClaimsSchema(maker) && isMadeBy(auth, maker))) return auth
  throw refused(new SetupError('authOf() was given another verifier or schema than the one that made these claims.'))
}

const notRunHint =
  'No requireJwt(), optionalJwt() or JwtAuthGuard ran before this guard, authOf() or @CurrentAuth(): is the route public?'
const anonymousHint = 'optionalJwt() let this request in without a token: where that is so, use optionalAuthOf().'

/** Who sent this request; `undefined` if it is anonymous or nobody asked. */
export function findAuth(request: object): Auth | undefined {
  return recall(request)?.auth
}

/** Decides by more than names: the request too, or data of the application. Only `true` allows. */
export type AccessPredicate<Request> = (auth: Auth, request: Request) => boolean | Promise<boolean>

/** Lets a request pass or throws. */
export type Authorizer = (request: object) => void

/** The same for a rule that may be a function, which sees what the framework calls a request. */
export type AccessAuthorizer<Request> = (request: object, seen: Request) => void | Promise<void>

/**
 * A guard over names: everything given has to hold.
 *
 * @param kind - what bare names are
 * @throws ConfigError
 */
export function createAuthorizer(kind: GrantKind | undefined, rules: readonly unknown[]): Authorizer {
  const rule = ruleOf(kind, rules)
  const required = scopesOf(rule)
  const hint = hintFor(rule)
  return (request) => {
    const { auth, realm } = authenticated(request)
    if (!isAllowed(rule, auth)) throw refused(new PermissionDeniedError(hint, required), realm)
  }
}

/** A guard over a rule or a function. @throws ConfigError */
export function createAccessAuthorizer<Request>(
  ruleOrPredicate: AccessRule | AccessPredicate<Request>,
  ...more: readonly never[]
): AccessAuthorizer<Request> {
  if (more.length > 0) {
    throw new ConfigError(
      'rule',
      'requireAccess() takes one rule or one function: for several rules write allOf(a, b).',
    )
  }
  if (typeof ruleOrPredicate !== 'function') return createAuthorizer(undefined, [ruleOrPredicate])
  if (ruleOrPredicate.length > 2) {
    throw new ConfigError(
      'rule',
      'requireAccess() takes a rule or a function (auth, request) => boolean, no middleware.',
    )
  }
  return async (request, seen) => {
    const { auth, realm } = authenticated(request)
    if ((await decide(ruleOrPredicate, auth, seen, realm)) === true) return
    throw refused(new PermissionDeniedError('The function given to requireAccess() did not return true.'), realm)
  }
}

async function decide<Request>(
  predicate: AccessPredicate<Request>,
  auth: Auth,
  request: Request,
  realm: string,
): Promise<unknown> {
  try {
    return await predicate(auth, request)
  } catch (error) {
    throw inRealm(error, realm)
  }
}

function hintFor(rule: AccessRule): string {
  const options = kindsOf(rule).map((kind) => `\`${kind}sFrom\``)
  const where = options.length > 1 ? 'the options ' : 'the option '
  return `The route needs ${describeRule(rule)}. If the issuer puts it elsewhere, ${where}${options.join(', ')} can say where.`
}

/** What is known about the sender of a request. `auth` is `undefined` for an anonymous one. */
interface Outcome {
  readonly auth: Auth | undefined
  readonly realm: string
  readonly verifier: object
}

/** By a registered symbol, so that guards of another copy of this package find it; no other library writes there. */
const outcomeKey = Symbol.for('jwtgate.auth')

function authenticated(request: object): { readonly auth: Auth; readonly realm: string } {
  const outcome = recall(request)
  if (outcome === undefined) throw refused(new SetupError(notRunHint))
  const { auth, realm } = outcome
  if (auth === undefined)
    throw refused(new TokenMissingError('The route needs a token; optionalJwt() let the request in without.'), realm)
  return { auth, realm }
}

function remember(request: object, outcome: Outcome | undefined): void {
  hideMember(request, outcomeKey, outcome)
}

function forget(request: object): void {
  remember(request, undefined)
}

function recall(request: object): Outcome | undefined {
  return Object.hasOwn(request, outcomeKey) ? (request as { readonly [outcomeKey]?: Outcome })[outcomeKey] : undefined
}

/** What was refused and told already, elsewhere, as a refusal here. */
function inRealm(error: unknown, realm: string): object {
  if (isJwtGateError(error)) setChallenge(error, realm)
  return throwable(error)
}

interface AuthenticationSettings {
  readonly realm: string
  readonly tokenFrom: TokenSource
  /** The hint where no token is found. */
  readonly missing: string
}

function resolveAuthenticationOptions(options: AuthenticationOptions): AuthenticationSettings {
  const given = givenOptions(options, ['realm', 'tokenFrom'])
  const { realm = defaultRealm, tokenFrom = fromBearer() } = given
  if (!isQuotable(realm)) {
    throw new ConfigError('realm', 'realm must be printable ASCII without quotes and backslashes.')
  }
  const sources: readonly unknown[] = Array.isArray(tokenFrom) ? [...tokenFrom] : [tokenFrom]
  const isSource = (source: unknown): source is TokenSource => typeof source === 'function'
  if (sources.length > 0 && sources.every(isSource)) {
    const missing = given.tokenFrom === undefined ? missingHint : 'The option `tokenFrom` found no token.'
    return { realm, tokenFrom: fromOneOf(sources), missing }
  }
  const message = "tokenFrom must be fromBearer(), fromCookie('name'), fromHeader('name'), or a list of these."
  throw new ConfigError('tokenFrom', message)
}
