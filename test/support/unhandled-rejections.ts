// Fails a test file in which a promise was rejected and nobody listened.
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'

/** Call once at the top of a test file. */
export function refuseUnhandledRejections(): void {
  const reasons: unknown[] = []
  const note = (reason: unknown): void => void reasons.push(reason)
  beforeAll(() => void process.on('unhandledRejection', note))
  afterAll(async () => {
    await setImmediate() // Node reports a rejection after the microtasks of its turn.
    process.off('unhandledRejection', note)
    expect(reasons).toEqual([])
  })
}
