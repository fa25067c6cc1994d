// What a test can tell the identity provider over IPC: its scripts and its faults, as plain data.
import type { JsonWebKey } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'
import type { RecordedRequest } from '../../support/key-server.ts'

/** What a path answers in place of its document. Where a fault needs a good document, it is what was published last. */
export type Fault =
  | { readonly name: 'status'; readonly status: number }
  | { readonly name: 'hang' }
  | { readonly name: 'reset mid-body' }
  /** Milliseconds between two bytes of the good document. */
  | { readonly name: 'drip'; readonly pause: number }
  /** The good document without its end. */
  | { readonly name: 'truncated' }
  /** Any body with status 200: an HTML page, `[]`, `null`. */
  | { readonly name: 'body'; readonly body: string; readonly contentType?: string }
  | { readonly name: 'redirect'; readonly location: string }
  /** The good document with an unused member of this many bytes. */
  | { readonly name: 'oversized'; readonly bytes: number }
  /** The same as gzip, which makes a thousandth of it. */
  | { readonly name: 'gzip bomb'; readonly bytes: number }
  | { readonly name: 'many keys'; readonly count: number; readonly alg?: AlgorithmName }
  /** The good document, called something else. */
  | { readonly name: 'content type'; readonly contentType: string }
  /** Milliseconds until the good document comes. */
  | { readonly name: 'late'; readonly delay: number }
  | { readonly name: 'gzip' }

export interface ProviderCalls {
  address(): { readonly origin: string; readonly jwksUri: string }
  /** `/jwks` answers these keys from now on; whatever fault it had is over. */
  publish(keys: readonly JsonWebKey[], headers?: Readonly<Record<string, string>>): void
  /** The metadata at `/.well-known/openid-configuration` from now on; whatever fault it had is over. */
  describe(metadata: Readonly<Record<string, unknown>>): void
  /** A path answers so from now on. */
  breakPath(path: string, fault: Fault): Promise<void>
  /** A path answers its good document again. */
  healPath(path: string): void
  stopListening(): Promise<void>
  /** On the same port. */
  listenAgain(): Promise<void>
  record(): ProviderRecord
}

export interface ProviderRecord {
  /** Every request so far, in order, with its milliseconds since the provider's start. */
  readonly requests: readonly RecordedRequest[]
  /** The same clock, now. */
  readonly now: number
  /** Written to all connections, head and body. */
  readonly bytesSent: number
}
