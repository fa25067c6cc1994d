// What our decorators write at classes and methods, and who reads it.
import { ConfigError, type AccessAuthorizer } from '@jwtgate/core'
import type { ExecutionContext } from '@nestjs/common'
import type {} from 'reflect-metadata'

/** One decorator at one place. */
export type Mark =
  | { readonly kind: 'public' | 'optional'; readonly written: string }
  | { readonly kind: 'verifier'; readonly written: string; readonly name: string }
  | { readonly kind: 'rule'; readonly written: string; readonly authorize: AccessAuthorizer<ExecutionContext> }

/** A decorator for classes and methods. */
export type ClassOrMethodDecorator = ClassDecorator & MethodDecorator

const marksKey = Symbol.for('jwtgate.marks')

/**
 * A decorator that adds a mark to those that are there: `SetMetadata` would overwrite them.
 *
 * @param also - further decorators, which apply with it
 */
export function marking(mark: Mark, ...also: readonly ClassOrMethodDecorator[]): ClassOrMethodDecorator {
  return (target: object, name?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const place: unknown = name === undefined ? target : descriptor?.value
    if (typeof place !== 'function') {
      throw new ConfigError('decorator', `${mark.written} belongs at a class or a method.`)
    }
    const own = marksIn(Reflect.getOwnMetadata(marksKey, place))
    if (mark.kind === 'verifier' && own.some(({ kind }) => kind === 'verifier')) {
      const where = name === undefined ? place.name : `${target.constructor.name}.${String(name)}`
      throw new ConfigError('decorator', `${mark.written} at ${where} is not the only one there: which one is meant?`)
    }
    // A class has those of the class that it extends, too.
    Reflect.defineMetadata(marksKey, [...marksOf(place), mark], place)
    if (name !== undefined) {
      // By name as well, for a decorator that replaces the method takes all that was written at it away.
      const written = marksIn(Reflect.getOwnMetadata(marksKey, target, name))
      Reflect.defineMetadata(marksKey, [...written, mark], target, name)
    }
    for (const decorate of also) {
      if (name === undefined || descriptor === undefined) decorate(place)
      else decorate(target, name, descriptor)
    }
  }
}

/** The marks that the framework goes by: those of a class, or of the function that is the handler. */
export function marksOf(place: object): readonly Mark[] {
  return marksIn(Reflect.getMetadata(marksKey, place))
}

/** The marks that were written at a method, whatever became of it. */
export function marksWritten(prototype: object, name: string): readonly Mark[] {
  return marksIn(Reflect.getMetadata(marksKey, prototype, name))
}

function marksIn(metadata: unknown): readonly Mark[] {
  return Array.isArray(metadata) ? metadata : []
}

/** By this symbol a class of guards is known as one of ours: a subclass inherits it. */
export const guardBrand: unique symbol = Symbol('jwtgate.guard')

/** A class of guards. */
export type GuardClass = new (...dependencies: never) => object

/** What is listed in `@UseGuards()` at a class or a method, of ours: classes, and instances by their class. */
export function ourGuardsAt(place: object): readonly GuardClass[] {
  const listed: unknown = Reflect.getMetadata('__guards__', place) // The name that NestJS gives it.
  return (Array.isArray(listed) ? listed : [])
    .map((guard: unknown) => (typeof guard === 'object' && guard !== null ? guard.constructor : guard))
    .filter((guard): guard is GuardClass => typeof guard === 'function' && guardBrand in guard)
}
