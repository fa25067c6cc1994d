// When a failed fetch is tried again, by numbers: each time later, with jitter, and sooner without keys.
import { describe, expect, it } from 'vitest'
import { Backoff } from '../src/keys/backoff.ts'

const doublings = [1, 2, 4, 8, 16, 32, 64, 120, 120].map((seconds) => seconds * 1_000)
const withoutKeys = [1, 2, 3, 3, 3].map((seconds) => seconds * 1_000)
const instances = Array.from({ length: 200 })

/** The pause after each of so many failures in a row, as parts of what it would be without jitter. */
function partsOfPauses(nominal: readonly number[], hasKeys: boolean): readonly number[] {
  const backoff = new Backoff()
  return nominal.map((pause, index) => {
    const now = index * 1_000_000
    backoff.failed(now)
    return (backoff.retryAt(hasKeys) - now) / pause
  })
}

describe('a back-off', () => {
  it.each([
    ['with keys doubles from 1 s to 120 s', doublings, true],
    ['without keys doubles from 1 s to 3 s', withoutKeys, false],
  ])('%s, and jitter takes at most a quarter of it', (_name, nominal, hasKeys) => {
    const parts = instances.flatMap(() => partsOfPauses(nominal, hasKeys))
    expect(Math.min(...parts)).toBeGreaterThanOrEqual(0.75)
    expect(Math.max(...parts)).toBeLessThanOrEqual(1)
  })

  it('is another one in each instance of an API, so that they do not come back all at once', () => {
    const parts = instances.flatMap(() => partsOfPauses([1_000], true))
    expect(new Set(parts).size).toBeGreaterThan(100)
    expect(Math.max(...parts) - Math.min(...parts)).toBeGreaterThan(0.2)
  })

  it('is another one after each failure, so that two that met once do not meet each time', () => {
    const parts = partsOfPauses(doublings, true)
    expect(new Set(parts.map((part) => part.toFixed(6))).size).toBeGreaterThan(1)
  })

  it('stays as it is until the next failure, however often it is asked', () => {
    const backoff = new Backoff()
    backoff.failed(0)
    expect(new Set(instances.map(() => backoff.retryAt(true))).size).toBe(1)
  })

  it('is over with a success, and the next one starts anew', () => {
    const backoff = new Backoff()
    for (const now of [0, 1_000, 2_000]) backoff.failed(now)
    expect(backoff.isFailing).toBe(true)
    backoff.succeeded()
    expect(backoff.isFailing).toBe(false)
    expect(backoff.retryAt(true)).toBe(Number.NEGATIVE_INFINITY)
    backoff.failed(10_000)
    expect(backoff.retryAt(true)).toBeLessThanOrEqual(11_000)
  })
})
