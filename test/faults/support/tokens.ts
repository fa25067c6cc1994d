// Tokens with real times, and the keys that sign them: the private part stays in the test's process.
import type { JsonWebKey } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'
import { jwkOf, newKey, type SigningKey } from '../../support/keys.ts'
import { repeatsTokens } from '../../support/token-cache.ts'
import { audience, mint, type Claims } from '../../support/mint.ts'

export { audience }

export interface IssuerKey {
  readonly kid: string
  readonly key: SigningKey
  /** The public part, as it is published. */
  readonly jwk: JsonWebKey
}

export function newIssuerKey(kid: string, alg: AlgorithmName = 'ES256'): IssuerKey {
  const key = newKey(alg)
  return { kid, key, jwk: jwkOf(key, { kid }) }
}

/** Good for an hour from now, unless `claims` say otherwise. `header` is laid over `alg`, `typ` and `kid`. */
export function tokenFrom(issuer: string, { kid, key }: IssuerKey, claims: Claims = {}, header: Claims = {}): string {
  const now = Math.floor(Date.now() / 1000)
  const times = { iat: now, nbf: now, exp: now + 3600 }
  return mint({ iss: issuer, ...times, ...claims }, { key, header: { kid, ...header } })
}

/** The keys take turns. Different ones, so that no memory for tokens answers for the keys, but where that is what is tested. */
export function tokensFrom(
  issuer: string,
  keys: readonly [IssuerKey, ...IssuerKey[]],
  count: number,
): readonly string[] {
  const different = Array.from({ length: repeatsTokens ? keys.length : count }, (_, index) =>
    tokenFrom(issuer, keys[index % keys.length] ?? keys[0], { sub: `user-${index}` }),
  )
  return Array.from({ length: count }, (_, index) => different[index % different.length] ?? '')
}
