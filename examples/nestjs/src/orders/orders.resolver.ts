// Orders over GraphQL: the same decorators on queries, mutations and fields.
import { RequirePermission } from '@jwtgate/nestjs'
import { Args, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql'
import { Order } from './order.model.js'
import { OrdersService } from './orders.service.js'

@Resolver(() => Order)
@RequirePermission('orders:read')
export class OrdersResolver {
  constructor(private readonly orders: OrdersService) {}

  @Query(() => [Order], { name: 'orders' })
  list() {
    return this.orders.all()
  }

  @Mutation(() => Boolean, { name: 'deleteOrder' })
  @RequirePermission('orders:delete')
  delete(@Args('id', { type: () => ID }) id: string) {
    return this.orders.delete(id)
  }

  // Nullable: who may not see the customer gets `null` and an error, and still the rest of the order.
  @ResolveField(() => String, { nullable: true })
  @RequirePermission('customers:read')
  customer(@Parent() order: Order) {
    return this.orders.customerOf(order.id)
  }
}
