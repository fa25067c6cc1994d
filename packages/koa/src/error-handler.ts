// jwtErrorHandler(): refusals as problem details (RFC 9457) instead of Koa's own text.
import { problemResponse, refuseArguments } from '@jwtgate/core'
import { middleware, type KoaContext, type Middleware } from './middleware.ts'

/** What is used of Koa's `ctx` to answer. */
export interface AnsweringContext extends KoaContext {
  readonly headerSent: boolean
  /** `false` where something else answers in Koa's place. */
  readonly respond?: boolean | undefined
  status: number
  body: unknown
  set(fields: Record<string, string>): void
  remove(field: string): void
}

/** A Koa middleware that answers. */
export type ErrorHandler = Middleware<AnsweringContext>

/**
 * Answers refusals of whatever stands behind it with status, headers and a body in `application/problem+json`: `type`,
 * `title`, `status`, `detail` and `code`. Every other error goes on. Optional: without it, Koa renders status and headers.
 *
 * @throws ConfigError at once, if it is given anything: `app.use(jwtErrorHandler)` forgets the parentheses
 * @example app.use(jwtErrorHandler()) // before all else
 */
export function jwtErrorHandler(...nothing: readonly never[]): ErrorHandler {
  refuseArguments('jwtErrorHandler', nothing)
  return middleware(async (ctx: AnsweringContext, next) => {
    try {
      await next()
    } catch (error) {
      const problem = problemResponse(error)
      if (problem === undefined || ctx.headerSent || ctx.respond === false) throw error
      ctx.status = problem.status
      for (const name of problem.withoutHeaders) ctx.remove(name)
      ctx.set({ ...problem.headers })
      ctx.body = problem.body
    }
  })
}
