// Orders over HTTP: read with one permission, deleted with two.
import { CurrentAuth, RequirePermission, type Auth } from '@jwtgate/nestjs'
import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common'
import { OrdersService } from './orders.service.js'

@Controller('orders')
@RequirePermission('orders:read')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Get()
  list(@CurrentAuth() { claims, permissions }: Auth) {
    return { sub: claims.sub, permissions, orders: this.orders.all() }
  }

  @Delete(':id')
  @RequirePermission('orders:delete') // as well as the one for all routes of this controller
  @HttpCode(204)
  delete(@Param('id') id: string) {
    this.orders.delete(id)
  }
}
