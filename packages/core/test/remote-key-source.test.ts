// How verifiers find the set that they share, and how one is let go that none of them holds: collected when the test says so.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { algorithms } from '../src/algorithms.ts'
import type { JwksLoaderOptions } from '../src/keys/jwks-loader.ts'
import type * as RemoteKeySource from '../src/keys/remote-key-source.ts'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { TestClock } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

/** Holds its target until it is told that this was collected. */
class TestRef {
  static readonly all: TestRef[] = []
  #target: object | undefined
  asked = 0

  constructor(target: object) {
    this.#target = target
    TestRef.all.push(this)
  }

  deref(): object | undefined {
    this.asked++
    return this.#target
  }

  collect(): void {
    this.#target = undefined
  }
}

/** Tells of nothing by itself: the test does. */
class TestRegistry {
  static readonly all: TestRegistry[] = []
  readonly registered: unknown[] = []
  readonly #tell: (held: unknown) => void

  constructor(tell: (held: unknown) => void) {
    if (typeof tell !== 'function') throw new TypeError('nobody to tell')
    this.#tell = tell
    TestRegistry.all.push(this)
  }

  register(_target: object, held: unknown): void {
    this.registered.push(held)
  }

  /** That the one that was registered at this place was collected. */
  tell(index: number): void {
    if (!(index in this.registered)) throw new Error('never registered')
    this.#tell(this.registered[index])
  }
}

afterEach(() => {
  vi.unstubAllGlobals()
  TestRef.all.length = 0
  TestRegistry.all.length = 0
})

/** No `Response`: whatever Node loads for its own fetch must not meet the globals of these tests. */
const keySet = new TextEncoder().encode(JSON.stringify({ keys: [jwkOf(keyFor('ES256'))] }))
let loaded = 0

interface Runtime {
  /** What a verifier for this URL does at its start. How many fetches there were since the runtime began. */
  readonly start: (path?: string) => Promise<number>
  readonly registry: TestRegistry | undefined
}

/** The module as a runtime with these globals loads it. */
async function runtimeWith(globals: Readonly<Record<string, unknown>>): Promise<Runtime> {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  const path = '../src/keys/remote-key-source.ts'
  const module = (await import(`${path}?runtime=${++loaded}`)) as typeof RemoteKeySource
  const pinned = [...algorithms.values()].filter(({ name }) => name === 'ES256')
  let fetched = 0
  const options: Omit<JwksLoaderOptions, 'address'> = {
    http: 'never',
    cacheMaxAge: 600_000,
    maxStale: 0,
    timeoutDuration: 5_000,
    maxResponseBytes: 100_000,
    headers: {},
    fetch: async () => {
      fetched++
      return { status: 200, headers: { get: () => null }, body: [keySet] }
    },
    clock: new TestClock(),
  }
  return {
    start: async (path = '/jwks') => {
      await module
        .remoteKeySource({ ...options, address: { jwksUri: `https://id.example.com${path}` } }, pinned)
        .ready()
      return fetched
    },
    registry: TestRegistry.all[0],
  }
}

function collect(index: number): void {
  const ref = TestRef.all[index]
  if (ref === undefined) throw new Error('never made')
  ref.collect()
  ref.asked = 0
}

describe('a runtime', () => {
  it('with both WeakRef and FinalizationRegistry shares sets', async () => {
    const { start } = await runtimeWith({ WeakRef: TestRef, FinalizationRegistry: TestRegistry })
    expect([await start(), await start(), await start('/others'), await start()]).toEqual([1, 1, 2, 2])
  })

  it.each([
    ['WeakRef', { WeakRef: undefined, FinalizationRegistry: TestRegistry }],
    ['FinalizationRegistry', { WeakRef: TestRef, FinalizationRegistry: undefined }],
    ['both', { WeakRef: undefined, FinalizationRegistry: undefined }],
  ])('without %s gives each verifier a set of its own', async (_name, globals) => {
    const { start } = await runtimeWith(globals)
    expect([await start(), await start()]).toEqual([1, 2])
  })
})

describe('a set that was collected', () => {
  async function setup(): Promise<{ readonly start: Runtime['start']; readonly registry: TestRegistry }> {
    const { start, registry } = await runtimeWith({ WeakRef: TestRef, FinalizationRegistry: TestRegistry })
    if (registry === undefined) throw new Error('no registry')
    await start()
    collect(0)
    return { start, registry }
  }

  it('has a successor, also before anybody is told', async () => {
    const { start } = await setup()
    expect([await start(), await start()]).toEqual([2, 2])
  })

  it('is forgotten when that is told: nothing is left of it', async () => {
    const { start, registry } = await setup()
    registry.tell(0)
    const [ref] = TestRef.all
    if (ref !== undefined) ref.asked = 0
    expect(await start()).toBe(2)
    expect(ref?.asked).toBe(0)
  })

  it('does not take its successor with it', async () => {
    const { start, registry } = await setup()
    await start()
    registry.tell(0)
    expect(await start()).toBe(2)
  })

  it('may be told of after its successor went too', async () => {
    const { start, registry } = await setup()
    await start()
    collect(1)
    registry.tell(1)
    registry.tell(0)
    expect(await start()).toBe(3)
  })
})
