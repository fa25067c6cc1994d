// What a broken identity provider answers: each fault a responder for the key server.
import { gzipSync } from 'node:zlib'
import type { AlgorithmName } from '@jwtgate/core'
import { answer, type Responder } from './key-server.ts'
import { jwkOf, keyFor } from './keys.ts'

export interface ProviderFault {
  readonly name: string
  readonly respond: Responder
  /** What the operator is told. */
  readonly reason: RegExp
  /** Where the answer arrives, but holds no usable set. */
  readonly code?: 'keys_unavailable' | 'keys_invalid'
}

/** Never answers. */
export const hang: Responder = () => {}

/** Headers and the first bytes of a body, then a reset connection. */
export const resetMidBody: Responder = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
  response.write('{"keys":[', () => request.socket.resetAndDestroy())
}

export interface HeldAnswer {
  readonly respond: Responder
  /** Once the first request is there. */
  readonly arrived: Promise<unknown>
  readonly letGo: () => Promise<void>
}

/** Holds the first request until it is let go, and answers those that come after at once. */
export function held(respond: Responder): HeldAnswer {
  let arrive: (answering: () => void) => void
  const arrived = new Promise<() => void>((resolve) => (arrive = resolve))
  let first = true
  return {
    respond: (request, response) => {
      if (first) arrive(() => respond(request, response))
      else respond(request, response)
      first = false
    },
    arrived,
    letGo: async () => (await arrived)(),
  }
}

/** The body in pieces of one byte. */
export function drip(body: string, pause: number): Responder {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    let sent = 0
    const timer = setInterval(() => {
      if (sent === body.length) response.end()
      else response.write(body.charAt(sent++))
    }, pause)
    response.on('close', () => clearInterval(timer))
  }
}

/** The answer, some time later. */
export function late(respond: Responder, delay: number): Responder {
  return (request, response) => {
    const timer = setTimeout(() => respond(request, response), delay)
    response.on('close', () => clearTimeout(timer))
  }
}

/** The body as gzip. */
export function gzipped(body: string | Uint8Array): Responder {
  return answer(gzipSync(body), { 'content-encoding': 'gzip' })
}

export function setOf(count: number, alg: AlgorithmName = 'ES256'): string {
  const jwk = jwkOf(keyFor(alg))
  return JSON.stringify({ keys: Array.from({ length: count }, (_, index) => ({ ...jwk, kid: `key ${index}` })) })
}

/** A good set with an unused member that makes it larger than `bytes`. */
export function paddedSet(bytes: number): string {
  return JSON.stringify({ keys: [jwkOf(keyFor('ES256'), { kid: 'k1' })], padding: ' '.repeat(bytes) })
}

const mebibyte = 1_048_576

/** For verifiers with a short `remote.timeoutDuration` and the default limits. */
export const providerFaults: readonly ProviderFault[] = [
  { name: 'status 500', respond: answer('oops', {}, 500), reason: /500/, code: 'keys_unavailable' },
  { name: 'status 404', respond: answer('{"keys":[]}', {}, 404), reason: /404/, code: 'keys_unavailable' },
  { name: 'no answer at all', respond: hang, reason: /timeoutDuration/, code: 'keys_unavailable' },
  { name: 'a body of one byte per 50 ms', respond: drip(setOf(1), 50), reason: /timeoutDuration/ },
  { name: 'a reset in the middle of the body', respond: resetMidBody, reason: /./, code: 'keys_unavailable' },
  { name: 'truncated JSON', respond: answer(setOf(1).slice(0, -5)), reason: /JSON/ },
  { name: 'an HTML page with status 200', respond: answer('<!doctype html><p>Hi', {}, 200), reason: /JSON/ },
  { name: 'an empty body', respond: answer(''), reason: /JSON/ },
  { name: '[]', respond: answer('[]'), reason: /JWK Set/, code: 'keys_invalid' },
  { name: 'null', respond: answer('null'), reason: /JWK Set/, code: 'keys_invalid' },
  { name: '{"keys":null}', respond: answer('{"keys":null}'), reason: /JWK Set/, code: 'keys_invalid' },
  {
    name: 'a set without a usable key',
    respond: answer('{"keys":[null,"k"]}'),
    reason: /usable/,
    code: 'keys_invalid',
  },
  { name: 'an empty set', respond: answer('{"keys":[]}'), reason: /usable/, code: 'keys_invalid' },
  { name: '1,001 keys', respond: answer(setOf(1001)), reason: /1000 keys/, code: 'keys_invalid' },
  { name: 'more than 1 MiB', respond: answer(paddedSet(mebibyte)), reason: /maxResponseBytes/ },
  { name: 'a gzip bomb of 64 MiB', respond: gzipped(Buffer.alloc(64 * mebibyte)), reason: /maxResponseBytes/ },
  {
    name: 'a redirect',
    respond: answer('', { location: 'http://127.0.0.1:1/jwks' }, 302),
    reason: /redirects are not followed/,
    code: 'keys_unavailable',
  },
]
