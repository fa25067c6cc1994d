// What a package brings along when npm installs it into an empty project.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { home } from '../places.ts'
import { progress } from '../progress.ts'
import type { Table } from '../report.ts'
import { peers } from './peers.ts'

const ours = ['core', 'express', 'koa', 'nestjs']

const installs = [...peers, ['@jwtgate/nestjs'], ['@nestjs/jwt']]

export function installSizes(): Table {
  const directory = mkdtempSync(join(tmpdir(), 'jwtgate-bench-'))
  try {
    const tarballs = pack(directory)
    const rows = installs.map((names) => {
      progress(`install ${names.join(' ')}`)
      return rowOf(directory, names, tarballs)
    })
    return {
      caption: 'Install with npm, without peer dependencies (the framework)',
      columns: ['', 'packages', 'installed, kB', 'files', 'packed, kB'],
      rows,
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** Ours as they will be published. By name, where they are. */
function pack(directory: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const name of ours) {
    progress(`pack ${name}`)
    const args = ['pack', '--json', '--pack-destination', directory]
    const output = run('pnpm', args, join(dirname(home), 'packages', name))
    const { filename } = JSON.parse(output) as { readonly filename: string }
    found.set(`@jwtgate/${name}`, filename)
  }
  return found
}

function rowOf(directory: string, names: readonly string[], tarballs: ReadonlyMap<string, string>): string[] {
  const project = mkdtempSync(join(directory, 'project-'))
  const versions = names.map((name) => [name, tarballs.get(name) ?? versionOf(name)])
  const dependencies = Object.fromEntries(versions) as Readonly<Record<string, string>>
  // An adapter gets the core of this repository too.
  const core = { '@jwtgate/core': tarballs.get('@jwtgate/core') }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, dependencies, overrides: core }))
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', '--loglevel=error']
  run('npm', args, project)

  const files = filesBelow(join(project, 'node_modules'))
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
  const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as { packages: object }
  const packages = Object.keys(lock.packages).filter((path) => path !== '').length
  const figures = [packages, bytes / 1024, files.length, packedSize(project, dependencies) / 1024]
  return [names.join(' + '), ...figures.map((value) => value.toFixed(0))]
}

/** Of the packages that are named, without what they depend on. */
function packedSize(project: string, dependencies: Readonly<Record<string, string>>): number {
  const sources = Object.entries(dependencies).map(([name, version]) =>
    version.endsWith('.tgz') ? version : `${name}@${version}`,
  )
  const output = run('npm', ['pack', '--dry-run', '--json', '--loglevel=error', ...sources], project)
  const packed = JSON.parse(output) as readonly { readonly size: number }[]
  return packed.reduce((sum, { size }) => sum + size, 0)
}

function versionOf(name: string): string {
  const file = join(home, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.package-lock.json')
    .map((entry) => join(entry.parentPath, entry.name))
}

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' })
}
