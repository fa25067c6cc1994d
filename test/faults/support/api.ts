// Starts the API under test, in a process of its own, and asks it about itself.
import { type Callee, startCallee } from './calls.ts'
import type { ApiCalls, ApiEvents, ApiIssuer, ApiLoad, ApiRoute, ApiSettings, EventName } from './api-calls.ts'
import { audience } from './tokens.ts'

export type { ApiIssuer, ApiLoad, ApiRoute } from './api-calls.ts'

export interface Api {
  readonly origin: string
  addRoutes(routes: readonly ApiRoute[]): Promise<void>
  /** Milliseconds on the clock of cache ages. Tokens stay as old as they are. */
  advance(milliseconds: number): Promise<void>
  /** Milliseconds on the clock of `exp` and `nbf`; below 0 it goes back. */
  moveWallClock(milliseconds: number): Promise<void>
  /** Rejects as `verifier.ready()` does. */
  ready(path?: string): Promise<void>
  /** `verifier.status()`; `undefined` where the verifier has none. */
  status(path?: string): Promise<unknown>
  heapUsed(): Promise<number>
  /** How many requests have reached the application, answered or not. */
  requests(): Promise<number>
  /** Resolves when so many requests have reached the application since the start; rejects after five seconds. */
  untilRequests(count: number): Promise<void>
  /** What keeps its process alive, each kind with its number: sockets, servers, timers. */
  resources(): Promise<Readonly<Record<string, number>>>
  /** From here on {@link load} measures. */
  mark(): Promise<void>
  load(): Promise<ApiLoad>
  events(): Promise<ApiEvents>
  /** Resolves when so many of these events were published since the start; rejects after five seconds. */
  untilEvent(name: EventName, count?: number): Promise<void>
  /** Unhandled rejections, uncaught exceptions and warnings: there must be none. */
  complaints(): Promise<readonly string[]>
  /** Calls `server.close()`, and resolves when the process has ended by itself; 70 is one that had to be ended. */
  end(): Promise<{ readonly exitCode: number | null; readonly milliseconds: number }>
  /** Whoever ended it. */
  hasEnded(): boolean
  stop(): Promise<void>
}

export interface ApiOptions {
  /** Default: one route, `/`, for `issuer`. */
  readonly routes?: readonly ApiRoute[]
  readonly issuer?: ApiIssuer
  readonly manualClock?: boolean
}

/** The options for one issuer, as a test mints for it. With `jwksUri: undefined` it is found by discovery. */
export function issuerOptions(
  issuer: string,
  jwksUri: string | undefined,
  changes: Partial<ApiIssuer> = {},
): ApiIssuer {
  return { issuer, audience, algorithms: ['ES256'], ...(jwksUri === undefined ? {} : { jwksUri }), ...changes }
}

export async function startApi({ routes, issuer, manualClock = false }: ApiOptions): Promise<Api> {
  const settings: ApiSettings = {
    routes: routes ?? (issuer === undefined ? [] : [{ path: '/', issuers: issuer }]),
    manualClock,
  }
  const nodeOptions = ['--expose-gc', '--conditions=jwtgate-source']
  const callee = await startCallee<ApiCalls>(
    'the API',
    new URL('api-process.ts', import.meta.url),
    settings,
    nodeOptions,
  )
  const { call, stop } = callee
  let ended = false
  void callee.gone.then(() => (ended = true))
  return {
    origin: await call('origin'),
    addRoutes: (more) => call('addRoutes', more),
    advance: (milliseconds) => call('advance', milliseconds),
    moveWallClock: (milliseconds) => call('moveWallClock', milliseconds),
    ready: (path = '/') => call('ready', path),
    status: (path = '/') => call('status', path),
    heapUsed: () => call('heapUsed'),
    requests: () => call('requests'),
    untilRequests: (count) => untilRequests(callee, count),
    resources: () => call('resources'),
    mark: () => call('mark'),
    load: () => call('load'),
    events: () => call('events'),
    untilEvent: (name, count = 1) => untilEvent(callee, name, count),
    complaints: () => call('complaints'),
    end: async () => {
      const startedAt = performance.now()
      await call('closeServer')
      const exitCode = await callee.gone
      return { exitCode, milliseconds: performance.now() - startedAt }
    },
    hasEnded: () => ended,
    stop,
  }
}

const countDeadline = 5_000
const countPoll = 10

function untilEvent({ call }: Callee<ApiCalls>, name: EventName, count: number): Promise<void> {
  return untilCount(name, count, async () => (await call('events')).counts[name] ?? 0)
}

function untilRequests({ call }: Callee<ApiCalls>, count: number): Promise<void> {
  return untilCount('requests', count, () => call('requests'))
}

async function untilCount(what: string, count: number, counted: () => Promise<number>): Promise<void> {
  const latest = performance.now() + countDeadline
  for (;;) {
    const sofar = await counted()
    if (sofar >= count) return
    if (performance.now() > latest) throw new Error(`${what}: ${sofar} of ${count} came within 5 s`)
    await new Promise((resolve) => setTimeout(resolve, countPoll))
  }
}
