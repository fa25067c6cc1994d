// A child process whose output is kept for the day something fails, and which never outlives this process.
import type { ChildProcess } from 'node:child_process'
import { within } from './deadline.ts'

export interface Child {
  /** All it has written so far, standard output and standard error together. */
  output(): string
  /** Hands on what it writes from now on. */
  follow(write: (text: string) => void): void
  /** Resolves when it is gone, whoever ended it. */
  readonly gone: Promise<void>
  /** Waits for `look` to find something in what it writes or sends; rejects if it ends first or takes too long. */
  until<T>(what: string, look: (output: string, message: unknown) => T | undefined): Promise<T>
  send(message: object): void
  stop(): Promise<void>
}

const startDeadline = 15_000
const stopDeadline = 3_000
const running = new Set<ChildProcess>()

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function keepChild(name: string, child: ChildProcess): Child {
  let output = ''
  let failure: Error | undefined
  running.add(child)
  const follow = (write: (text: string) => void): void => {
    child.stdout?.setEncoding('utf8').on('data', write)
    child.stderr?.setEncoding('utf8').on('data', write)
  }
  follow((text) => (output += text))
  // `error` comes instead of `exit` if it could not be started, and also if a message could not be sent.
  child.on('error', (error) => (failure = error))
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => child.pid ?? resolve())
  }).then(() => void running.delete(child))

  function until<T>(what: string, look: (output: string, message: unknown) => T | undefined): Promise<T> {
    const found = new Promise<T>((resolve) => {
      const seen = (message?: unknown): void => {
        const value = look(output, message)
        if (value !== undefined) resolve(value)
      }
      child.stdout?.on('data', () => seen())
      child.on('message', seen)
    })
    const ended = gone.then(() => {
      throw failure ?? new Error(`it ended (${child.exitCode ?? child.signalCode})`)
    })
    return within(startDeadline, 'it', Promise.race([found, ended])).catch((error: Error) => {
      throw new Error(`${name} did not ${what}: ${error.message}\n${output}`, { cause: error })
    })
  }

  async function stop(): Promise<void> {
    if (!running.has(child)) return
    child.kill('SIGTERM')
    const impatient = setTimeout(() => child.kill('SIGKILL'), stopDeadline)
    await gone.finally(() => clearTimeout(impatient))
  }

  return { output: () => output, follow, gone, until, send: (message) => void child.send(message), stop }
}
