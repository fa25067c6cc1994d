// jwtErrorHandler(): refusals as problem details (RFC 9457) instead of Express's own page.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { problemResponse, refuseArguments } from '@jwtgate/core'
import type { Next } from './middleware.ts'

/** An Express error handler, typed by Node's request and response. */
export type ErrorHandler = (error: unknown, request: IncomingMessage, response: ServerResponse, next: Next) => void

/**
 * Answers refusals with status, headers and a body in `application/problem+json`: `type`, `title`, `status`, `detail` and
 * `code`. Every other error goes on to the next error handler. Optional: without it, Express renders status and headers.
 *
 * @throws ConfigError at once, if it is given anything: `app.use(jwtErrorHandler)` forgets the parentheses
 * @example app.use(jwtErrorHandler()) // behind all routes
 */
export function jwtErrorHandler(...nothing: readonly never[]): ErrorHandler {
  refuseArguments('jwtErrorHandler', nothing)
  // Express knows an error handler by its four parameters.
  return (error, _request, response, next) => {
    const problem = problemResponse(error)
    if (problem === undefined || response.headersSent) {
      next(error)
      return
    }
    response.statusCode = problem.status
    for (const name of problem.withoutHeaders) response.removeHeader(name)
    for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value)
    response.end(problem.body)
  }
}
