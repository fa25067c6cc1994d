// Runs a program that mints: the order goes in as JSON, the answer comes out as JSON.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { AlgorithmName } from '@jwtgate/core'
import type { Answer, Order } from './minter.ts'

type Environment = Readonly<Record<string, string>>

/** With which a program says that the library is not installed (EX_UNAVAILABLE). */
const notInstalled = 69
/** Milliseconds. */
const longest = 60_000

/** What `python3` means here, which may be a Python of the user's own, and Debian's. */
export const pythons = ['python3', '/usr/bin/python3']

/** What all libraries can that are not younger than RFC 9864, which gave `EdDSA` a second name. */
export const algorithmsOfOld: readonly AlgorithmName[] = [
  ...(['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
]

/** The path of a file in `minters`. */
export function scriptOf(name: string): string {
  return fileURLToPath(new URL(`minters/${name}`, import.meta.url))
}

/** Of the first of the commands that is there and finds its library; `undefined` if none does. */
export async function answerOf(
  commands: readonly string[],
  args: readonly string[],
  order: Order,
  environment: Environment = {},
): Promise<Answer | undefined> {
  for (const command of commands) {
    const output = await runProgram(command, args, JSON.stringify(order), environment)
    if (output !== undefined) return JSON.parse(output) as Answer
  }
  return undefined
}

/**
 * What the program writes; `undefined` if it, or the library that it needs, is not installed.
 *
 * @throws Error if it fails in any other way: an implementation that is there is not left out in silence
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  input: string,
  environment: Environment = {},
): Promise<string | undefined> {
  const env = { ...process.env, ...environment }
  const child = spawn(command, args, { env, stdio: 'pipe', timeout: longest, killSignal: 'SIGKILL' })
  let output = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (complaints += text))
  child.stdin.on('error', () => {}) // It may end before it has read all: its status says why.
  child.stdin.end(input)
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(notInstalled)
      else reject(error)
    })
    child.on('close', resolve)
  })
  if (status === notInstalled) return undefined
  if (status === 0) return output
  throw new Error(`${[command, ...args].join(' ')} ended with ${status}: ${complaints}`)
}
