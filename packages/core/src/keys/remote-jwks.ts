// Keys out of a set behind a URL: known ones at once, others by a fetch that all wait for, unknown ones within a budget.
import type { Algorithm } from '../algorithms.ts'
import { atMost, withDeadline } from '../deadline.ts'
import { InvalidTokenError, KeySourceError, type KeySourceCode } from '../errors.ts'
import { escapeForLog } from '../escape-for-log.ts'
import { publish } from '../events.ts'
import { tooSlow } from './fetch-json.ts'
import { findKeys, whyUnknown, type JwkSet } from './jwk-set.ts'
import { JwksLoader, type JwksLoaderOptions } from './jwks-loader.ts'
import type { KeyStatus, VerificationKey } from './key-source.ts'
import { RefetchBudget } from './refetch-budget.ts'
import { UnknownKids } from './unknown-kids.ts'

interface Query {
  readonly algorithm: Algorithm
  readonly kid: string | undefined
  /** All that the verifier accepts. */
  readonly pinned: readonly Algorithm[]
  /** How many fetches had begun when the request came. */
  readonly begun: number
}

/** Of a set's lifetime: from here on any use starts a refresh in the background. */
const refreshFrom = 0.8
/** But not before: `no-store` must not cost more than two fetches a minute. */
const shortestPause = 30_000
/** Of a set's lifetime: a request that finds it this old after an idle time waits for the refresh to come. */
const waitFrom = 1.5
/** But not for long, counted from its begin. */
const longestWait = 1_000
/** Seconds: by then the budget allows an unknown `kid` another fetch. */
const longestRetryAfter = 8
const unknownKidEventEvery = 1_000

export class RemoteJwks {
  readonly #options: JwksLoaderOptions
  readonly #loader: JwksLoader
  readonly #budget: RefetchBudget
  readonly #unknownKids = new UnknownKids()
  #unknownKidToldAt = Number.NEGATIVE_INFINITY

  constructor(options: JwksLoaderOptions) {
    this.#options = options
    this.#loader = new JwksLoader(options)
    this.#budget = new RefetchBudget(this.#now())
  }

