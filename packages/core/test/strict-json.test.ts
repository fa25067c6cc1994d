// Header and payload are each one strict JSON object: UTF-8, of bounded depth, no member twice, no broken text.
import { describe, expect, it } from 'vitest'
import { keyFor } from '../../../test/support/keys.ts'
import { goodClaims, signed } from '../../../test/support/mint.ts'
import { codeOf, refusalOf, testVerifier } from '../../../test/support/verifiers.ts'

const key = keyFor('ES256')
const headerText = JSON.stringify({ alg: 'ES256', typ: 'JWT' })
const payloadText = JSON.stringify(goodClaims())
const objectTexts = { header: headerText, payload: payloadText } as const
const parts = ['header', 'payload'] as const

type Part = (typeof parts)[number]
type Content = string | Uint8Array

/** A good token but for this document, correctly signed. */
function tokenWith(part: Part, document: Content): string {
  return part === 'header' ? signed(document, payloadText, key) : signed(headerText, document, key)
}

/** The good object with further text or bytes inside, for instance `,"x":1`. */
function withMembers(part: Part, members: Content): Uint8Array {
  const text = objectTexts[part]
  return Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(members), Buffer.from('}')])
}

/** Objects or arrays within each other, so many that the object around them makes `depth`. */
function nested(depth: number, [open, close]: readonly [string, string]): string {
  return `,"deep":${open.repeat(depth - 1)}1${close.repeat(depth - 1)}`
}

