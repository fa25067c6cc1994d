// The provider as the demo sees it: it can be started, told to rotate its keys, stopped, and started again as it was.
import { fork } from 'node:child_process'
import { generateKeyPair, type JsonWebKey } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { keepChild, type Child } from './child.ts'
import { isReportOf, type ProviderCommand } from './provider-messages.ts'

export interface ProviderProcess {
  /** Known once it has been started, and the same ever after. */
  readonly issuer: () => string
  /** On the same port and with the same keys as before, if it has run before. */
  readonly start: () => Promise<void>
  /** New keys sign from now on; the old ones stay published. */
  readonly rotate: () => Promise<void>
  /** Ends the process at once, as an outage would. */
  readonly stop: () => Promise<void>
  /** All it has written, over all its starts. */
  readonly output: () => string
  /** Resolves when the running process ends. */
  readonly gone: () => Promise<void>
}

export async function createProviderProcess(clientSecret: string): Promise<ProviderProcess> {
  const program = fileURLToPath(new URL('provider.ts', import.meta.url))
  let keys = await signingKeys(1)
  let generation = 1
  let port = 0
  let child: Child | undefined
  let earlierOutput = ''

  async function tell(command: ProviderCommand): Promise<void> {
    if (!child) throw new Error('The provider has not been started.')
    const reported = child.until(command.do, (_output, message) =>
      isReportOf(command.do, message) ? message : undefined,
    )
    child.send(command)
    port = (await reported).port
  }

  const output = (): string => earlierOutput + (child?.output() ?? '')

  return {
    issuer: () => `http://127.0.0.1:${port}`,
    async start() {
      earlierOutput = output()
      child = keepChild('the provider', fork(program, { execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }))
      await tell({ do: 'start', port, keys, clientSecret })
    },
    async rotate() {
      generation += 1
      keys = [...(await signingKeys(generation)), ...keys]
      await tell({ do: 'rotate', keys })
    },
    stop: async () => child?.stop(),
    output,
    gone: async () => child?.gone,
  }
}

const newKeyPair = promisify(generateKeyPair)

async function signingKeys(generation: number): Promise<readonly JsonWebKey[]> {
  const [rsa, ec] = await Promise.all([
    newKeyPair('rsa', { modulusLength: 2048 }),
    newKeyPair('ec', { namedCurve: 'P-256' }),
  ])
  return [
    { ...rsa.privateKey.export({ format: 'jwk' }), kid: `rsa-${generation}`, alg: 'RS256', use: 'sig' },
    { ...ec.privateKey.export({ format: 'jwk' }), kid: `ec-${generation}`, alg: 'ES256', use: 'sig' },
  ]
}
