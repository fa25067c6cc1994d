// The seam between the verifier and wherever keys come from.
import type { EngineKey } from '#crypto'
import { whyUnfit, type Algorithm } from '../algorithms.ts'

/** A key that may verify signatures, as one object for as long as it stays the same key. */
export interface VerificationKey {
  readonly kid: string | undefined
  /** Equal for the same key material under the same `kid` and `alg`, different for any other. */
  readonly identity: string
  /** The pinned algorithms whose demands the key itself meets. */
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
}

/** One `kid` on several keys is allowed (RFC 7517 section 4.5); more than this many signature checks a token are not. */
export const mostKeysTried = 4

/** The algorithms out of `pinned` that the key meets; else why it meets none, in words. */
export function fittingAlgorithms(
  pinned: Iterable<Algorithm>,
  { facts }: Pick<EngineKey, 'facts'>,
): ReadonlySet<Algorithm> | string {
  const fits = new Set<Algorithm>()
  const reasons = new Set<string>()
  for (const algorithm of pinned) {
    const reason = whyUnfit(algorithm, facts)
    if (reason === undefined) fits.add(algorithm)
    else reasons.add(reason)
  }
  return fits.size > 0 ? fits : [...reasons].join('; ')
}
