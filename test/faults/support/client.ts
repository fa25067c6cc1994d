// Sends requests to the API as many clients do, and counts what comes back. node:http, because fetch would be the bottleneck.
import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { percentile } from './percentile.ts'

export interface Answer {
  /** 0 where no answer came. */
  readonly status: number
  /** `200`, `401 key_unknown`, or the system's code where no answer came: what tests compare. */
  readonly outcome: string
  readonly body: string
  readonly headers: IncomingHttpHeaders
  readonly milliseconds: number
}

export interface Tally {
  readonly count: number
  /** How many had each outcome. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Milliseconds from sending to the last byte. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number }
  /** Milliseconds from the first request to the last answer. */
  readonly milliseconds: number
  /** One of each outcome, the first that came. */
  readonly examples: Readonly<Record<string, Answer>>
}

/** The token of the n-th request of a row. */
export type TokenAt = (index: number) => string

export interface Client {
  get(token?: string, path?: string): Promise<Answer>
  /** All at once, each on a connection of its own. */
  together(tokens: readonly string[], path?: string): Promise<Tally>
  /** So many per second, whether or not those before were answered. */
  steadily(perSecond: number, seconds: number, tokenAt: TokenAt, path?: string): Promise<Tally>
  /** As fast as the machine takes with so many open at a time, until the signal. */
  flood(open: number, until: AbortSignal, tokenAt: TokenAt, path?: string): Promise<Tally>
  close(): void
}

/** Milliseconds: an API that hangs makes a row fail, not wait. */
const answerDeadline = 20_000
const tick = 5

export function createClient(origin: string): Client {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(origin)

  function get(token?: string, path = '/'): Promise<Answer> {
    const startedAt = performance.now()
    return new Promise((resolve) => {
      const done = (status: number, outcome: string, body = '', headers: IncomingHttpHeaders = {}): void =>
        resolve({ status, outcome, body, headers, milliseconds: performance.now() - startedAt })
      const failed = (error: NodeJS.ErrnoException): void => done(0, error.code ?? error.message)
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const sent = request({ agent, hostname, port, path, headers, timeout: answerDeadline }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => void (body += text))
        response.on('error', failed)
        response.on('end', () => {
          const { statusCode = 0 } = response
          done(statusCode, outcomeOf(statusCode, body), body, response.headers)
        })
      })
      sent.on('timeout', () => sent.destroy(new Error('no answer in time')))
      sent.on('error', failed)
      sent.end()
    })
  }

  async function together(tokens: readonly string[], path?: string): Promise<Tally> {
    const tallying = startTally()
    await Promise.all(tokens.map(async (token) => tallying.add(await get(token, path))))
    return tallying.result()
  }

  async function steadily(perSecond: number, seconds: number, tokenAt: TokenAt, path?: string): Promise<Tally> {
    const tallying = startTally()
    const startedAt = performance.now()
    const total = perSecond * seconds
    const open: Promise<void>[] = []
    while (open.length < total) {
      const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1000) * perSecond))
      while (open.length < due) open.push(get(tokenAt(open.length), path).then(tallying.add))
      await new Promise((resolve) => setTimeout(resolve, tick))
    }
    await Promise.all(open)
    return tallying.result()
  }

  async function flood(open: number, until: AbortSignal, tokenAt: TokenAt, path?: string): Promise<Tally> {
    const tallying = startTally()
    let sent = 0
    const sendOn = async (): Promise<void> => {
      while (!until.aborted) tallying.add(await get(tokenAt(sent++), path))
    }
    await Promise.all(Array.from({ length: open }, sendOn))
    return tallying.result()
  }

  return { get, together, steadily, flood, close: () => agent.destroy() }
}

function outcomeOf(status: number, body: string): string {
  if (status === 200) return '200'
  try {
    return `${status} ${String((JSON.parse(body) as { readonly code?: unknown }).code)}`
  } catch {
    return `${status} without a code`
  }
}

interface Tallying {
  readonly add: (answer: Answer) => void
  readonly result: () => Tally
}

function startTally(): Tallying {
  const startedAt = performance.now()
  const outcomes: Record<string, number> = {}
  const examples: Record<string, Answer> = {}
  const latencies: number[] = []
  return {
    add: (answer) => {
      outcomes[answer.outcome] = (outcomes[answer.outcome] ?? 0) + 1
      examples[answer.outcome] ??= answer
      latencies.push(answer.milliseconds)
    },
    result: () => ({
      count: latencies.length,
      outcomes,
      latency: { p50: percentile(latencies, 50), p99: percentile(latencies, 99), max: percentile(latencies, 100) },
      milliseconds: performance.now() - startedAt,
      examples,
    }),
  }
}
