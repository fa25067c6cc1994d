// What is injected: with emitDecoratorMetadata, by its class.
import { Injectable } from '@nestjs/common'

@Injectable()
export class OrdersService {
  private readonly orders = new Set(['7', '8'])

  all(): string[] {
    return [...this.orders]
  }

  delete(id: string): void {
    this.orders.delete(id)
  }
}
