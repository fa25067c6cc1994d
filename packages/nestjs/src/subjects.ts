// What core remembers the sender of a call on: the request itself over HTTP, one object for each call elsewhere.
import type { RequestLike } from '@jwtgate/core'
import type { ExecutionContext } from '@nestjs/common'
import { requestOfHttp } from './carriers.ts'
import { protectionIn, type Protection } from './protection.ts'

const subjects = new WeakMap<object, WeakMap<Protection, RequestLike>>()

/** Whom the guard of this call authenticated. */
export function subjectOf(context: ExecutionContext): object {
  if (context.getType() === 'http') return requestOfHttp(context) ?? context
  return subjects.get(ofThisCallOnly(context))?.get(protectionIn(context)) ?? context
}

/** Where a guard has it remembered; what runs later in the call finds it by {@link subjectOf}. */
export function rememberSubject(context: ExecutionContext, subject: RequestLike): void {
  if (context.getType() === 'http') return
  const key = ofThisCallOnly(context)
  const ofCall = subjects.get(key) ?? new WeakMap<Protection, RequestLike>()
  subjects.set(key, ofCall.set(protectionIn(context), subject))
}

/**
 * NestJS copies the arguments of a call on its way, so that they have to be known by what they are. The last object is made for
 * this one call: the `info` of a resolver, the context of a microservice, the acknowledgement or the data of a message.
 * A message that is neither an object nor acknowledged leaves the connection, whose handshake is that of all its messages.
 */
function ofThisCallOnly(context: ExecutionContext): object {
  const isObject = (value: unknown): value is object =>
    (typeof value === 'object' && value !== null) || typeof value === 'function'
  return context.getArgs<unknown[]>().findLast(isObject) ?? context
}
