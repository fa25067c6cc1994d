// A refusal as what NestJS throws: core chose the status, here is the class for it.
import { isJwtGateError, problemResponse, type JwtGateError } from '@jwtgate/core'
import {
  BadRequestException,
  ForbiddenException,
  HttpException,
  InternalServerErrorException,
  ServiceUnavailableException,
  UnauthorizedException,
  type ExecutionContext,
} from '@nestjs/common'

const classes = [BadRequestException, UnauthorizedException, ForbiddenException, ServiceUnavailableException]
const classByStatus = new Map(classes.map((exceptionClass) => [new exceptionClass().getStatus(), exceptionClass]))

/** Those that were made here. */
const made = new WeakMap<object, JwtGateError>()

/** What is thrown for a refusal of HTTP and GraphQL; of other kinds of calls the error itself, and errors that are not ours. */
export function exceptionOf(error: unknown, context: ExecutionContext): unknown {
  const type: string = context.getType()
  if (!isJwtGateError(error) || (type !== 'http' && type !== 'graphql')) return error
  const exceptionClass = classByStatus.get(error.status) ?? InternalServerErrorException
  const exception = new exceptionClass(problemResponse(error)?.details, { cause: error })
  exception.message = error.message
  exception.stack = error.stack ?? '' // Core's: a refused token has no frames to show.
  made.set(exception, error)
  // GraphQL copies what it finds there into its own error.
  return type === 'graphql' ? Object.assign(exception, { extensions: extensionsOf(error) }) : exception
}

/** The refusal behind an exception or itself; `undefined` for whatever is not ours. */
export function refusalBehind(exception: unknown): JwtGateError | undefined {
  if (isJwtGateError(exception)) return exception
  return exception instanceof HttpException ? made.get(exception) : undefined
}

function extensionsOf({ code, status }: JwtGateError): object {
  return { code, status }
}
