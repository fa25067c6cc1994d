// The shape of everything that this package mounts: what it uses of Koa's context, so that it fits every application's own.
import type { IncomingMessage } from 'node:http'

/** What is used of Koa's `ctx`. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly state: object
}

/** Goes on with the next middleware. */
export type Next = () => Promise<unknown>

/**
 * A Koa middleware that fits every application and router without changing its types.
 *
 * Koa gives it a whole context. But what it demands of `ctx`, @koa/router demands of every handler on the same route, and
 * there the types of handlers do not promise as much.
 */
export type Middleware<Context = KoaContext> = (ctx: Partial<Context>, next: Next) => Promise<void>

/** Gives a middleware its type: Koa calls it with a whole context, whatever its type may demand. */
export function middleware<Context>(run: (ctx: Context, next: Next) => Promise<void>): Middleware<Context> {
  return run as Middleware<Context>
}
