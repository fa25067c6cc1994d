// Signature checks that take a millisecond, in the threads that a runtime has beside its one: who sends forged tokens by the
// hundred then does not stop the requests of everybody else.

/** At a time: Node has four such threads, unless UV_THREADPOOL_SIZE says another number, and files and name look-ups need them too. */
const mostRunning = 2
const mostWaiting = 100

let running = 0
const waiting: (() => void)[] = []

/**
 * @param begin - begins a check, which says at its end whether the signature is good; one that cannot begin says it is not.
 *   Whoever ends one begins the next, so nothing of an application is to be called there.
 * @returns `undefined` if a hundred wait already: then it has to be checked here and now, which slows down who sends them
 */
export function checkAside(begin: (end: (isGood: boolean) => void) => void): Promise<boolean> | undefined {
  if (waiting.length >= mostWaiting) return undefined
  return new Promise((resolve) => {
    const end = (isGood: boolean): void => {
      running--
      waiting.shift()?.()
      resolve(isGood)
    }
    const start = (): void => {
      running++
      try {
        begin(end)
      } catch {
        end(false)
      }
    }
    if (running < mostRunning) start()
    else waiting.push(start)
  })
}
