// The built declarations under each TypeScript that we promise: what compiles there, and what must not.
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const require = createRequire(import.meta.url)

const compilers = ['typescript59', 'typescript60', 'typescript'].map((name) => ({
  version: (require(`${name}/package.json`) as { readonly version: string }).version,
  tsc: join(require.resolve(`${name}/package.json`), '../bin/tsc'),
}))

// Each compiler meets every resolution, and exact optional properties on and off. The declarations of dependencies are
// checked where there are few: those of the schema libraries would take each compiler ten seconds.
const nodenext = ['--module', 'nodenext', '--exactOptionalPropertyTypes']
const bundler = ['--module', 'esnext', '--moduleResolution', 'bundler']
const commonjs = ['--module', 'commonjs', '--exactOptionalPropertyTypes']
const programs: readonly (readonly [string, string, readonly string[]])[] = [
  ['an API and its schemas, as Node resolves', 'test/types', nodenext],
  ['an API and its schemas, as a bundler resolves', 'test/types', bundler],
  [
    'a typed req.auth and all declarations, as Node resolves',
    'test/types/augment',
    [...nodenext, '--skipLibCheck', 'false'],
  ],
  ['a typed req.auth, as a bundler resolves', 'test/types/augment', bundler],
  ['a typed req.auth, in CommonJS without a word about resolution', 'test/types/augment', commonjs],
]

describe.concurrent.each(compilers)('TypeScript $version compiles', ({ tsc }) => {
  it.each(programs)(
    '%s',
    async (_what, project, options) => {
      const { diagnostics, read } = await compile(tsc, ['-p', project, ...options])
      expect(diagnostics).toEqual([])
      expect(read).toEqual(new Set(['core/dist', 'express/dist', 'testing/dist']))
    },
    120_000,
  )
})

interface Compilation {
  readonly diagnostics: readonly string[]
  /** Which directories of our packages it read declarations or sources from. */
  readonly read: ReadonlySet<string>
}

interface Printed {
  readonly stdout: string
  readonly stderr: string
}

async function compile(tsc: string, args: readonly string[]): Promise<Compilation> {
  const options = { cwd: root, maxBuffer: 2 ** 26 }
  const run = async (): Promise<Printed> =>
    promisify(execFile)(process.execPath, [tsc, '--listFiles', '--pretty', 'false', ...args], options)
  const { stdout, stderr } = await inTurn(run).catch((error: Printed) => error)
  const lines = `${stdout}${stderr}`.split(/\r?\n/).filter((line) => line !== '')
  const isFile = (line: string): boolean => /^(\/|\w:).*\.[cm]?ts$/.test(line)
  const ours = lines.filter(isFile).map((file) => /packages\/(\w+\/(?:src|dist))\//.exec(file)?.[1] ?? '')
  return { diagnostics: lines.filter((line) => !isFile(line)), read: new Set(ours.filter((name) => name !== '')) }
}

/** So many compilers at a time: the tests beside this one need processors, too. */
const width = Math.max(2, Math.floor(availableParallelism() / 2))
const lanes: Promise<unknown>[] = Array.from({ length: width }, () => Promise.resolve())

async function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
  const result = (lanes.shift() ?? Promise.resolve()).then(task)
  lanes.push(result.catch(() => undefined))
  return result
}
