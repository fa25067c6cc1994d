// Deadlines over what takes time. Their timers keep no process alive.

/**
 * Runs `action` for at most this long. What ignores its signal is left alone after that: nobody waits for it.
 *
 * @param milliseconds - from now
 * @param onExpired - makes the error for the deadline
 */
export async function withDeadline<Result>(
  milliseconds: number,
  action: (signal: AbortSignal) => Promise<Result>,
  onExpired: () => Error,
): Promise<Result> {
  const aborter = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(onExpired())
    }, milliseconds)
    // What is waited for keeps the process alive by its socket, and so the deadline comes; alone it need not.
    timer.unref?.()
  })
  try {
    return await Promise.race([action(aborter.signal), expired])
  } catch (error) {
    aborter.abort() // Lets go of what is still held, a connection for instance.
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Waits for at most this long, and then goes on without an answer. */
export async function atMost(milliseconds: number, promise: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
    timer.unref?.()
  })
  await Promise.race([promise, timeout])
  clearTimeout(timer)
}
