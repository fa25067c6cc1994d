// RpcJwtAuthGuard: the same for the messages and events of a microservice.
import type { JwtGateError } from '@jwtgate/core'
import { Injectable, type ExecutionContext } from '@nestjs/common'
import { RpcException } from '@nestjs/microservices'
import { bareToken, ownMember } from './carriers.ts'
import { JwtAuthGuard } from './jwt-auth.guard.ts'
import { brandGuard } from './marks.ts'

@Injectable()
/**
 * Lets only messages with a good token through: by default the member `token` of their data, which goes on to the handler with
 * it. Override `getToken()` for other carriers, for instance the metadata of gRPC. What it refuses becomes an `RpcException`
 * with the refusal as its `cause`; the client gets `{ status: 'error', code, message }`.
 *
 * @example @UseGuards(RpcJwtAuthGuard) @MessagePattern('orders')
 */
export class RpcJwtAuthGuard extends JwtAuthGuard {
  /** Where the token of a message is: by default the member `token` of its data. */
  protected override getToken(context: ExecutionContext): string | undefined | Promise<string | undefined> {
    if (context.getType() !== 'rpc') return super.getToken(context)
    return bareToken(ownMember(context.switchToRpc().getData(), 'token'), 'The member `token` of the data')
  }

  /** A `RpcException`. */
  protected override toException(error: JwtGateError, context: ExecutionContext): unknown {
    if (context.getType() !== 'rpc') return super.toException(error, context)
    const { code, message } = error
    return Object.assign(new RpcException({ status: 'error', code, message }), { cause: error })
  }
}

brandGuard(RpcJwtAuthGuard, 'pattern')
