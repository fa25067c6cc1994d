// What our decorators have written at classes and methods.
import type { AccessAuthorizer } from '@jwtgate/core'
import type { ExecutionContext } from '@nestjs/common'
import 'reflect-metadata'

/** One decorator at one place. */
export type Mark =
  | { readonly kind: 'public' | 'optional'; readonly written: string }
  | { readonly kind: 'verifier'; readonly written: string; readonly name: string }
  | { readonly kind: 'rule'; readonly written: string; readonly authorize: AccessAuthorizer<ExecutionContext> }

export const marksKey: unique symbol = Symbol.for('jwtgate.marks')

/** The name that NestJS gives it. */
const guardsKey = '__guards__'

/** The marks that the framework goes by: those of a class and of what it extends, or of the function that is the handler. */
export function marksOf(place: object): readonly Mark[] {
  const parent: unknown = Object.getPrototypeOf(place)
  return [...(typeof parent === 'function' ? marksOf(parent) : []), ...ownMarksOf(place)]
}

/** The same without those of a class that it extends. */
export function ownMarksOf(place: object): readonly Mark[] {
  return marksIn(Reflect.getOwnMetadata(marksKey, place))
}

/** The marks that were written at a method of this very class, whatever became of it. */
export function marksWritten(prototype: object, name: string | symbol): readonly Mark[] {
  return marksIn(Reflect.getOwnMetadata(marksKey, prototype, name))
}

/** Whether nobody else has written anything at a place with these metadata. */
export function isOnlyOurs(keys: readonly unknown[]): boolean {
  return keys.every((key) => key === marksKey || key === guardsKey)
}

function marksIn(metadata: unknown): readonly Mark[] {
  return Array.isArray(metadata) ? metadata : []
}

/** Whose tokens a guard of ours finds: of requests, of a gateway's messages, of a microservice's. */
export type Findable = 'request' | 'message' | 'pattern'

interface Brand {
  readonly finds: Findable
  /** By what: a subclass that overrides it may find any. */
  readonly getToken: unknown
}

const guardBrand = Symbol('jwtgate.guard')

/** Makes a class of guards, and all that extend it, known as ours. */
export function brandGuard(guard: GuardClass, finds: Findable): void {
  const brand: Brand = { finds, getToken: Reflect.get(guard.prototype, 'getToken') }
  Object.defineProperty(guard, guardBrand, { value: brand })
}

/** Whether it would find the token of such a call, as far as we know. */
export function findsTokenOf(call: Findable, guard: GuardClass): boolean {
  const { finds, getToken } = Reflect.get(guard, guardBrand) as Brand // It is one of ours.
  return finds === call || Reflect.get(guard.prototype, 'getToken') !== getToken
}

/** A class of guards. */
export type GuardClass = new (...dependencies: never) => object

/** What is listed in `@UseGuards()` at a class or a method, of ours: classes, and instances by their class. */
export function ourGuardsAt(place: object): readonly GuardClass[] {
  return ourGuardsIn(Reflect.getMetadata(guardsKey, place))
}

/** The same without those of a class that it extends. */
export function ownGuardsAt(place: object): readonly GuardClass[] {
  return ourGuardsIn(Reflect.getOwnMetadata(guardsKey, place))
}

function ourGuardsIn(listed: unknown): readonly GuardClass[] {
  return (Array.isArray(listed) ? listed : [])
    .map((guard: unknown) => (typeof guard === 'object' && guard !== null ? guard.constructor : guard))
    .filter((guard): guard is GuardClass => typeof guard === 'function' && guardBrand in guard)
}
