// How our decorators write their marks: they add up, and bring the guard with them.
import { ConfigError } from '@jwtgate/core'
import { UseGuards } from '@nestjs/common'
import { JwtAuthGuard } from './jwt-auth.guard.ts'
import { marksKey, marksWritten, ownGuardsAt, ownMarksOf, type Mark } from './marks.ts'

/** A decorator for classes and methods. */
export type ClassOrMethodDecorator = ClassDecorator & MethodDecorator

/** A decorator that adds a mark to those that are there: `SetMetadata` would overwrite them. All but `@Public()` protect. */
export function marking(mark: Mark): ClassOrMethodDecorator {
  return (target: object, name?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const place: unknown = name === undefined ? target : descriptor?.value
    if (typeof place !== 'function') {
      throw new ConfigError('decorator', `${mark.written} belongs at a class or a method.`)
    }
    const own = ownMarksOf(place)
    if (mark.kind === 'verifier' && own.some(({ kind }) => kind === 'verifier')) {
      const where = name === undefined ? place.name : `${target.constructor.name}.${String(name)}`
      throw new ConfigError('decorator', `${mark.written} at ${where} is not the only one there: which one is meant?`)
    }
    Reflect.defineMetadata(marksKey, [...own, mark], place)
    // By name as well, for a decorator that replaces the method takes all that was written at it away.
    if (name !== undefined) Reflect.defineMetadata(marksKey, [...marksWritten(target, name), mark], target, name)
    // Marks alone would leave a route open.
    if (mark.kind === 'public' || ownGuardsAt(place).includes(JwtAuthGuard)) return
    // Both are there or neither is: its types know methods and classes, but not that this is either.
    UseGuards(JwtAuthGuard)(target, name as never, descriptor as never)
  }
}
