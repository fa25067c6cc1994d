// Signature checks that take a millisecond: in the one thread, or in those that a runtime has beside it, so that who sends forged
// tokens by the hundred does not stop the requests of everybody else.

/** At a time: Node has four such threads, unless UV_THREADPOOL_SIZE says another number, and files and name look-ups need them too. */
const mostRunning = 2
const mostWaiting = 100
/** So many good ones in a row, and nobody seems to send forged tokens: the way to another thread only makes each answer later. */
const trusted = 100

let goodInARow = trusted
let running = 0
const waiting: (() => void)[] = []

/** Begins a check, which says at its end whether the signature is good; one that cannot begin says it is not. */
type Begin = (end: (isGood: boolean) => void) => void

/**
 * Here and now while the signatures are good, and in another thread after a bad one; or here nevertheless, if a hundred wait
 * for that already, which slows down who sends them.
 *
 * @param begin - whoever ends a check begins the next, so nothing of an application is to be called there
 */
export function checkLong(here: () => boolean, begin: Begin): boolean | Promise<boolean> {
  const goesAside = goodInARow < trusted && waiting.length < mostWaiting
  return goesAside ? checkAside(begin) : counted(here())
}

function checkAside(begin: Begin): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isGood: boolean): void => {
      running--
      waiting.shift()?.()
      resolve(counted(isGood))
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

function counted(isGood: boolean): boolean {
  goodInARow = isGood ? goodInARow + 1 : 0
  return isGood
}
