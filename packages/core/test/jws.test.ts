// The form of a token (RFC 7515 section 7.1): three segments in canonical base64url, within the limits.
import { describe, expect, it } from 'vitest'
import { keyFor } from '../../../test/support/keys.ts'
import { base64url, goodClaims, mint, partsOf, signatureOf, signed } from '../../../test/support/mint.ts'
import { codeOf, refusalOf, testVerifier } from '../../../test/support/verifiers.ts'

const key = keyFor('ES256')
const [header, payload, signature] = partsOf(mint())
const good = `${header}.${payload}.${signature}`

describe('the segments', () => {
  it.each([
    ['one dot', '.'],
    ['two dots', '..'],
    ['one segment', header],
    ['two segments', `${header}.${payload}`],
    ['four segments', `${good}.${signature}`],
    ['five segments, as an encrypted token has', `${header}.${payload}.${signature}.${payload}.${signature}`],
    ['a dot before', `.${good}`],
    ['a dot behind', `${good}.`],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload', signedText(header, '')],
    ['a blank before', ` ${good}`],
    ['a line feed behind', `${good}\n`],
    ['the scheme before', `Bearer ${good}`],
    ['quotes around', `"${good}"`],
    ['two tokens', `${good},${good}`],
    ['the JSON serialization', JSON.stringify({ protected: header, payload, signature })],
  ])('%s: malformed', async (_what, token) => {
    expect(await codeOf(testVerifier().verify(token))).toBe('token_malformed')
  })

  it('no dot at all: the hint says what an opaque token is', async () => {
    const { code, hint } = await refusalOf(testVerifier().verify('mF_9.B5f-4.1JqM'.replaceAll('.', '')))
    expect(code).toBe('token_malformed')
    expect(hint).toMatch(/opaque/)
  })

  it('five segments: the hint says that encrypted tokens are not supported', async () => {
    const { hint } = await refusalOf(testVerifier().verify([header, payload, signature, payload, signature].join('.')))
    expect(hint).toMatch(/encrypted token \(JWE\).*not supported/)
  })

  it('an empty signature: the signature is invalid, as the token itself has the form', async () => {
    expect(await codeOf(testVerifier().verify(`${header}.${payload}.`))).toBe('signature_invalid')
  })

  it.each([16_384, 1_048_576])('as many dots as %i characters hold are refused at once', async (length) => {
    const verifier = testVerifier({ maxTokenLength: length })
    const startedAt = performance.now()
    expect(await codeOf(verifier.verify('.'.repeat(length)))).toBe('token_malformed')
    expect(performance.now() - startedAt).toBeLessThan(200)
  })
})

describe('base64url', () => {
  const bytes = (document: string, remainder: number): string =>
    document + ' '.repeat((3 + remainder - (document.length % 3)) % 3)
  const headerText = JSON.stringify({ alg: 'ES256', typ: 'JWT', odd: '???~~~>>> ???~~~>>>  ???~~~>>>' })
  const payloadText = JSON.stringify(goodClaims({ odd: '???~~~>>> ???~~~>>>  ???~~~>>>' }))
  /** Header and payload by how many bytes are over after the last whole group of three. */
  const segments = [0, 1, 2].map((remainder) => ({
    header: base64url(bytes(headerText, remainder)),
    payload: base64url(bytes(payloadText, remainder)),
  }))
  const [whole, oneOver, twoOver] = segments as [Pair, Pair, Pair]

  interface Pair {
    readonly header: string
    readonly payload: string
  }

  const spellings: readonly (readonly [string, Pair, (segment: string) => string])[] = [
    ['with the padding ==', oneOver, (segment) => `${segment}==`],
    ['with the padding =', twoOver, (segment) => `${segment}=`],
    ['with half of its padding', oneOver, (segment) => `${segment}=`],
    ['with padding that it does not need', whole, (segment) => `${segment}====`],
    ['with the padding in its middle', whole, (segment) => `${segment.slice(0, 4)}=${segment.slice(4)}`],
    ['with four spare bits set', oneOver, (segment) => withSpareBit(segment)],
    ['with two spare bits set', twoOver, (segment) => withSpareBit(segment)],
    ['of an impossible length', whole, (segment) => `${segment}A`],
    ['with + in place of -', whole, (segment) => segment.replaceAll('-', '+')],
    ['with / in place of _', whole, (segment) => segment.replaceAll('_', '/')],
    ['with a blank before', whole, (segment) => ` ${segment}`],
    ['with a blank behind', whole, (segment) => `${segment} `],
    ['with a blank inside', whole, (segment) => `${segment.slice(0, 4)} ${segment.slice(4)}`],
    ['with a line feed inside', whole, (segment) => `${segment.slice(0, 4)}\n${segment.slice(4)}`],
    ['with a carriage return behind', whole, (segment) => `${segment}\r`],
    ['with a tab inside', whole, (segment) => `${segment.slice(0, 4)}\t${segment.slice(4)}`],
    ['with a zero character behind', whole, (segment) => `${segment}\0`],
    ['with a no-break space inside', whole, (segment) => `${segment.slice(0, 4)}\u00a0${segment.slice(4)}`],
    ['with a byte order mark before', whole, (segment) => `\ufeff${segment}`],
    ['with a character that only ends in the same byte', whole, (segment) => withForeignCharacter(segment)],
    ['with characters of full width', whole, (segment) => segment.replaceAll('e', '\uff45')],
    ['with an exclamation mark inside', whole, (segment) => `${segment.slice(0, 4)}!${segment.slice(4)}`],
    ['with a percent-encoded dash', whole, (segment) => segment.replaceAll('-', '%2D')],
  ]

  it.each(segments)('is accepted as it should be, whatever its length: $header.length', async (pair) => {
    await expect(testVerifier().verify(signedText(pair.header, pair.payload))).resolves.toBeDefined()
  })

  // The signature is good over the text as it stands, so that nothing but the spelling can be the reason.
  it.each(spellings)('in the header %s: malformed', async (_how, pair, respell) => {
    const other = respell(pair.header)
    expect(other).not.toBe(pair.header)
    expect(await codeOf(testVerifier().verify(signedText(other, pair.payload)))).toBe('token_malformed')
  })

  it.each(spellings)('in the payload %s: malformed', async (_how, pair, respell) => {
    const other = respell(pair.payload)
    expect(other).not.toBe(pair.payload)
    expect(await codeOf(testVerifier().verify(signedText(pair.header, other)))).toBe('token_malformed')
  })

  // A signature of ES256 has 64 bytes, so one is over; ES384's 96 are whole groups, ES512's 132 too.
  const signatureSpellings = spellings.filter(([, pair]) => pair === oneOver || pair === whole)

  it.each(signatureSpellings)('in the signature %s: malformed', async (_how, pair, respell) => {
    const input = `${pair.header}.${pair.payload}`
    const spelled = pair === whole ? signatureFor(input, 'ES384') : signatureFor(input, 'ES256')
    const other = respell(spelled)
    expect(other).not.toBe(spelled)
    expect(await codeOf(testVerifier().verify(`${input}.${other}`))).toBe('token_malformed')
  })

  /** One with all that the cases replace; only its form counts. */
  function signatureFor(input: string, alg: 'ES256' | 'ES384'): string {
    for (;;) {
      const text = base64url(signatureOf(input, keyFor(alg)))
      if (['-', '_', 'e'].every((character) => text.includes(character))) return text
    }
  }

  function withSpareBit(segment: string): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(segment.slice(-1))
    return segment.slice(0, -1) + alphabet.charAt(last + 1)
  }

  function withForeignCharacter(segment: string): string {
    return String.fromCharCode(segment.charCodeAt(0) + 0x100) + segment.slice(1)
  }
})

