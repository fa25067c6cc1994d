// Runs the smoke tests on the Node of the machine, on the oldest releases that the packages promise, and on the workspace's.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { machineNode } from '../../examples/demo/machine-node.ts'

const directory = import.meta.dirname
const files = readdirSync(directory).filter((name) => name.endsWith('.test.mjs'))
const machine = machineNode()

const runs: readonly (readonly [string, readonly string[]])[] = [
  [`Node ${machine.version} of this machine`, [machine.path]],
  ...['20.19.0', '22.13.0'].map((version) => [`Node ${version}`, ['npx', '--yes', `node@${version}`]] as const),
  [`Node ${process.version} of the workspace`, [process.execPath]],
]

let failed = 0
for (const [title, [command = '', ...args]] of runs) {
  console.log(`The built packages on ${title}`)
  const { status, error } = spawnSync(command, [...args, '--test', '--test-reporter=dot', ...files], {
    cwd: directory,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (error) console.error(error.message)
  if (status !== 0) failed++
}
console.log(failed === 0 ? `Smoke tests passed on ${runs.length} Nodes` : `Smoke tests failed on ${failed} Nodes`)
process.exitCode = failed === 0 ? 0 : 1
