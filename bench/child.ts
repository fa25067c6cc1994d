// A program of this package in a process of its own, which answers what it is asked.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { programAt } from './places.ts'

export interface Child {
  /** The first that it said. */
  readonly greeting: unknown
  readonly ask: (question: object) => Promise<unknown>
  readonly end: () => void
}

export async function startChild(program: string, args: readonly string[]): Promise<Child> {
  const child = fork(programAt(program), args, {
    execArgv: process.execArgv,
    env: { ...process.env, NODE_ENV: 'production' },
  })
  return {
    greeting: await saidBy(child),
    ask: (question) => {
      const answer = saidBy(child)
      child.send(question)
      return answer
    },
    end: () => void child.kill(),
  }
}

/** For the program: greets, and answers what it is asked from then on. */
export function answer<Question>(greeting: unknown, reply: (question: Question) => Promise<unknown>): void {
  // oxlint-disable-next-line typescript/no-misused-promises -- one that fails has to end this process
  process.on('message', async (question) => process.send?.(await reply(question as Question)))
  process.once('disconnect', () => process.exit()) // Nobody is there any more.
  process.send?.(greeting)
}

async function saidBy(child: ChildProcess): Promise<unknown> {
  const stop = new AbortController()
  const ended = once(child, 'exit', { signal: stop.signal }).then(() => {
    throw new Error(`The program ended before it answered: ${child.spawnargs.join(' ').slice(0, 200)}`)
  })
  const [said] = (await Promise.race([once(child, 'message', { signal: stop.signal }), ended])) as [unknown]
  ended.catch(() => {}) // It is not waited for any more.
  stop.abort()
  return said
}
