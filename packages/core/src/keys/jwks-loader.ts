// The key set behind a URL as it was last fetched: one fetch at a time, the old set goes on when one fails, each is told.
import { algorithms } from '../algorithms.ts'
import type { KeySourceCode } from '../errors.ts'
import { escapeForLog } from '../escape-for-log.ts'
import { publish } from '../events.ts'
import type { Clock } from '../options.ts'
import { Backoff } from './backoff.ts'
import { cacheLifetime } from './cache-lifetime.ts'
import { FetchError, fetchDocuments, type FetchOptions } from './fetch-json.ts'
import { importJwkSetInTurns, type JwkSet } from './jwk-set.ts'
import { JwksLocation, type JwksAddress } from './jwks-location.ts'
import { urlForLog, type HttpAllowed } from './urls.ts'

export interface JwksLoaderOptions extends FetchOptions {
  readonly address: JwksAddress
  readonly http: HttpAllowed
  /** Milliseconds: the longest time for which a set counts as fresh. */
  readonly cacheMaxAge: number
  /** Milliseconds for which known keys are used after that while refreshing fails. */
  readonly maxStale: number
  readonly clock: Clock
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
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Any that a key of a set can be for: which of them a token may use is up to each verifier of this set. */
const publicKeyAlgorithms = [...algorithms.values()].filter(({ kind }) => kind !== 'hmac')
const mostKeys = 1_000

export class JwksLoader {
  readonly #options: JwksLoaderOptions
  readonly #location: JwksLocation
  readonly #backoff = new Backoff()
  #loaded: LoadedSet | undefined
  #inFlight: Promise<void> | undefined
  #begun = 0
  #beganAt = Number.NEGATIVE_INFINITY
  #failure: Failure | undefined
  #succeededAt: number | undefined

  constructor(options: JwksLoaderOptions) {
    this.#options = options
    this.#location = new JwksLocation(options.address, options.http)
  }

  /** The set, if there is one that is not too old to be used. */
  get set(): JwkSet | undefined {
    if (this.#loaded === undefined) return undefined
    const { set, at, lifetime } = this.#loaded
    return this.#now() <= at + lifetime + this.#options.maxStale ? set : undefined
  }

  /** Milliseconds since the last success, if there was one. */
  get age(): number | undefined {
    return this.#loaded && this.#now() - this.#loaded.at
  }

  /** The age in lifetimes: below 1, the set is as young as it should be. */
  get ageInLifetimes(): number {
    return this.#loaded === undefined
      ? Number.POSITIVE_INFINITY
      : (this.#now() - this.#loaded.at) / this.#loaded.lifetime
  }

  /** The one fetch in flight. Never rejects: what came of it is found here. */
  get inFlight(): Promise<void> | undefined {
    return this.#inFlight
  }

  /** How many fetches have begun. */
  get begun(): number {
    return this.#begun
  }

  /** Milliseconds since the last one began. */
  get sinceBegun(): number {
    return this.#now() - this.#beganAt
  }

  /** Whether the last fetch failed. */
  get isFailing(): boolean {
    return this.#backoff.isFailing
  }

  /** The last failure, even if a fetch succeeded since. */
  get failure(): Failure | undefined {
    return this.#failure
  }

  /** When a fetch last succeeded, in milliseconds since 1970. */
  get succeededAt(): number | undefined {
    return this.#succeededAt
  }

  /** Milliseconds until the back-off allows another attempt; not above 0 if it does. */
  get retryIn(): number {
    return this.#backoff.retryAt(this.set !== undefined) - this.#now()
  }

  /** Where the set is, for logs. */
  get source(): string {
    return urlForLog(this.#location.entrance)
  }

  /** Only while none is in flight. */
  fetch(): Promise<void> {
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
    this.#beganAt = startedAt
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

  #succeed(from: string | undefined, set: JwkSet, startedAt: number, lifetime: number): void {
    const before = this.#loaded?.set.keys.values() ?? []
    const now = this.#now()
    this.#loaded = { set, at: now, lifetime }
    this.#backoff.succeeded()
    this.#succeededAt = this.#options.clock.now()

    const url = this.#forLog(from)
    for (const { identity, kid } of before) {
      if (!set.keys.has(identity)) publish('jwtgate:keys.removed', { url, kid: kid && escapeForLog(kid) })
    }
    for (const entry of set.skipped) publish('jwtgate:keys.entry_skipped', { url, ...entry })
    const { length: skipped } = set.skipped
    publish('jwtgate:keys.loaded', { url, keys: set.keys.size, skipped, duration: now - startedAt })
  }

  #fail(code: KeySourceCode, from: string | undefined, reason: string): void {
    const url = this.#forLog(from)
    if (from !== undefined) this.#location.forget()
    this.#backoff.failed(this.#now())
    this.#failure = { code, reason, url, at: this.#options.clock.now() }

    const keys = this.set?.keys.size ?? 0
    publish('jwtgate:keys.refresh_failed', { url, code, reason, keys })
    if (keys > 0 && this.ageInLifetimes >= 1) publish('jwtgate:keys.stale', { url, keys, age: this.age ?? 0 })
  }

  #forLog(url: string | undefined): string {
    return url === undefined ? this.source : urlForLog(url)
  }

  #now(): number {
    return this.#options.clock.elapsed()
  }
}

function reasonOf(error: unknown): string {
  return error instanceof FetchError ? error.message : 'reading it failed unexpectedly'
}
