// The shape of everything that this package mounts: what it uses of Koa's context, so that it fits every application's own.
import type { IncomingMessage } from 'node:http'

/** What is used of Koa's `ctx`. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly state: object
}

/** Goes on with the next middleware. */
export type Next = () => Promise<unknown>

/** A Koa middleware that fits every application and router without changing its types. */
export type Middleware = (ctx: KoaContext, next: Next) => Promise<void>
