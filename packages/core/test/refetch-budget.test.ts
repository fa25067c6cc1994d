// The token bucket in front of refetches: three at once, then one per 8 s, never more and never less.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RefetchBudget } from '../src/keys/refetch-budget.ts'

const burst = 3
const refill = 8_000

/** How often a budget can be taken at once. */
function takeAll(budget: RefetchBudget, now: number): number {
  let taken = 0
  while (taken <= 100 && budget.take(now)) taken++
  return taken
}

describe('a refetch budget', () => {
  it.each([0, 1, 123_456.789])('gives three at once from the start, at %d ms of its clock', (start) => {
    expect(takeAll(new RefetchBudget(start), start)).toBe(burst)
  })

  it('gives one more after 8 s, and not before', () => {
    const budget = new RefetchBudget(0)
    takeAll(budget, 0)
    expect(budget.take(refill - 1)).toBe(false)
    expect(budget.take(refill)).toBe(true)
    expect(budget.take(refill)).toBe(false)
  })

  it('stays what it is where the clock goes back, neither gone nor without bound', () => {
    const budget = new RefetchBudget(7_200_000)
    expect(takeAll(budget, 0)).toBe(burst)
    expect(takeAll(budget, refill)).toBe(1)
  })

  it.each([
    { idle: 0, more: 0 },
    { idle: 7_999, more: 0 },
    { idle: 8_000, more: 1 },
    { idle: 16_000, more: 2 },
    { idle: 24_000, more: 3 },
    { idle: 86_400_000, more: 3 },
  ])('gives $more after $idle ms: not more than three are ever saved up', ({ idle, more }) => {
    const budget = new RefetchBudget(1_000)
    takeAll(budget, 1_000)
    expect(takeAll(budget, 1_000 + idle)).toBe(more)
  })

  it('earns the same whether it is asked often or seldom', () => {
    const budget = new RefetchBudget(0)
    takeAll(budget, 0)
    let given = 0
    for (let now = 0; now <= 10 * refill; now += 10) if (budget.take(now)) given++
    expect(given).toBe(10)
  })

  it('starts to earn with the first that is taken, however long it was full', () => {
    const budget = new RefetchBudget(0)
    expect(budget.take(7_000)).toBe(true)
    expect(takeAll(budget, 7_000)).toBe(2)
    expect(budget.take(8_000)).toBe(false)
    expect(budget.take(15_000)).toBe(true)
  })

  const pauses = fc.array(fc.nat({ max: 30_000 }), { minLength: 1, maxLength: 200 })

  it('never gives more than three and one per 8 s, over any span of time', () => {
    fc.assert(
      fc.property(pauses, (steps) => {
        const budget = new RefetchBudget(0)
        const given: number[] = []
        let now = 0
        for (const step of steps) {
          now += step
          if (budget.take(now)) given.push(now)
        }
        const tooMany = given.flatMap((start, from) =>
          given.slice(from).filter((end, more) => more + 1 > burst + Math.floor((end - start) / refill)),
        )
        expect(tooMany).toEqual([])
      }),
    )
  })

  it('gives exactly what a bucket that fills drop by drop would give', () => {
    fc.assert(
      fc.property(pauses, (steps) => {
        const budget = new RefetchBudget(0)
        let full = burst * refill // In milliseconds of waiting: exact in whole numbers.
        for (let now = 0, index = 0; index < steps.length; index++) {
          const step = steps[index] ?? 0
          now += step
          full = Math.min(burst * refill, full + step)
          const given = full >= refill
          if (given) full -= refill
          expect(budget.take(now)).toBe(given)
        }
      }),
    )
  })
})
