// Orders over HTTP, GraphQL and WebSockets. JwtGateModule is global here, so nothing has to be imported for its guards.
import { Module } from '@nestjs/common'
import { OrdersController } from './orders.controller.js'
import { OrdersGateway } from './orders.gateway.js'
import { OrdersResolver } from './orders.resolver.js'
import { OrdersService } from './orders.service.js'

@Module({
  controllers: [OrdersController],
  providers: [OrdersService, OrdersResolver, OrdersGateway],
})
export class OrdersModule {}
