// One suite for all packages; it reads the sources, not dist. The core's own tests run on both of its engines; the contract and
// the fast rows of the fault suite run with tokens that are remembered, and without memory for any. Two projects are apart:
// the fault suite takes minutes (its fast rows run with the others), and `packages` installs what is packed.
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

const coreTests = 'packages/core/test/**/*.test.ts'
const attacksOnCore = 'test/attacks/core.test.ts'
const interop = 'test/interop/interop.test.ts'
const slowFaults = 'test/faults/**/*.slow.test.ts'
const packedTests = 'test/packages/**'
const contractSuite = 'test/contract/contract.test.ts'
const nestTests = ['packages/nestjs/test/**/*.test.ts', 'test/contract/**/*.test.ts']
/** In these no token can be remembered before what they are about has happened. */
const faultsBeforeTokens = 'test/faults/{harness,cold-start,provider-down-at-start,leaving-clients,process-end}.test.ts'
/** Refusals are what most tests are about: their console lines would bury the report. */
const testEnvironment = { NODE_ENV: 'production' }
/** It runs the builds as Node finds them: NestJS 12 only. */
const buildsTest = 'test/contract/two-copies.test.ts'

export default defineConfig({
  test: {
    maxWorkers: '100%', // Of the cores; without it one less, which of two leaves one.
    projects: [
      project('node', ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'], [], {
        exclude: [...configDefaults.exclude, slowFaults, packedTests],
        env: { ...testEnvironment, TEST_ENGINE: 'node', TEST_TOKEN_CACHE: 'hits' },
      }),
      // What clients see of an API must not depend on whether it remembers tokens.
      project('uncached', [contractSuite, 'test/faults/*.test.ts'], [], {
        exclude: [...configDefaults.exclude, slowFaults, faultsBeforeTokens],
        env: { ...testEnvironment, TEST_TOKEN_CACHE: 'off' },
      }),
      project('jose', [coreTests, attacksOnCore, interop], ['jwtgate-jose']),
      // `node` has NestJS 12. Nest's own packages require each other from where they are, so that there is one copy of each.
      project('nest11', nestTests, [], {
        exclude: [...configDefaults.exclude, buildsTest],
        alias: [{ find: /^@nestjs\//, replacement: `${import.meta.dirname}/test/nest11/node_modules/@nestjs/` }],
      }),
      // One file after the other: each loads the machine and measures times.
      project('faults', ['test/faults/**/*.test.ts'], [], { fileParallelism: false }),
      {
        test: {
          name: 'packages',
          include: ['test/packages/*.test.ts'],
          globalSetup: 'test/packages/set-up.ts',
          // Programs, compilers and, at the first time, downloads.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})

/** @param engine - the conditions that choose the engine in the `imports` map of core, where not Node's own */
function project(
  name: string,
  include: string[],
  engine: readonly string[],
  more: TestProjectInlineConfiguration['test'] = {},
): TestProjectInlineConfiguration {
  const conditions = [...engine, 'jwtgate-source', 'node']
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    // As TypeScript compiles the decorators of NestJS.
    oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
    test: {
      name,
      include,
      // A row of the fault suite prints its figure, as it is.
      disableConsoleIntercept: true,
      // The engine is for child processes, and for what only one of them can promise.
      env: { ...testEnvironment, TEST_ENGINE: name },
      ...more,
    },
  }
}
