// For functions of the application that must answer at once.

/** A promise that they gave instead is not waited for; that it may reject must not end the process. */
export function ignoreRejection(value: unknown): void {
  if (value instanceof Promise) value.catch(() => {})
}
