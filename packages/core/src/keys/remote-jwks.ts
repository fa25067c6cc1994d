// A key set behind a URL: fetched once for all who wait, refreshed in the background, kept through an outage.
import { algorithms, type Algorithm } from '../algorithms.ts'
import { atMost, withDeadline } from '../deadline.ts'
import { InvalidTokenError, KeySourceError, type KeySourceCode } from '../errors.ts'
import { escapeForLog } from '../escape-for-log.ts'
import { publish } from '../events.ts'
import type { Clock } from '../options.ts'
import { Backoff } from './backoff.ts'
import { cacheLifetime } from './cache-lifetime.ts'
import { FetchError, fetchDocuments, tooSlow, type FetchOptions } from './fetch-json.ts'
import { findKeys, importJwkSetInTurns, whyUnknown, type JwkSet } from './jwk-set.ts'
import { JwksLocation, type JwksAddress } from './jwks-location.ts'
import type { KeyStatus, VerificationKey } from './key-source.ts'
import { RefetchBudget } from './refetch-budget.ts'
import { UnknownKids } from './unknown-kids.ts'
import { urlForLog, type HttpAllowed } from './urls.ts'

export interface RemoteJwksOptions extends FetchOptions {
  readonly address: JwksAddress
  readonly http: HttpAllowed
  /** Milliseconds: the longest time for which a set counts as fresh. */
  readonly cacheMaxAge: number
  /** Milliseconds for which known keys are used after that while refreshing fails. */
  readonly maxStale: number
  readonly clock: Clock
}

interface Query {
  readonly algorithm: Algorithm
  readonly kid: string | undefined
  /** How many fetches had begun when the request came. */
  readonly begun: number
}

interface LoadedSet {
  readonly set: JwkSet
  readonly at: number
  readonly lifetime: number
}

interface Failure {
  readonly code: KeySourceCode
  readonly reason: string
  /** What was fetched, for logs. */
  readonly url: string
  readonly at: number
}

/** Any that a key of a set can be for: which of them a token may use is up to each verifier of this set. */
const publicKeyAlgorithms = [...algorithms.values()].filter(({ kind }) => kind !== 'hmac')
const mostKeys = 1_000
/** Of a set's lifetime: from here on any use starts a refresh in the background. */
const refreshFrom = 0.8
/** But not before: `no-store` must not cost more than two fetches a minute. */
const shortestPause = 30_000
/** Of a set's lifetime: a request that finds it this old after an idle time waits for the refresh, but not for long. */
const waitFrom = 1.5
const longestWait = 1_000
/** Seconds: by then the budget allows an unknown `kid` another fetch. */
const longestRetryAfter = 8
const unknownKidEventEvery = 1_000

export class RemoteJwks {
  readonly #options: RemoteJwksOptions
  readonly #location: JwksLocation
  readonly #backoff = new Backoff()
  readonly #budget: RefetchBudget
  readonly #unknownKids = new UnknownKids()
  #loaded: LoadedSet | undefined
  /** The last one, also if a fetch succeeded since. */
  #failure: Failure | undefined
  /** The one fetch in flight. Never rejects: its outcome is `#loaded` or `#failure`. */
  #inFlight: Promise<void> | undefined
  /** How many fetches have begun. */
  #begun = 0
  #unknownKidToldAt = Number.NEGATIVE_INFINITY

  constructor(options: RemoteJwksOptions) {
    this.#options = options
    this.#location = new JwksLocation(options.address, options.http)
    this.#budget = new RefetchBudget(this.#now())
  }

