// Which of the core's engines a test runs on: vitest.config.ts says so, and chooses it by the same name.
export const engine: 'node' | 'jose' = process.env.TEST_ENGINE === 'jose' ? 'jose' : 'node'
