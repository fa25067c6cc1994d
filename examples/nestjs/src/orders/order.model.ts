// An order, as GraphQL shows it.
import { Field, ID, ObjectType } from '@nestjs/graphql'

@ObjectType()
export class Order {
  @Field(() => ID)
  id!: string

  @Field()
  item!: string
}
