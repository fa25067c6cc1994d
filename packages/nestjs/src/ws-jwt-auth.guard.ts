// WsJwtAuthGuard: the same for the messages of a socket.io connection.
import type { JwtGateError } from '@jwtgate/core'
import { Injectable, type ExecutionContext } from '@nestjs/common'
import { WsException } from '@nestjs/websockets'
import { bareToken, member, oneTokenOf, ownMember } from './carriers.ts'
import { JwtAuthGuard } from './jwt-auth.guard.ts'
import { brandGuard } from './marks.ts'

@Injectable()
/**
 * Lets only messages with a good token through: that of the handshake, in its headers or in `auth.token`, verified in full
 * for each message: it may have expired or been revoked since the last. What it refuses becomes a `WsException` with the
 * refusal as its `cause`; the client gets `{ status: 'error', code, message }`.
 *
 * A `getToken()` of yours that takes the token out of the message needs messages that are objects: of others on one connection
 * `@CurrentAuth()` cannot tell which is which. Guards of NestJS see messages, not connections: what `handleConnection()` sends is sent to everybody.
 *
 * @example @UseGuards(WsJwtAuthGuard) @WebSocketGateway()
 */
export class WsJwtAuthGuard extends JwtAuthGuard {
  /** Where the token of a message is: in the headers of the handshake, or in its `auth.token`. */
  protected override getToken(context: ExecutionContext): string | undefined | Promise<string | undefined> {
    if (context.getType() !== 'ws') return super.getToken(context)
    const client: unknown = context.switchToWs().getClient()
    const handshake = member(client, 'handshake')
    // Of what Node made of the handshake; the adapter has no type for it.
    const headers = (member(handshake, 'headers') ?? {}) as IncomingHeaders
    const rawHeaders = (member(member(client, 'request'), 'rawHeaders') ?? []) as readonly string[]
    return oneTokenOf([
      () => this.gate.tokenFrom({ headers, rawHeaders }),
      () => bareToken(ownMember(member(handshake, 'auth'), 'token'), 'handshake.auth.token'),
    ])
  }

  /** A `WsException`. */
  protected override toException(error: JwtGateError, context: ExecutionContext): unknown {
    if (context.getType() !== 'ws') return super.toException(error, context)
    const { code, message } = error
    return Object.assign(new WsException({ status: 'error', code, message }), { cause: error })
  }
}

brandGuard(WsJwtAuthGuard, 'message')

/** As socket.io has them, from Node. */
type IncomingHeaders = Readonly<Record<string, string | readonly string[] | undefined>>
