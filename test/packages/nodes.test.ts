// The installed packages on every Node that we promise: one class whichever way they are loaded, and APIs that are protected.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { run, succeed } from './run.ts'

const cwd = inject('allPackages')
const { nest12 } = inject('nestProjects')

beforeAll(async () => {
  for (const project of [cwd, nest12]) {
    await cp(join(import.meta.dirname, 'consumers/node'), project, { recursive: true })
  }
})

/** What a good token gets, one that grants too little, a bad one, and none. */
const answers = ['200 alice', '403 permission_denied', '401 audience_mismatch', '401 token_missing']
const refused = ['token_expired', 'audience_mismatch', 'token_missing']
const isProtected = {
  verified: 'alice',
  recognised: true,
  told: [...refused, ...refused.slice(1), ...refused.slice(1)],
  express: answers,
  koa: answers,
  nestjs: answers,
}
const withOneCopy = { ...isProtected, instanceOf: true, keysFetched: 1 }
const withTwoCopies = { ...isProtected, instanceOf: false, keysFetched: 2 }

const entries = ['core', 'express', 'koa', 'nestjs', 'nestjs/microservices', 'nestjs/ws', 'testing']
const inEach = (found: object): object => Object.fromEntries(entries.map((entry) => [entry, found]))
const oneCopy = inEach({ files: ['.js', '.js'], shared: 'all' })
const twoCopies = inEach({ files: ['.js', '.cjs'], shared: 'nothing' })

describe.each(['20.19.0', '22.13.0', process.versions.node, '26.10.0'])('on Node %s', (version) => {
  let node = process.execPath

  beforeAll(async () => {
    if (version === process.versions.node) return
    node = (await succeed('npx', ['--yes', `node@${version}`, '-p', 'process.execPath'], cwd)).trim()
  })

  const factsIn = async (project: string, ...args: readonly string[]): Promise<unknown> => {
    const { exitCode, stdout, stderr } = await run(node, args, project)
    // Also no warning, for instance that require() of an ES module is experimental.
    expect([exitCode, stderr]).toEqual([0, ''])
    return JSON.parse(stdout)
  }
  const facts = factsIn.bind(undefined, cwd)

  it('that is the Node that runs', async () => {
    expect(await facts('-p', 'JSON.stringify(process.versions.node)')).toBe(version)
  })

  it('import gives packages that protect', async () => {
    expect(await facts('imports.mjs')).toEqual(withOneCopy)
  })

  it('require() gives packages that protect', async () => {
    expect(await facts('requires.cjs')).toEqual(withOneCopy)
  })

  it('import and require() give one copy: the same classes, functions and keys', async () => {
    expect(await facts('both.mjs')).toEqual({
      ...oneCopy,
      importedFirst: withOneCopy,
      requiredFirst: withOneCopy,
      nestjsMixed: 'starts',
    })
  })

  // NestJS 12 is ES modules only: where require() takes none, there is no way for CommonJS but NestJS 11.
  it.each(['nest.mjs', 'nest.cjs'])('NestJS 12 is protected, in %s', async (program) => {
    expect(await factsIn(nest12, program)).toEqual(answers)
  })

  // Then Node does not take the condition `module-sync`, like other loaders that do not know it.
  const without = '--no-experimental-require-module'

  it('where require() takes no ES modules, the CommonJS build protects alone', async () => {
    expect(await facts(without, 'requires.cjs')).toEqual(withOneCopy)
  })

  it('where require() takes no ES modules, there are two copies, which work together', async () => {
    expect(await facts(without, 'both.mjs')).toEqual({
      ...twoCopies,
      importedFirst: withTwoCopies,
      requiredFirst: withTwoCopies,
      nestjsMixed: 'ConfigError',
    })
  })
})
