// Sends one request over node:http, whose raw header list can hold what fetch would merge, and reads the answer.
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Answer, Challenge } from './answer.ts'
import { parseObject, type JsonObject } from './json.ts'

export interface Sent {
  readonly method: 'GET' | 'DELETE'
  readonly path: string
  /** One Authorization field for each token. */
  readonly tokens: readonly string[]
}

const answerDeadline = 15_000

export async function send(base: string, { method, path, tokens }: Sent): Promise<Answer> {
  const url = new URL(path, base)
  const headers = ['Host', url.host, ...tokens.flatMap((token) => ['Authorization', `Bearer ${token}`])]
  const started = performance.now()
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const signal = AbortSignal.timeout(answerDeadline)
    // A connection of its own: the API is restarted in between.
    request(url, { method, headers, agent: false, signal }, resolve).on('error', reject).end()
  })
  const body = await text(response)
  return { ...read(response, body), milliseconds: performance.now() - started }
}

function read(response: IncomingMessage, body: string): Omit<Answer, 'milliseconds'> {
  const status = response.statusCode ?? 0
  const json = readObject(response, body)
  const isProblem =
    response.headers['content-type']?.startsWith('application/problem+json') && json['status'] === status
  return {
    status,
    code: isProblem ? String(json['code']) : undefined,
    challenge: readChallenge(response.headersDistinct['www-authenticate'] ?? []),
    retryAfter: response.headers['retry-after'] === undefined ? undefined : Number(response.headers['retry-after']),
    sub: typeof json['sub'] === 'string' ? json['sub'] : undefined,
  }
}

function readObject(response: IncomingMessage, body: string): JsonObject {
  return /[/+]json\b/.test(response.headers['content-type'] ?? '') ? parseObject(body) : {}
}

function readChallenge(fields: readonly string[]): Challenge | undefined {
  const [field, ...more] = fields
  if (field === undefined) return undefined
  if (more.length > 0 || !field.startsWith('Bearer ')) throw new Error(`not one challenge: ${fields.join(' / ')}`)
  const parameters = new Map<string, string>()
  for (const [, name = '', value = ''] of field.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)) parameters.set(name, value)
  // RFC 6750 section 3.1: whoever names an error should describe it; we always do.
  if (parameters.has('error') && !parameters.get('error_description')) throw new Error(`no error_description: ${field}`)
  return { realm: parameters.get('realm'), error: parameters.get('error') }
}
