// Runs a small program against the sources in a process of its own.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { engine } from './engine.ts'

export interface ChildRun {
  /** `null` if it had to be killed. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /** From start to end. */
  readonly milliseconds: number
}

/** The engine that the test itself runs on. */
const engineConditions = engine === 'jose' ? ['jwtgate-jose'] : []

const packageDirectory = fileURLToPath(new URL('..', import.meta.url))

/**
 * @param program - an ES module that may import `@jwtgate/core`; `input` is in scope
 * @param input - anything that JSON can carry
 * @param environment - laid over this process's; `undefined` takes a variable out
 */
export function runModule(
  program: string,
  input: unknown = null,
  environment: Readonly<Record<string, string | undefined>> = {},
  killAfter = 10_000,
): Promise<ChildRun> {
  const { NODE_OPTIONS: _ours, ...inherited } = process.env
  const source = `const input = JSON.parse(process.env.TEST_INPUT)\n${program}`
  const startedAt = performance.now()
  const conditions = [...engineConditions, 'jwtgate-source'].map((condition) => `--conditions=${condition}`)
  const child = spawn(process.execPath, [...conditions, '--input-type=module', '--eval', source], {
    cwd: packageDirectory,
    env: { ...inherited, ...environment, TEST_INPUT: JSON.stringify(input) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killer = setTimeout(() => child.kill('SIGKILL'), killAfter)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => {
      clearTimeout(killer)
      resolve({ exitCode, stdout, stderr, milliseconds: performance.now() - startedAt })
    })
  })
}
