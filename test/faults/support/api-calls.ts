// What a test can tell the API over IPC, and what the API tells of itself, as plain data.
import type { IssuerOptions, JwtGateEvents, RemoteOptions } from '@jwtgate/express'

/** The options that JSON can carry. The API adds its clock. */
export interface ApiIssuer extends Pick<
  IssuerOptions,
  'issuer' | 'audience' | 'algorithms' | 'jwksUri' | 'clockTolerance'
> {
  readonly remote?: Omit<RemoteOptions, 'fetch'>
  /** Makes a `remote.fetch` as for a proxy: origin as in the options or metadata -> origin that is asked. */
  readonly proxied?: Readonly<Record<string, string>>
}

export interface ApiRoute {
  /** Behind `requireJwt()`; what comes through is answered with the subject of its token. */
  readonly path: string
  /** A list makes one verifier for several issuers. */
  readonly issuers: ApiIssuer | readonly ApiIssuer[]
}

export interface ApiSettings {
  readonly routes: readonly ApiRoute[]
  /** `elapsed` stands still but for `advance`. Default: it runs, and `advance` is added. */
  readonly manualClock: boolean
}

export type EventName = keyof JwtGateEvents

export interface SeenEvent {
  readonly name: EventName
  readonly payload: unknown
}

export interface ApiEvents {
  /** How many of each, also of those that are not kept. */
  readonly counts: Readonly<Partial<Record<EventName, number>>>
  /** The last of those about keys, in order. Refusals are only counted: a flood of them would be the heap that is measured. */
  readonly kept: readonly SeenEvent[]
}

/** Since the last mark. */
export interface ApiLoad {
  /** Bytes by which the resident memory was higher than at the mark, at its highest. */
  readonly peakMemoryGrowth: number
  /** Milliseconds for which the event loop did not turn, at the longest. */
  readonly longestBlock: number
}

export interface ApiCalls {
  origin(): string
  addRoutes(routes: readonly ApiRoute[]): void
  /** Milliseconds on the clock of cache ages. Tokens stay as old as they are. */
  advance(milliseconds: number): void
  /** Milliseconds on the clock of `exp` and `nbf`; below 0 it goes back. */
  moveWallClock(milliseconds: number): void
  /** As an application does before it listens. Rejects as `verifier.ready()` does. */
  ready(path: string): Promise<void>
  /** `verifier.status()` of a route; `undefined` where the verifier has none. */
  status(path: string): unknown
  /** Bytes of live objects, after collections. */
  heapUsed(): Promise<number>
  /** How many requests have reached the application, answered or not. */
  requests(): number
  /** What keeps the process alive, each kind with its number: sockets, servers, timers. */
  resources(): Readonly<Record<string, number>>
  /** Starts measuring, from a collected heap. */
  mark(): Promise<void>
  load(): ApiLoad
  events(): ApiEvents
  /** Unhandled rejections, uncaught exceptions and warnings: there must be none. */
  complaints(): readonly string[]
  /** `server.close()`, and nothing else: whether the process ends is what the test asks. No call is possible after it. */
  closeServer(): void
}
