// When a failed fetch is tried again: each time later, but sooner while there are no keys to go on with.

const first = 1_000
const longestWithKeys = 120_000
const longestWithoutKeys = 3_000

export class Backoff {
  #failures = 0
  #failedAt = 0
  #jitter = 1

  /** @param now - milliseconds of a clock that never goes back */
  failed(now: number): void {
    this.#failures++
    this.#failedAt = now
    // So that the instances of an API do not come back all at once.
    this.#jitter = 0.75 + 0.25 * Math.random()
  }

  succeeded(): void {
    this.#failures = 0
  }

  /** Whether the last attempt failed. */
  get isFailing(): boolean {
    return this.#failures > 0
  }

  /** Asked anew each time: when the known keys become too old, the next attempt comes sooner. */
  retryAt(hasKeys: boolean): number {
    if (this.#failures === 0) return Number.NEGATIVE_INFINITY
    const longest = hasKeys ? longestWithKeys : longestWithoutKeys
    return this.#failedAt + Math.min(longest, first * 2 ** (this.#failures - 1)) * this.#jitter
  }
}
