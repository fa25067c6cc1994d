// Where the token of a request is: exactly one, by the grammar of RFC 6750 section 2.1.
import { InvalidRequestError } from '../errors.ts'

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

/** The scheme, then what stands behind it: `token68` or parameters (RFC 9110 section 11.4). */
const credentials = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(.*)$/s
/** Blanks, then `b64token` (RFC 6750 section 2.1). Whether it is a JWT is the verifier's business. */
const blanksAndToken = /^ +([A-Za-z0-9._~+/-]+=*)$/

function bearerToken(request: RequestLike): string | undefined {
  const value = authorization(request)
  if (value === undefined || value === '') return undefined
  const [, scheme, rest = ''] = credentials.exec(value) ?? []
  if (scheme !== undefined && scheme.toLowerCase() !== 'bearer') return undefined
  const token = blanksAndToken.exec(rest)?.[1]
  if (token !== undefined) return token
  const hint =
    rest.trim() === ''
      ? 'Nothing follows `Bearer` in the Authorization header: is a variable empty?'
      : 'The Authorization header must be: Bearer, one blank, one token (RFC 6750 section 2.1).'
  throw new InvalidRequestError('request_malformed', hint)
}

function authorization({ headers, rawHeaders }: RequestLike): string | undefined {
  const value = Object.hasOwn(headers, 'authorization') ? headers.authorization : undefined
  if (countFields(rawHeaders) > 1 || (typeof value === 'object' && value.length > 1)) {
    throw new InvalidRequestError('multiple_tokens', 'The request has more than one Authorization header.')
  }
  return typeof value === 'object' ? value[0] : value
}

function countFields(rawHeaders: readonly string[] = []): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count++
  }
  return count
}
