// What a verified token comes to: the result that handlers and guards see.
import type { ClaimsSchema } from './claims-schema.ts'
import type { JwtClaims } from './claims.ts'
import { hideMember } from './hidden-member.ts'
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

/** By which schema the claims were made what they are, so that nobody takes them for another's. */
const schemaKey = Symbol.for('jwtgate.schema')

/** @param parts - claims and a header that are frozen, and lists that nobody else changes */
export function createAuth(parts: Auth, schema: ClaimsSchema | undefined): Auth {
  const { claims, header, permissions, scopes, roles, token } = parts
  const auth = { claims, header, permissions, scopes, roles }
  hideMember(auth, 'token', token)
  if (schema !== undefined) hideMember(auth, schemaKey, schema)
  Object.freeze(permissions)
  Object.freeze(scopes)
  Object.freeze(roles)
  return Object.freeze(auth) as Auth // It has the token.
}

export function isMadeBy(auth: object, schema: ClaimsSchema): boolean {
  return Object.hasOwn(auth, schemaKey) && Reflect.get(auth, schemaKey) === schema
}
