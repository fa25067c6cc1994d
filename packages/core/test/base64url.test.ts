// base64url in the two ways it is read: as a token must have it, and as a person might have written a key.
import { describe, expect, it } from 'vitest'
import { decodeBase64Url, guessBase64 } from '../src/base64url.ts'

const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index)

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('hex')
}

describe('base64url of a token', () => {
  it.each([0, 1, 2, 3, 4, 5, 255, 256])('is read as %i bytes that were written', (length) => {
    const bytes = allBytes.subarray(0, length).toReversed()
    expect(text(decodeBase64Url(Buffer.from(bytes).toString('base64url')))).toBe(text(bytes))
  })

  it.each(['A', '_', 'AAAAA', 'AQIDBAUGB'])('has no such length: %s', (impossible) => {
    expect(decodeBase64Url(impossible)).toBeUndefined()
  })

  it.each(['AB', 'AAAAAP', 'AAB', 'AAC', 'AAAAAAD'])('has no spare bits: %s', (spare) => {
    expect(decodeBase64Url(spare)).toBeUndefined()
  })

  it.each(['=', '+', '/', ' ', '\n', '\0', '\x7f', '\u00c1', '\u0141', '\u2041', '\uff21'])(
    'has no %j, wherever it stands',
    (character) => {
      for (const good of ['AA', 'AAA', 'AAAA', 'AAAAAA', 'AAAAAAA']) {
        for (let index = 0; index < good.length; index++) {
          const foreign = good.slice(0, index) + character + good.slice(index + 1)
          expect([foreign, decodeBase64Url(foreign)]).toEqual([foreign, undefined])
        }
      }
    },
  )
})

describe('base64 of a person', () => {
  it.each(['base64', 'base64url'] as const)('is read in the alphabet of %s', (encoding) => {
    for (let length = 0; length <= 256; length++) {
      const bytes = allBytes.subarray(256 - length)
      expect(text(guessBase64(Buffer.from(bytes).toString(encoding)))).toBe(text(bytes))
    }
  })

  it.each([
    ['', ''],
    ['=', ''],
    ['A', ''],
    ['AQ', '01'],
    ['AR', '01'],
    ['AQIDBA', '01020304'],
    ['AQIDBA==', '01020304'],
    ['AQIDBA==BAUG', '01020304'],
    ['AQIDBA=BA\nUG==', '01020304'],
    ['=AQIDBA', ''],
    [' AQ\r\nID\t!BA. ', '01020304'],
    ['AQID\u0141BA', '01020304'],
    ['+/-_', 'fbffbf'],
    ['++//++//', 'fbeffffbefff'],
  ])('%j is taken for the bytes "%s"', (written, hex) => {
    expect(text(guessBase64(written))).toBe(hex)
  })
})
