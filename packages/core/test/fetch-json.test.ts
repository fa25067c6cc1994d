// One bounded GET: a deadline over everything, a size limit after decompression, no redirects, no foreign text in errors.
import { inspect } from 'node:util'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { discoverJwksUri } from '../src/keys/discovery.ts'
import { FetchError, fetchDocuments, type FetchedJson, type FetchOptions } from '../src/keys/fetch-json.ts'
import { answer, startKeyServer, type KeyServer, type Responder } from '../../../test/support/key-server.ts'
import { drip, gzipped, hang, resetMidBody } from '../../../test/support/provider-faults.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'

refuseUnhandledRejections()

const limits: FetchOptions = { timeoutDuration: 5_000, maxResponseBytes: 10_000, headers: {}, fetch: undefined }
let server: KeyServer

beforeEach(async () => {
  server = await startKeyServer()
})

afterEach(() => server.close())

function get(respond: Responder, changes: Partial<FetchOptions> = {}): Promise<FetchedJson> {
  server.on('/document', respond)
  return fetchJson(`${server.origin}/document`, { ...limits, ...changes })
}

function fetchJson(url: string, options: FetchOptions): Promise<FetchedJson> {
  return fetchDocuments(options, (getJson) => getJson(url))
}

/** Fails unless the exchange does, and with a FetchError. */
async function failureOf(exchange: Promise<unknown>): Promise<FetchError> {
  const outcome: unknown = await exchange.catch((error: unknown) => error)
  if (outcome instanceof FetchError) return outcome
  throw new Error('no FetchError', { cause: outcome })
}

