// The installed packages under Jest with ts-jest in CommonJS, whose own loader knows nothing of ES modules.
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { reportOf } from './report.ts'
import { run } from './run.ts'

const consumers = join(import.meta.dirname, 'consumers/jest')
const cwd = inject('jestProject')

it('an API and its tests in TypeScript pass under Jest, as do the app and the tests of the README', async () => {
  await cp(consumers, cwd, { recursive: true })
  const readme = await readFile(join(cwd, 'node_modules/@jwtgate/testing/README.md'), 'utf8')
  for (const [label, file] of [
    ['app', 'app.js'],
    ['jest', 'readme.test.js'],
  ] as const) {
    const block = new RegExp(`^\`\`\`js ${label}\\n(.*?)^\`\`\`$`, 'ms').exec(readme)?.[1]
    await writeFile(join(cwd, file), block ?? '')
  }

  const jest = join(cwd, 'node_modules/jest/bin/jest.js')
  const { stdout } = await run(process.execPath, [jest, '--ci', '--json'], cwd)
  const { failures, files, tests } = reportOf(stdout)
  expect(failures).toEqual([])
  expect([files, tests > 30]).toEqual([2, true])
})
