// Each attack on core, by the engine of this run: on what remembers tokens, twice, and on what does not.
import { describe, expect, it } from 'vitest'
import { verifierOf } from './attack.ts'
import { families } from './families/all.ts'
import { outcomeOf } from './outcome.ts'

describe.each(families)('$about', ({ attacks }) => {
  it.each(attacks)('$name -> $code ($source)', async (attack) => {
    const token = attack.token()
    const verifier = verifierOf(attack)
    expect(await outcomeOf(verifier.verify(token))).toBe(attack.code)
    expect(await outcomeOf(verifier.verify(token))).toBe(attack.code)
    expect(await outcomeOf(verifierOf(attack, { tokenCache: false }).verify(token))).toBe(attack.code)
  })
})
