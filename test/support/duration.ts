// How long something takes, for what no injected clock can tell.

/** Milliseconds until it settles, one way or the other. */
export async function durationOf(promise: Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await promise.catch(() => {})
  return performance.now() - startedAt
}
