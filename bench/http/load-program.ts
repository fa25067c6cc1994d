// Sends requests to an application, from a process of its own so that it takes nothing of the application's.
import { once } from 'node:events'
import autocannon from 'autocannon'
import { answer } from '../child.ts'

/** Each token is sent once, in parts, over as many connections at once. */
export interface Load {
  readonly url: string
  readonly tokens: readonly string[]
  readonly connections: number
}

export interface Answered {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p99: number
}

answer<Load>('ready', async ({ url, tokens, connections }) => {
  const each = tokens.length / connections
  if (!Number.isInteger(each)) throw new Error('The tokens cannot be dealt out evenly')
  let client = 0
  const options: autocannon.Options = {
    url,
    connections,
    amount: tokens.length,
    sampleInt: 20, // How soon it notices that it has ended.
    // All requests are made beforehand: while it is measured, they are only sent.
    setupClient: (connection) => {
      const own = tokens.slice(client * each, ++client * each)
      connection.setRequests(own.map((token) => ({ headers: { authorization: `Bearer ${token}` } })))
    },
  }
  const sleepAgain = stayAwake()
  const instance = autocannon(options, () => {}) // With a callback, it returns what has the events.
  const times: number[] = []
  let refused = 0
  let startedAt = 0
  let endedAt = 0
  instance.on('start', () => {
    startedAt = performance.now()
  })
  instance.on('response', (_client, status, _bytes, time) => {
    times.push(time)
    if (status !== 200) refused++
    endedAt = performance.now()
  })
  await once(instance, 'done').finally(sleepAgain)
  if (refused > 0 || times.length !== tokens.length) {
    throw new Error(`${url}: of ${tokens.length} good tokens, ${refused} were refused and ${times.length} answered`)
  }
  const p99 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN
  return { perSecond: times.length / ((endedAt - startedAt) / 1000), p99 } satisfies Answered
})

/**
 * A program that sleeps has to be woken for each answer, which takes longer than the answer, and whoever answers is charged
 * with it: the more, the slower it is. Over a network it is not.
 */
function stayAwake(): () => void {
  let isAwake = true
  const turn = (): void => {
    if (isAwake) setImmediate(turn)
  }
  turn()
  return () => {
    isAwake = false
  }
}
