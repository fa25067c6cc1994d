// The same rules for messages, from the two further entries of the package.
import { RequirePermission } from '@jwtgate/nestjs'
import { RpcJwtAuthGuard } from '@jwtgate/nestjs/microservices'
import { WsJwtAuthGuard } from '@jwtgate/nestjs/ws'
import { Controller, UseGuards } from '@nestjs/common'
import { MessagePattern, Payload } from '@nestjs/microservices'
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'

@WebSocketGateway()
@UseGuards(WsJwtAuthGuard)
export class OrdersGateway {
  @SubscribeMessage('deleteOrder')
  @RequirePermission('orders:delete')
  delete(@MessageBody() id: string) {
    return { deleted: id }
  }
}

@Controller()
@UseGuards(RpcJwtAuthGuard)
export class OrdersMessages {
  @MessagePattern('deleteOrder')
  @RequirePermission('orders:delete')
  delete(@Payload('id') id: string) {
    return { deleted: id }
  }
}
