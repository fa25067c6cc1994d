// createTestIssuer(): an issuer of tokens over HTTP, with its keys, its faults and its clock in the hands of a test.
import type { AlgorithmName } from '@jwtgate/core'
import { attackerJwks, createBadTokens, type BadTokens } from './bad-tokens.ts'
import { createTestClock, type TestClock } from './clock.ts'
import { documentPaths, jsonResponder, metadataOf } from './documents.ts'
import { isAlgorithmName, isHmac } from './key-pair.ts'
import { KeyRing, type TestJwks } from './key-ring.ts'
import { LoopbackServer, type Outage, type Responder } from './loopback-server.ts'
import { Signer, type SignerSettings, type SignOptions, type TestClaims } from './signer.ts'

/** What {@link createTestIssuer} can be told. Everything has a default. */
export interface TestIssuerOptions {
  /** The `aud` of its tokens: your API. Default `https://api.example.com`. */
  readonly audience?: string
  /**
   * What it signs with; the first is the default of {@link TestIssuer.sign}. HMAC and public-key algorithms never
   * together. Default `['RS256']`, as most providers have it. The first RSA key of a process takes a moment (0.1 s or
   * more); those of closed issuers are used again.
   */
  readonly algorithms?: readonly AlgorithmName[]
  /** The path of {@link TestIssuer.url}, for instance `/realms/test`; `/` for an issuer that ends with a slash. Default none. */
  readonly path?: string
  /** Its clock, to share one between issuers. Default: one of its own, which shows the real time. */
  readonly clock?: TestClock
  /** Claims of every token, also of the bad ones, for instance `{ token_use: 'access' }` or `{ nbf: undefined }`. */
  readonly claims?: TestClaims
  /** Header members of every token, for instance `{ typ: 'at+jwt' }`. */
  readonly header?: TestClaims
}

/** What makes a verifier accept the issuer's tokens; further options can be laid over it. */
export interface TestVerifierOptions {
  /** {@link TestIssuer.url}: without `jwksUri`, the verifier finds the keys by discovery. */
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly AlgorithmName[]
  readonly clock: TestClock
  /** Only for HMAC: the shared secrets as text, the newest first. */
  readonly secret?: readonly string[]
}

/** How often the issuer was asked for a document, whatever it answered. */
export interface FetchCounts {
  /** OpenID Connect Discovery and RFC 8414 together. */
  readonly metadata: number
  readonly jwks: number
}

/** An issuer of tokens for tests. Made by {@link createTestIssuer}. */
export interface TestIssuer {
  /** The `iss` of its tokens, for instance `http://127.0.0.1:41234`. */
  readonly url: string
  /** Where its key set is (RFC 7517 section 5). */
  readonly jwksUri: string
  /** The `aud` of its tokens. */
  readonly audience: string
  /**
   * For `requireJwt()` or `createJwtVerifier()`. Each reading makes verifiers that share their keys with no other. Read it
   * again after {@link TestIssuer.rotate} where it has a `secret`.
   */
  readonly options: TestVerifierOptions
  /** The published keys, as the issuer serves them now. */
  readonly jwks: TestJwks
  /** The `kid` of the key that signs by default. */
  readonly kid: string
  /** The clock of this issuer and, through {@link TestIssuer.options}, of its verifiers. */
  readonly clock: TestClock

  /**
   * A token: good as it is, with `iss`, `aud`, `sub: 'alice'`, `iat`, `nbf` and `exp` an hour from now.
   *
   * @param claims - laid over these, `undefined` takes one out; or the whole payload, as text or bytes that are taken as
   *   they are
   * @throws Error if `options.kid` is not one of its keys, or if the issuer is closed
   * @example issuer.sign({ sub: 'bob', permissions: ['orders:delete'] })
   */
  sign(claims?: TestClaims | string | Uint8Array, options?: SignOptions): string
  /** Tokens that must be refused, by name. */
  readonly bad: BadTokens

  /**
   * New keys: from now on they sign, and stand first in the key set.
   *
   * @param options - `publishOld: false` takes the old keys out of the set at once. Default: they stay.
   */
  rotate(options?: { readonly publishOld?: boolean }): void
  /**
   * Takes a key out of the key set. It still signs, so that its tokens can be seen to be refused.
   *
   * @param kid - by default that of the key that signs by default
   * @throws Error if there is no such key
   */
  removeKey(kid?: string): void

