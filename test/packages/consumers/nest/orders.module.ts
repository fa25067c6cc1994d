// The feature under test. Its guards come from the JwtGateModule of the application, or of a test.
import { Module } from '@nestjs/common'
import { HealthController, OrdersController } from './orders.controller'
import { OrdersGateway, OrdersMessages } from './orders.gateway'
import { OrdersService } from './orders.service'

@Module({
  controllers: [OrdersController, HealthController, OrdersMessages],
  providers: [OrdersService, OrdersGateway],
})
export class OrdersModule {}
