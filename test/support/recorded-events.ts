// What is published on every channel of jwtgate, in order, while somebody listens.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { JwtGateEvents } from '@jwtgate/core'

type ChannelName = keyof JwtGateEvents

/** One entry for each name: the type sees to it that none is forgotten. */
const channels: Readonly<Record<ChannelName, true>> = {
  'jwtgate:token.refused': true,
  'jwtgate:permission.denied': true,
  'jwtgate:keys.loaded': true,
  'jwtgate:keys.refresh_failed': true,
  'jwtgate:keys.stale': true,
  'jwtgate:keys.entry_skipped': true,
  'jwtgate:keys.removed': true,
  'jwtgate:keys.unknown_kid': true,
}
export const channelNames = Object.keys(channels) as readonly ChannelName[]

export interface RecordedEvents {
  /** What was published on a channel so far. */
  on<Name extends ChannelName>(name: Name): readonly JwtGateEvents[Name][]
  /** The next that is published on a channel, once what published it is done too. */
  next<Name extends ChannelName>(name: Name): Promise<JwtGateEvents[Name]>
  /** Names and payloads of all so far. */
  all(): readonly (readonly [name: ChannelName, payload: unknown])[]
  stop(): void
}

export function recordEvents(): RecordedEvents {
  const seen: [ChannelName, unknown][] = []
  const waiting = new Map<ChannelName, ((payload: unknown) => void)[]>()
  const listener = (payload: unknown, name: string | symbol): void => {
    const channel = name as ChannelName
    seen.push([channel, payload])
    const resolvers = waiting.get(channel) ?? []
    waiting.delete(channel)
    for (const resolve of resolvers) setImmediate(resolve, payload)
  }
  for (const name of channelNames) subscribe(name, listener)
  return {
    on: <Name extends ChannelName>(name: Name) =>
      seen.filter(([channel]) => channel === name).map(([, payload]) => payload as JwtGateEvents[Name]),
    next: <Name extends ChannelName>(name: Name) =>
      new Promise<JwtGateEvents[Name]>((resolve) => {
        const resolvers = waiting.get(name) ?? []
        waiting.set(name, [...resolvers, resolve as (payload: unknown) => void])
      }),
    all: () => seen,
    stop: () => {
      for (const name of channelNames) unsubscribe(name, listener)
    },
  }
}
