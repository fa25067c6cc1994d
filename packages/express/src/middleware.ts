// The shape of everything that this package mounts: Node's own types, so that a route's `req.params` keeps its exact type.
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Goes on with the next handler, or with the error handlers. */
export type Next = (error?: unknown) => void

/** An Express middleware, typed by Node's request and response: it fits every route without changing its types. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: Next) => void

/** Runs the step, then exactly one `next`: outside of the `try`, so that an error of a later handler is not taken for ours. */
export async function runThenNext(step: () => unknown, next: Next): Promise<void> {
  try {
    await step()
  } catch (error) {
    next(Object(error) === error ? error : new TypeError('What was thrown is no error')) // `next(undefined)` goes on.
    return
  }
  next()
}
