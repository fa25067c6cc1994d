// Long signature checks leave the one thread to others, two at a time, once somebody has sent a bad signature.
import { beforeEach, expect, it } from 'vitest'
import { checkLong } from '../src/crypto/aside.ts'

type End = (isGood: boolean) => void

/** The ends of the checks that have begun in another thread. */
const begun: End[] = []
const check = (here: () => boolean = unexpected): boolean | Promise<boolean> =>
  checkLong(here, (end) => begun.push(end))
const checkLater = async (begin: (end: End) => void = (end) => begun.push(end)): Promise<boolean> =>
  checkLong(unexpected, begin)
const endAll = (): void => {
  while (begun.length > 0) begun.shift()?.(true)
}

function unexpected(): never {
  throw new Error('It was checked here')
}

beforeEach(() => {
  for (let good = 0; good < 100; good++) checkHereOrAside(true)
  checkHereOrAside(false)
})

/** Wherever that is. */
function checkHereOrAside(isGood: boolean): void {
  void check(() => isGood)
  begun.shift()?.(isGood)
}

it('a hundred good ones in a row, and they are checked here again; until the next bad one', () => {
  for (let good = 0; good < 100; good++) {
    expect(check()).toBeInstanceOf(Promise)
    begun.shift()?.(true)
  }
  for (let good = 0; good < 300; good++) expect(check(() => true)).toBe(true)
  expect(check(() => false)).toBe(false)
  expect(begun).toEqual([])
  expect(check()).toBeInstanceOf(Promise)
  endAll()
})

it('a bad one that was checked aside counts as well', () => {
  for (const isGood of [...Array.from({ length: 99 }, () => true), false, ...Array.from({ length: 100 }, () => true)]) {
    expect(check()).toBeInstanceOf(Promise)
    begun.shift()?.(isGood)
  }
  expect(check(() => true)).toBe(true)
})

it('two run at a time, and the others in turn', async () => {
  const checks = Array.from({ length: 5 }, async () => checkLater())
  for (let left = 5; left > 0; left--) {
    expect(begun).toHaveLength(Math.min(2, left))
    begun.shift()?.(true)
  }
  expect(await Promise.all(checks)).toEqual([true, true, true, true, true])
})

it('each has its own answer', async () => {
  const checks = [checkLater(), checkLater(), checkLater()]
  for (const isGood of [false, true, false]) begun.shift()?.(isGood)
  expect(await Promise.all(checks)).toEqual([false, true, false])
})

it.each([true, false])(
  'a hundred wait, and the next is checked here until one of them has begun: %s',
  async (isGood) => {
    const checks = Array.from({ length: 102 }, async () => checkLater())
    expect(check(() => isGood)).toBe(isGood)
    begun.shift()?.(true)
    checks.push(checkLater())
    expect(check(() => isGood)).toBe(isGood)
    endAll()
    expect(await Promise.all(checks)).toEqual(checks.map(() => true))
  },
)

it('one that cannot begin is bad, and holds up no other', async () => {
  const broken = Array.from({ length: 3 }, async () =>
    checkLater(() => {
      throw new TypeError('for the test')
    }),
  )
  expect(await Promise.all(broken)).toEqual([false, false, false])
  const checks = [checkLater(), checkLater()]
  expect(begun).toHaveLength(2)
  endAll()
  expect(await Promise.all(checks)).toEqual([true, true])
})
