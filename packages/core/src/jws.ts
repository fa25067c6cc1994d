// Compact JWS (RFC 7515 section 7.1) -> its parts. Strict about form; verifies nothing.
import { decodeBase64Url } from '#crypto'
import { InvalidTokenError } from './errors.ts'
import { readHeader, type TokenHeader } from './header.ts'
import type { KnownHeaders } from './known-headers.ts'
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

/** What a signature is checked with. */
export interface SignedText {
  /** The whole token. */
  readonly token: string
  readonly payload: Uint8Array
  /** `header.payload`, of which each character is a byte that was signed (RFC 7515 section 5.2). */
  readonly signingInput: string
  readonly signature: Uint8Array
}

export interface CompactJws extends SignedText {
  readonly encodedHeader: string
  /** Unchecked beyond being a JSON object. */
  readonly header: TokenHeader
}

const longestHeader = 4096

/** @throws InvalidTokenError `token_malformed` */
export function parseJws(token: unknown, maxTokenLength: number, knownHeaders: KnownHeaders): CompactJws {
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

  const encodedHeader = token.slice(0, headerEnd)
  const header = knownHeaders.find(encodedHeader) ?? parseHeader(encodedHeader)
  const payload = decodePart(token.slice(headerEnd + 1, payloadEnd))
  const signature = decodePart(token.slice(payloadEnd + 1))
  const signingInput = token.slice(0, payloadEnd)
  return { token, encodedHeader, header, payload, signingInput, signature }
}

/** @throws InvalidTokenError `token_malformed` */
export function parsePayload({ payload }: CompactJws): JsonObject {
  const claims = parseJsonObject(payload)
  if (typeof claims === 'string') throw malformed(`The payload is not acceptable JSON: ${claims}.`)
  return claims
}

function parseHeader(encoded: string): TokenHeader {
  const bytes = decodePart(encoded)
  if (bytes.length > longestHeader) throw malformed(`The header is longer than ${longestHeader} bytes.`)
  const members = parseJsonObject(bytes)
  if (typeof members === 'string') throw malformed(`The header is not acceptable JSON: ${members}.`)
  return readHeader(members)
}

function decodePart(encoded: string): Uint8Array {
  const bytes = decodeBase64Url(encoded)
  if (bytes !== undefined) return bytes
  throw malformed('A part of the token is not canonical base64url (RFC 7515 section 2: no padding, no white space).')
}

const notThreeParts =
  'A signed JWT has exactly three parts with dots between them. Without dots it may be an opaque token: ' +
  'some providers issue these unless the client asks for the audience (resource) of your API.'

function malformed(hint: string): InvalidTokenError {
  return new InvalidTokenError('token_malformed', hint)
}
