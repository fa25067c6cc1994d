// What would leave a handler open, or refuse all its calls, is said when the application starts.
import { ConfigError } from '@jwtgate/core'
import type { OnModuleInit } from '@nestjs/common'
import { MetadataScanner, type ModulesContainer } from '@nestjs/core'
import { JwtAuthGuard } from './jwt-auth.guard.ts'
import { member } from './carriers.ts'
import type { JwtGate } from './jwt-gate.ts'
import { marksOf, marksWritten } from './marks.ts'
import { protectionOf, type Protection } from './protection.ts'

/** Goes over all handlers of the application. */
export class StartUpChecks implements OnModuleInit {
  readonly #modules: ModulesContainer
  /** Of the guard that stands before all handlers, if there is one. */
  readonly #globalGate: JwtGate | undefined

  constructor(modules: ModulesContainer, globalGate: JwtGate | undefined) {
    this.#modules = modules
    this.#globalGate = globalGate
  }

  /** @throws ConfigError for the first handler with something to mend */
  onModuleInit(): void {
    const fieldsAreGuarded = areFieldsGuarded(this.#modules)
    for (const handler of handlersIn(this.#modules)) {
      refuseLostMarks(handler)
      const protection = protectionOf(handler.hostClass, handler.method)
      if (protection.isPublic || handler.kind === 'other') continue
      const isListed = protection.guards.length > 0
      const isGuardedByAll = this.#globalGate !== undefined
      if (!isListed && !isGuardedByAll) continue
      const ownGates = isListed ? handler.gates : []
      refuseUnknownVerifier(handler, protection, isGuardedByAll ? [...ownGates, this.#globalGate] : ownGates)
      refuseMessageBeyondReach(handler, protection)
      // Other fields are reached only through resolvers that are guarded; entities of a federation from outside.
      if (!fieldsAreGuarded && (isListed || handler.kind === 'entity')) refuseUnguardedField(handler)
    }
  }
}

interface Handler {
  /** For messages: `OrdersController.remove`. */
  readonly title: string
  readonly hostClass: object
  readonly prototype: object
  readonly name: string
  readonly method: object
  readonly kind: HandlerKind
  /** Those that the guards of its module go by. */
  readonly gates: readonly JwtGate[]
}

type HandlerKind = 'route' | 'field' | 'entity' | 'message' | 'pattern' | 'other'

/** What NestJS and its packages write at a handler, and at nothing else. */
const kinds: ReadonlyMap<string, HandlerKind> = new Map([
  ['websockets:message_mapping', 'message'],
  ['microservices:pattern', 'pattern'],
  ['graphql:resolve_property', 'field'],
  ['graphql:resolve_reference', 'entity'],
  ['graphql:resolver_type', 'route'],
  ['path', 'route'],
])

function* handlersIn(modules: ModulesContainer): Iterable<Handler> {
  const scanner = new MetadataScanner()
  for (const { controllers, providers, injectables } of modules.values()) {
    const guards = [...injectables.values()].map(({ instance }): unknown => instance)
    // One that cannot reach the module says so itself.
    const gates = guards.flatMap((guard) => (guard instanceof JwtAuthGuard ? [guard.gate as JwtGate | undefined] : []))
    for (const { metatype: hostClass, isNotMetatype } of [...controllers.values(), ...providers.values()]) {
      if (isNotMetatype || typeof hostClass !== 'function') continue
      const prototype: unknown = hostClass.prototype
      if (typeof prototype !== 'object' || prototype === null) continue
      for (const name of scanner.getAllMethodNames(prototype)) {
        const method: unknown = Reflect.get(prototype, name)
        if (typeof method !== 'function') continue
        const written: readonly unknown[] = Reflect.getMetadataKeys(method)
        if (written.length === 0) continue // NestJS does not call it.
        const kind = [...kinds].find(([key]) => written.includes(key))?.[1] ?? 'other'
        yield {
          title: `${hostClass.name}.${name}`,
          hostClass,
          prototype,
          name,
          method,
          kind,
          gates: gates.filter((gate) => gate !== undefined),
        }
      }
    }
  }
}

/** A decorator that puts another function in the place of a method takes rules and guards away from it. */
function refuseLostMarks({ title, prototype, name, method }: Handler): void {
  const there = marksOf(method)
  const lost = marksWritten(prototype, name).find((mark) => !there.includes(mark))?.written
  if (lost === undefined) return
  const message =
    `${title} has lost its ${lost}: another decorator, or a subclass, replaced the method. ` +
    `Write ${lost} above that decorator, or at the method that takes its place.`
  throw new ConfigError('decorator', message)
}

function refuseUnknownVerifier({ title }: Handler, { verifierName }: Protection, gates: readonly JwtGate[]): void {
  for (const gate of gates) {
    try {
      gate.verifier(verifierName)
    } catch (error) {
      throw error instanceof ConfigError ? new ConfigError(error.option, `${title}: ${error.message}`) : error
    }
  }
}

/** NestJS 11 does not run global guards for gateways, and no guard runs twice: each kind of message needs its own. */
function refuseMessageBeyondReach({ title, kind }: Handler, { guards }: Protection): void {
  if (kind !== 'message' && kind !== 'pattern') return
  if (guards.some((guard) => guard !== JwtAuthGuard)) return
  const guard =
    kind === 'message'
      ? '@UseGuards(WsJwtAuthGuard) of @jwtgate/nestjs/ws'
      : '@UseGuards(RpcJwtAuthGuard) of @jwtgate/nestjs/microservices'
  const message = `${title} handles messages, whose token JwtAuthGuard does not know: write ${guard} at it or at its class, or @Public() instead.`
  throw new ConfigError('guard', message)
}

function refuseUnguardedField({ title, kind }: Handler): void {
  if (kind !== 'field' && kind !== 'entity') return
  const message =
    `${title} resolves a field, where guards do not run: write fieldResolverEnhancers: ['guards'] in the options of ` +
    'GraphQLModule, or @Public() at the field if the resolvers above it protect it.'
  throw new ConfigError('fieldResolverEnhancers', message)
}

/** Of several GraphQL modules, each has to. */
function areFieldsGuarded(modules: ModulesContainer): boolean {
  const options = [...modules.values()].flatMap(({ providers }) => {
    const { instance } = providers.get('GqlModuleOptions') ?? {}
    return instance === undefined ? [] : [member(instance, 'fieldResolverEnhancers')]
  })
  return options.every((enhancers) => Array.isArray(enhancers) && enhancers.includes('guards'))
}
