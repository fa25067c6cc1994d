// Faults as data -> what the identity provider answers.
import { once } from 'node:events'
import { createGzip } from 'node:zlib'
import { answer, type Responder } from '../../support/key-server.ts'
import { drip, gzipped, hang, late, resetMidBody, setOf } from '../../support/provider-faults.ts'
import type { Fault } from './provider-calls.ts'

/** A document as it is answered without faults. */
export interface GoodDocument {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const chunk = Buffer.alloc(65_536, ' ')

/** @returns once it can be answered at once: a bomb is packed before */
export async function responderFor(fault: Fault, good: GoodDocument): Promise<Responder> {
  switch (fault.name) {
    case 'status':
      return answer('{"error":"temporarily_unavailable"}', {}, fault.status)
    case 'hang':
      return hang
    case 'reset mid-body':
      return resetMidBody
    case 'drip':
      return drip(good.body, fault.pause)
    case 'truncated':
      return answer(good.body.slice(0, -5))
    case 'body':
      return answer(fault.body, { 'content-type': fault.contentType ?? 'application/json' })
    case 'redirect':
      return answer('', { location: fault.location }, 302)
    case 'oversized':
      return oversized(good, fault.bytes)
    case 'gzip bomb':
      return answer(await packed(good, fault.bytes), { 'content-encoding': 'gzip' })
    case 'many keys':
      return answer(setOf(fault.count, fault.alg))
    case 'content type':
      return answer(good.body, { ...good.headers, 'content-type': fault.contentType })
    case 'late':
      return late(answer(good.body, good.headers), fault.delay)
    case 'gzip':
      return gzipped(good.body)
  }
}

/** Written as fast as it is read, so that the bytes sent tell how much that was. */
function oversized(good: GoodDocument, bytes: number): Responder {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const pieces = padded(good, bytes)
    const writeOn = (): void => {
      for (const piece of pieces) {
        if (!response.write(piece)) {
          response.once('drain', writeOn)
          return
        }
      }
      response.end()
    }
    writeOn()
  }
}

/** In pieces, so that the provider does not hold what its client must not hold. */
async function packed(good: GoodDocument, bytes: number): Promise<Buffer> {
  const gzip = createGzip()
  const parts: Buffer[] = []
  gzip.on('data', (part: Buffer) => parts.push(part))
  for (const piece of padded(good, bytes)) {
    if (!gzip.write(piece)) await once(gzip, 'drain')
  }
  gzip.end()
  await once(gzip, 'end')
  return Buffer.concat(parts)
}

/**
 * The good document and blanks: whoever reads it all gets good keys. No generator, because a `for` that was left and comes
 * back, after the connection drained, has to find the rest.
 */
function padded({ body }: GoodDocument, bytes: number): Iterable<string | Buffer> {
  let sent = -1
  return {
    [Symbol.iterator]: () => ({
      next: () => {
        if (sent < 0) {
          sent = 0
          return { done: false, value: body }
        }
        if (sent >= bytes) return { done: true, value: undefined }
        sent += chunk.length
        return { done: false, value: chunk }
      },
    }),
  }
}
