// Each attack on core, by the engine of this run.
import { describe, expect, it } from 'vitest'
import { testVerifier } from '../support/verifiers.ts'
import { families } from './families/all.ts'
import { outcomeOf } from './outcome.ts'

describe.each(families)('$about', ({ attacks }) => {
  it.each(attacks)('$name -> $code ($source)', async ({ token, code, options }) => {
    expect(await outcomeOf(testVerifier(options).verify(token()))).toBe(code)
  })
})
