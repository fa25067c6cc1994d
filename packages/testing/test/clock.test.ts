// The clock that issuer and verifier share.
import { createJwtVerifier } from '@jwtgate/core'
import { createTestClock, createTestIssuer } from '@jwtgate/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { codeOf, decode } from './support.ts'

afterEach(() => vi.useRealTimers())

describe('a clock', () => {
  it('shows the real time', () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 })
    const clock = createTestClock()
    const elapsed = clock.elapsed()
    vi.advanceTimersByTime(1500)
    expect([clock.now(), clock.elapsed() - elapsed]).toEqual([1_800_000_001_500, 1500])
  })

  it('is ahead by the seconds that it was advanced', () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 })
    const clock = createTestClock()
    const elapsed = clock.elapsed()
    clock.advance(60)
    clock.advance(0.5)
    expect([clock.now(), clock.elapsed() - elapsed]).toEqual([1_800_000_060_500, 60_500])
  })

  it('stands when it is frozen, and is moved by hand only', () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 })
    const clock = createTestClock()
    clock.advance(10)
    clock.freeze()
    const elapsed = clock.elapsed()
    vi.advanceTimersByTime(5000)
    expect([clock.now(), clock.elapsed()]).toEqual([1_800_000_010_000, elapsed])
    clock.advance(1)
    clock.freeze()
    expect([clock.now(), clock.elapsed()]).toEqual([1_800_000_011_000, elapsed + 1000])
  })

  it('can be set to any time, while the elapsed time never goes back', () => {
    const clock = createTestClock()
    clock.advance(100)
    const elapsed = clock.elapsed()
    for (const at of [1_800_000_000, 1_000_000_000]) {
      clock.freeze(at)
      expect(clock.now()).toBe(at * 1000)
      expect(clock.elapsed()).toBeGreaterThanOrEqual(elapsed)
    }
  })

  it.each([-1, Number.NaN])('is not advanced by %s', (seconds) => {
    expect(() => createTestClock().advance(seconds)).toThrow(RangeError)
  })
})

describe('an issuer', () => {
  it('lets its tokens expire in its verifiers', async () => {
    await using issuer = await createTestIssuer({ algorithms: ['ES256'] })
    const verifier = createJwtVerifier(issuer.options)
    const token = issuer.sign()
    issuer.clock.advance(3590)
    await verifier.verify(token)
    issuer.clock.advance(20)
    expect(await codeOf(verifier.verify(token))).toBe('token_expired')
    await verifier.verify(issuer.sign())
  })

  it('can share its clock with another', async () => {
    const clock = createTestClock()
    clock.freeze(1_800_000_000)
    await using one = await createTestIssuer({ algorithms: ['ES256'], clock })
    await using other = await createTestIssuer({ algorithms: ['ES256'], clock: one.clock })
    clock.advance(60)
    expect(decode(other.sign().split('.')[1])).toMatchObject({ iat: 1_800_000_060 })
    await createJwtVerifier(one.options).verify(one.sign())
  })
})
