// What a verified token comes to: the result that handlers and guards see.
import type { JwtClaims } from './claims.ts'
import { deepFreeze } from './deep-freeze.ts'
import type { JwtHeader } from './jws.ts'

/** A verified token. Plain objects and arrays in it are deeply frozen, since several requests may share them. */
export interface Auth<Claims = JwtClaims> {
  /** The payload of the token. */
  readonly claims: Claims
  /** Its header. */
  readonly header: JwtHeader
  /** From the `permissions` claim, or from where the option `permissionsFrom` says. */
  readonly permissions: readonly string[]
  /** From the `scope` claim or else `scp`, or from where the option `scopesFrom` says. */
  readonly scopes: readonly string[]
  /** From the `roles` claim, or from where the option `rolesFrom` says. */
  readonly roles: readonly string[]
  /** The token itself, to pass it on. Not enumerable: logging or sending an `Auth` never shows it. */
  readonly token: string
}

export function createAuth(parts: Auth): Auth {
  const auth = { ...parts }
  Object.defineProperty(auth, 'token', { enumerable: false })
  return deepFreeze(auth)
}
