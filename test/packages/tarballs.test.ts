// What is in the tarball of each package, to the file, and what two linters of packages say about it.
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { homedir } from 'node:os'
import { join, posix, sep } from 'node:path'
import { checkPackage, createPackageFromTarballData, type Analysis } from '@arethetypeswrong/core'
import { publint } from 'publint'
import ts from 'typescript59'
import { describe, expect, inject, it } from 'vitest'
import { versionsOf } from './catalog.ts'

interface Promised {
  /** Beside `LICENSE`, `README.md` and `package.json`. */
  readonly dist: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: true }>>
  /** What users import. */
  readonly entries: readonly string[]
}

/** As it is packed. */
interface Manifest {
  readonly version: string
  readonly main: string
  readonly types: string
  readonly typesVersions?: object
  readonly exports: object
  readonly imports?: object
  readonly scripts?: object
  readonly dependencies?: object
  readonly peerDependencies?: object
}

const root = join(import.meta.dirname, '../..')
const manifestOfCore = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8')) as Manifest
const core = { '@jwtgate/core': `^${manifestOfCore.version}` }
const filesOf = (name: string): readonly string[] => ['cjs', 'd.cts', 'd.ts', 'js'].map((end) => `${name}.${end}`)
const index = filesOf('index')

const promised: Readonly<Record<string, Promised>> = {
  core: {
    dist: [
      'algorithms.cjs',
      'algorithms.js',
      'channels/node.cjs',
      'channels/node.js',
      'channels/none.js',
      'crypto/jose.js',
      'crypto/node.cjs',
      'crypto/node.js',
      ...index,
    ],
    dependencies: versionsOf('jose', 'lru-cache'),
    entries: ['.'],
  },
  express: {
    dist: [...filesOf('augment'), ...index],
    dependencies: core,
    peerDependencies: { express: '^4.21.0 || ^5.0.0' },
    entries: ['.', './augment'],
  },
  koa: {
    dist: index,
    dependencies: core,
    peerDependencies: { koa: '^2.16.0 || ^3.0.0' },
    entries: ['.'],
  },
  nestjs: {
    dist: ['jwt-auth.guard', 'microservices', 'ws'].flatMap(filesOf).concat(index),
    dependencies: core,
    peerDependencies: {
      '@nestjs/common': '^11.0.0 || ^12.0.0',
      '@nestjs/core': '^11.0.0 || ^12.0.0',
      '@nestjs/microservices': '^11.0.0 || ^12.0.0',
      '@nestjs/websockets': '^11.0.0 || ^12.0.0',
      'reflect-metadata': '^0.1.12 || ^0.2.0',
    },
    peerDependenciesMeta: {
      '@nestjs/microservices': { optional: true },
      '@nestjs/websockets': { optional: true },
    },
    entries: ['.', './microservices', './ws'],
  },
  testing: {
    dist: index,
    dependencies: core,
    entries: ['.'],
  },
}

const tarballs = inject('tarballs')

it('every package is described here', () => {
  expect(Object.keys(promised)).toEqual(Object.keys(tarballs).toSorted())
})

