// What status() tells a health endpoint.
import type { IssuerSettings } from './issuer-settings.ts'
import type { KeyStatus } from './keys/key-source.ts'

/** A verifier's state: a plain object that can be sent as JSON. Holds no key, no secret and no address. */
export interface VerifierStatus {
  /** One for each issuer, in the order of the options. */
  readonly issuers: readonly IssuerStatus[]
}

/** One issuer's part of a {@link VerifierStatus}. */
export interface IssuerStatus extends KeyStatus {
  /** The option `issuer`; of a list of spellings, the first. */
  readonly issuer: string
}

export function statusOf(issuers: Iterable<IssuerSettings>): VerifierStatus {
  return { issuers: Array.from(issuers, statusOfOne) }
}

function statusOfOne({ issuers: [issuer = ''], keys }: IssuerSettings): IssuerStatus {
  return { issuer, ...keys.status() }
}
