// All handlers of an application: what NestJS, or a package on it, calls from outside.
import { MetadataScanner, type ModulesContainer } from '@nestjs/core'
import { JwtAuthGuard } from './jwt-auth.guard.ts'
import type { JwtGate } from './jwt-gate.ts'
import { isOnlyOurs } from './marks.ts'

/** A class that NestJS made an instance of. */
export interface Host {
  /** The class that NestJS goes by. */
  readonly hostClass: HostClass
  /** The class that a guard is told: a mixin or a class decorator may have made it another one. */
  readonly toldClass: unknown
  readonly prototype: object
  /** Its members may be other functions than those of the class. */
  readonly instance: object
  /** Those that the guards of its module go by. */
  readonly gates: readonly JwtGate[]
}

interface HostClass {
  readonly name: string
}

/** A method at which something is written. */
export interface Handler {
  readonly host: Host
  /** For messages: `OrdersController.remove`. */
  readonly title: string
  readonly name: string
  /** As it is called. */
  readonly method: object
  /** As it stands at the class, and at each class that it extends, nearest first. */
  readonly inherited: readonly InheritedMethod[]
  readonly kind: HandlerKind
}

/** A method where it was written. */
export interface InheritedMethod {
  readonly prototype: object
  readonly method: object
}

/** `none`: nobody but the application itself calls it; `other`: a package that we do not know. */
export type HandlerKind = 'route' | 'field' | 'entity' | 'message' | 'pattern' | 'other' | 'none'

/** What NestJS and its packages write at a handler, and at nothing else. */
const kinds: ReadonlyMap<string, HandlerKind> = new Map([
  ['websockets:message_mapping', 'message'],
  ['microservices:pattern', 'pattern'],
  ['graphql:resolve_property', 'field'],
  ['graphql:resolve_reference', 'entity'],
  ['graphql:resolver_type', 'route'],
  ['path', 'route'],
])

export function handlersIn(modules: ModulesContainer): readonly Handler[] {
  const scanner = new MetadataScanner()
  return hostsIn(modules).flatMap((host) =>
    scanner.getAllMethodNames(host.prototype).flatMap((name) => {
      const inherited = methodsNamed(name, host.prototype)
      const [nearest] = inherited
      const written = nearest === undefined ? [] : Reflect.getMetadataKeys(nearest.method)
      if (nearest === undefined || written.length === 0) return []
      const own: unknown = Object.hasOwn(host.instance, name) ? Reflect.get(host.instance, name) : undefined
      const method = typeof own === 'function' ? own : nearest.method
      return [{ host, title: `${host.hostClass.name}.${name}`, name, method, inherited, kind: kindOf(written) }]
    }),
  )
}

function kindOf(written: readonly unknown[]): HandlerKind {
  const known = [...kinds].find(([key]) => written.includes(key))?.[1]
  return known ?? (isOnlyOurs(written) ? 'none' : 'other')
}

function hostsIn(modules: ModulesContainer): readonly Host[] {
  return [...modules.values()].flatMap(({ controllers, providers, injectables }) => {
    const gates = [...injectables.values()].flatMap(({ instance }) => gateOf(instance))
    return [...controllers.values(), ...providers.values()].flatMap((wrapper) => {
      const host = hostOf(wrapper)
      return host === undefined ? [] : [{ ...host, gates }]
    })
  })
}

/** A guard that cannot reach the module says so itself. */
function gateOf(guard: unknown): readonly JwtGate[] {
  const gate = guard instanceof JwtAuthGuard ? (guard.gate as JwtGate | undefined) : undefined
  return gate === undefined ? [] : [gate]
}

/** What NestJS knows of something that a module provides. */
interface Wrapper {
  readonly metatype: unknown
  /** Whether a factory made it, or it was there before: then it is known by what it is. */
  readonly isNotMetatype: boolean
  readonly instance: unknown
}

function hostOf({ metatype, isNotMetatype, instance }: Wrapper): Omit<Host, 'gates'> | undefined {
  if (typeof instance !== 'object' || instance === null) return undefined // Not made, or no object: nobody calls it.
  const prototype: unknown = Object.getPrototypeOf(instance)
  if (typeof prototype !== 'object' || prototype === null || prototype === Object.prototype) return undefined
  const toldClass: unknown = instance.constructor
  const hostClass = isNotMetatype ? toldClass : metatype
  return typeof hostClass === 'function' ? { hostClass, toldClass, prototype, instance } : undefined
}

function methodsNamed(name: string, from: object): readonly InheritedMethod[] {
  const found: InheritedMethod[] = []
  for (let prototype: unknown = from; prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value
    if (typeof method === 'function') found.push({ prototype: prototype as object, method })
  }
  return found
}
