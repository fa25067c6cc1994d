// The script that installs the other implementations has to install all that they say they take.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { minters } from './minters/all.ts'

it('.ci/install-peers names the Debian packages of every implementation, and no other', () => {
  const script = readFileSync(new URL('../../.ci/install-peers', import.meta.url), 'utf8')
  const [, list = ''] = /^peers=\(\n([^)]*)\)$/m.exec(script) ?? []
  const needed = new Set(minters.flatMap(({ debian }) => debian))
  expect(list.trim().split(/\s+/).toSorted()).toEqual([...needed].toSorted())
})
