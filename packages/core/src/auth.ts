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

/** A class for its private member: to hide one by its descriptor takes as long as all the rest. */
class VerifiedAuth implements Auth {
  readonly claims: JwtClaims
  readonly header: JwtHeader
  readonly permissions: readonly string[]
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly #token: string

  constructor(parts: Auth, schema: ClaimsSchema | undefined) {
    this.claims = parts.claims
    this.header = parts.header
    this.permissions = Object.freeze(parts.permissions)
    this.scopes = Object.freeze(parts.scopes)
    this.roles = Object.freeze(parts.roles)
    this.#token = parts.token
    if (schema !== undefined) hideMember(this, schemaKey, schema)
    Object.freeze(this)
  }

  get token(): string {
    return this.#token
  }
}
Object.freeze(VerifiedAuth.prototype)

/** @param parts - claims and a header that are frozen, and lists that nobody else changes */
export function createAuth(parts: Auth, schema: ClaimsSchema | undefined): Auth {
  return new VerifiedAuth(parts, schema)
}

export function isMadeBy(auth: object, schema: ClaimsSchema): boolean {
  return Object.hasOwn(auth, schemaKey) && Reflect.get(auth, schemaKey) === schema
}