describe.each(parts)('the %s', (part) => {
  const good = objectTexts[part]

  it.each<[string, Content]>([
    ['null', 'null'],
    ['true', 'true'],
    ['a number', '1800000000'],
    ['a string', '"text"'],
    ['an array', '[]'],
    ['an array with the object', `[${good}]`],
    ['a string with the object', JSON.stringify(good)],
    ['blanks only', '   '],
    ['a zero byte only', '\0'],
    ['two objects', good + good],
    ['an object and more', `${good}x`],
    ['an object and a zero byte', `${good}\0`],
    ['an object that does not end', good.slice(0, -1)],
    ['a string within it that does not end', `${good.slice(0, -1)},"x":"y}`],
    ['a backslash as its end', `${good.slice(0, -1)},"x":"y\\`],
    ['an object without quotes', '{alg:"ES256"}'],
    ['single quotes', good.replaceAll('"', "'")],
    ['a byte order mark before the object', `\ufeff${good}`],
    ['the object in UTF-16', Buffer.from(good, 'utf16le')],
    ['the object in UTF-16 with its byte order mark', Buffer.from(`\ufeff${good}`, 'utf16le')],
    ['a no-break space before the object', `\u00a0${good}`],
    ['text that is not JSON', 'alg=ES256'],
  ])('as %s is malformed', async (_what, document) => {
    expect(await codeOf(testVerifier().verify(tokenWith(part, document)))).toBe('token_malformed')
  })

  it.each<[string, Content]>([
    ['a trailing comma', ','],
    ['a comment', '/* */'],
    ['NaN', ',"x":NaN'],
    ['Infinity', ',"x":-Infinity'],
    ['a hexadecimal number', ',"x":0x10'],
    ['a number with a leading zero', ',"x":01'],
    ['a line feed within a string', ',"x":"a\nb"'],
    ['an unknown escape', ',"x":"\\x41"'],
    ['a member twice', ',"x":1,"x":2'],
    ['a member twice with the same value', ',"x":1,"x":1'],
    ['a member twice, once with its name escaped', ',"ab":1,"\\u0061b":2'],
    ['a member twice, escaped in two ways', ',"\\u006E":1,"\\u006e":2'],
    ['a member twice, once with a slash escaped', ',"a/b":1,"a\\/b":2'],
    ['a member twice in an inner object', ',"x":{"y":{"z":1,"z":2}}'],
    ['a member twice in an object in an array', ',"x":[[{"z":1,"z":2}]]'],
    ['a member with an empty name twice', ',"":1,"":2'],
    ['__proto__ twice', ',"__proto__":1,"__proto__":2'],
    ['a number as a name twice', ',"1":1,"1":2'],
    ['a high surrogate alone', ',"x":"\\ud800"'],
    ['a low surrogate alone', ',"x":"\\udc00"'],
    ['surrogates in the wrong order', ',"x":"\\udc00\\ud800"'],
    ['a lone surrogate at the end of a string', ',"x":"text\\uD83D"'],
    ['a lone surrogate in a name', ',"\\ud800":1'],
    ['a lone surrogate in an inner array', ',"x":[["\\udfff"]]'],
    ['a byte that begins nothing in UTF-8', bytes(',"x":"', [0x80], '"')],
    ['a byte that UTF-8 never has', bytes(',"x":"', [0xff], '"')],
    ['Latin-1 in place of UTF-8', Buffer.from(',"x":"é"', 'latin1')],
    ['a character that is cut off', bytes(',"x":"', [0xe2, 0x82], '"')],
    ['an overlong encoding', bytes(',"x":"', [0xc0, 0xaf], '"')],
    ['an overlong zero', bytes(',"x":"', [0xc0, 0x80], '"')],
    ['a surrogate in UTF-8', bytes(',"x":"', [0xed, 0xa0, 0x80], '"')],
    ['a surrogate pair in UTF-8 (CESU-8)', bytes(',"x":"', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], '"')],
    ['a code point beyond Unicode', bytes(',"x":"', [0xf4, 0x90, 0x80, 0x80], '"')],
    ['objects 65 levels deep', nested(65, ['{"a":', '}'])],
    ['arrays 65 levels deep', nested(65, ['[', ']'])],
    ['objects and arrays in turn 65 levels deep', `,"deep":${'[{"a":'.repeat(32)}1${'}]'.repeat(32)}`],
    ['arrays 1,000 levels deep', nested(1000, ['[', ']'])],
    [
      'arrays 65 levels deep behind closing brackets in a string',
      `,"x":"${']}'.repeat(500)}"${nested(65, ['[', ']'])}`,
    ],
    ['closing brackets in strings on each of 65 levels', nested(65, ['["]",', ']'])],
    ['arrays that are never closed', `,"deep":${'['.repeat(1000)}`],
  ])('with %s is malformed', async (_what, members) => {
    expect(await codeOf(testVerifier().verify(tokenWith(part, withMembers(part, members))))).toBe('token_malformed')
  })

  it.each<[string, Content]>([
    ['it is not UTF-8', withMembers(part, bytes(',"x":"', [0xff], '"'))],
    ['it is nested deeper than 64 levels', withMembers(part, nested(65, ['[', ']']))],
    ['it does not parse', withMembers(part, ',')],
    ['it is not an object', '[]'],
    ['it holds a lone surrogate', withMembers(part, ',"x":"\\ud800"')],
    ['it holds a lone surrogate', withMembers(part, ',"x":["\\ud800"]')],
    ['it holds a lone surrogate', withMembers(part, ',"x":{"y":"\\ud800"}')],
    ['it has a member twice', withMembers(part, ',"x":1,"x":2')],
  ])('is refused with the reason: %s', async (reason, document) => {
    const { hint } = await refusalOf(testVerifier().verify(tokenWith(part, document)))
    expect(hint).toBe(`The ${part} is not acceptable JSON: ${reason}.`)
  })

  it.each<[string, string]>([
    ['objects 64 levels deep', nested(64, ['{"a":', '}'])],
    ['arrays 64 levels deep', nested(64, ['[', ']'])],
    ['many shallow objects', `,"x":[${Array(300).fill('{"a":[]}').join(',')}]`],
    ['brackets in a string, however many', `,"x":"${'[{'.repeat(500)}"`],
    ['brackets behind an escaped quote', `,"x":"\\"${'[{'.repeat(500)}"`],
    ['a string that ends with a backslash', ',"x":"\\\\","y":"\\\\\\\\"'],
    ['a string that looks like members', ',"x":"\\"x\\":1,\\"x\\":2"'],
    ['a colon in a name', ',"a:b":1,"c":":::"'],
    ['names that differ in case', ',"x":1,"X":2'],
    ['names that differ in their normal form', ',"\\u00e9":1,"e\\u0301":2'],
    ['the same name in two objects', ',"x":{"x":{"x":1}},"y":[{"x":1},{"x":2}]'],
    ['an empty name', ',"":{"":1}'],
    ['null, a truth and a number beside an escape', ',"x":null,"y":[true,7],"z":"\\u0041"'],
    ['an escaped surrogate pair', ',"x":"\\ud83d\\ude00"'],
    ['characters of every length in UTF-8', ',"x":"aé€😀"'],
    ['an escaped zero', ',"x":"\\u0000"'],
    ['blanks everywhere', ' \n, \t"x" \r: \n[ ] '],
    ['numbers of every form', ',"x":[0,-0,1.5,1e10,1E-5,-2.5e+3]'],
    ['members named like those of every object', ',"constructor":1,"toString":2,"hasOwnProperty":null'],
  ])('with %s is accepted and comes out as it is', async (_what, members) => {
    const auth = await testVerifier().verify(tokenWith(part, withMembers(part, members)))
    const found = part === 'header' ? auth.header : auth.claims
    expect(found).toEqual(JSON.parse(`${objectTexts[part].slice(0, -1)}${members}}`))
  })

  it.each([
    ['__proto__', ',"__proto__":{"polluted":true,"sub":"root"}'],
    ['constructor', ',"constructor":{"prototype":{"polluted":true}}'],
    ['__proto__ within', ',"x":{"__proto__":{"polluted":true}}'],
    ['__proto__ escaped', ',"\\u005f_proto__":{"polluted":true}'],
  ])('with a member %s pollutes nothing', async (_what, members) => {
    const auth = await testVerifier().verify(tokenWith(part, withMembers(part, members)))
    for (const object of [{}, [], auth, auth.claims, auth.header, auth.permissions]) {
      expect('polluted' in object).toBe(false)
    }
    expect(Object.getPrototypeOf(auth.claims)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(auth.header)).toBe(Object.prototype)
  })
})

describe('a member __proto__ of the payload', () => {
  const members = { sub: 'root', permissions: ['delete'], scope: 'delete', scp: ['delete'], roles: ['admin'] }
  const { sub: _sub, ...claims } = goodClaims()
  const payload = `${JSON.stringify(claims).slice(0, -1)},"__proto__":${JSON.stringify(members)}}`
  const token = signed(headerText, payload, key)

  it('grants nothing', async () => {
    const { claims, permissions, scopes, roles } = await testVerifier().verify(token)
    expect([claims.sub, permissions, scopes, roles]).toEqual([undefined, [], [], []])
  })

  it('gives no claim that is required', async () => {
    expect(await codeOf(testVerifier({ requiredClaims: ['sub'] }).verify(token))).toBe('claim_missing')
  })
})

function bytes(before: string, middle: readonly number[], after: string): Uint8Array {
  return Buffer.concat([Buffer.from(before), Buffer.from(middle), Buffer.from(after)])
}
