// Without jwtErrorHandler(): what a default application prints and answers for refused tokens.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { frameworks } from './apps.ts'

const requests = 300

describe.each(frameworks)('a default application on $name', ({ module }) => {
  it.each(['development', 'production'])(
    `prints no stack and leaks nothing for ${requests} refused tokens, in %s`,
    async (environment) => {
      const { answers, output } = await refuseMany(module, environment)
      expect(answers).toHaveLength(requests)
      for (const { status, challenge, body } of answers) {
        expect([status, challenge]).toEqual([401, expect.stringMatching(/^Bearer realm="api", error="invalid_token"/)])
        expect(body).not.toMatch(/\n\s+at |node_modules|canary/)
      }
      expect(output).not.toMatch(/\n\s+at |node_modules|canary|eyJ/)
      // Express itself prints each error: its name and message, and in version 5 its code on a second line. Ours adds one
      // line per code and minute, outside production.
      const lines = output.trim().split('\n')
      expect(lines.length).toBeLessThanOrEqual(2 * requests + (environment === 'production' ? 0 : 2))
    },
  )
})

interface Refusal {
  readonly status: number
  readonly challenge: string
  readonly body: string
}

/** In a process of its own, whose console is read as an operator would. */
async function refuseMany(module: string, environment: string): Promise<{ answers: Refusal[]; output: string }> {
  const child = spawn(
    process.execPath,
    ['--conditions=jwtgate-source', `${import.meta.dirname}/default-application.ts`, module, String(requests)],
    { env: { ...process.env, NODE_ENV: environment }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  )
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  let answers: Refusal[] = []
  child.on('message', (message) => (answers = message as Refusal[]))
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(`the application ended with ${code}: ${output}`)
  return { answers, output }
}
