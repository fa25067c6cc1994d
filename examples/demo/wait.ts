// Waits that can be watched.
import { setTimeout as sleep } from 'node:timers/promises'

/** Told again and again while a wait goes on: what is waited for, and for how many more seconds at most. */
export type OnWait = (what: string, seconds: number) => void

/** `time` is in milliseconds since the epoch. */
export async function waitUntil(time: number, what: string, onWait: OnWait): Promise<void> {
  for (let left = time - Date.now(); left > 0; left = time - Date.now()) {
    onWait(what, Math.ceil(left / 1000))
    await sleep(Math.min(left, 250))
  }
}

/** Asks until `isDone` or until the deadline; the last answer either way. */
export async function poll<T>(
  milliseconds: number,
  what: string,
  onWait: OnWait,
  ask: () => Promise<T>,
  isDone: (answer: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + milliseconds
  for (;;) {
    const answer = await ask()
    const left = deadline - Date.now()
    if (isDone(answer) || left <= 0) return answer
    onWait(what, Math.ceil(left / 1000))
    await sleep(100)
  }
}
