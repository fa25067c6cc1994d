// The installed packages under each TypeScript and resolution that we promise, from an ES module and from CommonJS at once.
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { run } from './run.ts'

const require = createRequire(import.meta.url)
const consumers = join(import.meta.dirname, 'consumers/types')

/** Types of both builds are one type to a compiler: what one makes, the other takes. */
const across = `
import { requireJwt as esmRequireJwt } from '@jwtgate/express'
import { verifier as commonVerifier } from './api-common.cjs'
import { verifier as esmVerifier } from './api.mjs'
export const middleware = [esmRequireJwt(commonVerifier), esmRequireJwt(esmVerifier)]
`

const express = ['express/dist/augment', 'express/dist/index']
const nestjs = ['index', 'jwt-auth.guard', 'microservices', 'ws'].map((name) => `nestjs/dist/${name}`)

/** What is compiled: APIs as ES modules and as CommonJS, and which of our declarations these lead to. */
const projects = [
  {
    title: 'an API with every package, and NestJS 11',
    cwd: join(inject('allPackages'), 'types'),
    apis: ['api', 'nest'],
    entries: ['core/dist/index', ...express, 'koa/dist/index', ...nestjs, 'testing/dist/index'],
  },
  {
    title: 'an API of NestJS 12',
    cwd: join(inject('nestProjects').nest12, 'types'),
    apis: ['nest'],
    entries: ['core/dist/index', ...nestjs],
  },
]

beforeAll(async () => {
  for (const { cwd, apis } of projects) {
    await mkdir(cwd)
    await cp(join(consumers, 'tsconfig.json'), join(cwd, 'tsconfig.json'))
    for (const api of apis) {
      for (const name of [`${api}.mts`, `${api}-common.cts`]) await cp(join(consumers, `${api}.ts`), join(cwd, name))
    }
    if (apis.includes('api')) await writeFile(join(cwd, 'across.mts'), across)
  }
})

const resolutions = {
  nodenext: ['--module', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
  commonjs: ['--module', 'commonjs'],
}

describe.each([
  ['5.9', 'typescript59'],
  ['6.0', 'typescript60'],
  ['7.0', 'typescript'],
])('TypeScript %s', (version, name) => {
  const tsc = require.resolve(`${name}/package.json`).replace(/package\.json$/, 'bin/tsc')

  it('is what runs', async () => {
    expect((await run(process.execPath, [tsc, '--version'], consumers)).stdout).toMatch(`Version ${version}.`)
  })

  describe.each(projects)('compiles $title', ({ cwd, entries }) => {
    it.each(['nodenext', 'bundler', 'commonjs'] as const)(
      'under %s, and checks our declarations',
      async (resolution) => {
        const args = [tsc, '-p', '.', '--listFiles', '--pretty', 'false', ...resolutions[resolution]]
        const { stdout, stderr } = await run(process.execPath, args, cwd)
        const lines = `${stdout}${stderr}`.split(/\r?\n/).filter((line) => line !== '')
        const isFile = (line: string): boolean => /^(\/|\w:).*\.[cm]?ts$/.test(line)
        expect(lines.filter((line) => !isFile(line) && !isOfOthers(line))).toEqual([])
        const ours = lines.filter(isFile).map((file) => /\/node_modules\/@jwtgate\/(.*)$/.exec(file)?.[1] ?? '')
        // TypeScript 5.9 reads `main` and `types` there, the others look like a bundler.
        const ends = version === '5.9' && resolution === 'commonjs' ? ['d.cts'] : ['d.cts', 'd.ts']
        const expected = entries.flatMap((entry) => ends.map((end) => `${entry}.${end}`))
        expect(ours.filter((file) => file !== '').toSorted()).toEqual(expected.toSorted())
      },
    )
  })
})

/** @types/koa 3.0.3 means @types/content-disposition, but beside Express 5 finds content-disposition 2, which has other types. */
function isOfOthers(diagnostic: string): boolean {
  return /node_modules\/@types\/koa\/.* error TS2694: .*content-disposition/.test(diagnostic)
}
