// A guard needs JwtGateModule: where it cannot reach it, the application does not start.
import { ConfigError } from '@jwtgate/core'
import type { ModulesContainer } from '@nestjs/core'
import { nameOf } from './protection.ts'

/** What NestJS makes for a class that lists a guard, in the module of that class. */
interface GuardWithGate {
  readonly gate: object | undefined
}

/** @throws ConfigError naming the module that has to import ours */
export function refuseWithoutModule(guard: GuardWithGate, modules: ModulesContainer): void {
  if (guard.gate !== undefined) return
  const host = [...modules.values()].find(({ injectables, providers }) =>
    [...injectables.values(), ...providers.values()].some(({ instance }) => (instance as unknown) === guard),
  )
  const module = host === undefined ? 'A module' : nameOf(host.metatype)
  throw new ConfigError(
    'imports',
    `${module} uses ${nameOf(guard.constructor)}, also where a decorator such as @RequirePermission() brings it, but cannot ` +
      'reach JwtGateModule. Write imports: [JwtGateModule.forRoot({ issuer, audience, algorithms, isGlobal: true })] in the ' +
      'root module.',
  )
}
