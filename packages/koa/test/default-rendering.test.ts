// Without jwtErrorHandler(): what Koa itself answers for a refusal, and what it prints.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { frameworks } from './apps.ts'

const environments = ['development', 'production']

describe.each(frameworks)('a default application on $name', ({ module }) => {
  it.each(environments)('renders a 4xx as its text and prints nothing about it, in %s', async (environment) => {
    const { answers, output } = await run(module, 'refusals', environment)
    const challenge = (error: string, text: string): string =>
      `Bearer realm="api", error="${error}", error_description="${text}"`
    const promised = [
      [401, 'invalid_token', 'The access token expired'],
      [401, 'invalid_token', 'The signature of the access token is invalid'],
      [400, 'invalid_request', 'The credentials of the request are malformed'],
      [403, 'insufficient_scope', 'The access token does not grant what this request needs'],
    ] as const
    const expected = promised.map(([status, error, text]) => {
      return { status, challenge: challenge(error, text), retryAfter: null, type: 'text/plain; charset=utf-8', text }
    })
    expect(answers).toHaveLength(100)
    expect(answers.slice(0, 4)).toEqual(expected)
    expect(answers.slice(-4)).toEqual(expected)
    // In development we tell the developer why, once for each code; see README, "Why a token was refused".
    const lines = output.split('\n').filter((line) => line !== '')
    expect(lines.filter((line) => !line.startsWith('[jwtgate] '))).toEqual([])
    expect(lines).toHaveLength(environment === 'production' ? 0 : 4)
    expect(output).not.toMatch(/eyJ|canary/)
  })

  it.each(environments)('renders a 503 without saying more and prints no stack, in %s', async (environment) => {
    const { answers, output } = await run(module, 'outage', environment)
    const text = 'Service Unavailable'
    const unavailable = { status: 503, challenge: null, retryAfter: '1', type: 'text/plain; charset=utf-8', text }
    expect(answers).toEqual([unavailable, unavailable])
    expect(output).toContain('KeySourceError: The keys that verify access tokens are unavailable')
    expect(output).not.toMatch(/\n\s+at |node_modules|eyJ|canary/)
  })

  it.each(environments)(
    'renders a guard without authentication as a 500 that Koa prints, in %s',
    async (environment) => {
      const { answers, output } = await run(module, 'setup', environment)
      const text = 'Internal Server Error'
      const broken = { status: 500, challenge: null, retryAfter: null, type: 'text/plain; charset=utf-8', text }
      expect(answers).toEqual([broken, broken])
      // The one refusal that is the program's own fault: it has a stack, which says where.
      expect(output).toMatch(/SetupError: Nobody authenticated this request.*\n\s+at /)
      expect(output).not.toMatch(/eyJ|canary/)
    },
  )
})

interface Run {
  readonly answers: readonly unknown[]
  readonly output: string
}

/** In a process of its own, whose console is read as an operator would. */
async function run(module: string, what: 'refusals' | 'outage' | 'setup', environment: string): Promise<Run> {
  const child = spawn(
    process.execPath,
    ['--conditions=jwtgate-source', `${import.meta.dirname}/default-application.ts`, module, what],
    { env: { ...process.env, NODE_ENV: environment }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  )
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  let answers: readonly unknown[] = []
  child.on('message', (message) => (answers = message as readonly unknown[]))
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(`the application ended with ${code}: ${output}`)
  return { answers, output }
}