  /**
   * The keys that may have signed a token with this `alg` and `kid`, at least one. A promise only if they have to be fetched.
   *
   * @throws InvalidTokenError `key_unknown` if there is none
   * @throws KeySourceError if it cannot be known
   */
  find(
    algorithm: Algorithm,
    kid: string | undefined,
  ): readonly VerificationKey[] | Promise<readonly VerificationKey[]> {
    const query: Query = { algorithm, kid, begun: this.#begun }
    const loaded = this.#usable()
    if (loaded === undefined) return this.#inTime(this.#findFirst(query))
    const refresh = this.#keepFresh(loaded)
    if (refresh !== undefined) return this.#inTime(this.#findRefreshed(query, refresh))
    return findKeys(loaded.set, algorithm, kid) ?? this.#inTime(this.#findUnknown(query))
  }

  /** @throws KeySourceError also if none of the keys is for any of these algorithms */
  async ready(pinned: readonly Algorithm[]): Promise<void> {
    const loaded = this.#usable()
    if (loaded === undefined) await this.#loadFirst()
    else void this.#keepFresh(loaded)
    if (this.#keysFor(pinned) === 0) throw this.#refusal('keys_invalid', 'none of its keys fits')
  }

  status(pinned: readonly Algorithm[]): KeyStatus {
    const age = this.#loaded && this.#now() - this.#loaded.at
    const freshness = age !== undefined && age < (this.#loaded?.lifetime ?? 0) ? 'fresh' : 'stale'
    return {
      state: this.#usable() === undefined ? 'missing' : freshness,
      keys: this.#keysFor(pinned),
      age: age ?? null,
      lastSuccess: this.#loaded === undefined ? null : this.#wallTime(this.#loaded.at),
      lastFailure:
        this.#failure === undefined ? null : { code: this.#failure.code, at: this.#wallTime(this.#failure.at) },
    }
  }

  /** However many fetches it joins, no request waits longer than one may take. */
  #inTime(search: Promise<readonly VerificationKey[]>): Promise<readonly VerificationKey[]> {
    return withDeadline(
      this.#options.timeoutDuration,
      () => search,
      () => this.#refusal('keys_unavailable', tooSlow(this.#options)),
    )
  }

  /** No keys yet, or none that are young enough: waits for a fetch, if one is due. */
  async #loadFirst(): Promise<void> {
    if (this.#inFlight === undefined && !this.#isRetryDue()) throw this.#unavailable()
    await (this.#inFlight ?? this.#fetch())
    if (this.#usable() === undefined) throw this.#unavailable()
  }

  async #findFirst(query: Query): Promise<readonly VerificationKey[]> {
    await this.#loadFirst()
    return this.#lookUp(query) ?? this.#findUnknown(query)
  }

  /** After an idle time: a key may have been withdrawn meanwhile, so the refresh gets a moment. */
  async #findRefreshed(query: Query, refresh: Promise<void>): Promise<readonly VerificationKey[]> {
    await atMost(longestWait, refresh)
    return this.#lookUp(query) ?? this.#findUnknown(query)
  }

  /**
   * The set does not have it: the provider may have rotated its keys, or somebody makes up `kid`s. Only a fetch that began
   * after the request came can tell: one before may have missed what was published since.
   */
  async #findUnknown(query: Query): Promise<readonly VerificationKey[]> {
    if (query.kid !== undefined) this.#tellUnknownKid(query.kid)
    else if (this.#hasSeveral(query.algorithm)) throw this.#unknown(query) // No fetch makes clear which is meant.
    while (this.#inFlight !== undefined || this.#begun === query.begun) {
      // One in flight is joined before anything else is asked.
      const attempt = this.#inFlight ?? this.#fetchFor(query.kid)
      if (attempt === undefined) break
      const isYounger = this.#begun > query.begun
      await attempt
      const keys = this.#lookUp(query)
      if (keys !== undefined) return keys
      if (isYounger) break
    }
    // While the provider cannot be asked, nobody knows whether the key is new or made up.
    if (this.#backoff.isFailing) throw this.#unavailable()
    if (this.#begun > query.begun) this.#unknownKids.missed(query.kid, this.#now())
    throw this.#unknown(query)
  }

  #lookUp({ algorithm, kid }: Query): readonly VerificationKey[] | undefined {
    const loaded = this.#usable()
    return loaded && findKeys(loaded.set, algorithm, kid)
  }

  #hasSeveral(algorithm: Algorithm): boolean {
    return this.#usable()?.set.index.get(undefined)?.has(algorithm) === true
  }

  #keysFor(pinned: readonly Algorithm[]): number {
    const keys = [...(this.#usable()?.set.keys.values() ?? [])]
    return keys.filter(({ fits }) => pinned.some((algorithm) => fits.has(algorithm))).length
  }

  #usable(): LoadedSet | undefined {
    if (this.#loaded === undefined) return undefined
    const { at, lifetime } = this.#loaded
    return this.#now() <= at + lifetime + this.#options.maxStale ? this.#loaded : undefined
  }

  /** Starts a refresh if it is time. Returns it only where a request should wait for it. */
  #keepFresh({ at, lifetime }: LoadedSet): Promise<void> | undefined {
    const age = this.#now() - at
    if (age < Math.max(shortestPause, refreshFrom * lifetime)) return undefined
    const { isFailing } = this.#backoff
    const refresh = this.#inFlight ?? (this.#isRetryDue() ? this.#fetch() : undefined)
    return isFailing || age < waitFrom * lifetime ? undefined : refresh
  }

  #isRetryDue(): boolean {
    return this.#now() >= this.#retryAt()
  }

  #retryAt(): number {
    return this.#backoff.retryAt(this.#usable() !== undefined)
  }

