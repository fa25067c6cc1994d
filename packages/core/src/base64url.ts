// base64url as JWS wants it (RFC 7515 section 2): one text for each sequence of bytes, or nothing. On any runtime.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** More than six bits, so that a character outside of the alphabet shows in any sum with others. */
const foreign = 0x80

/** The value of each ASCII character, by its code. */
const values = new Uint8Array(128).fill(foreign)
for (const [value, code] of new TextEncoder().encode(alphabet).entries()) values[code] = value

/**
 * The bytes, or `undefined` if `text` is not canonical: padding, white space, the other alphabet, spare bits, an
 * impossible length. Two texts for one token would let a refused or revoked token come back in other clothes.
 */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  const rest = text.length % 4
  const bytes = new Uint8Array((text.length * 3) >> 2)
  const wholeEnd = text.length - rest
  let seen = 0
  let to = 0
  for (let from = 0; from < wholeEnd; from += 4) {
    const a = valueAt(text, from)
    const b = valueAt(text, from + 1)
    const c = valueAt(text, from + 2)
    const d = valueAt(text, from + 3)
    seen |= a | b | c | d
    bytes[to++] = (a << 2) | (b >> 4)
    bytes[to++] = (b << 4) | (c >> 2)
    bytes[to++] = (c << 6) | d
  }
  if (rest > 0) {
    const a = valueAt(text, wholeEnd)
    const b = valueAt(text, wholeEnd + 1)
    const c = rest === 3 ? valueAt(text, wholeEnd + 2) : 0
    const spare = rest === 3 ? c & 0b11 : b & 0b1111
    if (spare !== 0) return undefined
    seen |= a | b | c
    bytes[to++] = (a << 2) | (b >> 4)
    bytes[to] = (b << 4) | (c >> 2) // Where there is no third character, there is no place for it either.
  }
  return seen < foreign ? bytes : undefined
}

/**
 * What the text could mean as base64 of either alphabet, to whoever is not strict: other characters are left out, and
 * padding ends it. Never for tokens.
 */
export function guessBase64(text: string): Uint8Array {
  const characters = text
    .replace(/=.*/s, '')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/[^\w-]/g, '')
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (let index = 0; index < characters.length; index++) {
    held = ((held & 0xff) << 6) | valueAt(characters, index)
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 0xff)
  }
  return Uint8Array.from(bytes)
}

function valueAt(text: string, index: number): number {
  const code = text.charCodeAt(index)
  // Beyond ASCII the code itself is foreign. Beyond the end it is NaN, of which NUL is made: foreign too.
  return (values[code & 0x7f] ?? foreign) | (code & ~0x7f)
}
