// One suite for all packages; it reads the sources, not dist.
import { defineConfig } from 'vitest/config'

const sources = ['jwtgate-source', 'node']

export default defineConfig({
  resolve: { conditions: sources },
  ssr: { resolve: { conditions: sources, externalConditions: sources } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    // Refusals are what most tests are about: their console lines would bury the report.
    env: { NODE_ENV: 'production' },
  },
})
