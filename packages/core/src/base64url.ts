// base64url as JWS wants it (RFC 7515 section 2): one text for each sequence of bytes, or nothing.

/**
 * The bytes, or `undefined` if `text` is not canonical: padding, white space, the other alphabet, spare bits, an
 * impossible length. Decoding is lenient, so the proof is to encode again: two texts for one token would let a refused
 * or revoked token come back in other clothes.
 */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
