// Clients that speak HTTP/1.1 over a socket of their own: they go away when they like, and need not wait for an answer.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/**
 * Connected, and its requests sent, one after the other without waiting for answers.
 *
 * @param connection - `close` asks the server to close it after the answer
 */
export async function sendRaw(
  origin: string,
  tokens: readonly string[],
  path = '/',
  connection: 'keep-alive' | 'close' = 'keep-alive',
): Promise<Socket> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {}) // Whoever resets a connection is told of it too.
  await once(socket, 'connect')
  const head = `GET ${path} HTTP/1.1\r\nHost: api\r\nConnection: ${connection}\r\nAuthorization: Bearer `
  socket.write(tokens.map((token) => `${head}${token}\r\n\r\n`).join(''))
  return socket
}

/** The answers on a socket in the order in which they come, each as status and `sub` or code, until there are so many. */
export async function answersOn(socket: Socket, count: number): Promise<readonly string[]> {
  const answers: string[] = []
  let rest = ''
  for await (const chunk of socket) {
    rest += String(chunk)
    for (let answer = firstAnswer(rest); answer !== undefined; answer = firstAnswer(rest)) {
      answers.push(answer.text)
      rest = rest.slice(answer.length)
    }
    if (answers.length >= count) break // Leaving the loop closes the socket.
  }
  return answers
}

/** `undefined` while it is not complete. */
function firstAnswer(received: string): { readonly text: string; readonly length: number } | undefined {
  const [head, status] = /^HTTP\/1\.1 (\d+) [^]*?\r\n\r\n/.exec(received) ?? []
  if (head === undefined) return undefined
  const length = head.length + Number(/^content-length: (\d+)\r$/im.exec(head)?.[1])
  if (received.length < length) return undefined
  const { sub, code } = JSON.parse(received.slice(head.length, length)) as {
    readonly sub?: string
    readonly code?: string
  }
  return { text: `${status} ${sub ?? code}`, length }
}
