// HTTP over a bare socket: requests byte for byte as given, answers with every header field as it was sent.
import { once } from 'node:events'
import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** Header lines as they came, in order. */
  readonly lines: readonly string[]
  /** Read as UTF-8. */
  readonly body: string
}

/** A whole request; the connection ends behind it. Each character is sent as one byte. */
export function requestText(method: string, target: string, fields: readonly string[], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`]
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...fields, ...length]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

/** Sends it and reads until the other side ends the connection. */
export async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write(text, 'latin1')
    let answer = ''
    for await (const chunk of socket.setEncoding('latin1')) answer += String(chunk)
    return answer
  } finally {
    socket.destroy()
  }
}

/** @throws Error if there is anything but one whole answer */
export function parseAnswer(text: string, method = 'GET'): RawAnswer {
  const [answer, ...more] = parseAnswers(text, method)
  if (answer === undefined || more.length > 0) throw new Error(`not one answer: ${JSON.stringify(text)}`)
  return answer
}

/** The answers to requests of one method, one behind the other. @throws Error if one is not whole */
export function parseAnswers(text: string, method = 'GET'): readonly RawAnswer[] {
  const answers: RawAnswer[] = []
  let rest = text
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n')
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n')
    const status = Number(/^HTTP\/1\.1 ([1-5]\d\d) /.exec(first)?.[1])
    const length = method === 'HEAD' || status === 204 ? 0 : Number(valuesOf(lines, 'content-length')[0] ?? 0)
    const body = rest.slice(end + 4, end + 4 + length)
    if (end < 0 || Number.isNaN(status) || body.length < length) throw new Error(`no answer: ${JSON.stringify(rest)}`)
    answers.push({ status, lines, body: Buffer.from(body, 'latin1').toString() })
    rest = rest.slice(end + 4 + length)
  }
  return answers
}

/** The values of all fields of this name. */
export function valuesOf(lines: readonly string[], lowerCaseName: string): readonly string[] {
  const fields = lines.map((line) => /^([^:]*):[ \t]*(.*?)[ \t]*$/s.exec(line))
  return fields.flatMap((field) => (field?.[1]?.toLowerCase() === lowerCaseName ? [field[2] ?? ''] : []))
}
