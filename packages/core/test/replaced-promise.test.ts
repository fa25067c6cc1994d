// Some libraries put another Promise in the place of the global one, of which the promises of async functions are none.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { algorithmNames, jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { outcomeOf, testVerifier, verifierFor } from '../../../test/support/verifiers.ts'

const Native = Promise

/** Makes native ones, which are no instances of it. */
class Other {
  static readonly resolve = Native.resolve.bind(Native)
  static readonly reject = Native.reject.bind(Native)
  static readonly race = Native.race.bind(Native)
  static readonly all = Native.all.bind(Native)
  static readonly allSettled = Native.allSettled.bind(Native)

  constructor(executor: ConstructorParameters<typeof Promise>[0]) {
    return new Native(executor)
  }
}

beforeEach(() => {
  Object.assign(globalThis, { Promise: Other })
})

afterEach(() => {
  globalThis.Promise = Native
})

it('the promise of an async function is none of these', () => {
  expect((async () => {})() instanceof Promise).toBe(false)
})

it.each(algorithmNames)('tokens of %s are good, and forged ones are not', async (alg) => {
  const verifier = verifierFor(keyFor(alg))
  expect(await outcomeOf(verifier.verify(mint({}, { key: newKey(alg) })))).toBe('signature_invalid')
  const token = mint({}, { key: keyFor(alg) })
  expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
  expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
})

describe('a token whose key has to be fetched', () => {
  const jwksUri = 'https://id.example.com/jwks'
  const key = keyFor('ES256')
  const answering = (answer: () => Response): ReturnType<typeof testVerifier> =>
    testVerifier({ jwksUri, remote: { fetch: async () => answer() } })

  it('waits for it', async () => {
    const verifier = answering(() => Response.json({ keys: [jwkOf(key)] }))
    expect(await outcomeOf(verifier.verify(mint({}, { key })))).toBe('accepted')
    expect(await outcomeOf(verifier.verify(mint({}, { key: newKey('ES256') })))).toBe('signature_invalid')
  })

  it('is told that it cannot be had', async () => {
    const verifier = answering(() => new Response('', { status: 503 }))
    expect(await outcomeOf(verifier.verify(mint({}, { key })))).toBe('keys_unavailable')
  })
})
