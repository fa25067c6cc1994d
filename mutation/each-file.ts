// Before each test file: as the files of one run share their worker, each begins with what Stryker expects of a new one.
import { afterEach, inject } from 'vitest'

interface Instrumenter {
  activeMutant?: string | undefined
  mutantCoverage?: { static: object; perTest: object }
}

const stryker: Instrumenter | undefined = Reflect.get(globalThis, '__stryker__')
const failed = Symbol.for('jwtgate.mutation.failed')

// Vitest would load all files that are left, to skip their tests.
if (Reflect.has(globalThis, failed)) throw new Error('the mutant is found: a test of another file has failed')
afterEach(({ task }) => {
  if (task.result?.state === 'fail') Reflect.set(globalThis, failed, true)
})

if (stryker !== undefined) {
  // What the file before has counted stands in its report.
  if (stryker.mutantCoverage !== undefined) Object.assign(stryker.mutantCoverage, { static: {}, perTest: {} })
  // A mutant that is no static one becomes active with the first test, not while the tests are collected.
  if (inject('mutantActivation' as never) !== 'static') stryker.activeMutant = undefined
}
