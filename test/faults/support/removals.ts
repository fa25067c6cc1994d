// How a provider withdraws a key, and how long that may take to be seen: for the rows about keys that leave.
import type { Provider } from './provider.ts'
import { newIssuerKey, type IssuerKey } from './tokens.ts'

export interface Removal {
  readonly name: string
  readonly publish: (provider: Provider, headers: Readonly<Record<string, string>>) => Promise<void>
  /** What tokens of the withdrawn key get from then on. */
  readonly refusal: string
}

export const [withdrawn, kept] = [newIssuerKey('withdrawn'), newIssuerKey('kept')]

export function publishBoth(provider: Provider, headers: Readonly<Record<string, string>>): Promise<void> {
  return provider.publish([kept.jwk, withdrawn.jwk], headers)
}

const successor: IssuerKey = newIssuerKey(withdrawn.kid)
export const removals: readonly Removal[] = [
  {
    name: 'removed',
    publish: (provider, headers) => provider.publish([kept.jwk], headers),
    refusal: '401 key_unknown',
  },
  {
    name: 'replaced',
    publish: (provider, headers) => provider.publish([kept.jwk, successor.jwk], headers),
    refusal: '401 signature_invalid',
  },
]

export interface Promised {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds after which the withdrawn key is refused. */
  readonly within: number
}

/** By the headers of the key set. */
export const promised: readonly Promised[] = [
  { name: 'max-age=60', headers: { 'cache-control': 'max-age=60' }, within: 90_000 },
  { name: 'no header', headers: {}, within: 900_000 },
  { name: 'max-age=31536000', headers: { 'cache-control': 'max-age=31536000' }, within: 900_000 },
  { name: 'no-store', headers: { 'cache-control': 'no-store' }, within: 45_000 },
]
