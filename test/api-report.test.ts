// The public surface of every package, as built, stands in `api/`: a change of it is seen, and accepted with `pnpm api`.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { afterAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const accepted = join(root, 'api')
const scratch = await mkdtemp(join(tmpdir(), 'jwtgate-api-'))
const entries = await publicEntries()

afterAll(async () => rm(scratch, { recursive: true }))

describe('the public surface', () => {
  it.each(entries)(
    'of $name is the one in its report',
    async (entry) => {
      const file = join(accepted, `${entry.name}.api.md`)
      await expect(await reportOf(entry)).toMatchFileSnapshot(file, 'changed: run `pnpm api` if that is meant')
    },
    30_000,
  )

  it.each(entries)('of $name is the same for CommonJS', async ({ types }) => {
    const lines = async (file: string): Promise<readonly string[]> =>
      (await readFile(file, 'utf8')).replaceAll('.cjs"', '.js"').split('\n').toSorted()
    expect(await lines(types.replace(/\.d\.ts$/, '.d.cts'))).toEqual(await lines(types))
  })

  it('has no report of what is gone', async () => {
    const known = new Set(entries.map(({ name }) => `${name}.api.md`))
    expect((await readdir(accepted)).filter((file) => !known.has(file))).toEqual([])
  })
})

interface Entry {
  /** `core`, or `express-augment` for what `exports` calls `./augment`. */
  readonly name: string
  /** The directory of the package. */
  readonly package: string
  /** The declarations that it was built to. */
  readonly types: string
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly default: { readonly types: string } }>>
}

/** What users can import, read from `exports`: a new package or entry needs a report, too. */
async function publicEntries(): Promise<readonly Entry[]> {
  const names = await readdir(join(root, 'packages'))
  const found = names.map(async (name): Promise<readonly Entry[]> => {
    const directory = join(root, 'packages', name)
    const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Manifest
    return Object.entries(manifest.exports).flatMap(([path, target]) => {
      if (typeof target === 'string') return []
      const types = join(directory, target.default.types)
      return [{ name: [name, ...path.split('/').slice(1)].join('-'), package: directory, types }]
    })
  })
  return (await Promise.all(found)).flat()
}

async function reportOf({ name, package: directory, types }: Entry): Promise<string> {
  const text = await readFile(types, 'utf8')
  // API Extractor reports what is exported; an augmentation exports nothing, and is short enough to stand as it is.
  if (!/^export /m.test(text)) return `## What "${name}" adds to other types\n\n\`\`\`ts\n${text.trim()}\n\`\`\`\n`
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(directory, 'package.json'),
    configObject: {
      projectFolder: directory,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions: asUsersCompile, files: [types] } },
      // A type that is not exported, but named by one that is, is part of the surface.
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFileName: name,
        reportFolder: scratch,
        reportTempFolder: join(scratch, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  })
  const errors: string[] = []
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel === ExtractorLogLevel.Error) errors.push(message.text)
      message.handled = true
    },
  })
  expect(errors).toEqual([])
  return readFile(join(scratch, `${name}.api.md`), 'utf8')
}

/** Without the condition that leads to our sources. */
const asUsersCompile = {
  target: 'es2022',
  lib: ['es2023'],
  types: ['node'],
  module: 'nodenext',
  strict: true,
  skipLibCheck: true,
}
