// One suite for all packages; it reads the sources, not dist. The core's own tests run on both of its engines.
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

const coreTests = 'packages/core/test/**/*.test.ts'

export default defineConfig({
  test: {
    projects: [
      project('node', ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'], []),
      project('jose', [coreTests], ['jwtgate-jose']),
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
      // Refusals are what most tests are about: their console lines would bury the report. The engine is for child
      // processes, and for what only one of them can promise.
      env: { NODE_ENV: 'production', TEST_ENGINE: name },
    },
  }
}
