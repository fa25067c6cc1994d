// Packs every package and installs the tarballs, as users get them, into projects outside of the workspace.
import { mkdir, mkdtemp, readdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { nestVersionsOf, versionOf, versionsOf } from './catalog.ts'
import { succeed } from './run.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A tarball for each package under `packages/*`, by the name of its directory. */
    readonly tarballs: Readonly<Record<string, string>>
    /** A project with all packages and their frameworks; NestJS is 11, which can be loaded in every way. */
    readonly allPackages: string
    /** A project of Jest. */
    readonly jestProject: string
    /** Projects of NestJS as it sets them up: CommonJS with Jest, and ES modules with vitest. */
    readonly nestProjects: Readonly<Record<'nest11' | 'nest12', string>>
  }
}

const root = join(import.meta.dirname, '../..')

export async function setup(project: TestProject): Promise<void> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'jwtgate-packages-')))
  // Not a teardown: that one is left out if this function fails or the run is cut short.
  process.once('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))

  const tarballs = await pack(join(directory, 'tarballs'))
  const frameworks = versionsOf('express', '@types/express', '@types/node')
  // One after the other: when one fails, no npm goes on writing what is removed.
  const allPackages = await install(join(directory, 'all'), Object.keys(tarballs), tarballs, {
    ...frameworks,
    ...versionsOf('koa', '@types/koa'),
    ...nestVersionsOf(11),
  })
  const jestProject = await install(join(directory, 'jest'), ['core', 'express', 'testing'], tarballs, {
    ...frameworks,
    ...versionsOf('jest', '@jest/globals', 'ts-jest', 'supertest'),
    typescript: versionOf('typescript59'),
  })
  const nestPackages = ['core', 'nestjs', 'testing']
  const nest11 = await install(join(directory, 'nest11'), nestPackages, tarballs, {
    ...nestVersionsOf(11, 'testing', 'platform-socket.io'),
    ...versionsOf('jest', '@jest/globals', 'ts-jest', 'supertest', '@types/supertest', '@types/node'),
    typescript: versionOf('typescript59'),
  })
  const nest12 = await install(join(directory, 'nest12'), nestPackages, tarballs, {
    ...nestVersionsOf(12, 'testing', 'platform-socket.io'),
    // vitest is not installed beside the @types/node of our oldest Node; socket.io brings newer ones.
    ...versionsOf('vitest', 'supertest'),
  })
  project.provide('tarballs', tarballs)
  project.provide('allPackages', allPackages)
  project.provide('jestProject', jestProject)
  project.provide('nestProjects', { nest11, nest12 })
}

async function pack(destination: string): Promise<Readonly<Record<string, string>>> {
  await mkdir(destination)
  const entries: (readonly [string, string])[] = []
  for (const name of await readdir(join(root, 'packages'))) {
    const manifest = await readFile(join(root, 'packages', name, 'package.json'), 'utf8')
    const { version } = JSON.parse(manifest) as { readonly version: string }
    entries.push([name, join(destination, `jwtgate-${name}-${version}.tgz`)])
  }
  progress(`Packing ${entries.map(([name]) => name).join(', ')}`)
  await succeed('pnpm', ['--filter', './packages/*', 'pack', '--pack-destination', destination], root)
  return Object.fromEntries(entries)
}

async function install(
  directory: string,
  names: readonly string[],
  tarballs: Readonly<Record<string, string>>,
  versions: Readonly<Record<string, string>>,
): Promise<string> {
  await mkdir(directory)
  const ours = Object.fromEntries(names.map((name) => [`@jwtgate/${name}`, `file:${tarballs[name]}`]))
  const dependencies = { ...ours, ...versions }
  await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, dependencies }))
  progress(`Installing ${Object.keys(dependencies).join(', ')}`)
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  await succeed('npm', ['install', ...flags], directory)
  return directory
}

function progress(text: string): void {
  console.log(`[packages] ${text}`)
}
