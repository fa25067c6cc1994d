// A key set of a thousand keys: its import takes turns with all else that the process has to do, and is seen whole or not at all.
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { JsonWebKey } from 'node:crypto'
import { jwkOf, keyFor, newKey, type SigningKey } from '../../../test/support/keys.ts'
import { issuer, mint } from '../../../test/support/mint.ts'
import { recordEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier, type RemoteSetup } from '../../../test/support/remote-verifier.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { outcomeOf } from '../../../test/support/verifiers.ts'
import { algorithms } from '../src/algorithms.ts'
import { importJwkSetInTurns } from '../src/keys/jwk-set.ts'

refuseUnhandledRejections()

const count = 1_000
const keyJwk = jwkOf(keyFor('ES256'), { kid: 'k1' })
const token = mint({}, { header: { kid: 'k1' } })
const jwksUri = `${issuer}/jwks`

let last: SigningKey
let manyKeys: readonly JsonWebKey[]
let lastToken: string

beforeAll(() => {
  const keys = Array.from({ length: count }, () => newKey('ES256'))
  last = keys.at(-1) ?? newKey('ES256')
  manyKeys = keys.map((key, index) => jwkOf(key, { kid: `many ${index}` }))
  lastToken = mint({}, { key: last, header: { kid: `many ${count - 1}` } })
})

interface ScriptedSetup extends RemoteSetup {
  /** What the provider, which is in this process and answers at once, has. */
  readonly setKeys: (keys: readonly JsonWebKey[]) => void
}

function setupWith(keys: readonly JsonWebKey[]): ScriptedSetup {
  let body = JSON.stringify({ keys })
  const setup = remoteVerifier({ jwksUri, remote: { fetch: async () => new Response(body) } })
  return { ...setup, setKeys: (next) => void (body = JSON.stringify({ keys: next })) }
}

/** How many turns of the event loop others got until something was done. */
async function turnsDuring(action: Promise<unknown>): Promise<number> {
  let turns = 0
  let isDone = false
  const turn = (): void => {
    turns++
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  await action
  isDone = true
  return turns
}

/** How often a timer of the shortest interval ticked until something was done. */
async function ticksDuring(action: Promise<unknown>): Promise<number> {
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  await action
  clearInterval(timer)
  return ticks
}

describe('the import of 1,000 keys', () => {
  it('gives others many turns of the event loop', async () => {
    const few = await turnsDuring(setupWith([keyJwk]).verifier.ready())
    const many = await turnsDuring(setupWith(manyKeys).verifier.ready())
    expect(many - few).toBeGreaterThanOrEqual(20)
  })

  it('lets a timer tick', async () => {
    expect(await ticksDuring(setupWith(manyKeys).verifier.ready())).toBeGreaterThanOrEqual(5)
  })

  it('is one for all who wait for it', async () => {
    const { verifier, begun } = setupWith(manyKeys)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(verifier.verify(lastToken))))
    expect(new Set(outcomes)).toEqual(new Set(['accepted']))
    expect(begun()).toBe(1)
  })

  it('does not hold up requests whose key is known, and is not seen before it is whole', async () => {
    const setup = setupWith([keyJwk])
    await setup.verifier.ready()
    setup.setKeys([...manyKeys.slice(0, -1), keyJwk])
    setup.clock.milliseconds = 480_000
    const events = recordEvents()
    try {
      const loaded = events.next('jwtgate:keys.loaded')
      let answered = 0
      while (events.on('jwtgate:keys.loaded').length === 0) {
        expect(await outcomeOf(setup.verifier.verify(token))).toBe('accepted')
        answered++
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(answered).toBeGreaterThanOrEqual(20)
      expect(await loaded).toMatchObject({ keys: count })
      expect(setup.begun()).toBe(2)
    } finally {
      events.stop()
    }
  })
})

it('gives others a turn after each 32 keys', async () => {
  const turns = vi.spyOn(globalThis, 'setTimeout')
  await importJwkSetInTurns({ keys: manyKeys }, [...algorithms.values()], undefined, count)
  expect(turns).toHaveBeenCalledTimes(31)
  turns.mockRestore()
})

it('refuses a set with more keys than it may have', async () => {
  const wanted = [...algorithms.values()]
  expect(await importJwkSetInTurns({ keys: [keyJwk, keyJwk] }, wanted, undefined, 1)).toBe('it has more than 1 keys')
})

it('keeps the objects of the keys that were in the set before, for their import is what takes long', async () => {
  const keys = manyKeys.slice(0, 40)
  const wanted = [...algorithms.values()]
  const before = await importJwkSetInTurns({ keys }, wanted, undefined, count)
  if (typeof before === 'string') throw new Error(before)
  const after = await importJwkSetInTurns({ keys: [...keys, keyJwk] }, wanted, before.keys, count)
  if (typeof after === 'string') throw new Error(after)
  expect(after.keys.size).toBe(41)
  for (const [identity, key] of before.keys) expect(after.keys.get(identity)).toBe(key)
})
