// createJwtVerifier(): the way of a token through its checks, in order. The first that fails decides the code.
import { verifySignature } from '#crypto'
import type { Algorithm } from './algorithms.ts'
import { createAuth, type Auth } from './auth.ts'
import { applySchema, type ClaimsWith } from './claims-schema.ts'
import { checkStaticClaims, checkTimes, type JwtClaims } from './claims.ts'
import { InvalidTokenError } from './errors.ts'
import { checkHeader } from './header.ts'
import { refused } from './http/refused.ts'
import { selectIssuer } from './issuer.ts'
import { KnownHeaders } from './known-headers.ts'
import { parseJws, parsePayload, type JwtHeader } from './jws.ts'
import type { KeySource, VerificationKey } from './keys/key-source.ts'
import type { IssuerOptions, JwtVerifierOptions, SharedOptions } from './options.ts'
import { ownText } from './own-text.ts'
import { grantsOf } from './permissions.ts'
import { checkRevocation } from './revocation.ts'
import { resolveOptions, type VerifierSettings } from './settings.ts'
import { statusOf, type VerifierStatus } from './status.ts'
import { TokenCache, type VerifiedToken } from './token-cache.ts'
import { warmUp } from './warm-up.ts'

/** Verifies tokens. Made by {@link createJwtVerifier}. */
export interface JwtVerifier<Claims extends JwtClaims = JwtClaims> {
  /**
   * Verifies a token: form, algorithm, key, signature, claims and times, in this order; then schema and revocation.
   *
   * @param token - a compact JWS (RFC 7515 section 7.1); whatever is no string is refused
   * @returns always a promise: nothing is thrown at the call itself
   * @throws InvalidTokenError if the token is refused (401)
   * @throws KeySourceError if its key cannot be had now (503)
   * @throws RevocationCheckError if nobody can say whether it was revoked (503)
   */
  verify(token: string): Promise<Auth<Claims>>
  /**
   * Warms up: fetches the metadata and keys if they are remote, so that the first request need not wait.
   *
   * @throws KeySourceError if they cannot be had; of several issuers, an AggregateError with one for each that failed. The
   *   others are ready then, and all of them go on trying with later tokens.
   */
  ready(): Promise<void>
  /**
   * How the keys of each issuer are, for a health endpoint: known or not, fresh or stale, the last success and failure.
   * Asks nobody and changes nothing.
   *
   * @example
   * app.get('/health', (req, res) => res.json(verifier.status()))
   */
  status(): VerifierStatus
}

/** For each issuer its options, typed by what its schema makes. */
type IssuerList<Outputs extends readonly object[]> = {
  readonly [Index in keyof Outputs]: IssuerOptions<Outputs[Index]>
}

/**
 * Makes a verifier for several issuers, each with its own audience, algorithms, keys and rules. `iss` says which of them a
 * token has to satisfy, and a token never reaches the keys of another.
 *
 * @param shared - what all of them share
 * @throws ConfigError also where two of them have the same `issuer`
 */
export function createJwtVerifier<Outputs extends readonly [object, ...object[]] | readonly object[]>(
  issuers: IssuerList<Outputs>,
  shared?: SharedOptions,
): JwtVerifier<ClaimsWith<NoInfer<Outputs[number]>>>
/**
 * Makes a verifier. Make it once, not per request: it holds the keys.
 *
 * @throws ConfigError if an option is missing, unknown or unsafe; its message says what to write instead
 * @example
 * const verifier = createJwtVerifier({
 *   issuer: 'https://id.example.com',
 *   audience: 'https://api.example.com',
 *   algorithms: ['RS256'],
 * })
 * const { claims } = await verifier.verify(token)
 */
export function createJwtVerifier<Output extends object = object>(
  options: JwtVerifierOptions<Output>,
): JwtVerifier<ClaimsWith<NoInfer<Output>>>
export function createJwtVerifier(
  options: JwtVerifierOptions | readonly IssuerOptions[],
  shared?: SharedOptions,
): JwtVerifier {
  const settings = resolveOptions(options, shared)
  const issuers = new Set(settings.issuers.values()) // One may have several spellings.
  const memory: Memory = {
    headers: new KnownHeaders(),
    tokens: settings.tokenCache && new TokenCache(settings.tokenCache),
  }
  return Object.freeze({
    verify: (token: string) => verify(token, settings, memory),
    ready: async () => warmUp(issuers),
    status: () => statusOf(issuers),
    [verifierBrand]: true,
  })
}

/** By a registered symbol, so that a verifier of another copy of this package is known as one. */
const verifierBrand = Symbol.for('jwtgate.verifier')

/**
 * Whether this is a verifier, also one of another copy of this package, rather than the options to make one. Known by its
 * brand, not by its shape: an object of options with a `verify` among them would switch every check off.
 */
export function isVerifier(value: JwtVerifier | JwtVerifierOptions): value is JwtVerifier {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, verifierBrand)
}

