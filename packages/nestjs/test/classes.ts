// Controllers that differ only in their decorators.
import { Controller, Get, type Type } from '@nestjs/common'

export type AnyDecorator = ClassDecorator & MethodDecorator

export interface OrdersDecorators {
  readonly onClass?: readonly ClassDecorator[]
  readonly onMethod?: readonly MethodDecorator[]
}

/** A controller with the one route `GET /orders`, which answers `in`. */
export function ordersWith({ onClass = [], onMethod = [] }: OrdersDecorators): Type {
  @onEach(onClass)
  @Controller('orders')
  class Orders {
    @onEach(onMethod)
    @Get()
    read(): string {
      return 'in'
    }
  }
  return Orders
}

/** As if each were written on a line of its own: the last one is applied first. */
export function onEach(decorators: readonly (ClassDecorator | MethodDecorator)[]): AnyDecorator {
  const decorate = (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): unknown => {
    let current: unknown = descriptor
    for (const decorator of decorators.toReversed() as readonly ((...args: readonly unknown[]) => unknown)[]) {
      current = key === undefined ? decorator(target) : (decorator(target, key, current) ?? current)
    }
    return key === undefined ? undefined : current
  }
  return decorate as AnyDecorator
}

/** A method decorator of an application that puts another function in the method's place. */
export function Wrapped(options: { readonly keepsMetadata: boolean }): MethodDecorator {
  return (_target, _key, descriptor: PropertyDescriptor) => {
    const method = descriptor.value as (...args: unknown[]) => unknown
    const wrapper = function (this: unknown, ...args: unknown[]): unknown {
      return method.apply(this, args)
    }
    if (options.keepsMetadata) {
      for (const key of Reflect.getMetadataKeys(method) as readonly string[]) {
        Reflect.defineMetadata(key, Reflect.getMetadata(key, method), wrapper)
      }
    }
    descriptor.value = wrapper
  }
}
