// How long an answer keeps a key set fresh: its headers can only shorten it, and not below 30 s.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cacheLifetime } from '../src/keys/cache-lifetime.ts'

const longest = 600_000
const shortest = 30_000

function lifetime(cacheControl: string | undefined, age?: string): number {
  const headers = new Headers()
  if (cacheControl !== undefined) headers.set('Cache-Control', cacheControl)
  if (age !== undefined) headers.set('Age', age)
  return cacheLifetime(headers, longest)
}

describe('the lifetime of a key set', () => {
  it.each<[string | undefined, string | undefined, number]>([
    [undefined, undefined, longest],
    ['', undefined, longest],
    ['public', undefined, longest],
    ['max-age=300', undefined, 300_000],
    ['public, max-age=300, must-revalidate', undefined, 300_000],
    ['public,max-age=300', undefined, 300_000],
    ['Max-Age=300', undefined, 300_000],
    ['max-age="300"', undefined, 300_000],
    ['max-age=300', '0', 300_000],
    ['max-age=300', '100', 200_000],
    ['max-age=300', '290', shortest],
    ['max-age=300', '100000', shortest],
    ['max-age=31536000', undefined, longest],
    ['max-age=31536000', '31535900', 100_000],
    ['max-age=99999999999999999999', undefined, longest],
    ['max-age=30', undefined, shortest],
    ['max-age=29', undefined, shortest],
    ['max-age=1', undefined, shortest],
    ['max-age=0', undefined, shortest],
    ['no-store', undefined, shortest],
    ['no-cache', undefined, shortest],
    ['NO-STORE', undefined, shortest],
    ['no-store, max-age=300', undefined, shortest],
    ['max-age=300, no-cache', undefined, shortest],
    ['private, no-store, no-cache, max-age=0', undefined, shortest],
    ['s-maxage=60', undefined, longest],
    ['s-maxage=60, max-age=300', undefined, 300_000],
    ['max-age=abc', undefined, longest],
    ['x-max-age=60', undefined, longest],
    ['stale-while-revalidate=60, max-age=120', undefined, 120_000],
    ['max-age=300', 'soon', 300_000],
    ['max-age=300', '100 s', 300_000],
    ['max-age=300', 'about 100', 300_000],
    ['max-age=300', '-100', 300_000],
    [undefined, '500', longest],
  ])('with Cache-Control: %s and Age: %s is %d ms', (cacheControl, age, expected) => {
    expect(lifetime(cacheControl, age)).toBe(expected)
  })

  it('is what cacheMaxAge allows where that is less', () => {
    expect(cacheLifetime(new Headers({ 'cache-control': 'max-age=300' }), 60_000)).toBe(60_000)
    expect(cacheLifetime(new Headers(), 60_000)).toBe(60_000)
  })

  it('is max-age less Age, but at least 30 s and at most cacheMaxAge, whatever the numbers', () => {
    const numbers = fc.record({
      maxAge: fc.nat({ max: 5_000 }),
      age: fc.option(fc.nat({ max: 5_000 }), { nil: undefined }),
      before: fc.subarray(['public', 'must-revalidate', 's-maxage=17', 'immutable']),
    })
    fc.assert(
      fc.property(numbers, ({ maxAge, age, before }) => {
        const expected = Math.max(shortest, Math.min(longest, (maxAge - (age ?? 0)) * 1_000))
        expect(lifetime([...before, `max-age=${maxAge}`].join(', '), age?.toString())).toBe(expected)
      }),
    )
  })

  it('stays between 30 s and cacheMaxAge whatever the headers say', () => {
    const text = fc.string({ unit: 'grapheme-ascii', maxLength: 60 })
    const directive = fc.constantFrom('max-age', 'max-age=', 'no-', 'no-store', 'max-age=-1', 'max-age=1e9', ',', ' ')
    const cacheControl = fc.array(fc.oneof(text, directive)).map((parts) => parts.join(''))
    fc.assert(
      fc.property(cacheControl, text, (value, age) => {
        const milliseconds = lifetime(value, age)
        expect(milliseconds).toBeGreaterThanOrEqual(shortest)
        expect(milliseconds).toBeLessThanOrEqual(longest)
      }),
    )
  })
})
