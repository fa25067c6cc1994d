// Each attack on core, by the engine of this run.
import { describe, expect, it } from 'vitest'
import { verifierOf } from './attack.ts'
import { families } from './families/all.ts'
import { outcomeOf } from './outcome.ts'

describe.each(families)('$about', ({ attacks }) => {
  it.each(attacks)('$name -> $code ($source)', async (attack) => {
    expect(await outcomeOf(verifierOf(attack).verify(attack.token()))).toBe(attack.code)
  })
})