  /** For an unknown `kid`, if it may cause one and the budget allows it. The back-off is not asked. */
  #fetchFor(kid: string | undefined): Promise<void> | undefined {
    const now = this.#now()
    return this.#unknownKids.mayCauseFetch(kid, now) && this.#budget.take(now) ? this.#fetch() : undefined
  }

  #fetch(): Promise<void> {
    this.#begun++
    this.#inFlight = this.#load()
      .catch(() => {}) // Only a clock that fails gets here, and that every request finds out by itself.
      .finally(() => {
        this.#inFlight = undefined
      })
    return this.#inFlight
  }

  async #load(): Promise<void> {
    const startedAt = this.#now()
    let url: string | undefined
    try {
      const { value, headers } = await fetchDocuments(this.#options, async (getJson) => {
        url = await this.#location.find(getJson, startedAt)
        return getJson(url)
      })
      const set = await importJwkSetInTurns(value, publicKeyAlgorithms, this.#loaded?.set.keys, mostKeys)
      if (typeof set === 'string') this.#fail('keys_invalid', url, set)
      else this.#succeed(url, set, startedAt, cacheLifetime(headers, this.#options.cacheMaxAge))
    } catch (error) {
      this.#fail(url === undefined ? 'discovery_failed' : 'keys_unavailable', url, reasonOf(error))
    }
  }

  #succeed(url: string | undefined, set: JwkSet, startedAt: number, lifetime: number): void {
    const before = this.#loaded?.set.keys.values() ?? []
    const now = this.#now()
    this.#loaded = { set, at: now, lifetime }
    this.#backoff.succeeded()
    for (const { kid } of set.keys.values()) this.#unknownKids.found(kid)

    const source = this.#forLog(url)
    for (const key of before) {
      if (!set.keys.has(key.identity))
        publish('jwtgate:keys.removed', { url: source, kid: key.kid && escapeForLog(key.kid) })
    }
    for (const entry of set.skipped) publish('jwtgate:keys.entry_skipped', { url: source, ...entry })
    const { length: skipped } = set.skipped
    publish('jwtgate:keys.loaded', { url: source, keys: set.keys.size, skipped, duration: now - startedAt })
  }

  #fail(code: KeySourceCode, url: string | undefined, reason: string): void {
    this.#location.forget()
    const now = this.#now()
    const source = this.#forLog(url)
    this.#failure = { code, reason, url: source, at: now }
    this.#backoff.failed(now)

    const loaded = this.#usable()
    const keys = loaded?.set.keys.size ?? 0
    publish('jwtgate:keys.refresh_failed', { url: source, code, reason, keys })
    if (loaded !== undefined && now - loaded.at >= loaded.lifetime) {
      publish('jwtgate:keys.stale', { url: source, keys, age: now - loaded.at })
    }
  }

  #unavailable(): KeySourceError {
    const { code, reason, url } = this.#failure ?? neverTried
    return this.#refusal(code, reason, url)
  }

  /** A new error each time: whoever handles it may change its headers. */
  #refusal(code: KeySourceCode, reason: string, url = this.#forLog()): KeySourceError {
    const wait = Math.ceil((this.#retryAt() - this.#now()) / 1000)
    const retryAfter = Math.min(Math.max(wait, 1), longestRetryAfter)
    return new KeySourceError(code, `${url}: ${reason}. ${remedies[code]}`, retryAfter)
  }

  #unknown({ algorithm, kid }: Query): InvalidTokenError {
    return new InvalidTokenError('key_unknown', whyUnknown(`the set for ${this.#forLog()}`, algorithm, kid))
  }

  #tellUnknownKid(kid: string): void {
    const now = this.#now()
    if (now - this.#unknownKidToldAt < unknownKidEventEvery) return
    this.#unknownKidToldAt = now
    publish('jwtgate:keys.unknown_kid', { url: this.#forLog(), kid: escapeForLog(kid) })
  }

  #forLog(url: string | undefined = this.#location.entrance): string {
    return urlForLog(url)
  }

  #now(): number {
    return this.#options.clock.elapsed()
  }

  /** A moment of `elapsed`, in milliseconds since 1970. */
  #wallTime(moment: number): number {
    return this.#options.clock.now() - (this.#now() - moment)
  }
}

const remedies: Readonly<Record<KeySourceCode, string>> = {
  keys_unavailable:
    'Is the URL right (option `jwksUri`)? Tokens cannot be checked until then; it is tried again by itself.',
  keys_invalid: 'Is this the URL of a JWK Set, and do its keys fit the option `algorithms`?',
  discovery_failed:
    'Is the option `issuer` exactly what the provider calls itself? With `jwksUri` no discovery is needed.',
}

const neverTried: Pick<Failure, 'code' | 'reason'> & { readonly url?: string } = {
  code: 'keys_unavailable',
  reason: 'the set was not fetched yet',
}

function reasonOf(error: unknown): string {
  return error instanceof FetchError ? error.message : 'reading it failed unexpectedly'
}