describe.each(Object.entries(promised))('the tarball of %s', async (name, { dist, entries, ...dependencies }) => {
  const data = await readFile(tarballs[name] ?? name)
  const unpacked = createPackageFromTarballData(data)
  const directory = `/node_modules/@jwtgate/${name}/`
  const files = new Map(unpacked.listFiles().map((path) => [path.replace(directory, ''), unpacked.readFile(path)]))
  const built = [...files].filter(([path]) => path.startsWith('dist/'))
  const packageJson = files.get('package.json') ?? ''
  const manifest = JSON.parse(packageJson) as Manifest

  it('has these files and no other', () => {
    const size = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    console.log(`[packages] ${name}: ${data.length} bytes packed, ${size} unpacked, ${files.size} files`)
    const expected = ['LICENSE', 'README.md', 'package.json', ...dist.map((path) => `dist/${path}`)]
    expect([...files.keys()].toSorted()).toEqual(expected.toSorted())
  })

  it('depends on these packages and no other', () => {
    const found = Object.entries(manifest).filter(([key]) => /dependencies/i.test(key) && key !== 'devDependencies')
    expect(Object.fromEntries(found)).toEqual(dependencies)
  })

  it('imports all that it depends on, and nothing else', () => {
    const found = new Set(built.flatMap(([path, text]) => importsOf(path, text)))
    const own = [...found].filter((specifier) => specifier.startsWith('#'))
    expect(own.toSorted()).toEqual(Object.keys(manifest.imports ?? {}).toSorted())
    const others = [...found].filter((specifier) => !/^[.#]/.test(specifier) && !isBuiltin(specifier))
    expect(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })).toEqual(
      expect.arrayContaining(others),
    )
    expect(others).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies ?? {})))
  })

  it('needs nothing optional for its main entry', () => {
    const optional = Object.keys(dependencies.peerDependenciesMeta ?? {})
    const reached = index.flatMap((path) => importsBehind(`dist/${path}`, files))
    expect(reached.filter((specifier) => optional.includes(specifier))).toEqual([])
  })

  it('leads only to files that it has', () => {
    const { main, types, typesVersions, exports, imports } = manifest
    const targets = targetsOf({ main, types, typesVersions, exports, imports })
    expect(targets.length).toBeGreaterThan(8)
    expect(targets.filter((target) => !files.has(target.replace(/^\.\//, '')))).toEqual([])
  })

  it('has nothing of the workspace in it: protocols, scripts at install, source maps, paths of this machine', () => {
    expect(packageJson).not.toMatch(/"(workspace|catalog|link|file):/)
    expect(Object.keys(manifest.scripts ?? {})).toEqual(['build'])
    const foreign = [root, homedir() + sep, 'file://', '/home/', '/Users/', 'node_modules/', 'sourceMappingURL']
    for (const [path, text] of built) {
      expect([path, foreign.filter((part) => text.includes(part))]).toEqual([path, []])
    }
  })

  it('has nothing that publint minds', async () => {
    const pack = { tarball: new Uint8Array(data).buffer }
    const { messages } = await publint({ pack, strict: true, level: 'suggestion' })
    expect(messages).toEqual([])
  })

  it('has the right types in every resolution, says arethetypeswrong', async () => {
    const analysis = await checkPackage(unpacked)
    if (analysis.types === false) throw new Error('There are no types.')
    expect(analysis.problems).toEqual([])
    const everywhere = { node10: 'cts', 'node16-cjs': 'cts', 'node16-esm': 'ts', bundler: 'ts' }
    expect(declarationsIn(analysis)).toEqual(Object.fromEntries(entries.map((entry) => [entry, everywhere])))
  })
})

/** What a file of ours imports, by a parser: text in quotes and comments is none. */
function importsOf(path: string, text: string): readonly string[] {
  const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(text, true, !/\.d\.c?ts$/.test(path))
  return [...importedFiles, ...typeReferenceDirectives].map(({ fileName }) => fileName)
}

/** What a file imports, and what the files of ours import that it imports. */
function importsBehind(path: string, files: ReadonlyMap<string, string>): readonly string[] {
  const text = files.get(path)
  if (text === undefined) throw new Error(`There is no ${path}`)
  return importsOf(path, text).flatMap((specifier) => {
    if (!specifier.startsWith('.')) return [specifier]
    const target = posix.join(posix.dirname(path), specifier)
    return importsBehind(/\.d\.c?ts$/.test(path) ? target.replace(/\.(c?)js$/, '.d.$1ts') : target, files)
  })
}

/** Every path in a map of a package.json, except under the condition of our own tests. */
function targetsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === 'jwtgate-source' ? [] : targetsOf(inner)))
}

/** For each entry with types: which declarations each resolution finds, by the end of their names. */
function declarationsIn({ entrypoints }: Analysis): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const found: Record<string, Record<string, string>> = {}
  for (const { subpath, resolutions } of Object.values(entrypoints)) {
    for (const { resolutionKind, resolution } of Object.values(resolutions)) {
      if (resolution?.isJson === true) continue
      found[subpath] ??= {}
      found[subpath][resolutionKind] = /\.d\.(c?ts)$/.exec(resolution?.fileName ?? '')?.[1] ?? 'none'
    }
  }
  return found
}
