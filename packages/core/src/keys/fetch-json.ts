// Bounded GETs of JSON documents: one deadline over connect, headers and bodies, a size limit for each, no redirects.
import { withDeadline } from '../deadline.ts'

/** How documents are fetched; the same for the key set and for discovery. */
export interface FetchOptions {
  /** Milliseconds for everything. */
  readonly timeoutDuration: number
  /** Bytes of the body after decompression. */
  readonly maxResponseBytes: number
  readonly headers: Readonly<Record<string, string>>
  /** Called as the global `fetch` is; `undefined` is that. */
  readonly fetch: FetchFunction | undefined
}

/** What is used of a `Response`: those of Node, of browsers and of undici have it, whatever else their types say. */
export interface FetchResponse {
  /** 200 is the only good one. */
  readonly status: number
  /** `Cache-Control` and `Age` are read. */
  readonly headers: { get(name: string): string | null }
  /** A stream of bytes. */
  readonly body: unknown
}

/** The part of the Fetch standard that is used. Must honour `signal`. */
export type FetchFunction = (
  url: string,
  options: {
    readonly method: 'GET'
    readonly redirect: 'manual'
    readonly headers: Readonly<Record<string, string>>
    readonly signal: AbortSignal
  },
) => Promise<FetchResponse>

export interface FetchedJson {
  readonly value: unknown
  readonly headers: FetchResponse['headers']
}

/** A document could not be had. `message` says why in words that quote nothing of the document. */
export class FetchError extends Error {
  /** The HTTP status, if there was an answer and it was not 200. */
  readonly status: number | undefined

  constructor(reason: string, status?: number) {
    super(reason)
    this.status = status
  }
}

const notAResponse = 'the option `remote.fetch` did not return a Response'

/** @throws FetchError */
export type GetJson = (url: string) => Promise<FetchedJson>

/**
 * Lets `work` get documents: all that it gets, one after the other, within one deadline.
 *
 * @throws FetchError
 */
export async function fetchDocuments<Result>(
  options: FetchOptions,
  work: (getJson: GetJson) => Promise<Result>,
): Promise<Result> {
  return withDeadline(
    options.timeoutDuration,
    async (signal) =>
      work(async (url) => {
        const document = await exchange(url, options, signal)
        signal.throwIfAborted() // From a `fetch` of the application's it may come too late.
        return document
      }),
    () => new FetchError(tooSlow(options)),
  )
}

export function tooSlow({ timeoutDuration }: Pick<FetchOptions, 'timeoutDuration'>): string {
  return `there was no complete answer within ${timeoutDuration} ms (\`remote.timeoutDuration\`)`
}

async function exchange(url: string, options: FetchOptions, signal: AbortSignal): Promise<FetchedJson> {
  try {
    return await getDocument(url, options, signal)
  } catch (error) {
    if (error instanceof FetchError) throw error
    throw new FetchError(notAResponse)
  }
}

async function getDocument(url: string, options: FetchOptions, signal: AbortSignal): Promise<FetchedJson> {
  const response = await send(url, options, signal)
  if (typeof response.status !== 'number') throw new FetchError(notAResponse)
  if (response.status !== 200) {
    // Nobody reads it: left open, it would hold its connection, and with it the process.
    if (response.body instanceof ReadableStream) void response.body.cancel().catch(() => {})
    const redirect =
      response.status >= 300 && response.status < 400 && response.status !== 304 ? ' (redirects are not followed)' : ''
    throw new FetchError(`the answer has the status ${response.status}${redirect}`, response.status)
  }
  const text = await readText(response, options.maxResponseBytes)
  try {
    return { value: JSON.parse(text), headers: response.headers }
  } catch {
    throw new FetchError('the answer is not JSON')
  }
}

async function send(url: string, options: FetchOptions, signal: AbortSignal): Promise<FetchResponse> {
  const send = options.fetch ?? globalThis.fetch
  try {
    signal.throwIfAborted() // A `fetch` of the application's might not look.
    return await send(url, { method: 'GET', redirect: 'manual', headers: options.headers, signal })
  } catch (error) {
    throw new FetchError(networkReason(error))
  }
}

async function readText({ body }: FetchResponse, maxBytes: number): Promise<string> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  try {
    // What is no stream throws here, and what it gives is looked at.
    for await (const chunk of body as AsyncIterable<unknown>) {
      if (!(chunk instanceof Uint8Array))
        throw new FetchError('the option `remote.fetch` gave a body that is not of bytes')
      bytes += chunk.length
      if (bytes > maxBytes)
        throw new FetchError(`the answer is larger than ${maxBytes} bytes (\`remote.maxResponseBytes\`)`)
      text += decoder.decode(chunk, { stream: true })
    }
  } catch (error) {
    throw error instanceof FetchError ? error : new FetchError(`the answer broke off: ${networkReason(error)}`)
  }
  return text + decoder.decode()
}

/**
 * What went wrong in a word: the system's code such as ECONNREFUSED, which `fetch` hides in `cause`, else the name of the
 * innermost error that has one.
 * The error itself is not passed on: a parser's error holds what it could not parse.
 */
function networkReason(error: unknown): string {
  let name = 'Error'
  let level = error
  for (let depth = 0; depth < 5 && level instanceof Error; depth++) {
    const code: unknown = 'code' in level ? level.code : undefined
    if (typeof code === 'string' && /^[A-Z0-9_]{3,64}$/.test(code)) return code
    if (/^\w{1,64}$/.test(level.name)) name = level.name
    level = level.cause
  }
  return `the connection failed (${name})`
}
