// JwtGateModule: verifiers and guards for an application or a module of it.
import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common'
import { APP_GUARD, ModulesContainer } from '@nestjs/core'
import { GuardOfAll } from './guard-of-all.ts'
import { JwtAuthGuard } from './jwt-auth.guard.ts'
import { JwtGate } from './jwt-gate.ts'
import {
  checkAsyncOptions,
  splitFlags,
  type JwtGateAsyncOptions,
  type JwtGateModuleFlags,
  type JwtGateOptions,
} from './module-options.ts'
import { StartUpChecks } from './start-up-checks.ts'

@Module({})
/**
 * Protects an application with JWTs.
 *
 * @example
 * @Module({
 *   imports: [
 *     JwtGateModule.forRoot({
 *       issuer: 'https://id.example.com',
 *       audience: 'https://api.example.com',
 *       algorithms: ['RS256'],
 *       guardAllRoutes: true,
 *     }),
 *   ],
 * })
 * export class AppModule {}
 */
export class JwtGateModule {
  /**
   * With options that are known at once.
   *
   * @throws ConfigError at once, if an option is missing, unknown or unsafe
   */
  static forRoot(options: JwtGateOptions & JwtGateModuleFlags): DynamicModule {
    const { options: gateOptions, flags } = splitFlags(options)
    const gate = new JwtGate(gateOptions)
    return moduleOf({ provide: JwtGate, useFactory: () => gate }, flags)
  }

  /**
   * With options that others provide, for instance the `ConfigService`.
   *
   * @throws ConfigError when the application is created, if an option is missing, unknown or unsafe
   * @example
   * JwtGateModule.forRootAsync({
   *   guardAllRoutes: true,
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({
   *     issuer: config.getOrThrow('ISSUER'),
   *     audience: config.getOrThrow('AUDIENCE'),
   *     algorithms: ['RS256'],
   *   }),
   * })
   */
  static forRootAsync(options: JwtGateAsyncOptions): DynamicModule {
    const flags = checkAsyncOptions(options)
    const { imports = [], inject = [], useFactory } = options
    const useGate = async (...injected: unknown[]): Promise<JwtGate> => new JwtGate(await useFactory(...injected))
    return { ...moduleOf({ provide: JwtGate, inject, useFactory: useGate }, flags), imports }
  }
}

let count = 0

function moduleOf(
  gate: FactoryProvider<JwtGate>,
  { guardAllRoutes, isGlobal }: Required<JwtGateModuleFlags>,
): DynamicModule {
  const checks: FactoryProvider<StartUpChecks> = {
    provide: StartUpChecks,
    inject: [ModulesContainer],
    useFactory: (modules: ModulesContainer) => new StartUpChecks(modules, guardAllRoutes),
  }
  const guardOfAll = guardAllRoutes ? [GuardOfAll, { provide: APP_GUARD, useExisting: GuardOfAll }] : []
  // NestJS may tell modules apart by what can be read of them (`deep-hash`), and two factories read the same.
  const id = { provide: Symbol.for('jwtgate.module'), useValue: ++count }
  return {
    module: JwtGateModule,
    global: isGlobal,
    providers: [id, gate, checks, JwtAuthGuard, ...guardOfAll],
    exports: [JwtGate, JwtAuthGuard],
  }
}
