// Every wait of the demo ends: with what was waited for, or with a sentence that says what never came.

export function within<T>(milliseconds: number, what: string, wait: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${milliseconds / 1000} s`)), milliseconds)
  })
  return Promise.race([wait, tooLate]).finally(() => clearTimeout(timer))
}
