// A scriptable HTTP server on loopback that plays an identity provider's metadata and key set, and counts.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonWebKey } from 'node:crypto'

export type Responder = (request: IncomingMessage, response: ServerResponse) => void

export interface KeyServer {
  /** Also the issuer of its metadata. */
  readonly origin: string
  readonly jwksUri: string
  /** How often each path was asked for. */
  readonly counts: ReadonlyMap<string, number>
  /** How often the key set was asked for. */
  readonly fetches: () => number
  /** What `/jwks` answers with 200. */
  setKeys(keys: readonly JsonWebKey[], headers?: Readonly<Record<string, string>>): void
  /** What a path answers from now on. */
  on(path: string, responder: Responder): void
  close(): Promise<void>
}

/** @param port - where one stood before, to come back there; any free one by default */
export async function startKeyServer(keys: readonly JsonWebKey[] = [], port = 0): Promise<KeyServer> {
  const responders = new Map<string, Responder>()
  const counts = new Map<string, number>()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    counts.set(pathname, (counts.get(pathname) ?? 0) + 1)
    const respond = responders.get(pathname) ?? answer('not here', {}, 404)
    respond(request, response)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const jwksUri = `${origin}/jwks`

  const keyServer: KeyServer = {
    origin,
    jwksUri,
    counts,
    fetches: () => counts.get('/jwks') ?? 0,
    setKeys: (next, headers) => void responders.set('/jwks', answer(JSON.stringify({ keys: next }), headers)),
    on: (path, responder) => void responders.set(path, responder),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
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
