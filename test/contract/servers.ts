// Servers of the applications under test, each started when it is first asked for.
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exchange, parseAnswer, requestText, type RawAnswer } from '../support/raw-http.ts'
import type { Framework } from './application.ts'
import type { Case } from './case.ts'
import { setups, type SetupName } from './setups.ts'

export interface Servers {
  /** The answer to a case. */
  readonly answerTo: (contractCase: Case) => Promise<RawAnswer>
  readonly close: () => Promise<void>
}

export function serversFor({ listener }: Framework, problems: boolean): Servers {
  const started = new Map<SetupName, Promise<RunningServer>>()
  const serverFor = (name: SetupName): Promise<RunningServer> => {
    const server = started.get(name) ?? startServer(listener({ ...setups[name], problems }))
    started.set(name, server)
    return server
  }
  return {
    answerTo: async ({ setup, method = 'GET', target = '/me', fields = [], body }) => {
      const { port } = await serverFor(setup)
      return parseAnswer(await exchange(port, requestText(method, target, fields, body)), method)
    },
    close: async () => {
      for (const server of started.values()) await (await server).close()
    },
  }
}

export interface RunningServer {
  readonly port: number
  readonly close: () => Promise<void>
}

export async function startServer(listener: RequestListener | Promise<RequestListener>): Promise<RunningServer> {
  // Longer headers than Node takes by default, so that it is our limit that a long token meets.
  const server: Server = createServer({ maxHeaderSize: 65_536 }, await listener)
  // As many connections as there are requests at once.
  server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