  /**
   * Fails from now on: `refuse` accepts no connection, `hang` never answers, `status` answers with this status.
   *
   * @param status - for `status`. Default 503.
   */
  outage(kind: Outage, status?: number): Promise<void>
  /**
   * Ends an outage. Requests that hang are answered now.
   *
   * @throws Error (`EADDRINUSE`) if another program took the port during a `refuse`
   */
  recover(): Promise<void>
  /**
   * Scripts the answer to a path, also to one that the issuer does not have. An outage goes before it.
   *
   * @param path - as in the URL, for instance `/jwks`
   * @param responder - `undefined` takes the script back
   */
  respond(path: string, responder: Responder | undefined): void
  /** Header fields of the key set's answer, to change at will, for instance `cache-control`. */
  readonly jwksHeaders: Record<string, string>

  /** How often its documents were asked for since the start or {@link TestIssuer.resetFetches}. */
  readonly fetches: FetchCounts
  /** Counts from zero again. */
  resetFetches(): void

  /**
   * Ends it, also its hanging connections. May be called twice. A test that forgets it ends nevertheless: the issuer
   * keeps no process alive.
   */
  close(): Promise<void>
  /** The same as {@link TestIssuer.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts an issuer on a free port of this machine. For tests only: whoever can reach it can read nothing secret, but
 * whoever holds it can sign anything.
 *
 * @throws TypeError if an option cannot be
 * @example
 * const issuer = await createTestIssuer()
 * app.use(requireJwt(issuer.options))
 * const token = issuer.sign({ permissions: ['orders:delete'] })
 */
export async function createTestIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const { audience = 'https://api.example.com', clock = createTestClock(), claims = {}, header = {} } = options
  const algorithms = checkAlgorithms(options.algorithms ?? ['RS256'])
  const path = options.path ?? ''
  const paths = documentPaths(path)

  const keys = new KeyRing()
  for (const alg of algorithms) keys.current(alg)
  const server = new LoopbackServer()
  await server.listen()
  const url = `${server.origin}${path}`
  const jwksUri = `${server.origin}${paths.jwks}`
  const signer = new Signer({ url, audience, algorithms, clock, keys, claims, header })

  const jwksHeaders: Record<string, string> = {}
  const documents = new Map<string, Responder>([
    [paths.openId, jsonResponder(() => metadataOf(url, jwksUri, algorithms))],
    [paths.oauth, jsonResponder(() => metadataOf(url, jwksUri, algorithms))],
    [paths.jwks, jsonResponder(() => keys.jwks(), jwksHeaders)],
    [paths.attackerJwks, jsonResponder(() => attackerJwks(signer.currentKey()))],
  ])
  const respond: TestIssuer['respond'] = (path, responder = documents.get(path)) => {
    if (responder === undefined) server.responders.delete(path)
    else server.responders.set(path, responder)
  }
  for (const path of documents.keys()) respond(path, undefined)

  const fetched = (path: string): number => server.counts.get(path) ?? 0
  const close = async (): Promise<void> => {
    keys.close()
    await server.close()
  }

  return {
    url,
    jwksUri,
    audience,
    get options() {
      const secret = isHmac(algorithms[0]) ? { secret: keys.secrets() } : {}
      // A clock of its own for each: verifiers with the same one would share their keys, and a test its fetches with another.
      return { issuer: url, audience, algorithms, clock: { ...clock }, ...secret }
    },
    get jwks() {
      return keys.jwks()
    },
    get kid() {
      return signer.currentKey().kid
    },
    clock,

    sign: (claims, options) => signer.sign(claims, options),
    bad: createBadTokens(signer, `${server.origin}${paths.attackerJwks}`),

    rotate: ({ publishOld = true } = {}) => keys.rotate(publishOld),
    removeKey: (kid = signer.currentKey().kid) => keys.withdraw(keys.named(kid)),

    outage: (kind, status = 503) => server.fail(kind, status),
    recover: () => server.recover(),
    respond,
    jwksHeaders,

    get fetches() {
      return { metadata: fetched(paths.openId) + fetched(paths.oauth), jwks: fetched(paths.jwks) }
    },
    resetFetches: () => server.counts.clear(),

    close,
    [Symbol.asyncDispose]: close,
  }
}

function checkAlgorithms(names: readonly string[]): SignerSettings['algorithms'] {
  const unknown = names.find((name) => !isAlgorithmName(name))
  if (unknown !== undefined) throw new TypeError(`algorithms has one that is not known: ${JSON.stringify(unknown)}.`)
  const [first, ...others] = names.filter(isAlgorithmName)
  if (first === undefined)
    throw new TypeError("algorithms is an empty list: give at least one, for instance ['RS256'].")
  if (others.some((other) => isHmac(other) !== isHmac(first))) {
    throw new TypeError(
      'algorithms mixes HMAC with public-key algorithms, which no verifier accepts: make two issuers.',
    )
  }
  return [first, ...others]
}
