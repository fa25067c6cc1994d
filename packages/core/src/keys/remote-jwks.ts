// A key set behind a URL: fetched once for all who wait, refreshed in the background, kept through an outage.
import type { Algorithm } from '../algorithms.ts'
import { InvalidTokenError, KeySourceError, type KeySourceCode } from '../errors.ts'
import { escapeForLog } from '../escape-for-log.ts'
import { publish } from '../events.ts'
import { cacheLifetime } from './cache-lifetime.ts'
import { discoverJwksUri, openIdMetadataUrl, type DiscoveryOptions } from './discovery.ts'
import { FetchError, fetchJson } from './fetch-json.ts'
import { findKeys, importJwkSet, whyUnknown, type JwkSet } from './jwk-set.ts'
import type { KeySource, VerificationKey } from './key-source.ts'
import { RefetchBudget } from './refetch-budget.ts'
import { urlForLog } from './urls.ts'

export interface RemoteJwksOptions extends DiscoveryOptions {
  /** Where the set is: its own URL, or the issuer whose metadata names it. */
  readonly location: { readonly jwksUri: string } | { readonly issuer: string }
  readonly algorithms: readonly Algorithm[]
  /** Milliseconds: the longest time for which a set counts as fresh. */
  readonly cacheMaxAge: number
  /** Milliseconds for which known keys are used after that while refreshing fails. */
  readonly maxStale: number
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed: () => number
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
  /** What was fetched. */
  readonly url: string
  /** How many attempts failed since the last success. */
  readonly count: number
  readonly at: number
  /** The part of the back-off that is waited. */
  readonly jitter: number
}

const mostKeys = 1000
/** Of a set's lifetime: from here on any use starts a refresh in the background. */
const refreshFrom = 0.8
/** Of a set's lifetime: a request that finds it this old after an idle time waits for the refresh, but not for long. */
const waitFrom = 1.5
const longestWait = 1_000
const firstRetry = 1_000
const longestRetryWithKeys = 120_000
const longestRetryWithoutKeys = 3_000
/** Seconds: by then the budget allows an unknown `kid` another fetch. */
const longestRetryAfter = 8
const rediscoverAfter = 86_400_000
const unknownKidEventEvery = 1_000

export class RemoteJwks implements KeySource {
  readonly #options: RemoteJwksOptions
  readonly #budget: RefetchBudget
  #loaded: LoadedSet | undefined
  #failure: Failure | undefined
  /** The one fetch in flight. Never rejects: its outcome is `#loaded` or `#failure`. */
  #inFlight: Promise<void> | undefined
  /** How many fetches have begun. */
  #begun = 0
  #discovered: { readonly jwksUri: string; readonly at: number } | undefined
  #unknownKidToldAt = Number.NEGATIVE_INFINITY

  constructor(options: RemoteJwksOptions) {
    this.#options = options
    this.#budget = new RefetchBudget(options.elapsed())
  }

  find(
    algorithm: Algorithm,
    kid: string | undefined,
  ): readonly VerificationKey[] | Promise<readonly VerificationKey[]> {
    const query: Query = { algorithm, kid, begun: this.#begun }
    const loaded = this.#usable()
    if (loaded === undefined) return this.#findFirst(query)
    const refresh = this.#keepFresh(loaded)
    if (refresh !== undefined) return this.#findRefreshed(query, refresh)
    return findKeys(loaded.set, algorithm, kid) ?? this.#findUnknown(query)
  }

  async ready(): Promise<void> {
    if (this.#usable() === undefined) await this.#loadFirst()
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
      // One in flight is joined before the budget is asked.
      const attempt = this.#inFlight ?? this.#fetchWithinBudget()
      if (attempt === undefined) break
      const isYounger = this.#begun > query.begun
      await attempt
      const keys = this.#lookUp(query)
      if (keys !== undefined) return keys
      if (isYounger) break
    }
    // While the provider cannot be asked, nobody knows whether the key is new or made up.
    throw this.#failure === undefined ? this.#unknown(query) : this.#unavailable()
  }

  #lookUp({ algorithm, kid }: Query): readonly VerificationKey[] | undefined {
    const loaded = this.#usable()
    return loaded && findKeys(loaded.set, algorithm, kid)
  }

