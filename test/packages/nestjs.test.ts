// The installed @jwtgate/nestjs in the two set-ups that NestJS makes: 11 in CommonJS with Jest, 12 in ES modules with vitest.
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { reportOf } from './report.ts'
import { run } from './run.ts'

const consumers = join(import.meta.dirname, 'consumers')
const projects = inject('nestProjects')

describe.each([
  ['nest11', 'jest/bin/jest.js', ['--ci', '--json']],
  ['nest12', 'vitest/vitest.mjs', ['run', '--reporter=json']],
] as const)('in a project of %s', (name, runner, options) => {
  const cwd = projects[name]

  it('a module and its tests in TypeScript pass, with the real guard and without', async () => {
    for (const part of ['nest', name]) await cp(join(consumers, part), cwd, { recursive: true })
    const program = join(cwd, 'node_modules', runner)
    await run(process.execPath, [program, ...options, '--outputFile=report.json'], cwd)
    const { failures, files, tests } = reportOf(await readFile(join(cwd, 'report.json'), 'utf8'))
    expect(failures).toEqual([])
    expect([files, tests > 40]).toEqual([1, true])
  })

  it('nothing of Passport is installed', async () => {
    // What npm has put there, nested packages as well.
    const tree = await readFile(join(cwd, 'node_modules/.package-lock.json'), 'utf8')
    const { packages } = JSON.parse(tree) as { readonly packages: Readonly<Record<string, unknown>> }
    const installed = Object.keys(packages)
    expect(installed).toContain('node_modules/@jwtgate/nestjs')
    expect(installed.filter((path) => /passport|jsonwebtoken|@nestjs\/jwt/.test(path))).toEqual([])
  })
})
