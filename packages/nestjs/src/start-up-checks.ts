// What would leave a handler open, or refuse all its calls, is said when the application starts.
import { ConfigError } from '@jwtgate/core'
import type { OnModuleInit } from '@nestjs/common'
import type { ModulesContainer } from '@nestjs/core'
import { areFieldsGuarded, refuseSharedContext } from './graphql-options.ts'
import { handlersIn, type Handler } from './handlers.ts'
import { JwtGate } from './jwt-gate.ts'
import { refuseLostProtection } from './lost-protection.ts'
import { findsTokenOf, marksOf, ourGuardsAt } from './marks.ts'
import { protectionOf, type Protection } from './protection.ts'

/** Goes over all handlers of the application. */
export class StartUpChecks implements OnModuleInit {
  readonly #modules: ModulesContainer
  readonly #guardAllRoutes: boolean

  constructor(modules: ModulesContainer, guardAllRoutes: boolean) {
    this.#modules = modules
    this.#guardAllRoutes = guardAllRoutes
  }

  /** @throws ConfigError for the first thing to mend */
  async onModuleInit(): Promise<void> {
    const gate = this.#ownGate()
    refuseTwoGlobalModules(this.#modules)
    await refuseSharedContext(this.#modules)
    const fieldsAreGuarded = areFieldsGuarded(this.#modules)
    for (const handler of handlersIn(this.#modules)) {
      const { hostClass, gates } = handler.host
      refuseNoHandler(handler)
      refuseLostProtection(handler)
      refuseAnotherClass(handler)
      const protection = protectionOf(hostClass, handler.method)
      if (protection.isPublic || handler.kind === 'other' || handler.kind === 'none') continue
      const isListed = protection.guards.length > 0
      if (!isListed && !this.#guardAllRoutes) continue
      refuseUnknownVerifier(handler, protection, isListed ? gates : [gate])
      refuseMessageBeyondReach(handler, protection)
      if (!fieldsAreGuarded) refuseUnguardedField(handler)
    }
  }

  /** Not injected: with a gate that depends on a request, NestJS would make this for each request, and never call it. */
  #ownGate(): JwtGate {
    const own = [...this.#modules.values()].find(({ providers }) => providers.get(StartUpChecks)?.instance === this)
    const provider = own?.providers.get(JwtGate)
    if (provider?.isDependencyTreeStatic() === true) return provider.instance as JwtGate // By its token.
    const message =
      'useFactory must not depend on a request: verifiers are made once, with their keys. For several tenants give ' +
      'verifiers and @UseVerifier(), or one verifier a list of issuers.'
    throw new ConfigError('useFactory', message)
  }
}

/** The modules that import neither would go by one of them, whichever. */
function refuseTwoGlobalModules(modules: ModulesContainer): void {
  const global = [...modules.values()].filter(({ isGlobal, providers }) => isGlobal && providers.has(StartUpChecks))
  if (global.length < 2) return
  const message =
    'JwtGateModule is there twice with isGlobal or guardAllRoutes: import it once, with all verifiers: ' +
    '{ verifiers: { default, … } } and @UseVerifier().'
  throw new ConfigError('isGlobal', message)
}

function refuseNoHandler({ title, method, kind }: Handler): void {
  const written = kind === 'none' ? marksOf(method)[0]?.written : undefined
  if (written === undefined) return
  const message = `${title} has ${written}, but is no handler: guards run for routes, resolvers and messages. Move it there, or write @Get() or its like.`
  throw new ConfigError('decorator', message)
}

/** Guards run by the class that NestJS knows, and would judge, or leave it to others, by what is written at the other one. */
function refuseAnotherClass({ title, host: { hostClass, toldClass } }: Handler): void {
  if (toldClass === hostClass) return
  const writtenAt = (place: unknown): readonly unknown[] =>
    typeof place === 'function' ? [...marksOf(place), ...ourGuardsAt(place)] : []
  const [ofHost, ofTold] = [writtenAt(hostClass), writtenAt(toldClass)]
  if (ofHost.length === ofTold.length && ofHost.every((what, index) => what === ofTold[index])) return
  const message =
    `${title} belongs to a class whose constructor is another one, by a mixin or a class decorator: what is written at the ` +
    'class, such as a rule, would not count. Leave `constructor` out of what is mixed in, or write it at the methods.'
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

/** They would all be refused; and for gateways, NestJS 11 does not run global guards at all. */
function refuseMessageBeyondReach({ title, kind }: Handler, { guards }: Protection): void {
  if (kind !== 'message' && kind !== 'pattern') return
  if (guards.some((listed) => findsTokenOf(kind, listed))) return
  const guard =
    kind === 'message'
      ? '@UseGuards(WsJwtAuthGuard) of @jwtgate/nestjs/ws'
      : '@UseGuards(RpcJwtAuthGuard) of @jwtgate/nestjs/microservices'
  const listed = guards[0]?.name ?? 'JwtAuthGuard'
  const message = `${title} handles messages, whose token ${listed} does not know: write ${guard} at it or at its class, or @Public() instead.`
  throw new ConfigError('guard', message)
}

function refuseUnguardedField({ title, kind }: Handler): void {
  if (kind !== 'field' && kind !== 'entity') return
  const message =
    `${title} resolves a field, where guards do not run: write fieldResolverEnhancers: ['guards'] in the options of ` +
    'GraphQLModule, or @Public() at the field if the resolvers above it protect it.'
  throw new ConfigError('fieldResolverEnhancers', message)
}
