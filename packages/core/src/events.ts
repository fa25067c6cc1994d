// What operators subscribe to: the channels, their payloads, and the one console line a developer sees without them.
import { channel } from '#channels'

/** A request was refused. Holds nothing of the token but what `hint` may quote (see `JwtGateError.hint`). */
export interface RefusalEvent {
  /** The error's code, for instance `token_expired`. */
  readonly code: string
  /** The HTTP status that goes with it. */
  readonly status: number
  /** The constant text that goes with the code. */
  readonly message: string
  /** What was wrong and which option to change. */
  readonly hint: string | undefined
}

/** A key set was fetched and is in use. */
export interface KeysLoadedEvent {
  /** Where the set was fetched, without its query string. */
  readonly url: string
  /** How many of its keys are usable. */
  readonly keys: number
  /** How many entries were left out; each has a `keys.entry_skipped` event. */
  readonly skipped: number
  /** How long the fetch took, in milliseconds. */
  readonly duration: number
}

/** A key set could not be refreshed. Known keys, if there are any, go on. */
export interface KeysRefreshFailedEvent {
  /** What was fetched, without its query string. */
  readonly url: string
  /** `keys_unavailable`, `keys_invalid` or `discovery_failed`. */
  readonly code: string
  /** Why, for instance `no answer within 5000 ms` or `ECONNREFUSED`. */
  readonly reason: string
  /** How many known keys go on. */
  readonly keys: number
}

/** Known keys are in use although they are older than they should be, because refreshing them keeps failing. */
export interface KeysStaleEvent {
  /** Where the set was fetched, without its query string. */
  readonly url: string
  /** How many known keys go on. */
  readonly keys: number
  /** Milliseconds since the last successful fetch. */
  readonly age: number
}

/** An entry of a key set was left out. */
export interface KeyEntrySkippedEvent {
  /** Where the set comes from: a URL, or `jwks` for the option of that name. */
  readonly url: string
  /** Its position in `keys`. */
  readonly index: number
  /** Its `kid`, escaped and cut to 64 characters, if it has one. */
  readonly kid: string | undefined
  /** Why, for instance `use is "enc"`. */
  readonly reason: string
}

/** A key left the set, or was replaced under the same `kid`: tokens signed with it are refused from now on. */
export interface KeyRemovedEvent {
  /** Where the set was fetched, without its query string. */
  readonly url: string
  /** Its `kid`, escaped and cut to 64 characters, if it had one. */
  readonly kid: string | undefined
}

/** A token named a `kid` that the set does not hold. At most one event per key set and second. */
export interface UnknownKidEvent {
  /** Where the set was fetched, without its query string. */
  readonly url: string
  /** The token's `kid`, escaped and cut to 64 characters; not proven to come from the issuer. */
  readonly kid: string
}

/** Every channel and what is published on it. Subscribe with `node:diagnostics_channel`; a runtime without it has none. */
export interface JwtGateEvents {
  readonly 'jwtgate:token.refused': RefusalEvent
  readonly 'jwtgate:permission.denied': RefusalEvent
  readonly 'jwtgate:keys.loaded': KeysLoadedEvent
  readonly 'jwtgate:keys.refresh_failed': KeysRefreshFailedEvent
  readonly 'jwtgate:keys.stale': KeysStaleEvent
  readonly 'jwtgate:keys.entry_skipped': KeyEntrySkippedEvent
  readonly 'jwtgate:keys.removed': KeyRemovedEvent
  readonly 'jwtgate:keys.unknown_kid': UnknownKidEvent
}

/** What is used of a channel; some runtimes have none. */
interface Channel {
  readonly hasSubscribers: boolean
  publish(event: unknown): void
}

/** Tells subscribers; costs next to nothing while there are none. */
export function publish<Name extends keyof JwtGateEvents>(name: Name, event: JwtGateEvents[Name]): void {
  const target: Channel | undefined = channel(name)
  if (target?.hasSubscribers) target.publish(event)
}

/** Tells subscribers of a refusal; while there are none, tells the developer on the console, outside production. */
export function publishRefusal(
  name: 'jwtgate:token.refused' | 'jwtgate:permission.denied',
  { code, status, message, hint }: RefusalEvent,
): void {
  const target: Channel | undefined = channel(name)
  if (target?.hasSubscribers) {
    target.publish({ code, status, message, hint } satisfies RefusalEvent)
    return
  }
  // What a guard says is the same each time; what a token is refused for may be anything.
  const key = name === 'jwtgate:permission.denied' ? `${code} ${hint}` : code
  warnDeveloper(key, `${code}: ${hint ?? message}`, target === undefined ? '' : `; subscribe to ${name} to see each`)
}

const warnedAt = new Map<string, number>()
const warnEvery = 60_000

/** One line per code (for guards, per guard) and minute: neither a test suite nor an attacker fills the console. */
function warnDeveloper(key: string, text: string, more: string): void {
  const now = performance.now()
  const last = warnedAt.get(key)
  if (last !== undefined && now - last < warnEvery) return
  warnedAt.set(key, now)
  if (typeof process !== 'undefined' && process.env.NODE_ENV === 'production') return
  console.warn(`[jwtgate] ${text} (Shown once a minute per code${more}.)`)
}
