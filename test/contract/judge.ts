// What a case promises and what an answer shows, in the same shape, to be compared.
import type { Case, Expected, LetThrough, Refused } from './case.ts'
import { issuer, now } from './issuers.ts'
import { valuesOf, type RawAnswer } from '../support/raw-http.ts'
import { titles, wire } from './wire.ts'

/** What can be compared, whether or not `jwtErrorHandler()` is mounted; the rest only with it. */
export interface Visible {
  readonly status: number
  readonly challenges: readonly string[]
  readonly retryAfter: 'soon' | 'no' | 'nonsense'
  readonly body?: unknown
  /** What the header says of the body. */
  readonly headers?: BodyHeaders
  /** Whatever no answer may have. */
  readonly flaws: readonly string[]
}

type BodyHeaders = Readonly<Record<string, readonly string[]>>

export function promised({ expected, method }: Case, problems: boolean): Visible {
  const plain = { challenges: [], retryAfter: 'no', flaws: [] } as const
  if ('code' in expected) return refusal(expected, problems, method === 'HEAD')
  const isHead = method === 'HEAD'
  if ('auth' in expected) return { ...plain, status: 200, body: isHead ? '' : { auth: authOf(expected), steady: true } }
  return { ...plain, status: expected.status, ...('json' in expected ? { body: expected.json } : {}) }
}

export function seen(answer: RawAnswer, { expected, method, fields = [] }: Case, problems: boolean): Visible {
  const isRefused = 'code' in expected
  const showsBody = isRefused ? problems : 'auth' in expected || 'json' in expected
  return {
    status: answer.status,
    challenges: valuesOf(answer.lines, 'www-authenticate'),
    retryAfter: retryAfterOf(answer),
    ...(showsBody ? { body: bodyOf(answer, method === 'HEAD') } : {}),
    ...(isRefused && problems ? { headers: headersOf(answer) } : {}),
    flaws: flawsOf(answer, expected, fields),
  }
}

function refusal({ code, realm = 'api', scope }: Refused, problems: boolean, isHead: boolean): Visible {
  const { status, error, text } = wire[code]
  const parameters = [`realm="${realm}"`]
  if (error !== undefined) parameters.push(`error="${error}"`, `error_description="${text}"`)
  if (scope !== undefined) parameters.push(`scope="${scope}"`)
  const detail = text === undefined ? {} : { detail: text }
  const problem = { type: 'about:blank', title: titles[status], status, ...detail, code }
  const headers = {
    ...Object.fromEntries(bodyHeaders.map((name) => [name, []])),
    'content-type': ['application/problem+json'],
    'content-length': [String(JSON.stringify(problem).length)],
    'cache-control': ['no-store'],
  }
  return {
    status,
    challenges: status < 500 ? [`Bearer ${parameters.join(', ')}`] : [],
    retryAfter: status === 503 ? 'soon' : 'no',
    ...(problems ? { body: isHead ? '' : problem, headers } : {}),
    flaws: [],
  }
}

function authOf({ auth }: LetThrough): unknown {
  if (auth === null) return null
  const { claims, permissions = [], scopes = [], roles = [] } = auth
  const { url: iss, audience: aud, kid } = issuer
  const all = { iss, aud, sub: 'alice', iat: now, nbf: now, exp: now + 3600, ...claims }
  const header = { alg: 'ES256', typ: 'JWT', kid }
  return { claims: withoutUndefined(all), header, permissions, scopes, roles }
}

function withoutUndefined(value: object): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown
}

function retryAfterOf({ lines }: RawAnswer): Visible['retryAfter'] {
  const [value, ...more] = valuesOf(lines, 'retry-after')
  if (value === undefined) return 'no'
  return more.length === 0 && /^[1-9]\d?$/.test(value) ? 'soon' : 'nonsense'
}

function bodyOf({ body }: RawAnswer, isHead: boolean): unknown {
  try {
    return isHead ? body : (JSON.parse(body) as unknown)
  } catch {
    return body
  }
}

/** They would describe another body than a problem. */
const bodyHeaders = [
  'content-type',
  'content-length',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-range',
  'transfer-encoding',
  'cache-control',
  'etag',
  'expires',
  'last-modified',
]

function headersOf({ lines }: RawAnswer): BodyHeaders {
  return Object.fromEntries(bodyHeaders.map((name) => [name, valuesOf(lines, name)]))
}

/** All that these applications, their frameworks and Node ever send. */
const knownHeaders = new Set([
  ...bodyHeaders,
  'www-authenticate',
  'retry-after',
  'allow',
  'vary',
  'x-teapot',
  'date',
  'connection',
  'x-powered-by',
  'x-content-type-options',
  'content-security-policy',
])

function flawsOf({ lines, body, status }: RawAnswer, expected: Expected, fields: readonly string[]): readonly string[] {
  const flaws: string[] = []
  for (const line of lines) {
    // A line end within a value would show as another line, which has no such name.
    const name = /^([\w-]+): [\t -~]*$/.exec(line)?.[1]?.toLowerCase()
    if (name === undefined || !knownHeaders.has(name)) flaws.push(`a strange header: ${JSON.stringify(line)}`)
  }
  if ('line' in expected && !lines.includes(expected.line ?? '')) flaws.push(`no header ${expected.line}`)
  const isOurs = status !== 200 && status !== 404 // A framework's page for 404 names the path.
  if (isOurs) flaws.push(...reflections(`${lines.join('\n')}\n${body}`, fields))
  return flaws
}

/** In the requests of the cases, in plain and in base64. */
const canaries = ['Canary', 'Q2FuYXJ5']

/** What is found of a request in its refusal: parts of its token, or a canary. */
function reflections(answer: string, fields: readonly string[]): readonly string[] {
  const values = fields.map((field) => field.slice(field.indexOf(':') + 1))
  const words = values.flatMap((value) => value.split(/[^\w-]+/)).filter((word) => word.length > 11)
  return [...words, ...canaries].filter((word) => answer.includes(word)).map((word) => `reflects ${word}`)
}
