// JwtGateModule: verifiers and guards for an application or a module of it.
import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common'
import { APP_GUARD, ModulesContainer } from '@nestjs/core'
import { JwtAuthGuard } from './jwt-auth.guard.ts'
import { JwtGate } from './jwt-gate.ts'
import { createGate, type JwtGateAsyncOptions, type JwtGateModuleFlags, type JwtGateOptions } from './module-options.ts'
import { StartUpChecks } from './start-up-checks.ts'

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
@Module({})
export class JwtGateModule {
  /**
   * With options that are known at once.
   *
   * @throws ConfigError at once, if an option is missing, unknown or unsafe
   */
  static forRoot(options: JwtGateOptions & JwtGateModuleFlags): DynamicModule {
    const { isGlobal: _isGlobal, guardAllRoutes: _guardAllRoutes, ...rest } = options
    const gate = createGate(rest as JwtGateOptions) // Without the flags it is still what it was.
    // By a factory: a value would be looked into by what makes the keys of modules.
    return moduleOf({ provide: JwtGate, useFactory: () => gate }, options)
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
    const { imports = [], inject = [], useFactory } = options
    const useGate = async (...injected: unknown[]): Promise<JwtGate> => createGate(await useFactory(...injected))
    return { ...moduleOf({ provide: JwtGate, inject, useFactory: useGate }, options), imports }
  }
}

function moduleOf(gate: FactoryProvider<JwtGate>, flags: JwtGateModuleFlags): DynamicModule {
  const { guardAllRoutes = false, isGlobal = guardAllRoutes } = flags
  const checks: FactoryProvider<StartUpChecks> = {
    provide: StartUpChecks,
    inject: [ModulesContainer, JwtGate],
    useFactory: (modules: ModulesContainer, own: JwtGate) =>
      new StartUpChecks(modules, guardAllRoutes ? own : undefined),
  }
  return {
    module: JwtGateModule,
    global: isGlobal,
    // The existing one, so that a test which overrides JwtAuthGuard overrides this one too.
    providers: [
      gate,
      checks,
      JwtAuthGuard,
      ...(guardAllRoutes ? [{ provide: APP_GUARD, useExisting: JwtAuthGuard }] : []),
    ],
    exports: [JwtGate, JwtAuthGuard],
  }
}
