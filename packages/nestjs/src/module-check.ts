// A guard needs JwtGateModule: where it cannot reach it, the application does not start.
import { ConfigError } from '@jwtgate/core'
import type { ModulesContainer } from '@nestjs/core'
import { nameOf } from './protection.ts'

/** @returns an error that names the module which has to import ours */
export function withoutModule(guard: object, modules: ModulesContainer | undefined): ConfigError {
  if (modules === undefined) {
    const message = `${nameOf(guard.constructor)} was made by hand, so that NestJS gave it nothing: write guardAllRoutes: true, or app.get(${nameOf(guard.constructor)}).`
    return new ConfigError('guardAllRoutes', message)
  }
  const host = [...modules.values()].find(({ injectables, providers }) =>
    [...injectables.values(), ...providers.values()].some(({ instance }) => instance === guard),
  )
  const module = host === undefined ? 'A module' : nameOf(host.metatype)
  return new ConfigError(
    'imports',
    `${module} uses ${nameOf(guard.constructor)}, or a decorator that brings it, but cannot reach JwtGateModule. Write ` +
      'imports: [JwtGateModule.forRoot({ issuer, audience, algorithms, isGlobal: true })] in the root module.',
  )
}
