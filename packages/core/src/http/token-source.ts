// Where the token of a request is: exactly one, by the grammar of RFC 6750 section 2.1.
import { ConfigError, InvalidRequestError } from '../errors.ts'
import { ignoreRejection } from '../ignore-rejection.ts'

/** What is read of a request: Node's `IncomingMessage` has it, whatever the framework. */
export interface RequestLike {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Names and values in turn. Node keeps only the first of two `Authorization` fields in `headers`. */
  readonly rawHeaders?: readonly string[]
}

/** Finds the token of a request; `undefined` if it carries none. @throws InvalidRequestError */
export type TokenSource = (request: RequestLike) => string | undefined

/**
 * The token of `Authorization: Bearer ...` (RFC 6750 section 2.1). The scheme's case does not matter (RFC 9110 section
 * 11.1); another scheme is no token. A second `Authorization` field is refused, as is a value that is not one token.
 */
export function fromBearer(): TokenSource {
  return bearerToken
}

/**
 * The token of a cookie (RFC 6265 section 4.2.1). A browser sends cookies by itself, also with requests that another site
 * made it send: set `SameSite`, and check the `Origin` of requests that change something. A name with the prefix
 * `__Host-` keeps other hosts of the domain from setting it.
 *
 * @throws ConfigError for a name that no cookie can have
 * @example requireJwt(options, { tokenFrom: fromCookie('__Host-session') })
 */
export function fromCookie(name: string): TokenSource {
  if (!isFieldName(name))
    throw new ConfigError('tokenFrom', 'fromCookie() needs the name of a cookie, for instance session.')
  return ({ headers }) => {
    const field = own(headers, 'cookie')
    const pairs = (typeof field === 'object' ? field.join(';') : field)?.split(';') ?? []
    const found = pairs.filter((pair) => trimmed(pair.slice(0, Math.max(0, pair.indexOf('=')))) === name)
    if (found.length > 1) throw multipleTokens(`the cookie ${name} twice: for two paths or domains?`)
    const [pair = ''] = found // Never by its index, under which an empty list inherits.
    const value = trimmed(pair.slice(pair.indexOf('=') + 1))
    return bareToken(value.replace(/^"(.*)"$/s, '$1'), `The cookie ${name}`)
  }
}

/**
 * The token of another header, alone and without a scheme, as some gateways send it.
 *
 * @throws ConfigError for a name that no header can have, and for `authorization` and `cookie`
 * @example requireJwt(options, { tokenFrom: fromHeader('x-access-token') })
 */
export function fromHeader(name: string): TokenSource {
  if (!isFieldName(name))
    throw new ConfigError('tokenFrom', 'fromHeader() needs the name of a header, for instance x-access-token.')
  const field = name.toLowerCase()
  if (field === 'authorization') throw new ConfigError('tokenFrom', 'For the Authorization header use fromBearer().')
  if (field === 'cookie') throw new ConfigError('tokenFrom', 'For a cookie use fromCookie().')
  return (request) => bareToken(oneField(request, field), `The header ${field}`)
}

/** Several places, of which one may hold a token: a request with two is refused, for which one would be meant? */
export function fromOneOf(sources: readonly TokenSource[]): TokenSource {
  return (request) => {
    let found: string | undefined
    for (const source of sources) {
      const token = tokenOf(source, request)
      if (token === undefined) continue
      if (found !== undefined) throw multipleTokens('tokens in more than one of the places that `tokenFrom` names.')
      found = token
    }
    return found
  }
}

/** A source of the application may give anything. */
function tokenOf(source: TokenSource, request: RequestLike): string | undefined {
  const token: unknown = source(request)
  if (token === undefined || typeof token === 'string') return token
  ignoreRejection(token)
  throw new TypeError('tokenFrom must return a string or undefined, at once')
}

/** The scheme. What stands behind it is `token68` or parameters (RFC 9110 section 11.4). */
const authScheme = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/
/** `b64token` (RFC 6750 section 2.1). Whether it is a JWT is the verifier's business. */
const b64token = /^[A-Za-z0-9._~+/-]+=*$/

function bearerToken(request: RequestLike): string | undefined {
  const value = oneField(request, 'authorization')
  if (!value) return undefined
  const scheme = authScheme.exec(value)?.[0] ?? ''
  if (scheme !== '' && scheme.toLowerCase() !== 'bearer') return undefined
  const rest = value.slice(scheme.length)
  const token = rest.replace(/^ +/, '')
  if (token.length < rest.length && b64token.test(token)) return token
  throw malformed(
    rest.trim() === ''
      ? 'Nothing follows `Bearer` in the Authorization header: is a variable empty?'
      : 'The Authorization header must be: Bearer, one blank, one token (RFC 6750 section 2.1).',
  )
}

function bareToken(value: string | undefined, where: string): string | undefined {
  if (!value) return undefined
  if (b64token.test(value)) return value
  throw malformed(`${where} holds something else than one token.`)
}

/** The value of a field that may be there once. */
function oneField({ headers, rawHeaders }: RequestLike, name: string): string | undefined {
  const value = own(headers, name)
  if (countFields(rawHeaders, name) > 1 || (typeof value === 'object' && value.length > 1)) {
    throw multipleTokens(`more than one ${name} header.`)
  }
  return typeof value === 'object' ? value.at(0) : value
}

/**
 * Only what HTTP calls white space (RFC 9110 section 5.6.3). By hand: a regular expression looks for the end of the text anew
 * from each blank of a long row, and a header can be made of them.
 */
function trimmed(text: string): string {
  let from = 0
  let to = text.length
  while (isBlank(text, from)) from++
  while (isBlank(text, to - 1)) to--
  return text.slice(from, to)
}

function isBlank(text: string, index: number): boolean {
  const character = text.charAt(index)
  return character === ' ' || character === '\t'
}

/** A polluted `Object.prototype` sends no token. */
function own(headers: RequestLike['headers'], name: string): string | readonly string[] | undefined {
  return Object.hasOwn(headers, name) ? headers[name] : undefined
}

function countFields(rawHeaders: readonly string[] = [], lowerCaseName: string): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName) count++
  }
  return count
}

/** A `token` (RFC 9110 section 5.6.2): what names of headers and cookies are made of. */
function isFieldName(name: unknown): name is string {
  return typeof name === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)
}

function multipleTokens(what: string): InvalidRequestError {
  return new InvalidRequestError('multiple_tokens', `The request has ${what}`)
}

function malformed(hint: string): InvalidRequestError {
  return new InvalidRequestError('request_malformed', hint)
}