describe('the limits', () => {
  it('a token of 16,384 characters is accepted, one of 16,385 is refused', async () => {
    await expect(testVerifier().verify(tokenOfLength(16_384))).resolves.toBeDefined()
    const { code, hint } = await refusalOf(testVerifier().verify(tokenOfLength(16_385)))
    expect(code).toBe('token_malformed')
    expect(hint).toContain('maxTokenLength')
  })

  it('maxTokenLength moves the limit', async () => {
    const maxTokenLength = 20_000
    await expect(testVerifier({ maxTokenLength }).verify(tokenOfLength(20_000))).resolves.toBeDefined()
    expect(await codeOf(testVerifier({ maxTokenLength }).verify(tokenOfLength(20_001)))).toBe('token_malformed')
    expect(await codeOf(testVerifier({ maxTokenLength: 256 }).verify(tokenOfLength(400)))).toBe('token_malformed')
  })

  it('a header of 4,096 bytes is accepted, one of 4,097 is refused', async () => {
    const text = JSON.stringify({ alg: 'ES256', typ: 'JWT' })
    const claims = JSON.stringify(goodClaims())
    await expect(testVerifier().verify(signed(text.padEnd(4096), claims, key))).resolves.toBeDefined()
    const { code, hint } = await refusalOf(testVerifier().verify(signed(text.padEnd(4097), claims, key)))
    expect([code, hint]).toEqual(['token_malformed', 'The header is longer than 4096 bytes.'])
  })

  it('a header of a megabyte is refused at once, whatever maxTokenLength says', async () => {
    const text = JSON.stringify({ alg: 'ES256', typ: 'JWT', x: 'x'.repeat(700_000) })
    const token = signed(text, JSON.stringify(goodClaims()), key)
    expect(await codeOf(testVerifier().verify(token))).toBe('token_malformed')
    expect(await codeOf(testVerifier({ maxTokenLength: 1_048_576 }).verify(token))).toBe('token_malformed')
  })

  /** Blanks in header and payload make up for the lengths that base64url does not have. */
  function tokenOfLength(length: number): string {
    for (let inHeader = 0; inHeader < 3; inHeader++) {
      const head = base64url(JSON.stringify({ alg: 'ES256', typ: 'JWT' }) + ' '.repeat(inHeader))
      const text = JSON.stringify(goodClaims())
      const wanted = Math.floor(((length - head.length - 2 - 86) * 3) / 4)
      const token = signedText(head, base64url(text.padEnd(wanted)))
      if (token.length === length) return token
    }
    throw new Error(`there is no token of ${length} characters`)
  }
})

/** A good signature over the two texts as they are. */
function signedText(head: string, body: string): string {
  const input = `${head}.${body}`
  return `${input}.${base64url(signatureOf(input, key))}`
}
