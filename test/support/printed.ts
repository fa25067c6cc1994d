// What is printed as an error while a test file runs, instead of on its report: frameworks print what nobody handled.
import { afterAll, beforeAll } from 'vitest'

/** Call once at the top of a test file. */
export function keepPrinted(): readonly unknown[] {
  const printed: unknown[] = []
  const print = console.error
  beforeAll(() => void (console.error = (...args: readonly unknown[]) => void printed.push(...args)))
  afterAll(() => void (console.error = print))
  return printed
}
