// A refusal as an HTTP answer: problem details in JSON (RFC 9457).
import { isJwtGateError, type JwtGateErrorCode } from '../errors.ts'

/** What a framework has to send. */
export interface ProblemResponse {
  readonly status: number
  /** With those of the body, `Cache-Control: no-store`, and `WWW-Authenticate` or `Retry-After` where they belong. */
  readonly headers: Readonly<Record<string, string>>
  /** Headers to take away first, in lower case: they describe a body that is not sent now. */
  readonly withoutHeaders: readonly string[]
  /** {@link ProblemDetails} in JSON. */
  readonly body: string
  /** The same, for frameworks that write JSON themselves. */
  readonly details: ProblemDetails
}

/** The members of a problem (RFC 9457 section 3.1), and our code. */
export interface ProblemDetails {
  /** Always `about:blank`: the status says it all. */
  readonly type: string
  /** The status in words. */
  readonly title: string | undefined
  /** The HTTP status. */
  readonly status: number
  /** What is meant for the client: of a 4xx only. */
  readonly detail?: string
  /** What happened, for programs. */
  readonly code: JwtGateErrorCode
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
  const details = { type: 'about:blank', title: titles.get(status), status, ...detail, code }
  const body = JSON.stringify(details)
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
    details,
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
