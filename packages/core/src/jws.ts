// Compact JWS (RFC 7515 section 7.1) -> its parts. Strict about form; verifies nothing.
import { decodeBase64Url } from '#crypto'
import { InvalidTokenError } from './errors.ts'
import { parseJsonObject, type JsonObject } from './strict-json.ts'

/** The header of a token, as sent (RFC 7515 section 4). */
export interface JwtHeader {
  /** The signature algorithm; after verification one of those that the verifier is pinned to. */
  readonly alg: string
  /** Which key of its issuer signed the token. */
  readonly kid?: string
  /** The media type of the token, usually `JWT` or `at+jwt` (RFC 9068 section 2.1). */
  readonly typ?: string
  readonly [member: string]: unknown
}

export interface CompactJws {
  /** The whole text. */
  readonly token: string
  /** Unchecked beyond being a JSON object. */
  readonly header: JsonObject
  readonly payload: Uint8Array
  /** `header.payload`, the bytes that were signed (RFC 7515 section 5.2). */
  readonly signingInput: Uint8Array
  readonly signature: Uint8Array
}

const longestHeader = 4096
const utf8 = new TextEncoder()

/** @throws InvalidTokenError `token_malformed` */
export function parseJws(token: unknown, maxTokenLength: number): CompactJws {
  if (typeof token !== 'string') throw malformed('The token is not a string.')
  if (token.length > maxTokenLength) {
    throw malformed(`The token is longer than ${maxTokenLength} characters: see the option \`maxTokenLength\`.`)
  }

  const headerEnd = token.indexOf('.')
  const payloadEnd = token.indexOf('.', headerEnd + 1)
  if (payloadEnd < 0) throw malformed(notThreeParts)
  if (token.includes('.', payloadEnd + 1)) {
    throw malformed(`${notThreeParts} Five parts would be an encrypted token (JWE), which is not supported.`)
  }

  const headerBytes = decodeBase64Url(token.slice(0, headerEnd))
  const payload = decodeBase64Url(token.slice(headerEnd + 1, payloadEnd))
  const signature = decodeBase64Url(token.slice(payloadEnd + 1))
  if (headerBytes === undefined || payload === undefined || signature === undefined) {
    throw malformed('A part of the token is not canonical base64url (RFC 7515 section 2: no padding, no white space).')
  }
  if (headerBytes.length > longestHeader) throw malformed(`The header is longer than ${longestHeader} bytes.`)

  const header = parseJsonObject(headerBytes)
  if (typeof header === 'string') throw malformed(`The header is not acceptable JSON: ${header}.`)

  return { token, header, payload, signingInput: utf8.encode(token.slice(0, payloadEnd)), signature }
}

/** @throws InvalidTokenError `token_malformed` */
export function parsePayload({ payload }: CompactJws): JsonObject {
  const claims = parseJsonObject(payload)
  if (typeof claims === 'string') throw malformed(`The payload is not acceptable JSON: ${claims}.`)
  return claims
}

const notThreeParts =
  'A signed JWT has exactly three parts with dots between them. Without dots it may be an opaque token: ' +
  'some providers issue these unless the client asks for the audience (resource) of your API.'

function malformed(hint: string): InvalidTokenError {
  return new InvalidTokenError('token_malformed', hint)
}
