// Runs a program as a user's shell would: nothing of vitest in its environment.
import { execFile } from 'node:child_process'

export interface Run {
  /** `null` if it had to be killed. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export async function run(program: string, args: readonly string[], cwd: string): Promise<Run> {
  const { NODE_OPTIONS: _ours, NODE_PATH: _path, VITEST: _vitest, ...inherited } = process.env
  const env = { ...inherited, NODE_ENV: 'production' }
  const options = { cwd, env, timeout: 120_000, maxBuffer: 2 ** 26, shell: process.platform === 'win32' }
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error !== null && child.pid === undefined) reject(error)
      else resolve({ exitCode: child.exitCode, stdout, stderr })
    })
  })
}

/** @returns what it printed */
export async function succeed(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run(program, args, cwd)
  if (exitCode === 0) return stdout
  throw new Error(`${program} ${args.join(' ')} ended with ${exitCode}:\n${stdout}${stderr}`)
}
