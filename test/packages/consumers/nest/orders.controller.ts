// Rules on class and methods, and a route for everybody.
import { CurrentAuth, Public, RequirePermission, type Auth } from '@jwtgate/nestjs'
import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common'
import { OrdersService } from './orders.service'

@Controller('orders')
@RequirePermission('orders:read')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Get()
  list(@CurrentAuth() auth: Auth) {
    return { sub: auth.claims.sub, orders: this.orders.all() }
  }

  @Get(':id')
  one(@Param('id') id: string) {
    return { id }
  }

  @Delete(':id')
  @RequirePermission('orders:delete')
  @HttpCode(204)
  delete(@Param('id') id: string) {
    this.orders.delete(id)
  }
}

@Controller('health')
export class HealthController {
  @Get()
  @Public()
  health() {
    return { status: 'ok' }
  }
}
