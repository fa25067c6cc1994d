// The same tests on Express 4 and Express 5.
import express5, { type ErrorRequestHandler, type Express } from 'express'
// @ts-expect-error: there is one set of types, and what these tests use is the same in both
import express4 from 'express4'

type CreateExpress = () => Express

interface Framework {
  readonly name: string
  /** What to import. */
  readonly module: string
  readonly express: CreateExpress
}

export const frameworks: readonly Framework[] = [
  { name: 'Express 4', module: 'express4', express: express4 as CreateExpress },
  { name: 'Express 5', module: 'express', express: express5 },
]

/** The last error handler of an application: answers 500 with the message. */
export function catchAll(seen: unknown[]): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    seen.push(error)
    res.status(500).json({ message: error instanceof Error ? error.message : 'no error' })
  }
}
