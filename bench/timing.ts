// How long a target takes for some tokens, and how much of the processor.
import type { Target } from './targets/target.ts'

/** Microseconds for each token. */
export interface Cost {
  readonly time: number
  /** Of all threads: some libraries leave the signature to another one. */
  readonly cpu: number
}

/** One token after the other. */
export function costPerToken(target: Target, tokens: readonly string[]): Cost | Promise<Cost> {
  if ('verifyLater' in target) return costPerTokenLater(target.verifyLater, tokens)
  return costPerItem(tokens.length, () => {
    for (const token of tokens) target.verify(token)
  })
}

/** Of each of `count` things that are done in one call. */
export function costPerItem(count: number, work: () => void): Cost {
  const [startedAt, before] = [performance.now(), process.cpuUsage()]
  work()
  return costSince(startedAt, before, count)
}

async function costPerTokenLater(verify: (token: string) => Promise<object>, tokens: readonly string[]): Promise<Cost> {
  const [startedAt, before] = [performance.now(), process.cpuUsage()]
  for (const token of tokens) await verify(token)
  return costSince(startedAt, before, tokens.length)
}

function costSince(startedAt: number, before: NodeJS.CpuUsage, count: number): Cost {
  const elapsed = performance.now() - startedAt
  const { user, system } = process.cpuUsage(before)
  return { time: (elapsed / count) * 1000, cpu: (user + system) / count }
}
