// A GraphQL operation has many resolvers and one token: it is verified once for all that use the same verifier.
import type { Authenticator, RequestLike } from '@jwtgate/core'
import type { ExecutionContext } from '@nestjs/common'
import { member } from './carriers.ts'

const executions = new WeakMap<object, Map<Authenticator, Promise<RequestLike>>>()

/** Runs it, or gives what came of it in this execution of an operation already. */
export async function oncePerOperation(
  context: ExecutionContext,
  authenticate: Authenticator,
  run: () => Promise<RequestLike>,
): Promise<RequestLike> {
  const execution = executionOf(context)
  if (execution === undefined) return run()
  const outcomes = executions.get(execution) ?? new Map<Authenticator, Promise<RequestLike>>()
  const outcome = outcomes.get(authenticate) ?? run()
  executions.set(execution, outcomes.set(authenticate, outcome))
  return outcome
}

/**
 * The variables: GraphQL makes them anew whenever it executes an operation, each event of a subscription included. The context
 * is what the application makes of it, and may last as long as a connection.
 */
function executionOf(context: ExecutionContext): object | undefined {
  const type: string = context.getType()
  const variables = type === 'graphql' ? member(context.getArgs<unknown[]>().at(-1), 'variableValues') : undefined
  return typeof variables === 'object' && variables !== null ? variables : undefined
}
