// Where a call carries its token: what stands for a request in each kind of call.
import {
  fromHeader,
  fromOneOf,
  InvalidRequestError,
  SetupError,
  type RequestLike,
  type TokenSource,
} from '@jwtgate/core'
import type { ExecutionContext } from '@nestjs/common'

/** Finds the one token of a call over HTTP or GraphQL. @throws SetupError for every other kind of call */
export function tokenOfCall(context: ExecutionContext, tokenFrom: TokenSource): string | undefined {
  const carriers = carriersOf(context)
  return oneTokenOf(carriers.map((carrier) => () => tokenFrom(carrier)))
}

/** For the operator, where a call has no token: where it may have one. */
export function missingHintOf(context: ExecutionContext): string | undefined {
  return missingHints.get(context.getType())
}

const missingHints: ReadonlyMap<string, string> = new Map([
  [
    'graphql',
    'The operation has no `Authorization` with a token: not in a header, nor in the connectionParams of graphql-ws.',
  ],
  [
    'ws',
    'The handshake has no token: `io(url, { auth: { token } })` or a header. For others than socket.io override getToken().',
  ],
  [
    'rpc',
    'The message has no token: its data need a member `token`, or your guard a getToken() that knows where it is.',
  ],
])

/** One of these places may hold a token. @throws InvalidRequestError if more than one does */
export function oneTokenOf(places: readonly (() => string | undefined)[]): string | undefined {
  return fromOneOf(places)({ headers: {} })
}

/** A token that stands somewhere alone. @throws InvalidRequestError if it is something else */
export function bareToken(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return fromToken({ headers: { token: value } })
  throw new InvalidRequestError('request_malformed', `${where} is no string.`)
}

const fromToken = fromHeader('token')

function carriersOf(context: ExecutionContext): readonly RequestLike[] {
  const type: string = context.getType()
  if (type === 'http') return [requestOfHttp(context) ?? fail()]
  if (type === 'graphql') return carriersOfGraphql(context)
  throw unknownCall(type)
}

function unknownCall(type: string): SetupError {
  const guards = new Map([
    ['ws', 'WsJwtAuthGuard of @jwtgate/nestjs/ws'],
    ['rpc', 'RpcJwtAuthGuard of @jwtgate/nestjs/microservices'],
  ])
  const guard = guards.get(type) ?? 'a subclass that overrides getToken()'
  return new SetupError(`JwtAuthGuard does not know where calls of this kind carry their token: use ${guard}.`)
}

/** Node's request, also where the platform wraps it: there are the raw headers, and what other middlewares found out. */
export function requestOfHttp(context: ExecutionContext): RequestLike | undefined {
  return requestIn(context.switchToHttp().getRequest())
}

/** What Apollo gives to resolvers: the request, or for a subscription the connection (graphql-ws). */
function carriersOfGraphql(context: ExecutionContext): readonly RequestLike[] {
  const req: unknown = member(operationOf(context), 'req')
  const upgrade = member(member(req, 'extra'), 'request')
  if (upgrade === undefined) return [requestIn(req) ?? fail()]
  return [requestIn(upgrade) ?? fail(), headersOutOf(member(req, 'connectionParams'))]
}

/** What all resolvers of an operation are given. Those of entities (federation) have no arguments before it. */
function operationOf(context: ExecutionContext): unknown {
  const { length } = context.getArgs<unknown[]>()
  return context.getArgByIndex(length === 3 ? 1 : 2)
}

/** The parameters of a connection, read as headers: `{ Authorization: 'Bearer …' }`. */
function headersOutOf(parameters: unknown): RequestLike {
  const given = typeof parameters === 'object' && parameters !== null ? Object.entries(parameters) : []
  const fields = given.filter((field): field is [string, string] => typeof field[1] === 'string')
  return {
    headers: Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value])),
    rawHeaders: fields.flat(), // Shows a name that is there twice, in two spellings.
  }
}

function requestIn(value: unknown): RequestLike | undefined {
  const wrapped = ownMember(value, 'raw')
  if (isRequest(wrapped)) return wrapped
  return isRequest(value) ? value : undefined
}

function isRequest(value: unknown): value is RequestLike {
  const headers = member(value, 'headers')
  return typeof headers === 'object' && headers !== null
}

function fail(): never {
  throw new SetupError('This call has no request with headers: override getToken() in a subclass of JwtAuthGuard.')
}

/** Of what a client sent: its own members only, whatever happened to the prototypes. */
export function ownMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? member(value, name) : undefined
}

/** Of what others made, whose shape is not known. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
