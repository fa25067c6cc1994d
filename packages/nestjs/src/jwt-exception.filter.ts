// JwtExceptionFilter: refusals as problem details (RFC 9457), exactly as on Express and Koa.
import { problemResponse } from '@jwtgate/core'
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import { answer } from './platform-response.ts'
import { refusalBehind } from './refusals.ts'

/** By this NestJS knows what the filter is for: errors of ours, whichever copy of core made them. It takes only classes. */
// oxlint-disable-next-line typescript/no-extraneous-class
class Refusal {
  static [Symbol.hasInstance](exception: unknown): boolean {
    return refusalBehind(exception) !== undefined
  }
}

@Catch(Refusal)
/**
 * Answers refusals with status, headers and a body in `application/problem+json`; also those that a handler throws, which
 * verifies a token by hand. Every other exception goes its way. For HTTP: do not bind it to a gateway, whose exceptions NestJS
 * then takes for answered. Optional: without it, NestJS renders what the guards throw, as `application/json`.
 *
 * @example app.useGlobalFilters(new JwtExceptionFilter())
 * @example providers: [{ provide: APP_FILTER, useClass: JwtExceptionFilter }]
 */
export class JwtExceptionFilter implements ExceptionFilter {
  /** Sends the answer; an exception of GraphQL or a microservice it leaves to NestJS. */
  catch(exception: unknown, host: ArgumentsHost): void {
    const problem = problemResponse(refusalBehind(exception))
    if (host.getType() === 'http' && problem !== undefined) answer(host.switchToHttp().getResponse(), problem)
  }
}
