// The tests that judge the mutants of one part (MUTATION_PART): those of core, and the attacks on it.
import { basename } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type Reporter, type TestSpecification } from 'vitest/node'
import { isPartName, parts, type Part } from './parts.ts'

const root = `${import.meta.dirname}/..`
const name = process.env.MUTATION_PART ?? ''
if (!isPartName(name)) throw new Error('MUTATION_PART has to name a part: mutation/run.ts does')
const { engine, tests }: Part = parts[name]
const conditions = [...(engine === 'jose' ? ['jwtgate-jose'] : []), 'jwtgate-source', 'node']

/** They take half a second or more. */
const long =
  'verifier algorithms status hints urls source-list large-key-set static-keys secret-option attacks/core fetch-json'
    .concat(' remote-jwks shared-key-set key-deadline')
    .split(' ')

/** Files that the mutants of one source file failed, and how often: a mutant ends with the first test that fails. */
const failures = new Map<string, Map<string, number>>()
let mutated = ''

class LikelyFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const seen = failures.get(mutated)
    const isNamesake = (file: string): boolean => basename(file).startsWith(basename(mutated, '.ts'))
    const rank = ({ moduleId }: TestSpecification): number => {
      const known = (seen?.get(moduleId) ?? 0) + (isNamesake(moduleId) ? 1 : 0)
      return known > 0 ? -known : long.findIndex((name) => moduleId.includes(`/${name}`)) + 1
    }
    return files.toSorted((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1))
  }
}

const rememberFailures: Reporter = {
  onTestModuleEnd(module) {
    const { moduleId } = module
    if (module.state() !== 'failed') return
    const seen = failures.get(mutated) ?? new Map<string, number>()
    failures.set(mutated, seen.set(moduleId, (seen.get(moduleId) ?? 0) + 1))
  },
}

/** What Stryker tells Vitest for each mutant, made use of in another way. */
const forMutants: NonNullable<ViteUserConfig['plugins']>[number] = {
  name: 'for-mutants',
  configureVitest({ vitest, project }) {
    // The tests that reach a mutant, thousands of them in one expression: to match it takes longer than to run them all.
    Object.defineProperty(project.config, 'testNamePattern', { get: () => undefined, set: () => {}, enumerable: true })
    // The file that is mutated. Which tests reach it is known already: nothing has to be found out by its imports.
    Object.defineProperty(vitest.config, 'related', {
      get: () => undefined,
      set: (files: readonly string[] | undefined) => {
        mutated = files?.[0] ?? ''
      },
      enumerable: true,
    })
  },
}

export default defineConfig({
  root,
  plugins: [forMutants],
  resolve: {
    conditions,
    // Stryker mutates a copy, whose node_modules are links: a package of ours would be found outside of it.
    alias: [{ find: /^@jwtgate\/core$/, replacement: `${root}/packages/core/src/index.ts` }],
  },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: tests.map((name) => `${name.startsWith('attacks/') ? 'test' : 'packages/core/test'}/${name}.test.ts`),
    reporters: [rememberFailures],
    // A test that takes long because the machine is busy has not found a mutant.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    env: { NODE_ENV: 'production', TEST_ENGINE: engine },
    // One worker for all files of a run, and a new one for each mutant: the modules are loaded once.
    isolate: false,
    setupFiles: ['mutation/each-file.ts'],
    sequence: { sequencer: LikelyFirst },
  },
})
