// A process that verifies one token with keys that it has to fetch first, as one library does it, and says how long that took.
import 'node:http' // As every API has it.
import { answer } from '../child.ts'
import { ways, type Order } from './ways.ts'

/** Milliseconds. */
export interface First {
  /** Until the library is there and its verifier is made. */
  readonly made: number
  /** From then until the claims are there. */
  readonly verified: number
}

answer<Order & { readonly way: string }>('ready', async ({ way, ...order }) => {
  const startedAt = performance.now()
  const verify = await ways[way]?.(order)
  const madeAt = performance.now()
  await verify?.()
  return { made: madeAt - startedAt, verified: performance.now() - madeAt } satisfies First
})