describe('a document', () => {
  it.each<[string, unknown]>([
    ['{"keys":[]}', { keys: [] }],
    ['[1,2]', [1, 2]],
    ['null', null],
    [' \n{"a":"\\u00e4ö"} \n', { a: 'äö' }],
  ])('is parsed: %j', async (body, value) => {
    expect((await get(answer(body))).value).toEqual(value)
  })

  it.each(['application/jwk-set+json', 'text/html', 'application/octet-stream', 'nonsense'])(
    'may have the content type %s',
    async (type) => {
      expect((await get(answer('{"a":1}', { 'content-type': type }))).value).toEqual({ a: 1 })
    },
  )

  it('comes with the headers of its answer', async () => {
    const { headers } = await get(answer('{}', { 'cache-control': 'max-age=60', age: '7' }))
    expect([headers.get('cache-control'), headers.get('age')]).toEqual(['max-age=60', '7'])
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('may be compressed with %s', async (encoding, compress) => {
    const { value } = await get(answer(compress('{"a":1}'), { 'content-encoding': encoding }))
    expect(value).toEqual({ a: 1 })
  })

  it('may arrive in pieces that split a character', async () => {
    const bytes = Buffer.from('{"a":"€"}')
    const { value } = await get((_request, response) => {
      response.writeHead(200)
      response.write(bytes.subarray(0, 7))
      setTimeout(() => response.end(bytes.subarray(7)), 50) // Two writes at once would arrive as one piece.
    })
    expect(value).toEqual({ a: '€' })
  })
})

describe('the deadline', () => {
  const timeoutDuration = 200

  /** The reason, and whether it came with the deadline and not much later. */
  async function missing(exchange: Promise<unknown>): Promise<{ readonly reason: string; readonly inTime: boolean }> {
    const startedAt = performance.now()
    const { message } = await failureOf(exchange)
    const waited = performance.now() - startedAt
    return { reason: message, inTime: waited > timeoutDuration - 20 && waited < timeoutDuration + 1_500 }
  }
  const missed = { reason: expect.stringMatching(/200 ms.*remote\.timeoutDuration/), inTime: true }

  it('ends an exchange without an answer', async () => {
    expect(await missing(get(hang, { timeoutDuration }))).toEqual(missed)
  })

  it('ends an answer that stops after its headers', async () => {
    const silent: Responder = (_request, response) => response.writeHead(200).flushHeaders()
    expect(await missing(get(silent, { timeoutDuration }))).toEqual(missed)
  })

  it('ends a body that goes on arriving, one byte per 50 ms', async () => {
    const slow = drip(JSON.stringify({ a: 'x'.repeat(1_000) }), 50)
    expect(await missing(get(slow, { timeoutDuration }))).toEqual(missed)
  })

  it('is one for headers and body together', async () => {
    const late: Responder = (_request, response) => {
      setTimeout(() => response.writeHead(200).write('{'), 120)
      setTimeout(() => response.end('}'), 400)
    }
    expect(await missing(get(late, { timeoutDuration }))).toEqual(missed)
  })

  it('is one for all documents together', async () => {
    server.on('/slow', (request, response) => void setTimeout(answer('{}'), 180, request, response))
    const twice = fetchDocuments({ ...limits, timeoutDuration }, async (getJson) => {
      await getJson(`${server.origin}/slow`)
      return getJson(`${server.origin}/slow`)
    })
    expect(await missing(twice)).toEqual(missed)
  })

  it('leaves no further request to a fetch that does not look at its signal', async () => {
    const asked: string[] = []
    const deaf: FetchOptions['fetch'] = async (url) => {
      asked.push(url)
      await new Promise((resolve) => setTimeout(resolve, 300))
      return Response.json({})
    }
    let work: Promise<unknown> | undefined
    const twice = fetchDocuments({ ...limits, timeoutDuration, fetch: deaf }, (getJson) => {
      const both = getJson('http://127.0.0.1/first').then(async () => getJson('http://127.0.0.1/second'))
      work = both
      return both
    })
    expect(await missing(twice)).toEqual(missed)
    await expect(work).rejects.toMatchObject({ name: 'AbortError' })
    expect(asked).toEqual(['http://127.0.0.1/first'])
  })

  it('leaves no further request to it either where its late answer is one after which elsewhere is asked', async () => {
    const asked: string[] = []
    const deaf: FetchOptions['fetch'] = async (url) => {
      asked.push(url)
      await new Promise((resolve) => setTimeout(resolve, 300))
      return new Response(null, { status: 404 })
    }
    let work: Promise<unknown> | undefined
    const discovered = fetchDocuments({ ...limits, timeoutDuration, fetch: deaf }, (getJson) => {
      const found = discoverJwksUri('https://id.example.com', 'never', getJson)
      work = found
      return found
    })
    expect(await missing(discovered)).toEqual(missed)
    await expect(work).rejects.toThrow('the connection failed (AbortError)')
    expect(asked).toEqual(['https://id.example.com/.well-known/openid-configuration'])
  })

  it('does not end what is done in time', async () => {
    const { value } = await get(drip('{"a":1}', 10), { timeoutDuration: 2_000 })
    expect(value).toEqual({ a: 1 })
  })

  it('holds for a server that accepts connections and is silent', async () => {
    const silent: Server = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    try {
      const exchange = fetchJson(`http://127.0.0.1:${port}/`, { ...limits, timeoutDuration })
      expect(await missing(exchange)).toEqual(missed)
    } finally {
      silent.close()
    }
  })
})

describe('the size limit', () => {
  const maxResponseBytes = 2_000
  const exactly = JSON.stringify('x'.repeat(maxResponseBytes - 2))
  const tooLarge = JSON.stringify('x'.repeat(maxResponseBytes - 1))

  function chunked(body: string): Responder {
    return (_request, response) => {
      response.writeHead(200)
      for (let at = 0; at < body.length; at += 300) response.write(body.slice(at, at + 300))
      response.end()
    }
  }

  const transfers: readonly (readonly [string, (body: string) => Responder])[] = [
    ['of a length that is announced', answer],
    ['of unknown length', chunked],
    ['that is compressed', gzipped],
  ]

  it.each(transfers)('lets a body pass that just fits, %s', async (_name, respond) => {
    expect((await get(respond(exactly), { maxResponseBytes })).value).toHaveLength(maxResponseBytes - 2)
  })

  it.each(transfers)('refuses a body of one byte more, %s', async (_name, respond) => {
    const failure = await failureOf(get(respond(tooLarge), { maxResponseBytes }))
    expect(failure.message).toContain('2000 bytes')
    expect(failure.message).toContain('remote.maxResponseBytes')
  })

  it('counts bytes and not characters', async () => {
    const euros = JSON.stringify('€'.repeat(maxResponseBytes / 2))
    expect((await failureOf(get(answer(euros), { maxResponseBytes }))).message).toContain('remote.maxResponseBytes')
  })

  it('ends a body without an end', async () => {
    let open = false
    const endless: Responder = (_request, response) => {
      open = true
      response.on('close', () => (open = false))
      response.writeHead(200)
      const more = (): void => {
        if (open) response.write('x'.repeat(1_000), () => setImmediate(more))
      }
      more()
    }
    await failureOf(get(endless, { maxResponseBytes }))
    await expect.poll(() => open).toBe(false)
  })

  it('ends a gzip bomb long before it is unpacked', async () => {
    const bomb = gzipped(Buffer.alloc(128 * 1_048_576))
    const before = process.memoryUsage.rss()
    await failureOf(get(bomb))
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1_048_576)
  })
})

describe('an answer that is not 200', () => {
  it.each([201, 204, 299, 304, 400, 401, 404, 429, 500, 503])('is told by its status: %d', async (status) => {
    const failure = await failureOf(get(answer('', {}, status)))
    expect(failure).toMatchObject({ status, message: `the answer has the status ${status}` })
  })

  it.each([300, 301, 302, 303, 307, 308, 399])('is not followed if it is a redirect: %d', async (status) => {
    const location = `${server.origin}/elsewhere`
    const failure = await failureOf(get(answer('', { location }, status)))
    expect(failure).toMatchObject({
      status,
      message: `the answer has the status ${status} (redirects are not followed)`,
    })
    expect(server.counts.has('/elsewhere')).toBe(false)
  })
})

describe('a failure', () => {
  const canary = 'canary-5b1e'
  const quoted: readonly (readonly [string, Responder])[] = [
    ['a body that is not JSON', answer(canary)], // At its begin: of more than that, the parser's own message quotes no end.
    ['truncated JSON', answer(`{"keys": "${canary}`)],
    ['an error page', answer(canary, {}, 500)],
    ['a status text', (_request, response) => void response.writeHead(500, canary).end()],
    ['the target of a redirect', answer('', { location: `https://${canary}.example.com/` }, 302)],
    ['a body that does not decompress', answer(canary, { 'content-encoding': 'gzip' })],
    ['a body that is too large', answer(canary.repeat(2_000))],
    ['a header', answer('', { 'x-header': canary }, 503)],
    ['an answer that is not HTTP', ({ socket }) => void socket.end(`${canary}\r\n\r\n${canary}`)],
    [
      'a body whose chunks are not well-formed',
      ({ socket }) =>
        void socket.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n{"k":"${canary}"}\r\n0\r\n\r\n`),
    ],
  ]

  it.each(quoted)('quotes nothing of %s in its message', async (_name, respond) => {
    const failure = await failureOf(get(respond))
    expect(failure.message).not.toContain(canary)
    expect(failure.message).toMatch(/\S/)
  })

  it.each(quoted)('carries nothing of %s in its cause, which operators log', async (_name, respond) => {
    const failure = await failureOf(get(respond))
    expect(inspect(failure, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(canary)
  })

  it('names the code of the system where there is one', async () => {
    const { origin } = server
    await server.close()
    expect((await failureOf(fetchJson(`${origin}/document`, limits))).message).toBe('ECONNREFUSED')
    server = await startKeyServer()
  })

  it('says that the answer broke off', async () => {
    expect((await failureOf(get(resetMidBody))).message).toContain('broke off')
  })

  it.each<[string, Error]>([
    ['its message', new Error(canary)],
    ['its name', Object.assign(new Error('x'), { name: `${canary}: x` })],
    ['its code', Object.assign(new Error('x'), { code: canary })],
    ['the message of its cause', new TypeError('x', { cause: new Error(canary) })],
  ])('quotes nothing of the error of remote.fetch: %s', async (_name, error) => {
    const fetch = (): Promise<never> => Promise.reject(error)
    const failure = await failureOf(fetchJson('http://127.0.0.1/', { ...limits, fetch }))
    expect(inspect(failure, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(canary)
    expect(failure.message).toMatch(/\S/)
  })

  const noResponse = 'the option `remote.fetch` did not return a Response'
  const brokeOff = 'the answer broke off: the connection failed'
  it.each<[string, () => unknown, string]>([
    ['nothing', () => undefined, noResponse],
    ['null', () => null, noResponse],
    ['text', () => '{}', noResponse],
    ['the document itself', () => ({ keys: [] }), noResponse],
    ['a status of text', () => ({ status: '200', body: null, headers: new Headers() }), noResponse],
    ['a body of text', () => answerWith(['{}']), 'the option `remote.fetch` gave a body that is not of bytes'],
    ['a number for a body', () => answerWith(42), `${brokeOff} (TypeError)`],
    ['a body that breaks off', () => answerWith(breaking(new RangeError(canary))), `${brokeOff} (RangeError)`],
    ['no body', () => new Response(null), 'the answer is not JSON'],
  ])('says what is wrong where remote.fetch returned %s', async (_name, misbehaving, reason) => {
    const fetch = (async () => misbehaving()) as NonNullable<FetchOptions['fetch']>
    expect((await failureOf(fetchJson('http://127.0.0.1/', { ...limits, fetch }))).message).toBe(reason)
  })

  const unnamed = 'the connection failed (Error)'
  it.each<[string, unknown, string]>([
    ['nothing', undefined, unnamed],
    ['a text', canary, unnamed],
    ['an error', new Error(canary), unnamed],
    ['an error of another name', new RangeError(canary), 'the connection failed (RangeError)'],
    ['an error with a cause', new TypeError('x', { cause: new RangeError('y') }), 'the connection failed (RangeError)'],
    ['an error with a text for its cause', new TypeError('x', { cause: canary }), 'the connection failed (TypeError)'],
    [
      'an error whose cause has no good name',
      new TypeError('x', { cause: named(`${canary} x`) }),
      'the connection failed (TypeError)',
    ],
    ['an error whose name has 64 characters', named('N'.repeat(64)), `the connection failed (${'N'.repeat(64)})`],
    ['an error whose name has 65 characters', named('N'.repeat(65)), unnamed],
    ['an error without a name', named(''), unnamed],
    ['an error whose name ends in something else', named(`Name ${canary}`), unnamed],
    ['an error whose name begins with something else', named(`${canary}: Name`), unnamed],
    ['an error with a code', coded('EPIPE'), 'EPIPE'],
    ['an error with a code of three characters', coded('E_2'), 'E_2'],
    ['an error with a code of two characters', coded('E2'), unnamed],
    ['an error with a code of 64 characters', coded('E'.repeat(64)), 'E'.repeat(64)],
    ['an error with a code of 65 characters', coded('E'.repeat(65)), unnamed],
    ['an error with a number for its code', coded(1234), unnamed],
    ['an error whose code ends in something else', coded(`EPIPE ${canary}`), unnamed],
    ['an error whose code begins with something else', coded(`${canary} EPIPE`), unnamed],
    ['an error with a code four causes deep', caused(4, coded('EPIPE')), 'EPIPE'],
    ['an error with a code deeper than that', caused(5, coded('EPIPE')), unnamed],
  ])('says in a word what remote.fetch rejected with: %s', async (_name, error, reason) => {
    const fetch = (): Promise<never> => Promise.reject(error)
    expect((await failureOf(fetchJson('http://127.0.0.1/', { ...limits, fetch }))).message).toBe(reason)
  })

  function answerWith(body: unknown): unknown {
    return { status: 200, body, headers: new Headers() }
  }

  function breaking(error: Error): ReadableStream {
    return new ReadableStream({ pull: (controller) => controller.error(error) })
  }

  function named(name: string): Error {
    return Object.assign(new Error('x'), { name })
  }

  function coded(code: unknown): Error {
    return Object.assign(new Error('x'), { code })
  }

  /** The error as the cause of a cause, and so on. */
  function caused(depth: number, error: Error): Error {
    return depth === 0 ? error : new Error('x', { cause: caused(depth - 1, error) })
  }

  it.each<[string, Responder]>([
    ['an empty body', answer('')],
    ['HTML', answer('<!doctype html>')],
    ['a byte order mark alone', answer('\uFEFF')],
    ['NaN', answer('NaN')],
    ['two documents', answer('{}{}')],
  ])('says that %s is not JSON', async (_name, respond) => {
    expect((await failureOf(get(respond))).message).toContain('not JSON')
  })

  it.each(['http://[', 'nonsense', ''])('is a FetchError also for the URL %j', async (url) => {
    expect((await failureOf(fetchJson(url, limits))).message).toMatch(/\S/)
  })
})

describe('a connection', () => {
  it.each<[string, Responder, Partial<FetchOptions>]>([
    ['hangs', hang, { timeoutDuration: 100 }],
    ['goes on too long', drip('x'.repeat(1_000), 50), { timeoutDuration: 100 }],
    ['is too large', (_request, response) => void response.writeHead(200).write('x'.repeat(50_000)), {}],
    ['has another status', (_request, response) => void response.writeHead(500).write('oops'), {}],
  ])('is let go where the answer %s', async (_name, respond, changes) => {
    let socket: { readonly destroyed: boolean } | undefined
    const noting: Responder = (request, response) => {
      ;({ socket } = request)
      respond(request, response)
    }
    await failureOf(get(noting, changes))
    await expect.poll(() => socket?.destroyed).toBe(true)
  })

  it('is let go where the answer has another status, also while the work goes on elsewhere', async () => {
    let isLetGo = false
    const body = new ReadableStream({ cancel: () => void (isLetGo = true) })
    const fetch = async (): Promise<Response> => new Response(body, { status: 404 })
    await fetchDocuments({ ...limits, fetch }, async (getJson) => {
      await failureOf(getJson('http://127.0.0.1/'))
      expect(isLetGo).toBe(true)
    })
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }) // Node counts none that keeps no process alive.
    try {
      const answering = (status: number): FetchOptions => ({
        ...limits,
        fetch: async () => Response.json({}, { status }),
      })
      await fetchJson('http://127.0.0.1/', answering(200))
      await failureOf(fetchJson('http://127.0.0.1/', answering(500)))
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
