// createJwtVerifier(): the way of a token through its checks, in order. The first that fails decides the code.
import { verifySignature } from '#crypto'
import { createAuth, type Auth } from './auth.ts'
import { checkStaticClaims, checkTimes } from './claims.ts'
import { deepFreeze } from './deep-freeze.ts'
import { InvalidTokenError, isJwtGateError } from './errors.ts'
import { checkHeader, type AcceptedHeader } from './header.ts'
import { refused } from './http/refused.ts'
import { checkClaimedIssuer } from './issuer.ts'
import { parseJws, parsePayload, type CompactJws, type JwtHeader } from './jws.ts'
import type { VerificationKey } from './keys/key-source.ts'
import type { JwtVerifierOptions } from './options.ts'
import { grantsOf } from './permissions.ts'
import { resolveOptions, type VerifierSettings } from './settings.ts'

/** Verifies the tokens of one issuer. Made by {@link createJwtVerifier}. */
export interface JwtVerifier {
  /**
   * Verifies a token: form, algorithm, key, signature, claims and times, in this order.
   *
   * @param token - a compact JWS (RFC 7515 section 7.1); whatever is no string is refused
   * @returns always a promise: nothing is thrown at the call itself
   * @throws InvalidTokenError if the token is refused (401)
   * @throws KeySourceError if its key cannot be had now (503)
   */
  verify(token: string): Promise<Auth>
  /**
   * Warms up: fetches the metadata and keys if they are remote, so that the first request need not wait.
   *
   * @throws KeySourceError if they cannot be had. The verifier goes on trying with later tokens.
   */
  ready(): Promise<void>
}

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
export function createJwtVerifier(options: JwtVerifierOptions): JwtVerifier {
  const settings = resolveOptions(options)
  return Object.freeze({
    verify: async (token: string) => check(token, settings).catch(rethrowRefused),
    ready: async () => settings.keys.ready().catch(rethrowWithHint),
    [verifierBrand]: true,
  })
}

/** No request waits for this error: its hint may be seen where it is logged, and holds nothing of a token. */
function rethrowWithHint(error: unknown): never {
  const shown = refused(error)
  if (isJwtGateError(shown)) Object.defineProperty(shown, 'hint', { enumerable: true })
  throw shown
}

/** By a registered symbol, so that a verifier of another copy of this package is known as one. */
const verifierBrand = Symbol.for('jwtgate.verifier')

/** Not by its shape: an object of options with a `verify` among them would switch every check off. */
export function isVerifier(value: JwtVerifier | JwtVerifierOptions): value is JwtVerifier {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, verifierBrand)
}

function rethrowRefused(error: unknown): never {
  throw refused(error)
}

async function check(token: string, settings: VerifierSettings): Promise<Auth> {
  const jws = parseJws(token, settings.maxTokenLength)
  const header = checkHeader(jws.header, settings)
  const claims = parsePayload(jws)
  checkClaimedIssuer(claims, settings.issuers)

  const found = settings.keys.find(header.algorithm, header.kid)
  const keys = found instanceof Promise ? await found : found
  checkSignature(jws, header, keys)

  checkStaticClaims(claims, settings)
  checkTimes(claims, settings, Math.floor(settings.clock.now() / 1000))
  // Frozen before a function of the application sees them.
  const grants = grantsOf(deepFreeze(claims), settings)
  // checkHeader() has seen that `alg`, `kid` and `typ` are what the type says.
  return createAuth({ claims, header: jws.header as JwtHeader, ...grants, token })
}

function checkSignature(jws: CompactJws, { algorithm }: AcceptedHeader, keys: readonly VerificationKey[]): void {
  for (const { engineKey } of keys) {
    if (verifySignature(algorithm, engineKey, jws.signingInput, jws.signature)) return
  }
  throw new InvalidTokenError('signature_invalid', algorithm.kind === 'hmac' ? secretHint : keyHint)
}

const keyHint = 'The signature does not fit the key: the token was changed, or the issuer signed it with another key.'
const secretHint =
  'The signature does not fit the secret: the token was changed, or the issuer means other bytes by it. A string is taken ' +
  "as UTF-8; for base64 give Buffer.from(secret, 'base64')."