/** What a verifier remembers. */
interface Memory {
  /** Of tokens that were signed by their issuer. */
  readonly headers: KnownHeaders
  /** Those that were good; `undefined` where the options say so. */
  readonly tokens: TokenCache | undefined
}

/** Never throws at the call: what goes wrong is a rejection. */
function verify(token: string, settings: VerifierSettings, memory: Memory): Promise<Auth> {
  const verified = memory.tokens?.find(token)
  if (verified === undefined) return checkAll(token, settings, memory).catch(rethrowRefused)
  try {
    return checkAgain(verified, settings, memory)
  } catch (error) {
    return Promise.reject(refused(error))
  }
}

function rethrowRefused(error: unknown): never {
  throw refused(error)
}

/**
 * Waits only where there is something to wait for: a promise that is settled takes a turn as well. Never asks whether
 * something is a Promise: some libraries put another one into its place.
 */
async function checkAll(token: string, settings: VerifierSettings, memory: Memory): Promise<Auth> {
  const jws = parseJws(token, settings.maxTokenLength, memory.headers)
  checkHeader(jws.header, settings) // What no issuer accepts, before its payload is looked at.
  const payload = parsePayload(jws)
  const issuer = selectIssuer(payload, settings.issuers)
  const { algorithm, kid } = checkHeader(jws.header, issuer)

  const found = issuer.keys.find(algorithm, kid)
  let key: VerificationKey | undefined
  for (const candidate of Array.isArray(found) ? found : await found) {
    const isGood = verifySignature(algorithm, candidate.engineKey, jws)
    if ((typeof isGood === 'boolean' ? isGood : await isGood) !== true) continue
    key = candidate
    break
  }
  if (key === undefined) throw badSignature(algorithm)
  memory.headers.add(jws.encodedHeader, jws.header)

  checkStaticClaims(payload, issuer)
  checkTimes(payload, issuer, secondsNow(settings))
  const claims = issuer.claimsSchema === undefined ? payload : await applySchema(payload, issuer.claimsSchema)

  const { permissions, scopes, roles } = grantsOf(payload, issuer)
  const own = memory.tokens === undefined ? token : ownText(token)
  // checkHeader() has seen that `alg`, `kid` and `typ` are what the type says.
  const header = jws.header.members as JwtHeader
  const parts = { claims, header, permissions, scopes, roles, token: own }
  const auth = createAuth(parts, issuer.claimsSchema)
  memory.tokens?.add({ auth, issuer, algorithm, key, accepted: Promise.resolve(auth) })
  if (settings.isRevoked !== undefined) await checkRevocation(auth, settings.isRevoked)
  return auth
}

/** What can have changed since the same token was verified: its key, the time, and whether it was revoked. */
function checkAgain(verified: VerifiedToken, settings: VerifierSettings, memory: Memory): Promise<Auth> {
  const { auth, issuer, algorithm, key, accepted } = verified
  const keys = issuer.keys.find(algorithm, auth.header.kid)
  if (settings.isRevoked !== undefined || !isListOf(keys, key)) {
    return checkInTurn(verified, keys, settings, memory).catch(rethrowRefused)
  }
  checkTimes(auth.claims, issuer, secondsNow(settings))
  return accepted
}

/** The same where something has to be waited for. */
async function checkInTurn(
  verified: VerifiedToken,
  keys: ReturnType<KeySource['find']>,
  settings: VerifierSettings,
  memory: Memory,
): Promise<Auth> {
  const { auth, issuer, key } = verified
  let isCurrent: boolean
  try {
    isCurrent = isListOf(await keys, key)
  } catch (error) {
    if (error instanceof InvalidTokenError) memory.tokens?.remove(verified) // Else nobody knows: it may be current again.
    throw error
  }
  if (!isCurrent) {
    memory.tokens?.remove(verified)
    return checkAll(auth.token, settings, memory)
  }
  checkTimes(auth.claims, issuer, secondsNow(settings))
  if (settings.isRevoked !== undefined) await checkRevocation(auth, settings.isRevoked)
  return auth
}

/** By the object itself: a key that was replaced is another. */
function isListOf(keys: ReturnType<KeySource['find']>, key: VerificationKey): boolean {
  return Array.isArray(keys) && keys.includes(key)
}

function secondsNow({ clock }: VerifierSettings): number {
  return Math.floor(clock.now() / 1000)
}

function badSignature({ kind }: Algorithm): InvalidTokenError {
  return new InvalidTokenError('signature_invalid', kind === 'hmac' ? secretHint : keyHint)
}

const keyHint = 'The signature does not fit the key: the token was changed, or the issuer signed it with another key.'
const secretHint =
  'The signature does not fit the secret: the token was changed, or the issuer means other bytes by it. A string is taken ' +
  'as UTF-8; where the issuer means base64, give the decoded bytes.'
