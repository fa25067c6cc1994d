// The API of the fault suite: Express 5 behind requireJwt(), in a process of its own, with a clock that tests move.
import type { AddressInfo } from 'node:net'
import { subscribe } from 'node:diagnostics_channel'
import {
  authOf,
  createJwtVerifier,
  jwtErrorHandler,
  requireJwt,
  type Clock,
  type IssuerOptions,
  type JwtVerifier,
  type Middleware,
} from '@jwtgate/express'
import express from 'express'
import { channelNames } from '../../support/recorded-events.ts'
import { tokenCacheOption } from '../../support/token-cache.ts'
import type { ApiCalls, ApiIssuer, ApiRoute, ApiSettings, EventName, SeenEvent } from './api-calls.ts'
import { activeResources, collectedHeap, createLoadMeter } from './api-meters.ts'
import { answerCalls, argumentOf, hangUp } from './calls.ts'

const mostKeptEvents = 1_000
/** A process that should have ended by itself is ended; only a test that failed gets there. */
const longestEnd = 20_000
/** Milliseconds that no test takes. */
const longestRow = 600_000

const settings = argumentOf<ApiSettings>()
let advanced = 0
let wallClockMoved = 0
// One object for all routes, as an application without a clock of its own has one: that of the system.
const clock: Clock = {
  now: () => Date.now() + wallClockMoved,
  elapsed: () => (settings.manualClock ? 0 : performance.now()) + advanced,
}

const complaints: string[] = []
for (const name of ['unhandledRejection', 'uncaughtException', 'warning'] as const) {
  process.on(name, (reason: unknown) => {
    complaints.push(`${name}: ${reason instanceof Error ? String(reason.stack) : String(reason)}`)
    process.exitCode = 1
  })
}

const counts: Partial<Record<EventName, number>> = {}
const kept: SeenEvent[] = []
for (const name of channelNames) {
  subscribe(name, (payload) => {
    counts[name] = (counts[name] ?? 0) + 1
    if (!name.startsWith('jwtgate:keys.')) return
    kept.push({ name, payload })
    if (kept.length > mostKeptEvents) kept.shift()
  })
}

interface Protection {
  readonly verifier: JwtVerifier
  readonly middleware: Middleware
}
const protections = new Map<string, Protection>()

function addRoute({ path, issuers }: ApiRoute): void {
  const verifier = isList(issuers)
    ? createJwtVerifier(issuers.map(optionsOf), { clock, ...tokenCacheOption })
    : createJwtVerifier({ ...optionsOf(issuers), clock, ...tokenCacheOption })
  protections.set(path, { verifier, middleware: requireJwt(verifier) })
}

function isList(issuers: ApiRoute['issuers']): issuers is readonly ApiIssuer[] {
  return Array.isArray(issuers)
}

function optionsOf({ proxied, ...options }: ApiIssuer): IssuerOptions {
  if (proxied === undefined) return options
  const { remote } = options
  return {
    ...options,
    remote: {
      ...remote,
      fetch: (url, init) => {
        const { origin } = new URL(url)
        return fetch(`${proxied[origin] ?? origin}${url.slice(origin.length)}`, init)
      },
    },
  }
}

function verifierAt(path: string): JwtVerifier {
  const protection = protections.get(path)
  if (protection === undefined) throw new Error(`there is no route ${path}`)
  return protection.verifier
}

settings.routes.forEach(addRoute)
const app = express()
let requests = 0
// Looked up for each request, so that routes can be added while the server runs, and a thousand cost no search.
app.use((request, response, next) => {
  requests++
  const protection = protections.get(request.path)
  if (protection === undefined) response.sendStatus(404)
  else protection.middleware(request, response, next)
})
app.use((request, response) => void response.json({ sub: authOf(request).claims.sub }))
app.use(jwtErrorHandler())
const server = app.listen(0, '127.0.0.1')
// A client that sends while the server gives its idle connection up sees a reset, which no row is about.
server.keepAliveTimeout = longestRow
await new Promise((resolve) => server.once('listening', resolve))

const meter = createLoadMeter()
answerCalls<ApiCalls>({
  origin: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  addRoutes: (routes) => routes.forEach(addRoute),
  advance: (milliseconds) => void (advanced += milliseconds),
  moveWallClock: (milliseconds) => void (wallClockMoved += milliseconds),
  ready: (path) => verifierAt(path).ready(),
  status: (path) => {
    const verifier = verifierAt(path)
    const status: unknown = Reflect.get(verifier, 'status')
    return typeof status === 'function' ? (status.call(verifier) as unknown) : undefined
  },
  heapUsed: collectedHeap,
  requests: () => requests,
  resources: activeResources,
  mark: meter.mark,
  load: meter.load,
  events: () => ({ counts, kept }),
  complaints: () => complaints,
  closeServer: () => {
    setTimeout(() => process.exit(70), longestEnd).unref()
    server.close()
    setImmediate(hangUp) // After the answer to this call.
  },
})
