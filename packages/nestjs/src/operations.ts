// A GraphQL operation has many resolvers and one token: it is verified once for all that use the same verifier.
import type { Authenticator, RequestLike } from '@jwtgate/core'
import type { ExecutionContext } from '@nestjs/common'
import { member } from './carriers.ts'

const operations = new WeakMap<object, Map<Authenticator, Promise<RequestLike>>>()

/** Runs it, or gives what came of it in this operation already. Operations on a connection last: there it runs each time. */
export async function oncePerOperation(
  context: ExecutionContext,
  authenticate: Authenticator,
  run: () => Promise<RequestLike>,
): Promise<RequestLike> {
  const operation = operationOf(context)
  if (operation === undefined) return run()
  const outcomes = operations.get(operation) ?? new Map<Authenticator, Promise<RequestLike>>()
  const outcome = outcomes.get(authenticate) ?? run()
  operations.set(operation, outcomes.set(authenticate, outcome))
  return outcome
}

/** What all resolvers of an operation over HTTP are given. */
function operationOf(context: ExecutionContext): object | undefined {
  const type: string = context.getType()
  const operation: unknown = type === 'graphql' ? context.getArgByIndex(2) : undefined
  const isLasting = member(member(operation, 'req'), 'extra') !== undefined
  return typeof operation === 'object' && operation !== null && !isLasting ? operation : undefined
}
