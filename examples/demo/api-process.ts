// The protected API as the demo sees it: an example as it was built, a process of its own on the machine's Node.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { keepChild, type Child } from './child.ts'
import { machineNode } from './machine-node.ts'

/** The examples that tell the same story, and what starts each. */
const programs = { express: 'dist/server.js', koa: 'dist/server.js', nestjs: 'dist/main.js' }
export type Example = keyof typeof programs

export interface ApiProcess {
  /** Known once it has been started, and the same ever after. */
  readonly url: () => string
  readonly nodeVersion: string
  /** On the same port as before, if it has run before. */
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  /** All it has written, over all its starts. */
  readonly output: () => string
  /** Hands on what the running process writes from now on. */
  readonly follow: (write: (text: string) => void) => void
  /** Resolves when the running process ends. */
  readonly gone: () => Promise<void>
}

export function createApiProcess(example: Example, issuer: string, audience: string): ApiProcess {
  const program = fileURLToPath(new URL(`../${example}/${programs[example]}`, import.meta.url))
  if (!existsSync(program)) throw new Error(`examples/${example} has not been built: pnpm build`)
  const node = machineNode()
  let url = ''
  let port = '0' // any free one
  let child: Child | undefined
  let earlierOutput = ''

  const output = (): string => earlierOutput + (child?.output() ?? '')

  return {
    url: () => url,
    nodeVersion: node.version,
    async start() {
      earlierOutput = output()
      const env = { ...environment(), ISSUER: issuer, AUDIENCE: audience, PORT: port }
      child = keepChild('the API', spawn(node.path, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] }))
      url = await child.until('start', (written) => /^listening on (\S+)\r?\n/m.exec(written)?.[1])
      port = new URL(url).port
    },
    stop: async () => child?.stop(),
    output,
    follow: (write) => child?.follow(write),
    gone: async () => child?.gone,
  }
}

// Options meant for this Node may not be known to the other one, and the API runs as a developer would start it.
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_ENV: _mode, ...rest } = process.env
  return rest
}
