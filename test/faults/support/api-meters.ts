// What the API measures of its own process: heap, resident memory, the turns of the event loop.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import type { ApiLoad } from './api-calls.ts'

/** Milliseconds between samples. */
const resolution = 5

/** Bytes of live objects. Several collections: what a finalizer or a promise lets go of goes with the next. */
export async function collectedHeap(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('started without --expose-gc')
  for (let collections = 0; collections < 4; collections++) {
    globalThis.gc()
    await setImmediate()
  }
  return process.memoryUsage().heapUsed
}

/** What keeps the process alive, each kind with its number. */
export function activeResources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

export interface LoadMeter {
  readonly mark: () => Promise<void>
  readonly load: () => ApiLoad
}

/** Measures from the mark on. Keeps no process alive. */
export function createLoadMeter(): LoadMeter {
  const turns = monitorEventLoopDelay({ resolution })
  let before = { memory: 0, highest: 0 }
  let sampled = 0
  const sample = (): void => void (sampled = Math.max(sampled, process.memoryUsage.rss()))

  return {
    mark: async () => {
      await collectedHeap()
      before = { memory: process.memoryUsage.rss(), highest: highestMemory() }
      sampled = before.memory
      setInterval(sample, resolution).unref()
      turns.enable()
      await setImmediate() // The collection itself is no block to be measured.
      turns.reset()
    },
    load: () => {
      sample()
      // The system's own high-water mark sees what falls between two samples, once it is higher than ever before.
      const highest = highestMemory()
      const peak = highest > before.highest ? highest : sampled
      // A turn that nothing held up takes as long as the pause between two samples.
      const longestBlock = Math.max(0, turns.max / 1_000_000 - resolution)
      return { peakMemoryGrowth: peak - before.memory, longestBlock }
    },
  }
}

function highestMemory(): number {
  return process.resourceUsage().maxRSS * 1024
}
