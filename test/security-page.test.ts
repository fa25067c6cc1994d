// SECURITY.md names the attacks that are tried: all of them, where they are, and where they are from.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'SECURITY.md'), 'utf8')
const families = 'test/attacks/families'

/** Rows of the table: the file, and the advisories that it is said to be after. */
const rows = [...page.matchAll(/^\| \[[^\]]+\]\((\S+)\) +\|[^|]+\|([^|]*)\|$/gm)].map(
  ([, path = '', advisories = '']) => ({
    path,
    advisories: advisories.match(/CVE-\d+-\d+/g) ?? [],
  }),
)

describe('SECURITY.md', () => {
  it('has each family of attacks once', () => {
    const files = readdirSync(join(root, families)).filter((name) => name !== 'all.ts')
    expect(rows.map(({ path }) => path).toSorted()).toEqual(files.map((name) => `${families}/${name}`).toSorted())
  })

  it.each(rows.filter(({ advisories }) => advisories.length > 0))(
    '$path tries what it is said to be after',
    ({ path, advisories }) => {
      const source = readFileSync(join(root, path), 'utf8')
      for (const advisory of advisories) expect(source).toContain(advisory)
    },
  )

  it('links to what is there', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, path = '']) => path)
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})
