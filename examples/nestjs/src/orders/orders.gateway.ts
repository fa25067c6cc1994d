// Orders over WebSockets. The token comes with the handshake; every message is judged anew, so an expired one ends here too.
import { RequirePermission } from '@jwtgate/nestjs'
import { WsJwtAuthGuard } from '@jwtgate/nestjs/ws'
import { UseGuards } from '@nestjs/common'
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { OrdersService } from './orders.service.js'

// Nest guards messages, not connections: send nothing to a socket only because it is connected.
@WebSocketGateway()
@UseGuards(WsJwtAuthGuard)
@RequirePermission('orders:read')
export class OrdersGateway {
  constructor(private readonly orders: OrdersService) {}

  @SubscribeMessage('orders')
  list() {
    return this.orders.all()
  }

  @SubscribeMessage('deleteOrder')
  @RequirePermission('orders:delete')
  delete(@MessageBody() id: string) {
    return this.orders.delete(id)
  }
}