  #hasSeveral(algorithm: Algorithm): boolean {
    return this.#usable()?.set.index.get(undefined)?.has(algorithm) === true
  }

  #usable(): LoadedSet | undefined {
    if (this.#loaded === undefined) return undefined
    const { at, lifetime } = this.#loaded
    return this.#options.elapsed() <= at + lifetime + this.#options.maxStale ? this.#loaded : undefined
  }

  /** Starts a refresh if it is time. Returns it only where a request should wait for it. */
  #keepFresh({ at, lifetime }: LoadedSet): Promise<void> | undefined {
    const age = this.#options.elapsed() - at
    if (age < refreshFrom * lifetime) return undefined
    const failing = this.#failure !== undefined
    const refresh = this.#inFlight ?? (this.#isRetryDue() ? this.#fetch() : undefined)
    return failing || age < waitFrom * lifetime ? undefined : refresh
  }

  #isRetryDue(): boolean {
    return this.#options.elapsed() >= this.#retryAt()
  }

  /** Asked anew each time: when the known keys become too old, the next attempt comes sooner. */
  #retryAt(): number {
    if (this.#failure === undefined) return Number.NEGATIVE_INFINITY
    const { at, count, jitter } = this.#failure
    const longest = this.#usable() === undefined ? longestRetryWithoutKeys : longestRetryWithKeys
    return at + Math.min(longest, firstRetry * 2 ** (count - 1)) * jitter
  }

  #fetchWithinBudget(): Promise<void> | undefined {
    return this.#budget.take(this.#options.elapsed()) ? this.#fetch() : undefined
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
    const startedAt = this.#options.elapsed()
    let url: string | undefined
    try {
      url = await this.#jwksUri()
      const { value, headers } = await fetchJson(url, this.#options)
      const set = importJwkSet(value, this.#options.algorithms, this.#loaded?.set.keys, mostKeys)
      if (typeof set === 'string') this.#fail('keys_invalid', url, set)
      else this.#succeed(url, set, startedAt, cacheLifetime(headers, this.#options.cacheMaxAge))
    } catch (error) {
      this.#fail(url === undefined ? 'discovery_failed' : 'keys_unavailable', url, reasonOf(error))
    }
  }

  async #jwksUri(): Promise<string> {
    const { location, elapsed } = this.#options
    if ('jwksUri' in location) return location.jwksUri
    if (this.#discovered === undefined || elapsed() - this.#discovered.at > rediscoverAfter) {
      this.#discovered = { jwksUri: await discoverJwksUri(location.issuer, this.#options), at: elapsed() }
    }
    return this.#discovered.jwksUri
  }

  #succeed(url: string, set: JwkSet, startedAt: number, lifetime: number): void {
    const before = this.#loaded?.set.keys.values() ?? []
    const now = this.#options.elapsed()
    this.#loaded = { set, at: now, lifetime }
    this.#failure = undefined

    const source = urlForLog(url)
    for (const key of before) {
      if (!set.keys.has(key.identity))
        publish('jwtgate:keys.removed', { url: source, kid: key.kid && escapeForLog(key.kid) })
    }
    for (const entry of set.skipped) publish('jwtgate:keys.entry_skipped', { url: source, ...entry })
    const { length: skipped } = set.skipped
    publish('jwtgate:keys.loaded', { url: source, keys: set.keys.size, skipped, duration: now - startedAt })
  }

  #fail(code: KeySourceCode, url: string | undefined, reason: string): void {
    this.#discovered = undefined // The set may have moved.
    const now = this.#options.elapsed()
    const loaded = this.#usable()
    const count = (this.#failure?.count ?? 0) + 1
    // Jitter, so that the instances of an API do not come back all at once.
    this.#failure = { code, reason, url: url ?? this.#source(), count, at: now, jitter: 0.75 + 0.25 * Math.random() }

    const source = urlForLog(url ?? this.#source())
    const keys = loaded?.set.keys.size ?? 0
    publish('jwtgate:keys.refresh_failed', { url: source, code, reason, keys })
    if (loaded !== undefined && now - loaded.at >= loaded.lifetime) {
      publish('jwtgate:keys.stale', { url: source, keys, age: now - loaded.at })
    }
  }

  #source(): string {
    const { location } = this.#options
    return 'jwksUri' in location ? location.jwksUri : openIdMetadataUrl(location.issuer)
  }

  /** A new error each time: whoever handles it may change its headers. */
  #unavailable(): KeySourceError {
    const { code, reason, url } = this.#failure ?? { ...neverTried, url: this.#source() }
    const wait = Math.ceil((this.#retryAt() - this.#options.elapsed()) / 1000)
    const retryAfter = Math.min(Math.max(wait, 1), longestRetryAfter)
    const hint = `${urlForLog(url)}: ${reason}. ${remedies[code]}`
    return new KeySourceError(code, hint, retryAfter)
  }

  #unknown({ algorithm, kid }: Query): InvalidTokenError {
    return new InvalidTokenError('key_unknown', whyUnknown(`the set for ${urlForLog(this.#source())}`, algorithm, kid))
  }

  #tellUnknownKid(kid: string): void {
    const now = this.#options.elapsed()
    if (now - this.#unknownKidToldAt < unknownKidEventEvery) return
    this.#unknownKidToldAt = now
    publish('jwtgate:keys.unknown_kid', { url: urlForLog(this.#source()), kid: escapeForLog(kid) })
  }
}

const remedies: Readonly<Record<KeySourceCode, string>> = {
  keys_unavailable:
    'Is the URL right (option `jwksUri`)? Tokens cannot be checked until then; it is tried again by itself.',
  keys_invalid: 'Is this the URL of a JWK Set, and do its keys fit the option `algorithms`?',
  discovery_failed:
    'Is the option `issuer` exactly what the provider calls itself? With `jwksUri` no discovery is needed.',
}

const neverTried: Pick<Failure, 'code' | 'reason'> = {
  code: 'keys_unavailable',
  reason: 'the set was not fetched yet',
}

function reasonOf(error: unknown): string {
  return error instanceof FetchError ? error.message : 'the option `remote.fetch` did not return a Response'
}

async function atMost(milliseconds: number, promise: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
    timer.unref?.()
  })
  await Promise.race([promise, timeout])
  clearTimeout(timer)
}
