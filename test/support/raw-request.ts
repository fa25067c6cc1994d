// A request with its header fields exactly as given, sent to a server of Node over a socket.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { RequestLike } from '@jwtgate/core'

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
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  try {
    const lines = ['GET / HTTP/1.1', 'Host: localhost', 'Connection: close', ...fields, '', '']
    socket.write(Buffer.from(lines.join('\r\n'), 'latin1'))
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    return text.split('\r\n\r\n')[1] ?? ''
  } finally {
    socket.destroy()
    server.close()
  }
}
