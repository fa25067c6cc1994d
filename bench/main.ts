// `pnpm bench [section ...] [--quick] [--write] [--node 20]`: runs all sections, or those that are named, one after the other
// and each in a process of its own. `--quick` only shows that they work, `--write` keeps the results, `--node` takes another
// release of Node than the workspace's.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { home, programAt } from './places.ts'

const all = ['new-tokens', 'repeated-tokens', 'http', 'start-up', 'growth', 'forged-tokens', 'nest']

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, write: { type: 'boolean' }, node: { type: 'string' } },
})
const unknown = positionals.find((name) => !all.includes(name))
if (unknown !== undefined) throw new Error(`There is no benchmark "${unknown}". There are: ${all.join(', ')}`)

/** fast-jwt warns of a setting that is measured to show its fastest. */
const settings = ['--expose-gc', '--disable-warning=FAST_JWT_CACHE_KEY_BUILDER_SECURITY_RISK']
const flags = [...(values.quick === true ? ['--quick'] : []), ...(values.write === true ? ['--write'] : [])]
if (values.node === undefined) {
  for (const name of positionals.length === 0 ? all : positionals) {
    run(process.execPath, [...settings, programAt(name), ...flags])
  }
} else {
  // An older Node cannot run the sources: it gets what the compiler makes of them.
  run('tsc', ['-p', home, '--noEmit', 'false', '--outDir', `${home}/dist`, '--rewriteRelativeImportExtensions'])
  run('npx', ['--yes', `node@${values.node}`, `${home}/dist/main.js`, ...positionals, ...flags])
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) process.exitCode = 1
}
