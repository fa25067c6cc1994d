// The installed packages under each TypeScript and resolution that we promise, from an ES module and from CommonJS at once.
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { run } from './run.ts'

const require = createRequire(import.meta.url)
const consumers = join(import.meta.dirname, 'consumers/types')
const cwd = join(inject('allPackages'), 'types')

/** Types of both builds are one type to a compiler: what one makes, the other takes. */
const across = `
import { requireJwt as esmRequireJwt } from '@jwtgate/express'
import { verifier as commonVerifier } from './common.cjs'
import { verifier as esmVerifier } from './esm.mjs'
export const middleware = [esmRequireJwt(commonVerifier), esmRequireJwt(esmVerifier)]
`

beforeAll(async () => {
  await mkdir(cwd)
  await cp(join(consumers, 'tsconfig.json'), join(cwd, 'tsconfig.json'))
  for (const name of ['esm.mts', 'common.cts']) await cp(join(consumers, 'api.ts'), join(cwd, name))
  await writeFile(join(cwd, 'across.mts'), across)
})

const entries = [
  'core/dist/index',
  'express/dist/augment',
  'express/dist/index',
  'koa/dist/index',
  'testing/dist/index',
]
const both = entries.flatMap((entry) => [`${entry}.d.cts`, `${entry}.d.ts`])
const commonJs = entries.map((entry) => `${entry}.d.cts`)

const resolutions = {
  nodenext: ['--module', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
  commonjs: ['--module', 'commonjs'],
}

describe.each([
  ['5.9', 'typescript59', commonJs],
  ['6.0', 'typescript60', both],
  ['7.0', 'typescript', both],
])('TypeScript %s', (version, name, underCommonJs) => {
  const tsc = require.resolve(`${name}/package.json`).replace(/package\.json$/, 'bin/tsc')

  it('is what runs', async () => {
    expect((await run(process.execPath, [tsc, '--version'], cwd)).stdout).toMatch(`Version ${version}.`)
  })

  it.each([
    ['nodenext', both],
    ['bundler', both],
    // TypeScript 5.9 reads `main` and `types` there, the others look like a bundler.
    ['commonjs', underCommonJs],
  ] as const)('compiles an API under %s, and checks our declarations', async (resolution, declarations) => {
    const args = [tsc, '-p', '.', '--listFiles', '--pretty', 'false', ...resolutions[resolution]]
    const { stdout, stderr } = await run(process.execPath, args, cwd)
    const lines = `${stdout}${stderr}`.split(/\r?\n/).filter((line) => line !== '')
    const isFile = (line: string): boolean => /^(\/|\w:).*\.[cm]?ts$/.test(line)
    expect(lines.filter((line) => !isFile(line) && !isOfOthers(line))).toEqual([])
    const ours = lines.filter(isFile).map((file) => /\/node_modules\/@jwtgate\/(.*)$/.exec(file)?.[1] ?? '')
    expect(ours.filter((file) => file !== '').toSorted()).toEqual(declarations)
  })
})

/** @types/koa 3.0.3 means @types/content-disposition, but beside Express 5 finds content-disposition 2, which has other types. */
function isOfOthers(diagnostic: string): boolean {
  return /node_modules\/@types\/koa\/.* error TS2694: .*content-disposition/.test(diagnostic)
}