  /**
   * As `find` of a KeySource.
   *
   * @param pinned - all that the verifier accepts
   */
  find(
    algorithm: Algorithm,
    kid: string | undefined,
    pinned: readonly Algorithm[],
  ): readonly VerificationKey[] | Promise<readonly VerificationKey[]> {
    const query: Query = { algorithm, kid, pinned, begun: this.#loader.begun }
    const { set } = this.#loader
    if (set === undefined) return this.#inTime(this.#findFirst(query))
    const refresh = this.#keepFresh()
    if (refresh !== undefined) return this.#inTime(this.#findRefreshed(query, refresh))
    return findKeys(set, algorithm, kid) ?? this.#inTime(this.#findUnknown(query))
  }

  /** @throws KeySourceError also if none of the keys is for any of these algorithms */
  async ready(pinned: readonly Algorithm[]): Promise<void> {
    const { begun } = this.#loader
    if (this.#loader.set === undefined) await this.#loadFirst()
    else void this.#keepFresh()
    const isReady = (): true | undefined => hasKeyForAny(this.#loader.set, pinned) || undefined
    if (!(isReady() ?? (await this.#seek(isReady, undefined, begun)))) throw this.#misfit()
  }

  status(pinned: readonly Algorithm[]): KeyStatus {
    const { set, age, ageInLifetimes, succeededAt, failure } = this.#loader
    const keys = [...(set?.keys.values() ?? [])]
    const fitting = keys.filter(({ fits }) => pinned.some((algorithm) => fits.has(algorithm))).length
    return {
      state: fitting === 0 ? 'missing' : ageInLifetimes < 1 ? 'fresh' : 'stale',
      keys: fitting,
      age: age === undefined ? null : Math.round(age),
      lastSuccess: succeededAt ?? null,
      lastFailure: failure === undefined ? null : { code: failure.code, at: failure.at },
    }
  }

  /** However many fetches it joins, no request waits longer than one may take (but for the import of a large set). */
  #inTime(search: Promise<readonly VerificationKey[]>): Promise<readonly VerificationKey[]> {
    return withDeadline(
      this.#options.timeoutDuration,
      () => search,
      () => this.#refusal('keys_unavailable', tooSlow(this.#options)),
    )
  }

  /** No keys yet, or none that are young enough: waits for a fetch, if one is due. */
  async #loadFirst(): Promise<void> {
    const attempt = this.#loader.inFlight ?? this.#fetchIfDue()
    await attempt
    if (this.#loader.set === undefined) throw this.#unavailable()
  }

  async #findFirst(query: Query): Promise<readonly VerificationKey[]> {
    await this.#loadFirst()
    return this.#lookUp(query) ?? this.#findUnknown(query)
  }

  /** After an idle time: a key may have been withdrawn meanwhile, so the refresh gets a moment. */
  async #findRefreshed(query: Query, refresh: Promise<void>): Promise<readonly VerificationKey[]> {
    await atMost(this.#longestWait() - this.#loader.sinceBegun, refresh)
    return this.#lookUp(query) ?? this.#findUnknown(query)
  }

  /** The set does not have it: the provider may have rotated its keys, or somebody makes up `kid`s. */
  async #findUnknown(query: Query): Promise<readonly VerificationKey[]> {
    if (query.kid !== undefined) this.#tellUnknownKid(query.kid)
    else if (hasKeyFor(this.#loader.set, query.algorithm)) throw this.#unknown(query) // Several: no fetch tells which.
    const keys = await this.#seek(() => this.#lookUp(query), query.kid, query.begun)
    if (keys !== undefined) return keys
    throw hasKeyForAny(this.#loader.set, query.pinned) ? this.#unknown(query) : this.#misfit()
  }

  /**
   * Joins or begins fetches until one of them brings what is sought. Only one that began after the request came can tell
   * that it is not there: one before may have missed what was published since.
   *
   * @param begun - how many had begun when the request came
   * @returns `undefined` if it is not there, or if nobody may ask now
   * @throws KeySourceError while the provider cannot be asked: nobody knows whether a key is new or made up
   */
  async #seek<Sought>(
    look: () => Sought | undefined,
    kid: string | undefined,
    begun: number,
  ): Promise<Sought | undefined> {
    while (this.#loader.inFlight !== undefined || this.#loader.begun === begun) {
      // One in flight is joined before anything else is asked.
      const attempt = this.#loader.inFlight ?? this.#fetchFor(kid)
      if (attempt === undefined) break
      const isYounger = this.#loader.begun > begun
      await attempt
      const sought = look()
      if (sought !== undefined) return sought
      if (isYounger) break
    }
    if (this.#loader.isFailing) throw this.#unavailable()
    if (this.#loader.begun > begun) this.#unknownKids.missed(kid, this.#now())
    return undefined
  }

  #lookUp({ algorithm, kid }: Query): readonly VerificationKey[] | undefined {
    const { set } = this.#loader
    return set && findKeys(set, algorithm, kid)
  }

  /** Starts a refresh if it is time. Returns it only where a request should wait for it. */
  #keepFresh(): Promise<void> | undefined {
    const { ageInLifetimes } = this.#loader
    if (ageInLifetimes < refreshFrom) return undefined // Nearly always: nothing else is asked then.
    const { age = 0, isFailing, inFlight } = this.#loader
    if (age < shortestPause) return undefined
    const refresh = inFlight ?? this.#fetchIfDue()
    const isWorthWaiting = ageInLifetimes >= waitFrom && !isFailing && this.#loader.sinceBegun < this.#longestWait()
    return isWorthWaiting ? refresh : undefined
  }

  #longestWait(): number {
    return Math.min(longestWait, this.#options.timeoutDuration)
  }

  #fetchIfDue(): Promise<void> | undefined {
    return this.#loader.retryIn > 0 ? undefined : this.#loader.fetch()
  }

  /** For an unknown `kid`, if it may cause one and the budget allows it. The back-off is not asked. */
  #fetchFor(kid: string | undefined): Promise<void> | undefined {
    const now = this.#now()
    return this.#unknownKids.mayCauseFetch(kid, now) && this.#budget.take(now) ? this.#loader.fetch() : undefined
  }

  #unavailable(): KeySourceError {
    const { failure } = this.#loader
    if (failure === undefined) return this.#refusal('keys_unavailable', 'the set was not fetched yet')
    return this.#refusal(failure.code, failure.reason, failure.url)
  }

  /** This verifier can check nothing with a set that may be good for others. */
  #misfit(): KeySourceError {
    return this.#refusal('keys_invalid', 'none of its keys fits')
  }

  /** A new error each time: whoever handles it may change its headers. */
  #refusal(code: KeySourceCode, reason: string, url = this.#loader.source): KeySourceError {
    const wait = Math.ceil(this.#loader.retryIn / 1000)
    const retryAfter = Math.min(Math.max(wait, 1), longestRetryAfter)
    return new KeySourceError(code, `${url}: ${reason}. ${remedies[code]}`, retryAfter)
  }

  #unknown({ algorithm, kid }: Query): InvalidTokenError {
    return new InvalidTokenError('key_unknown', whyUnknown(`the set for ${this.#loader.source}`, algorithm, kid))
  }

  #tellUnknownKid(kid: string): void {
    const now = this.#now()
    if (now - this.#unknownKidToldAt < unknownKidEventEvery) return
    this.#unknownKidToldAt = now
    publish('jwtgate:keys.unknown_kid', { url: this.#loader.source, kid: escapeForLog(kid) })
  }

  #now(): number {
    return this.#options.clock.elapsed()
  }
}

function hasKeyFor(set: JwkSet | undefined, algorithm: Algorithm): boolean {
  return set?.index.get(undefined)?.has(algorithm) === true
}

function hasKeyForAny(set: JwkSet | undefined, pinned: readonly Algorithm[]): boolean {
  return pinned.some((algorithm) => hasKeyFor(set, algorithm))
}

const remedies: Readonly<Record<KeySourceCode, string>> = {
  keys_unavailable:
    'Is the provider up, can this machine reach it, and is the URL right? Tokens cannot be checked until then; it is tried ' +
    'again by itself.',
  keys_invalid: 'Is this the URL of a JWK Set, and do its keys fit the option `algorithms`?',
  discovery_failed:
    'Is the provider up, can this machine reach it, and is the option `issuer` exactly what the provider calls itself? Tokens ' +
    'cannot be checked until then; it is tried again by itself.',
}
