// What core remembers the sender of a call on: the request itself over HTTP, one object for each call elsewhere.
import type { RequestLike } from '@jwtgate/core'
import type { ExecutionContext } from '@nestjs/common'
import { requestOfHttp } from './carriers.ts'
import { protectionIn, type Protection } from './protection.ts'

/** Whom the guard of this call authenticated. */
export function subjectOf(context: ExecutionContext): object {
  return requestOf(context) ?? callOf(context).subjects.get(protectionIn(context)) ?? context
}

/** Of a call without a request: where a guard has it remembered. What runs later in the call finds it by {@link subjectOf}. */
export function rememberSubject(context: ExecutionContext, subject: RequestLike): void {
  callOf(context).subjects.set(protectionIn(context), subject)
}

/** The request, of a call that has one of its own: whoever authenticated it before, by whatever means, is known there. */
export function requestOf(context: ExecutionContext): RequestLike | undefined {
  return context.getType() === 'http' ? requestOfHttp(context) : undefined
}

/** What is known of a call, by its arguments. */
class Call {
  /** By the next argument. */
  readonly further = new WeakMap<object, Call>()
  /** A call may have several handlers, and one function may be the handler of several classes. */
  readonly subjects = new WeakMap<Protection, RequestLike>()
}

const calls = new Call()

/**
 * NestJS copies the list of arguments on its way, so that a call is known by all objects in it, of which one is new: the `info`
 * of a resolver, the context of a microservice, the acknowledgement or the data of a message. A message that is neither an
 * object nor acknowledged leaves the connection, whose handshake is that of all its messages.
 */
function callOf(context: ExecutionContext): Call {
  let call = calls
  for (const argument of context.getArgs<unknown[]>()) {
    if ((typeof argument !== 'object' || argument === null) && typeof argument !== 'function') continue
    const next = call.further.get(argument) ?? new Call()
    call.further.set(argument, next)
    call = next
  }
  return call
}
