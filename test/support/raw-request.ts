// What Node makes of header fields exactly as given, sent to a server of its own over a socket.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RequestLike } from '@jwtgate/core'
import { exchange, parseAnswer, requestText } from './raw-http.ts'

/**
 * What a function makes of a request with these fields, as Node hands it over.
 *
 * @param fields - whole lines; each character is sent as one byte
 */
export async function foundByServer(
  find: (request: RequestLike) => string,
  fields: readonly string[],
): Promise<string> {
  const server = createServer((request, response) => response.end(find(request))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    return parseAnswer(await exchange(port, requestText('GET', '/', fields))).body
  } finally {
    server.close()
  }
}
