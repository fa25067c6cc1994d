// The seam of the contract: what an adapter has to mount, and all of it that is the same whatever the framework.
import type { RequestListener } from 'node:http'
import {
  allOf,
  anyOf,
  createJwtVerifier,
  permission,
  role,
  scope,
  type AccessPredicate,
  type AccessRule,
  type AccessRuleOrName,
  type Auth,
  type AuthenticationOptions,
  type JwtVerifier,
  type JwtVerifierOptions,
} from '@jwtgate/core'
import type { Difference } from './differences.ts'
import { issuer } from './issuers.ts'

/** How an application authenticates all but `/public`. */
export interface Setup {
  readonly authentication: 'required' | 'optional' | 'none'
  readonly verifier: JwtVerifier | JwtVerifierOptions
  readonly options?: AuthenticationOptions
  /** Whether `jwtErrorHandler()` is mounted; on NestJS, `JwtExceptionFilter`. */
  readonly problems: boolean
  /** What `/me` waits for before it answers. */
  readonly meanwhile?: () => Promise<void>
}

/** A framework in one of its versions, under its adapter. */
export interface Framework {
  readonly name: string
  /**
   * An application with these routes, each for any method:
   *
   * - `/public`, before authentication: `{ public: true }`
   * - `/me`: {@link whoIs}
   * - `/claims`: the claims of `authOf()`
   * - `/guarded/<name>/:id`, for each of {@link guards}: `{ id }`
   * - `/<name>`, for each of {@link failures}: a handler that is that function
   * - `/begun`: sets {@link headersOfABody}, then asks `authOf()`
   * - `/mounted/orders/:id`, on a router in a router: guarded by the permission `read`, `{ id }`
   */
  readonly listener: (setup: Setup) => RequestListener | Promise<RequestListener>
  /** What cannot be the same there; the first that concerns a case counts. Default: nothing. */
  readonly differences?: readonly Difference[]
}

type Authentication<Middleware> = (
  verifierOrOptions: JwtVerifier | JwtVerifierOptions,
  options?: AuthenticationOptions,
) => Middleware

/** What stands before the routes; nothing at all for `none`. */
export function authenticationOf<Middleware>(
  adapter: { readonly requireJwt: Authentication<Middleware>; readonly optionalJwt: Authentication<Middleware> },
  { authentication, verifier, options }: Setup,
): readonly Middleware[] {
  if (authentication === 'none') return []
  return [(authentication === 'required' ? adapter.requireJwt : adapter.optionalJwt)(verifier, options)]
}

interface Seen {
  readonly auth: Auth | null
  /** Whether all ways to read it agree, and still do after a while. */
  readonly steady: boolean
}

/** What `/me` answers. */
export async function whoIs(
  find: () => Auth | undefined,
  attached: () => unknown,
  { meanwhile }: Setup,
): Promise<Seen> {
  const auth = find()
  const before = attached()
  await meanwhile?.()
  return { auth: auth ?? null, steady: [before, find(), attached()].every((seen) => seen === auth) }
}

/** What a function at a guard sees, by whatever name its framework calls it. */
export interface OnRoute {
  readonly params: Readonly<Record<string, string>>
}

type NamesToGuard<Guard> = (...rules: readonly [AccessRuleOrName, ...AccessRuleOrName[]]) => Guard

export interface GuardMakers<Guard> {
  readonly requirePermission: NamesToGuard<Guard>
  readonly requireScope: NamesToGuard<Guard>
  readonly requireRole: NamesToGuard<Guard>
  readonly requireAccess: (rule: AccessRule | AccessPredicate<OnRoute>) => Guard
}

export type GuardName = keyof ReturnType<typeof guards>

/** Guards by the name under which they are mounted. */
export function guards<Guard>({ requirePermission, requireScope, requireRole, requireAccess }: GuardMakers<Guard>) {
  return {
    permission: requirePermission('read'),
    'two-permissions': requirePermission('read', 'write'),
    'a-permission-too-many': requirePermission('read', 'delete'),
    'one-of-two-permissions': requirePermission(anyOf('delete', 'write')),
    'neither-permission': requirePermission(anyOf('delete', 'admin')),
    'a-role-taken-for-a-permission': requirePermission('editor'),
    scope: requireScope('orders'),
    'a-scope-too-many': requireScope('admin', 'orders'),
    'neither-scope': requireScope(anyOf('admin', 'audit')),
    role: requireRole('editor'),
    'another-role': requireRole('owner'),
    mixed: requireAccess(allOf(anyOf(permission('delete'), role('editor')), scope('orders'))),
    'mixed-with-a-scope-too-many': requireAccess(allOf(permission('read'), scope('admin'))),
    own: requireAccess((auth, { params }) => auth.claims.sub === params['id']),
    slow: requireAccess(async (auth) => Promise.resolve(auth.scopes.includes('openid'))),
    never: requireAccess(() => false),
    truthy: requireAccess((() => 'yes') as unknown as () => boolean),
    throwing: requireAccess(() => fail('of the guard')),
    'rejecting-with-nothing': requireAccess(async () => Promise.reject()),
  } satisfies Readonly<Record<string, Guard>>
}

/** Handlers that fail: with an error, with one that frameworks render, and with a refusal of another token. */
export const failures = {
  fails: (): never => fail('of the handler'),
  teapot: (): never => fail('a teapot', { status: 418, expose: true, headers: { 'X-Teapot': 'yes' } }),
  unauthorised: (): never => fail('not ours', { status: 401, code: 'token_expired' }),
  verifies: async (): Promise<void> => void (await createJwtVerifier(issuer.options).verify(issuer.bad.expired())),
} satisfies Readonly<Record<string, () => unknown>>

/** They describe a body that a refusal takes the place of. */
export const headersOfABody: Readonly<Record<string, string>> = {
  'Content-Type': 'text/csv',
  'Content-Disposition': 'attachment; filename="orders.csv"',
  'Content-Encoding': 'br',
  'Content-Language': 'de',
  'Content-Range': 'bytes 0-1/2',
  ETag: '"v1"',
  Expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
  'Last-Modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
  'Cache-Control': 'public, max-age=600',
}

/** What a handler of {@link failures} fails with, for frameworks that do not wait for handlers. */
export async function failureOf(handler: () => unknown): Promise<unknown> {
  try {
    await handler()
  } catch (error) {
    return error
  }
  throw new Error('did not fail')
}

function fail(message: string, properties: object = {}): never {
  throw Object.assign(new Error(message), properties)
}
