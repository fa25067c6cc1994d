// What the demo and its provider process say to each other.
import type { JsonWebKey } from 'node:crypto'
import { isObject } from './json.ts'

export type ProviderCommand =
  /** Port 0 = any free one. */
  | { readonly do: 'start'; readonly port: number; readonly keys: readonly JsonWebKey[]; readonly clientSecret: string }
  /** Signing is done with the first fitting key; all are published. */
  | { readonly do: 'rotate'; readonly keys: readonly JsonWebKey[] }

export interface ProviderReport {
  readonly done: ProviderCommand['do']
  readonly port: number
}

export function isReportOf(done: ProviderCommand['do'], message: unknown): message is ProviderReport {
  return isObject(message) && message['done'] === done && typeof message['port'] === 'number'
}
