// One suite for all packages; it reads the sources, not dist. The core's own tests run on both of its engines. The project
// `packages` is apart: it installs what is packed, as users get it.
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

const coreTests = 'packages/core/test/**/*.test.ts'
const packedTests = 'test/packages/**'

export default defineConfig({
  test: {
    projects: [
      project('node', ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'], []),
      project('jose', [coreTests], ['jwtgate-jose']),
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
function project(name: string, include: string[], engine: readonly string[]): TestProjectInlineConfiguration {
  const conditions = [...engine, 'jwtgate-source', 'node']
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name,
      include,
      exclude: [...configDefaults.exclude, packedTests],
      // Refusals are what most tests are about: their console lines would bury the report. The engine is for child
      // processes, and for what only one of them can promise.
      env: { NODE_ENV: 'production', TEST_ENGINE: name },
    },
  }
}
