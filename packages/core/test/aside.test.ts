// Long signature checks leave the one thread to others, two at a time.
import { expect, it } from 'vitest'
import { checkAside } from '../src/crypto/aside.ts'

type End = (isGood: boolean) => void

/** The ends of the checks that have begun. */
const begun: End[] = []
const check = async (): Promise<boolean | undefined> => checkAside((end) => begun.push(end))
const endAll = (): void => {
  while (begun.length > 0) begun.shift()?.(true)
}

it('two run at a time, and the others in turn', async () => {
  const checks = Array.from({ length: 5 }, check)
  for (let left = 5; left > 0; left--) {
    expect(begun).toHaveLength(Math.min(2, left))
    begun.shift()?.(true)
  }
  expect(await Promise.all(checks)).toEqual([true, true, true, true, true])
})

it('each has its own answer', async () => {
  const checks = [check(), check(), check()]
  for (const isGood of [false, true, false]) begun.shift()?.(isGood)
  expect(await Promise.all(checks)).toEqual([false, true, false])
})

it('a hundred wait, and no more until one of them has begun', async () => {
  const checks = Array.from({ length: 102 }, check)
  expect(checkAside((end) => begun.push(end))).toBeUndefined()
  begun.shift()?.(true)
  checks.push(check())
  expect(checkAside((end) => begun.push(end))).toBeUndefined()
  endAll()
  expect(await Promise.all(checks)).toEqual(checks.map(() => true))
})

it('one that cannot begin is bad, and holds up no other', async () => {
  const broken = Array.from({ length: 3 }, async () =>
    checkAside(() => {
      throw new TypeError('for the test')
    }),
  )
  expect(await Promise.all(broken)).toEqual([false, false, false])
  const checks = [check(), check()]
  expect(begun).toHaveLength(2)
  endAll()
  expect(await Promise.all(checks)).toEqual([true, true])
})
