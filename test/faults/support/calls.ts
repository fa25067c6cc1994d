// Calls into a process of its own, over IPC: each is answered, so that a test can await that it took effect.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { keepChild } from '../../../examples/demo/child.ts'
import { within } from '../../../examples/demo/deadline.ts'

type Parameters<Call> = Call extends (...args: infer Given) => unknown ? Given : never
type Answer<Call> = Call extends (...args: never) => infer Result ? Awaited<Result> : never

/** Answers by `id` find their calls; `ready` is the first message of a child. */
interface CallMessage {
  readonly id: number
  readonly name: string
  readonly args: readonly unknown[]
}
interface AnswerMessage {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

export interface Callee<Calls> {
  readonly call: <Name extends keyof Calls & string>(
    name: Name,
    ...args: Parameters<Calls[Name]>
  ) => Promise<Answer<Calls[Name]>>
  /** All it has written. */
  readonly output: () => string
  /** Resolves when it has ended, whoever ended it, with its exit code; `null` after a signal. */
  readonly gone: Promise<number | null>
  readonly stop: () => Promise<void>
}

/** A call that takes longer has failed: no test waits for a child that hangs. */
const callDeadline = 30_000

/**
 * Starts a program that ends with {@link answerCalls}. It never outlives this process.
 *
 * @param name - what an error calls it
 * @param argument - what the program finds with {@link argumentOf}
 */
export async function startCallee<Calls>(
  name: string,
  program: URL,
  argument: unknown = null,
  nodeOptions: readonly string[] = [],
): Promise<Callee<Calls>> {
  const { NODE_OPTIONS: _ours, ...environment } = process.env
  const child = fork(fileURLToPath(program), [JSON.stringify(argument)], {
    execArgv: [...nodeOptions],
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced', // JSON has no `undefined` and no Infinity.
  })
  const kept = keepChild(name, child)
  const open = new Map<
    number,
    { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }
  >()
  let calls = 0
  child.on('message', ({ id, result, error }: AnswerMessage) => {
    const waiting = open.get(id)
    open.delete(id)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(`${name}: ${error}`))
  })
  const gone = kept.gone.then(() => {
    for (const { reject } of open.values()) reject(new Error(`${name} has ended\n${kept.output()}`))
    open.clear()
    return child.exitCode
  })
  await kept.until('get ready', (_output, message) => (message === 'ready' ? true : undefined))

  function call<Name extends keyof Calls & string>(
    called: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<Answer<Calls[Name]>> {
    const id = calls++
    const answered = new Promise<unknown>((resolve, reject) => {
      open.set(id, { resolve, reject })
      const message: CallMessage = { id, name: called, args }
      child.send(message, (error) => {
        if (error !== null) reject(new Error(`${name} cannot be called: ${error.message}\n${kept.output()}`))
      })
    })
    return within(callDeadline, `${name}: ${called}`, answered) as Promise<Answer<Calls[Name]>>
  }

  return { call, output: () => kept.output(), gone, stop: () => kept.stop() }
}

/** In the child: what it was started with. */
export function argumentOf<Argument>(): Argument {
  return JSON.parse(process.argv[2] ?? 'null') as Argument
}

/** In the child: answers until the other side is gone, and then ends. Says that it is ready. */
export function answerCalls<Calls extends object>(calls: Calls): void {
  process.on('message', ({ id, name, args }: CallMessage) => {
    const answer = (message: AnswerMessage): void => {
      if (process.connected) process.send?.(message)
    }
    const called = Reflect.get(calls, name) as (...given: readonly unknown[]) => unknown
    Promise.resolve()
      .then(() => called(...args))
      .then(
        (result) => answer({ id, result }),
        (error: unknown) => answer({ id, error: error instanceof Error ? String(error.stack) : String(error) }),
      )
      .catch(() => process.exit(1)) // An answer that cannot be sent would keep a test waiting.
  })
  process.once('disconnect', endWithParent)
  process.send?.('ready')
}

function endWithParent(): void {
  process.exit(1)
}

/** In the child: nothing of IPC keeps it alive from now on, and no more calls arrive. */
export function hangUp(): void {
  process.off('disconnect', endWithParent)
  process.disconnect()
}
