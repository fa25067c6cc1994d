// The versions that scratch projects install: from the one catalog, like everything else.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const workspace = readFileSync(join(import.meta.dirname, '../../pnpm-workspace.yaml'), 'utf8')

/** In which lines a catalog stands, by how far they are indented. */
const lines = { default: /^ {2}(\S+): (\S+)$/gm, nest11: /^ {4}(\S+): (\S+)$/gm }

/** @param name - as in the catalog; `typescript59` gives `npm:typescript@5.9.3` */
export function versionOf(name: string, catalog: keyof typeof lines = 'default'): string {
  for (const [, quoted = '', version = ''] of workspace.matchAll(lines[catalog])) {
    if (quoted.replaceAll("'", '') === name) return version
  }
  throw new Error(`The catalog ${catalog} of pnpm-workspace.yaml has no ${name}`)
}

export function versionsOf(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, versionOf(name)]))
}

const nest = ['common', 'core', 'platform-express', 'websockets', 'microservices']

/** NestJS as an application installs it, and `more` of its packages. */
export function nestVersionsOf(major: 11 | 12, ...more: readonly string[]): Readonly<Record<string, string>> {
  const names = [...nest, ...more].map((name) => `@nestjs/${name}`)
  const versions = names.map((name) => [name, versionOf(name, major === 11 ? 'nest11' : 'default')] as const)
  return { ...Object.fromEntries(versions), ...versionsOf('reflect-metadata', 'rxjs') }
}
