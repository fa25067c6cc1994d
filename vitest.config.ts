// One suite for all packages; it reads the sources, not dist. The core's own tests run on both of its engines. The fault
// suite is a project of its own: all of it takes minutes, and its fast rows run with the others.
import { defaultExclude, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

const coreTests = 'packages/core/test/**/*.test.ts'
const slowFaults = 'test/faults/**/*.slow.test.ts'

export default defineConfig({
  test: {
    projects: [
      project('node', ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'], [], {
        exclude: [...defaultExclude, slowFaults],
      }),
      project('jose', [coreTests], ['jwtgate-jose']),
      // One file after the other: each loads the machine and measures times.
      project('faults', ['test/faults/**/*.test.ts'], [], { fileParallelism: false }),
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
    test: {
      name,
      include,
      // A row of the fault suite prints its figure, as it is.
      disableConsoleIntercept: true,
      // Refusals are what most tests are about: their console lines would bury the report. The engine is for child
      // processes, and for what only one of them can promise.
      env: { NODE_ENV: 'production', TEST_ENGINE: name },
      ...more,
    },
  }
}
