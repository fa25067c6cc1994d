// A refusal as an HTTP answer: problem details in JSON (RFC 9457).
import { isJwtGateError } from '../errors.ts'

/** What a framework has to send. */
export interface ProblemResponse {
  readonly status: number
  /** With those of the body, `Cache-Control: no-store`, and `WWW-Authenticate` or `Retry-After` where they belong. */
  readonly headers: Readonly<Record<string, string>>
  /** Headers to take away first, in lower case: they describe a body that is not sent now. */
  readonly withoutHeaders: readonly string[]
  /** JSON: `type`, `title`, `status`, `detail` (4xx only) and `code`. */
  readonly body: string
}

// With the type `about:blank`, the title is the status in words (RFC 9457 section 4.2.1).
const titles: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [500, 'Internal Server Error'],
  [503, 'Service Unavailable'],
])

/** The answer for one of our errors; `undefined` for any other, which the application handles. */
export function problemResponse(error: unknown): ProblemResponse | undefined {
  if (!isJwtGateError(error)) return undefined
  const { status, code, message, expose, headers } = error
  const detail = expose ? { detail: message } : {}
  const body = JSON.stringify({ type: 'about:blank', title: titles.get(status), status, ...detail, code })
  return {
    status,
    headers: {
      ...headers,
      'Content-Type': 'application/problem+json',
      'Content-Length': String(body.length), // All of it is ASCII.
      'Cache-Control': 'no-store',
    },
    withoutHeaders: headersOfAnotherBody,
    body,
  }
}

const headersOfAnotherBody: readonly string[] = [
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-range',
  'etag',
  'expires',
  'last-modified',
  'transfer-encoding',
]
