// What one verifier sees of a remote key set. Verifiers with the same URL and fetch options share the set: its cache, its
// fetches and its budget.
import type { Algorithm } from '../algorithms.ts'
import type { JwksLoaderOptions } from './jwks-loader.ts'
import type { KeySource } from './key-source.ts'
import { RemoteJwks } from './remote-jwks.ts'

export function remoteKeySource(options: JwksLoaderOptions, pinned: readonly Algorithm[]): KeySource {
  const set = sharedSet(options)
  return {
    find: (algorithm, kid) => set.find(algorithm, kid, pinned),
    ready: () => set.ready(pinned),
    status: () => set.status(pinned),
  }
}

/** Held by the verifiers alone: a set that none of them uses any more is let go. */
const sets = new Map<string, WeakRef<RemoteJwks>>()
// Some runtimes for workers have neither: there, each verifier has a set of its own.
const canShare = typeof WeakRef === 'function' && typeof FinalizationRegistry === 'function'
const letGo = canShare ? new FinalizationRegistry<string>(forget) : undefined

function sharedSet(options: JwksLoaderOptions): RemoteJwks {
  const identity = identityOf(options)
  const known = sets.get(identity)?.deref()
  if (known !== undefined || letGo === undefined) return known ?? new RemoteJwks(options)
  const set = new RemoteJwks(options)
  sets.set(identity, new WeakRef(set))
  letGo.register(set, identity)
  return set
}

/** Unless another one has taken its place meanwhile. */
function forget(identity: string): void {
  if (sets.get(identity)?.deref() === undefined) sets.delete(identity)
}

/**
 * Equal for options under which the same is fetched and kept (one place makes them, in one order). A function and a clock
 * are the same only as one object; where none is given, it is the global `fetch` of this moment, which tests replace.
 */
function identityOf({ clock, fetch, ...plain }: JwksLoaderOptions): string {
  return JSON.stringify([plain, numberOf(clock), numberOf(fetch ?? globalThis.fetch)])
}

const numbers = new WeakMap<object, number>()
let lastNumber = 0

function numberOf(object: object): number {
  const number = numbers.get(object) ?? ++lastNumber
  numbers.set(object, number)
  return number
}
