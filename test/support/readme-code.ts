// The code of a README, as text and as a running program.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface RunningServer {
  readonly url: string
  /** What it has written to the console so far. */
  printed(): string
  stop(): void
}

/**
 * Runs a program that serves on port 3000, on a free one.
 *
 * @param directory - where its imports are found
 * @param changes - texts to replace
 */
export async function runServer(
  directory: string,
  code: string,
  changes: Readonly<Record<string, string>>,
): Promise<RunningServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const file = `server-${port}.js`
  await writeFile(join(directory, file), replaced(code, { ...changes, 3000: String(port) }))
  const env = { ...process.env, NODE_ENV: '' }
  const child = spawn(process.execPath, [file], { cwd: directory, env, stdio: ['ignore', 'ignore', 'pipe'] })
  let printed = ''
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await until('the server is up', async () => fetch(url))
  return { url, printed: () => printed, stop: () => void child.kill() }
}

/** Runs a program to its end. @returns what it has written */
export async function runToEnd(
  directory: string,
  code: string,
  changes: Readonly<Record<string, string>>,
): Promise<string> {
  const file = 'program.js'
  await writeFile(join(directory, file), replaced(code, changes))
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: directory })
  return stdout
}

function replaced(code: string, changes: Readonly<Record<string, string>>): string {
  let text = code
  for (const [from, to] of Object.entries(changes)) text = text.replace(from, to)
  return text
}

export interface CodeBlock {
  readonly language: string
  readonly label: string
  readonly code: string
}

export function codeBlocks(markdown: string): readonly CodeBlock[] {
  const found = markdown.matchAll(/^```(\S+)([^\n]*)\n(.*?)^```$/gms)
  return [...found].map(([, language = '', label = '', code = '']) => ({ language, label: label.trim(), code }))
}

/** The code of the block with this label. */
export function codeOf(markdown: string, label: string): string {
  const block = codeBlocks(markdown).find((one) => one.label === label)
  if (block === undefined) throw new Error(`There is no block ${label}`)
  return block.code
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Tries until it works, for at most five seconds. */
export async function until(what: string, attempt: () => unknown): Promise<void> {
  const deadline = performance.now() + 5000
  while (performance.now() < deadline) {
    try {
      await attempt()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  throw new Error(`Within five seconds it did not happen that ${what}`)
}
