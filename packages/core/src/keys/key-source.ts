// The seam between the verifier and wherever keys come from.
import type { EngineKey } from '#crypto'
import { keyTypeOf, whyUnfit, type Algorithm } from '../algorithms.ts'
import type { KeySourceCode } from '../errors.ts'

/** A key that may verify signatures, as one object for as long as it stays the same key. */
export interface VerificationKey {
  readonly kid: string | undefined
  /** Equal for the same key material under the same `kid` and `alg`, different for any other. */
  readonly identity: string
  /** The algorithms, of those it was imported for, whose demands the key itself meets. */
  readonly fits: ReadonlySet<Algorithm>
  readonly engineKey: EngineKey
}

export interface KeySource {
  /**
   * The keys that may have signed a token with this `alg` and `kid`, at least one. A promise only if they have to be
   * fetched.
   *
   * @throws InvalidTokenError `key_unknown` if there is none
   * @throws KeySourceError if it cannot be known
   */
  find(algorithm: Algorithm, kid: string | undefined): readonly VerificationKey[] | Promise<readonly VerificationKey[]>
  /** Fetches what has to be fetched. @throws KeySourceError */
  ready(): Promise<void>
  /** How it is, without asking anybody. */
  status(): KeyStatus
}

/** How the keys of an issuer are. Holds no key and no address. */
export interface KeyStatus {
  /**
   * `fresh`: as young as they should be. `stale`: in use although older than that, because nobody asked for a while or
   * because refreshing them fails. `missing`: none that may be used, and tokens are answered with 503 until a fetch
   * succeeds; also before the first one.
   */
  readonly state: 'fresh' | 'stale' | 'missing'
  /** How many keys fit the pinned `algorithms`. */
  readonly keys: number
  /** Milliseconds since the last successful fetch; `null` if there was none, or if the keys were given as an option. */
  readonly age: number | null
  /** When the last successful fetch was, in milliseconds since 1970; `null` as for `age`. */
  readonly lastSuccess: number | null
  /** The last fetch that failed, also if one succeeded since; `null` if none did. `at` is in milliseconds since 1970. */
  readonly lastFailure: { readonly code: KeySourceCode; readonly at: number } | null
}

/** Of keys that were given as an option. */
export function statusOfGiven(keys: number): KeyStatus {
  return { state: 'fresh', keys, age: null, lastSuccess: null, lastFailure: null }
}

/** One `kid` on several keys is allowed (RFC 7517 section 4.5); more than this many signature checks a token are not. */
export const mostKeysTried = 4

/** The algorithms out of `wanted` that the key meets; else why it meets none, in words. */
export function fittingAlgorithms(
  wanted: readonly Algorithm[],
  { facts }: Pick<EngineKey, 'facts'>,
): ReadonlySet<Algorithm> | string {
  const fits = wanted.filter((algorithm) => whyUnfit(algorithm, facts) === undefined)
  if (fits.length > 0) return new Set(fits)
  // Why an RSA key is no key for ECDSA is of no interest where RSA is wanted too.
  const related = wanted.filter((algorithm) => keyTypeOf(algorithm) === facts.type)
  const reasons = (related.length > 0 ? related : wanted).map((algorithm) => whyUnfit(algorithm, facts))
  return [...new Set(reasons)].join('; ')
}
