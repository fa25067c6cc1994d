// Is a shared secret a public or private key in some other form? Then whoever has the public key could sign tokens with it.
import { isDerKey } from '#crypto'
import { guessBase64 } from '../base64url.ts'

/** What the secret is, if it is a key: as it is, or written in base64, hexadecimal, UTF-16 or Latin-1. */
export function keyInDisguise(secret: Uint8Array): string | undefined {
  const text = textOf(secret)
  const forms = [
    secret,
    guessBase64(text),
    hexBytes(text),
    // UTF-16 of ASCII: every other byte is zero, and its byte order mark is no UTF-8.
    new TextEncoder().encode(text.replaceAll('\0', '').replaceAll('\uFFFD', '')),
    // Not without the blanks around it: the last byte of a key may be one.
    Uint8Array.from(new TextDecoder().decode(secret), (character) => character.charCodeAt(0)),
  ]
  return forms.map(keyForm).find((form) => form !== undefined)
}

/** A line of OpenSSH, or the bytes that are in it: a type behind its length, of which three bytes are zero (RFC 4253 section 6.6). */
const sshKey = /^(?:[^ -~]{3}.(?:sk-)?(?:ssh|ecdsa)-|(?:sk-)?(?:ssh|ecdsa)-\S+ AAAA)/s

function keyForm(bytes: Uint8Array): string | undefined {
  const text = textOf(bytes)
  if (/BEGIN [A-Z0-9 ]*(?:KEY|CERTIFICATE)/.test(text)) return 'a PEM'
  if (sshKey.test(text)) return 'an SSH key'
  if (isJwkText(text)) return 'a JWK'
  return isDerKey(withoutLeadingBlanks(bytes)) ? 'a key in DER' : undefined
}

/** Without a byte order mark and the blanks around it. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim()
}

function isJwkText(text: string): boolean {
  if (!/^["[{]/.test(text)) return false
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'string') return isJwkText(value)
    // Wherever they stand in it: other documents have keys and sets as members.
    return /"(?:kty|keys)":/.test(JSON.stringify(value))
  } catch {
    return false
  }
}

/** As far as the text is hexadecimal. */
function hexBytes(text: string): Uint8Array {
  const digits = text.replace(/[^\da-f].*/is, '')
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function withoutLeadingBlanks(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.findIndex((byte) => byte > 0x20)) // Of blanks only, the last one stays.
}
