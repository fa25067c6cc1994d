// A scriptable HTTP server on loopback that plays an identity provider's metadata and key set, and counts.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { JsonWebKey } from 'node:crypto'

export type Responder = (request: IncomingMessage, response: ServerResponse) => void

export interface RecordedRequest {
  readonly path: string
  /** Milliseconds since the server was started. */
  readonly at: number
}

export interface KeyServer {
  /** Also the issuer of its metadata. */
  readonly origin: string
  readonly jwksUri: string
  /** How often each path was asked for. */
  readonly counts: ReadonlyMap<string, number>
  /** How often the key set was asked for. */
  readonly fetches: () => number
  /** Every request so far, in order. */
  readonly requests: readonly RecordedRequest[]
  /** Milliseconds since the server was started. */
  now(): number
  /** What was written to all connections so far, head and body. */
  bytesSent(): number
  /** What `/jwks` answers with 200. */
  setKeys(keys: readonly JsonWebKey[], headers?: Readonly<Record<string, string>>): void
  /** What a path answers from now on. */
  on(path: string, responder: Responder): void
  /** Ends all connections and refuses new ones, until it is told to listen again. */
  close(): Promise<void>
  /** On the port that it had. */
  listenAgain(): Promise<void>
}

/** @param port - where one stood before, to come back there; any free one by default */
export async function startKeyServer(keys: readonly JsonWebKey[] = [], port = 0): Promise<KeyServer> {
  const responders = new Map<string, Responder>()
  const counts = new Map<string, number>()
  const requests: RecordedRequest[] = []
  const startedAt = performance.now()
  const now = (): number => performance.now() - startedAt
  const sockets = new Set<Socket>()
  let sentBefore = 0
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    counts.set(pathname, (counts.get(pathname) ?? 0) + 1)
    requests.push({ path: pathname, at: now() })
    const respond = responders.get(pathname) ?? answer('not here', {}, 404)
    respond(request, response)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      sentBefore += socket.bytesWritten
    })
  })
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  await listen(port)
  const { port: listening } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${listening}`
  const jwksUri = `${origin}/jwks`

  const keyServer: KeyServer = {
    origin,
    jwksUri,
    counts,
    fetches: () => counts.get('/jwks') ?? 0,
    requests,
    now,
    bytesSent: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, sentBefore),
    setKeys: (next, headers) => void responders.set('/jwks', answer(JSON.stringify({ keys: next }), headers)),
    on: (path, responder) => void responders.set(path, responder),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
    listenAgain: () => listen(listening),
  }
  keyServer.setKeys(keys)
  keyServer.on('/.well-known/openid-configuration', answer(JSON.stringify({ issuer: origin, jwks_uri: jwksUri })))
  return keyServer
}

export function answer(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Responder {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body)
  }
}
