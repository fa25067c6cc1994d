// Where the orders are. It knows nothing of tokens: whoever gets here may.
import { Injectable } from '@nestjs/common'
import type { Order } from './order.model.js'

@Injectable()
export class OrdersService {
  private readonly orders = new Map([
    ['7', { item: 'tea', customer: 'Alice' }],
    ['8', { item: 'coffee', customer: 'Bob' }],
  ])

  all(): Order[] {
    return [...this.orders].map(([id, { item }]) => ({ id, item }))
  }

  customerOf(id: string) {
    return this.orders.get(id)?.customer
  }

  delete(id: string) {
    return this.orders.delete(id)
  }
}
