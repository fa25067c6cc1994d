// A JWK Set (RFC 7517 section 5) -> an immutable set of usable keys, found by algorithm and kid.
import type { Algorithm } from '../algorithms.ts'
import { escapeForLog } from '../escape-for-log.ts'
import { isJsonObject } from '../strict-json.ts'
import { importJwk } from './jwk.ts'
import { mostKeysTried, type VerificationKey } from './key-source.ts'

export interface JwkSet {
  /** Every usable key, by identity. */
  readonly keys: ReadonlyMap<string, VerificationKey>
  readonly skipped: readonly SkippedEntry[]
  /** By `kid`, then by algorithm; under `undefined` all keys, for tokens that name none. */
  readonly index: ReadonlyMap<string | undefined, ReadonlyMap<Algorithm, readonly VerificationKey[]>>
}

export interface SkippedEntry {
  readonly index: number
  /** Escaped and cut. */
  readonly kid: string | undefined
  readonly reason: string
}

/**
 * Every usable entry. A bad one is left out and told, since one new kind of key must not lock everybody out.
 *
 * @returns why the whole set is unusable, in words, if it is
 */
export function importJwkSet(value: unknown, wanted: readonly Algorithm[]): JwkSet | string {
  const work = importing(value, wanted)
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

/**
 * The same for a set that came from elsewhere while requests are served: after every few keys, others get their turn.
 *
 * @param known - the keys of the set before, by identity: an unchanged key keeps its object
 */
export async function importJwkSetInTurns(
  value: unknown,
  wanted: readonly Algorithm[],
  known: ReadonlyMap<string, VerificationKey> | undefined,
  mostKeys: number,
): Promise<JwkSet | string> {
  const work = importing(value, wanted, known, mostKeys)
  for (let keys = 1; ; keys++) {
    const step = work.next()
    if (step.done === true) return step.value
    if (keys % keysPerTurn === 0) await othersTurn()
  }
}

/** Some milliseconds' worth: a key takes up to 0.2 ms to import. */
const keysPerTurn = 32

function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
}

/** Yields after each key. */
function* importing(
  value: unknown,
  wanted: readonly Algorithm[],
  known?: ReadonlyMap<string, VerificationKey>,
  mostKeys: number = Number.POSITIVE_INFINITY,
): Generator<undefined, JwkSet | string> {
  const entries: unknown = isJsonObject(value) && Object.hasOwn(value, 'keys') ? value.keys : undefined
  if (!Array.isArray(entries)) return 'it is no JWK Set, which is an object with an array `keys` (RFC 7517 section 5)'
  if (entries.length > mostKeys) return `it has more than ${mostKeys} keys`

  const keys = new Map<string, VerificationKey>()
  const skipped: SkippedEntry[] = []
  for (const [index, entry] of entries.entries()) {
    const key = importJwk(entry, wanted, known)
    if (typeof key === 'string') skipped.push({ index, kid: kidForLog(entry), reason: key })
    else keys.set(key.identity, key)
    yield
  }
  if (keys.size > 0) return { keys, skipped, index: indexOf(keys.values()) }
  const reasons = skipped.slice(0, 3).map(({ index, reason }) => `; keys[${index}]: ${reason}`)
  return `none of its ${entries.length} keys is usable${reasons.join('')}`
}

/**
 * The keys that may have signed a token with this `alg` and `kid`. Without a `kid` only if there is exactly one: a key is
 * never guessed. `undefined` if there is none.
 */
export function findKeys(
  set: JwkSet,
  algorithm: Algorithm,
  kid: string | undefined,
): readonly VerificationKey[] | undefined {
  const keys = set.index.get(kid)?.get(algorithm)
  return kid === undefined && keys?.length !== 1 ? undefined : keys
}

/** The hint of `key_unknown`. Does not quote the `kid`: nobody has signed it yet. */
export function whyUnknown(where: string, algorithm: Algorithm, kid: string | undefined): string {
  return kid === undefined
    ? `The token has no \`kid\`, and not exactly one key of ${where} fits ${algorithm.name}: have the issuer send a \`kid\`.`
    : `No key of ${where} has the token's \`kid\` and fits ${algorithm.name}. Is the token from another environment?`
}

function indexOf(keys: Iterable<VerificationKey>): JwkSet['index'] {
  const index = new Map<string | undefined, Map<Algorithm, VerificationKey[]>>()
  for (const key of keys) {
    for (const kid of new Set([key.kid, undefined])) {
      let byAlgorithm = index.get(kid)
      if (byAlgorithm === undefined) index.set(kid, (byAlgorithm = new Map()))
      for (const algorithm of key.fits) {
        const before = byAlgorithm.get(algorithm) ?? []
        if (before.length < mostKeysTried) byAlgorithm.set(algorithm, [...before, key])
      }
    }
  }
  return index
}

function kidForLog(entry: unknown): string | undefined {
  const kid: unknown = isJsonObject(entry) && Object.hasOwn(entry, 'kid') ? entry.kid : undefined
  return typeof kid === 'string' ? escapeForLog(kid) : undefined
}
