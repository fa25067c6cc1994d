// The pauses themselves, by numbers: what a fetch in vain, the time, and a key that appears make of them.
import { describe, expect, it } from 'vitest'
import { UnknownKids } from '../src/keys/unknown-kids.ts'

/** Missed as often as it may cause a fetch. The moments, in seconds. */
function misses(kids: UnknownKids, from: number, until: number): readonly number[] {
  const times: number[] = []
  for (let now = from; now < until; now += 100) {
    if (!kids.mayCauseFetch('x', now)) continue
    kids.missed('x', now)
    times.push(now / 1_000)
  }
  return times
}

describe('a kid', () => {
  it('that nobody has asked for may cause a fetch', () => {
    expect(new UnknownKids().mayCauseFetch('x', 0)).toBe(true)
  })

  it('that is asked for in vain for minutes pauses for 3, 6, 8, and in the end 30 s', () => {
    const times = misses(new UnknownKids(), 0, 160_000)
    expect(times).toEqual([0, 3, 9, 17, 25, 33, 41, 49, 57, 65, 81, 111, 141])
  })

  it('that nobody asked for in a minute after its pause starts with a short one again', () => {
    const kids = new UnknownKids()
    misses(kids, 0, 160_000)
    const over = 141_000 + 30_000
    expect(misses(kids, over + 60_000, over + 80_000)).toEqual([231, 234, 240, 248])
  })

  it('that was asked for within that minute does not', () => {
    const kids = new UnknownKids()
    misses(kids, 0, 160_000)
    const over = 141_000 + 30_000
    expect(misses(kids, over + 59_900, over + 80_000)).toEqual([230.9])
  })

  it('that was missed by several requests at once has one pause', () => {
    const kids = new UnknownKids()
    for (let requests = 0; requests < 3; requests++) kids.missed('x', 0)
    expect([2_999, 3_000].map((now) => kids.mayCauseFetch('x', now))).toEqual([false, true])
  })

  it('has the long pauses from a full minute after it was first missed', () => {
    const kids = new UnknownKids()
    for (const now of [1_000, 4_000, 10_000, 18_000, 61_000]) kids.missed('x', now)
    expect([76_999, 77_000].map((now) => kids.mayCauseFetch('x', now))).toEqual([false, true])
  })
})

describe('the memory for 1,000 kids', () => {
  it('forgets the one that was missed longest ago, which need not be the one that came first', () => {
    const kids = new UnknownKids()
    kids.missed('first', 0)
    kids.missed('second', 1_000)
    kids.missed('first', 3_000)
    for (let index = 0; index < 999; index++) kids.missed(`x${index}`, 3_000)
    expect(['first', 'second', 'x0'].map((kid) => kids.mayCauseFetch(kid, 3_001))).toEqual([false, true, false])
  })
})
