// The clock that issuer and verifier share, so that a test moves the time and never sleeps.

/** A clock to move by hand. It is what the option `clock` of a verifier takes. */
export interface TestClock {
  /** Milliseconds since 1970, as `Date.now()`: the time in tokens. */
  now(): number
  /** Milliseconds of a clock that never goes back, as `performance.now()`: the age of cached keys. */
  elapsed(): number
  /**
   * Lets time pass.
   *
   * @param seconds - zero or more
   * @throws RangeError if it is negative or no number: {@link TestClock.elapsed} never goes back
   */
  advance(seconds: number): void
  /**
   * Stops the clock; from now on only {@link TestClock.advance} moves it.
   *
   * @param at - seconds since 1970 (NumericDate, RFC 7519 section 2) that {@link TestClock.now} is to show, also earlier
   *   ones; by default it stops where it is
   */
  freeze(at?: number): void
}

/** A clock that shows the real time, plus what {@link TestClock.advance} adds, until it is frozen. */
export function createTestClock(): TestClock {
  let advanced = 0
  let stoppedAt: { readonly now: number; readonly elapsed: number } | undefined
  const realNow = (): number => stoppedAt?.now ?? Date.now()
  const realElapsed = (): number => stoppedAt?.elapsed ?? performance.now()

  return {
    now: () => realNow() + advanced,
    elapsed: () => realElapsed() + advanced,
    advance: (seconds) => {
      if (!(seconds >= 0)) throw new RangeError('advance() takes zero or more seconds; to go back, use freeze(at).')
      advanced += seconds * 1000
    },
    freeze: (at) => {
      stoppedAt = { now: at === undefined ? realNow() : at * 1000 - advanced, elapsed: realElapsed() }
    },
  }
}
