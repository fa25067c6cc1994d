// Starts the identity provider and scripts it. Each call resolves when the script is in force.
import type { JsonWebKey } from 'node:crypto'
import { startCallee } from './calls.ts'
import type { Fault, ProviderCalls } from './provider-calls.ts'

export type { Fault } from './provider-calls.ts'

/** Which document: the key set, or the metadata that name it. */
export type Document = 'jwks' | 'metadata'

export interface Provider {
  /** Also the issuer that its metadata name. */
  readonly origin: string
  readonly jwksUri: string
  /** What the key set is from now on; whatever fault it had is over. */
  publish(keys: readonly JsonWebKey[], headers?: Readonly<Record<string, string>>): Promise<void>
  /** What the metadata are from now on; by default they name `origin` and `jwksUri`. */
  describe(metadata: Readonly<Record<string, unknown>>): Promise<void>
  /** Whatever is published afterwards ends the fault. */
  break(document: Document, fault: Fault): Promise<void>
  heal(document: Document): Promise<void>
  /** Connections are refused until it listens again, on the same port. */
  stopListening(): Promise<void>
  listenAgain(): Promise<void>
  /** How often a document was asked for, since a time of {@link now}. */
  fetches(document: Document, since?: number): Promise<number>
  /** When a document was asked for, each time. */
  fetchTimes(document: Document): Promise<readonly number[]>
  /** Milliseconds since its start, on the clock of {@link fetchTimes}. */
  now(): Promise<number>
  /** To all connections so far, head and body. */
  bytesSent(): Promise<number>
  close(): Promise<void>
}

const paths: Readonly<Record<Document, string>> = { jwks: '/jwks', metadata: '/.well-known/openid-configuration' }

export async function startProvider(keys: readonly JsonWebKey[] = []): Promise<Provider> {
  const program = new URL('provider-process.ts', import.meta.url)
  const { call, stop } = await startCallee<ProviderCalls>('the identity provider', program)
  const { origin, jwksUri } = await call('address')
  if (keys.length > 0) await call('publish', keys)

  const fetchTimes = async (document: Document): Promise<readonly number[]> => {
    const { requests } = await call('record')
    return requests.filter(({ path }) => path === paths[document]).map(({ at }) => at)
  }
  return {
    origin,
    jwksUri,
    publish: (next, headers = {}) => call('publish', next, headers),
    describe: (metadata) => call('describe', metadata),
    break: (document, fault) => call('breakPath', paths[document], fault),
    heal: (document) => call('healPath', paths[document]),
    stopListening: () => call('stopListening'),
    listenAgain: () => call('listenAgain'),
    fetches: async (document, since = 0) => (await fetchTimes(document)).filter((at) => at >= since).length,
    fetchTimes,
    now: async () => (await call('record')).now,
    bytesSent: async () => (await call('record')).bytesSent,
    close: stop,
  }
}
