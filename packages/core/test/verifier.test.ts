// The straight line of one token: what is accepted, and which check comes first.
import { describe, expect, it } from 'vitest'
import { algorithmNames, keyFor } from '../../../test/support/keys.ts'
import { goodClaims, mint } from '../../../test/support/mint.ts'
import { testVerifier } from '../../../test/support/verifiers.ts'

describe('every algorithm', () => {
  it.each(algorithmNames)('accepts a token signed with %s', async (alg) => {
    const key = keyFor(alg)
    const keys = alg.startsWith('HS') ? { publicKey: undefined, secret: key.verifier } : { publicKey: key.verifier }
    const auth = await testVerifier({ algorithms: [alg], ...keys } as never).verify(mint({}, { key }))
    expect(auth.claims).toEqual(goodClaims())
  })
})
