// The built package on the Node of the machine, in processes of their own: each has to come to its end by itself.
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { machineNode } from '../../../examples/demo/machine-node.ts'

interface Run {
  /** `null` if it had to be killed. */
  readonly exitCode: number | null
  readonly output: string
}

/** Less than Node's `keepAliveTimeout`, so that a connection that holds the process is seen. */
const deadline = 4_500

async function run(program: string, args: readonly string[], cwd: string, timeout = deadline): Promise<Run> {
  const { NODE_OPTIONS: _ours, NODE_TEST_CONTEXT: _runner, VITEST: _vitest, ...env } = process.env
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, env, timeout, killSignal: 'SIGKILL' }, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode, output: `${stdout}${stderr}`.trim() })
    })
  })
}

const node = machineNode().path
const vitest = join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs')

describe('a program', () => {
  it.each([
    ['closes an issuer that hangs', 'closes.mjs', 'cut off'],
    ['forgets to close its issuers', 'forgets.mjs', '1'],
    ['is CommonJS', 'common.cjs', 'alice true'],
  ])('ends by itself if it %s', async (_what, file, output) => {
    expect(await run(node, [file], join(import.meta.dirname, 'consumers'))).toEqual({ exitCode: 0, output })
  })
})

describe('the set-ups of the README', async () => {
  const directory = join(import.meta.dirname, '.readme')
  const readme = await readFile(join(import.meta.dirname, '..', 'README.md'), 'utf8')
  const block = (label: string): string =>
    new RegExp(`^\`\`\`js ${label}\\n(.*?)^\`\`\`$`, 'ms').exec(readme)?.[1] ?? ''

  beforeAll(async () => {
    await rm(directory, { recursive: true, force: true })
    await mkdir(directory)
    await writeFile(join(directory, 'app.js'), block('app'))
    await writeFile(join(directory, 'api.test.js'), block('vitest'))
    await writeFile(join(directory, 'api.node-test.mjs'), block('node-test'))
  })
  afterAll(async () => rm(directory, { recursive: true }))

  it.each([
    ['node:test', node, ['--test', '--test-reporter=tap', 'api.node-test.mjs']],
    ['vitest', process.execPath, [vitest, 'run', '--root', directory, '--reporter=tap-flat']],
  ])(
    'pass under %s',
    async (_runner, program, args) => {
      const { exitCode, output } = await run(program, args, directory, 20_000)
      expect([exitCode, output.match(/^not ok .*/gm)]).toEqual([0, null])
      expect(output.match(/^ok /gm)?.length).toBeGreaterThan(30)
    },
    30_000,
  )
})
