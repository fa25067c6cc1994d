// `pnpm bench [name ...]`: runs all benchmarks, or those that are named, one after the other and each in a process of its own.
import { spawnSync } from 'node:child_process'

const all = ['forged-tokens', 'nest']
const named = process.argv.slice(2)
const unknown = named.find((name) => !all.includes(name))
if (unknown !== undefined) throw new Error(`There is no benchmark "${unknown}". There are: ${all.join(', ')}`)

for (const name of named.length === 0 ? all : named) {
  const { status } = spawnSync(process.execPath, [`${import.meta.dirname}/${name}.ts`], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
