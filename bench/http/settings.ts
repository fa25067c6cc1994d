// What the applications of the HTTP section are told, and what all of them answer.
import type { TestIssuer } from '@jwtgate/testing'
import type { Material } from '../targets/target.ts'

/** Where the tokens come from. A library takes the key set from its URL, unless it only takes a key. */
export interface Settings {
  readonly issuer: string
  readonly audience: string
  readonly jwksUri: string
  /** PEM. */
  readonly publicKey: string
}

/** Starts an application on a free port of this machine. @returns its origin */
export type Start = (settings: Settings) => Promise<string>

/** What a bare route says in place of the token's `sub`. */
export const nobody = 'user-0'

export function settingsFor({ issuer, keyText }: Material): Settings {
  return { ...whereTokensComeFrom(issuer), publicKey: keyText }
}

function whereTokensComeFrom({ url, audience, jwksUri }: TestIssuer): Omit<Settings, 'publicKey'> {
  return { issuer: url, audience, jwksUri }
}
