// The `kid`s that a fetch did not bring: for a while they cause no other one. All else about them stays as it is.

const mostKids = 1_000
const firstPause = 3_000
const longestPause = 30_000
/** A provider may sign with a key before it publishes it: in the first minute it is looked for more often. */
const longestPauseAtFirst = 8_000
const atFirst = 60_000
/** After its pause: whoever makes up the name of a key to come must not delay it when it comes. */
const forgottenAfter = 60_000

interface Miss {
  readonly firstAt: number
  readonly pause: number
  readonly until: number
}

export class UnknownKids {
  /** The one that was missed last stands last. */
  readonly #misses = new Map<string | undefined, Miss>()

  /** @param now - milliseconds of a clock that never goes back */
  mayCauseFetch(kid: string | undefined, now: number): boolean {
    const miss = this.#misses.get(kid)
    return miss === undefined || now >= miss.until
  }

  /** A fetch did not bring it. However many requests waited for the fetch, it counts once. */
  missed(kid: string | undefined, now: number): void {
    if (!this.mayCauseFetch(kid, now)) return
    const before = this.#remembered(kid, now)
    const firstAt = before?.firstAt ?? now
    const longest = now - firstAt < atFirst ? longestPauseAtFirst : longestPause
    const pause = before === undefined ? firstPause : Math.min(longest, before.pause * 2)
    this.#misses.delete(kid)
    this.#misses.set(kid, { firstAt, pause, until: now + pause })
    for (const oldest of this.#misses.keys()) {
      if (this.#misses.size <= mostKids) break
      this.#misses.delete(oldest)
    }
  }

  #remembered(kid: string | undefined, now: number): Miss | undefined {
    const miss = this.#misses.get(kid)
    return miss === undefined || now >= miss.until + forgottenAfter ? undefined : miss
  }
}
