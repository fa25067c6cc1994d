// A polluted Object.prototype, as long as one action runs: what every plain object then seems to have.

/** Runs the action while every object inherits these members, and takes them away again. */
export async function withPolluted<Result>(
  members: Readonly<Record<string, unknown>>,
  action: () => Result | Promise<Result>,
): Promise<Result> {
  for (const [name, value] of Object.entries(members)) {
    Reflect.defineProperty(Object.prototype, name, { value, writable: true, configurable: true, enumerable: true })
  }
  try {
    return await action()
  } finally {
    for (const name of Object.keys(members)) Reflect.deleteProperty(Object.prototype, name)
  }
}
