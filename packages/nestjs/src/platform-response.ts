// The response of Express, which is Node's, and the reply of Fastify: what is used of them.
import type { ServerResponse } from 'node:http'
import type { ProblemResponse } from '@jwtgate/core'

/** What a handler gets as its response. */
export type PlatformResponse = ServerResponse | FastifyReply

interface FastifyReply {
  readonly raw: ServerResponse
  code(status: number): FastifyReply
  headers(values: Readonly<Record<string, string>>): FastifyReply
  removeHeader(name: string): FastifyReply
  send(body: Buffer): FastifyReply
}

/** Other packages have calls that say they are HTTP, and are not. */
export function isResponse(value: unknown): value is PlatformResponse {
  return typeof value === 'object' && value !== null && ('setHeader' in value || 'raw' in value)
}

/** Sets headers of an answer that somebody else sends. */
export function setHeaders(response: PlatformResponse, headers: Readonly<Record<string, string>>): void {
  if ('raw' in response) response.headers(headers)
  else for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
}

/** Answers; where an answer is under way already, that one ends. */
export function answer(response: PlatformResponse, { status, withoutHeaders, headers, body }: ProblemResponse): void {
  const raw = 'raw' in response ? response.raw : response
  if (raw.headersSent) {
    raw.end()
    return
  }
  for (const name of withoutHeaders) response.removeHeader(name)
  setHeaders(response, headers)
  if ('raw' in response) {
    response.code(status).send(Buffer.from(body)) // To a string, Fastify would add the name of a charset.
    return
  }
  response.statusCode = status
  response.end(body)
}
