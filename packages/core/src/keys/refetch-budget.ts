// How often an unknown `kid` may cause a fetch: a token bucket, so that forged tokens cannot flood the identity provider.

const burst = 3
const refillEvery = 8_000

export class RefetchBudget {
  #left = burst
  #countedAt: number

  /** @param now - milliseconds of a clock that never goes back */
  constructor(now: number) {
    this.#countedAt = now
  }

  /** Whether a fetch may be made now; if so, it is counted. */
  take(now: number): boolean {
    this.#countedAt = Math.min(this.#countedAt, now) // Should the clock go back nevertheless, the budget stays what it is.
    const earned = Math.floor((now - this.#countedAt) / refillEvery)
    this.#left = Math.min(burst, this.#left + earned)
    this.#countedAt = this.#left === burst ? now : this.#countedAt + earned * refillEvery
    if (this.#left === 0) return false
    this.#left--
    return true
  }
}
