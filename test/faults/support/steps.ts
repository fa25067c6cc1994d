// Moves the clock of cache ages step by step, slowly enough for what each step causes.
import { setTimeout as pause } from 'node:timers/promises'
import type { Provider } from './provider.ts'
import type { Stage } from './stage.ts'

/** Real milliseconds: for a fetch that a request started in the background to arrive. */
const arrival = 5
/** No fetch takes longer; a row that waits in vain goes on, and measures what it measures. */
const longestFetch = 5_000

/**
 * Resolves when each fetch of the key set that arrived since the call of `settling` has come to its end in the API: else a
 * step of the injected clock would be over before a fetch that it caused.
 */
export async function settling({ provider, api }: Pick<Stage, 'provider' | 'api'>): Promise<() => Promise<void>> {
  const ended = async (): Promise<number> => {
    const { counts } = await api.events()
    return (counts['jwtgate:keys.loaded'] ?? 0) + (counts['jwtgate:keys.refresh_failed'] ?? 0)
  }
  const [arrivedBefore, endedBefore] = [await provider.fetches('jwks'), await ended()]
  return async () => {
    await pause(arrival)
    const latest = performance.now() + longestFetch
    while ((await ended()) - endedBefore < (await provider.fetches('jwks')) - arrivedBefore) {
      if (performance.now() > latest) return
      await pause(arrival)
    }
  }
}

/** Counts fetches per span of the injected clock, which the provider does not know. */
export interface FetchLog {
  /** To be called after each step, which is as long as all others. */
  step(): Promise<void>
  /** In so many steps, from the first on. */
  first(steps: number): number
  /** The most in any so many steps that follow each other. @param from - the first that counts */
  most(steps: number, from?: number): number
  total(): number
}

export async function fetchLog(provider: Provider): Promise<FetchLog> {
  const perStep: number[] = []
  let before = await provider.fetches('jwks')
  return {
    step: async () => {
      const fetches = await provider.fetches('jwks')
      perStep.push(fetches - before)
      before = fetches
    },
    first: (steps) => sum(perStep.slice(0, steps)),
    most: (steps, from = 0) => {
      const counted = perStep.slice(from)
      return Math.max(...counted.map((_, first) => sum(counted.slice(first, first + steps))))
    },
    total: () => sum(perStep),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
