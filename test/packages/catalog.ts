// The versions that scratch projects install: from the one catalog, like everything else.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const workspace = readFileSync(join(import.meta.dirname, '../../pnpm-workspace.yaml'), 'utf8')

/** @param name - as in the catalog; `typescript59` gives `npm:typescript@5.9.3` */
export function versionOf(name: string): string {
  for (const [, quoted = '', version = ''] of workspace.matchAll(/^ {2}(\S+): (\S+)$/gm)) {
    if (quoted.replaceAll("'", '') === name) return version
  }
  throw new Error(`The catalog of pnpm-workspace.yaml has no ${name}`)
}

export function versionsOf(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, versionOf(name)]))
}
