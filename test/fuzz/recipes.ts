// How to make a token, as data: claims and header out of raw JSON text, a signature, and changes at each step.
import * as fc from 'fast-check'
import { audience, issuer, now } from '../support/mint.ts'

/** A change of a JSON object that is spelled out member by member; values are raw text, JSON or not. */
export type Edit =
  | { readonly kind: 'set' | 'repeat'; readonly name: string; readonly value: string }
  | { readonly kind: 'remove' | 'escape'; readonly name: string }

/** A change of text. Its place is a part of the whole length. */
export interface Splice {
  readonly at: number
  readonly remove: number
  /** Each character is a byte. */
  readonly insert: string
}

export interface Recipe {
  /** Which of the pinned algorithms signs it, and is named in its header. */
  readonly algorithm: number
  readonly signedBy: 'one of the keys' | 'a stranger' | 'an unfit key' | 'the public key as secret' | 'nobody'
  readonly header: readonly Edit[]
  readonly claims: readonly Edit[]
  /** Characters of one more claim. */
  readonly bulk: number
  readonly headerText: readonly Splice[]
  readonly payloadText: readonly Splice[]
  /** Of the finished token. */
  readonly shape: keyof typeof shapes
  readonly text: readonly Splice[]
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Other shapes of a token, out of its three parts. */
const shapes = {
  compact: (parts: readonly string[]) => parts.join('.'),
  'no signature': ([header = '', payload = '']: readonly string[]) => `${header}.${payload}.`,
  'two parts': ([header = '', payload = '']: readonly string[]) => `${header}.${payload}`,
  'four parts': (parts: readonly string[]) => `${parts.join('.')}.`,
  'five parts': ([header = '', ...others]: readonly string[]) => [header, '', '', ...others].join('.'),
  'payload first': ([header = '', payload = '', signature = '']: readonly string[]) =>
    [payload, header, signature].join('.'),
  'signature as payload': ([header = '', , signature = '']: readonly string[]) =>
    [header, signature, signature].join('.'),
  'JSON serialization': ([header = '', payload = '', signature = '']: readonly string[]) =>
    JSON.stringify({ payload, protected: header, signature }),
  padded: (parts: readonly string[]) => parts.map((part) => part.padEnd(Math.ceil(part.length / 4) * 4, '=')).join('.'),
  'the other alphabet': (parts: readonly string[]) => parts.join('.').replaceAll('-', '+').replaceAll('_', '/'),
  'spare bits': (parts: readonly string[]) => parts.map(nextSpelling).join('.'),
  'spare bits of the signature': ([header = '', payload = '', signature = '']: readonly string[]) =>
    [header, payload, nextSpelling(signature)].join('.'),
  'lower case': (parts: readonly string[]) => parts.join('.').toLowerCase(),
  twice: (parts: readonly string[]) => `${parts.join('.')}${parts.join('.')}`,
  'line by line': (parts: readonly string[]) => parts.join('.').replaceAll(/.{64}/g, '$&\n'),
} as const

/** With the next character at the end: the same bytes for a lenient decoder, where bits are to spare. */
function nextSpelling(part: string): string {
  const last = alphabet.indexOf(part.at(-1) ?? 'A')
  return part.slice(0, -1) + (alphabet[(last + 1) % alphabet.length] ?? '')
}

export function reshape(parts: readonly string[], shape: Recipe['shape']): string {
  return shapes[shape](parts)
}

export function splice(text: string, { at, remove, insert }: Splice): string {
  const from = Math.round(at * text.length)
  return text.slice(0, from) + insert + text.slice(from + remove)
}

/** A JSON object's text, from members in their order. */
export function spell(members: readonly (readonly [name: string, value: string])[], edits: readonly Edit[]): string {
  const spelled = members.map(([name, value]) => ({ name, value, text: JSON.stringify(name) }))
  for (const edit of edits) {
    const index = spelled.findIndex(({ name }) => name === edit.name)
    const found = spelled[index]
    if (edit.kind === 'remove' && found !== undefined) spelled.splice(index, 1)
    else if (edit.kind === 'escape' && found !== undefined) found.text = escaped(edit.name)
    else if (edit.kind === 'set' && found !== undefined) found.value = edit.value
    else if (edit.kind === 'set' || edit.kind === 'repeat') {
      const text = found?.text === JSON.stringify(edit.name) ? escaped(edit.name) : JSON.stringify(edit.name)
      spelled.push({ name: edit.name, value: edit.value, text })
    }
  }
  return `{${spelled.map(({ text, value }) => `${text}:${value}`).join(',')}}`
}

function escaped(name: string): string {
  const [first = ''] = name
  return `"${name.replace(first, `\\u${first.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
}

/** Raw text in place of a value. Not all of it is JSON. */
const oddValues: readonly string[] = [
  ...String.raw`
    null true false 0 -0 1 -1 0.5 1e400 -1e400 1e1000 1e3 1E+2 253402300799 253402300800 123456789012345678901234567890
    "" "x" "1800000000" [] {} ["x"] [[]] [null] [1,2] {"a":{"b":[1,{"c":null}]}}
    "\u0000" "\ud83d\ude00" "\ud800" "\udc00\ud800" "\/" "\u003a{[}]" "\\" {"\ud800":1}
    {"a":1,"a":1} {"a":1,"\u0061":1} [{"a":[{"b":1,"b":2}]}] {"__proto__":{"admin":true}}
    01 +1 1. .5 - -. 0x1 1_0 NaN Infinity undefined 'x' tru " { [ ] 1, /**/1 {"a"} {a:1} {"a":} [1,] {"a":1,} "\" "\x41" "\u12"`
    .trim()
    .split(/\s+/),
  ...'| 1 |\n1\t|\u000b1|\u00a01|1 2|"\t"|"a\nb"|"\u007f"|"\u00c3\u00a9"'.split('|'),
]

const nested = fc
  .tuple(fc.constantFrom('[', '{"a":'), fc.constantFrom(1, 10, 61, 62, 63, 64, 65, 66, 500, 5000))
  .map(([open, depth]) => open.repeat(depth) + (open === '[' ? '' : '1') + (open === '[' ? ']' : '}').repeat(depth))

const large = fc.oneof(
  fc.constantFrom(100, 1000, 10_000, 40_000).map((length) => `"${'x'.repeat(length)}"`),
  fc
    .constantFrom(10, 1000, 3000)
    .map((count) => `[${Array.from({ length: count }, (_, index) => `"scope:${index}"`).join(',')}]`),
  fc
    .constantFrom(10, 1000)
    .map((count) => `{${Array.from({ length: count }, (_, index) => `"m${index}":${index}`).join(',')}}`),
  fc.constantFrom(10, 1000, 6000).map((count) => `"${'\\u00e9'.repeat(count)}"`),
)

const strings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(JSON.stringify(text)).toString('latin1')),
  fc.jsonValue({ maxDepth: 3 }).map((value) => Buffer.from(JSON.stringify(value)).toString('latin1')),
)

const anyValue = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...oddValues) },
  { weight: 10, arbitrary: strings },
  { weight: 2, arbitrary: nested },
  { weight: 3, arbitrary: large },
)

const json = (...values: readonly unknown[]): readonly string[] => values.map((value) => JSON.stringify(value))
const times = [-301, -300, -299, -61, -60, -6, -5, -4.5, -1, -0.5, 0, 0.5, 1, 4.5, 5, 6, 60, 299, 300, 301, 3600]
const timeValues = times.map((offset) => String(now + offset))

/** Values of each member that mean something. */
const meaningful: Readonly<Record<string, readonly string[]>> = {
  iss: json(issuer, `${issuer}/`, issuer.toUpperCase(), issuer.slice(0, -1), 'https://other.example', [issuer]),
  aud: json(audience, [audience], ['x', audience], [audience, 1], `${audience}/`, [], [[audience]], 'another', null),
  exp: timeValues,
  nbf: timeValues,
  iat: timeValues,
  sub: json('alice', '', 1, null),
  jti: json('1', 1),
  cnf: json({ jkt: 'x' }, null, 1),
  at_hash: json('x', null),
  c_hash: json('x'),
  events: json({}, null),
  token_use: json('access', 'id', ['access'], null),
  scope: json('read write', ['read'], ' a  b ', ''),
  scp: json('read write', ['read', 'write'], [1]),
  permissions: json(['delete'], ['delete', 1], 'delete', [], { 0: 'delete' }),
  roles: json(['admin'], 'admin', null),
  constructor: json('x', null),
  __proto__: json({ exp: 1 }, null),
  toString: json(1),
}

const meaningfulHeaders: Readonly<Record<string, readonly string[]>> = {
  alg: json(
    'none',
    'None',
    'HS256',
    'RS256',
    'ES256',
    'es256',
    'EdDSA',
    'Ed25519',
    'Ed448',
    'PS256',
    '',
    ['ES256'],
    { alg: 'ES256' },
    1,
  ),
  typ: json('JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'APPLICATION/AT+JWT', 'x/y', 'JOSE', '', 1, ['JWT']),
  kid: json('k1', 'k2', 'k3', '', 'x'.repeat(256), 'x'.repeat(257), 1, null, '__proto__', '../k1'),
  crit: json([], ['exp'], ['b64'], 'exp', null),
  b64: json(true, false, null),
  cty: json('JWT'),
  jwk: json({ kty: 'oct', k: 'AAAA' }),
  jku: json('https://evil.example'),
  x5c: json(['AAAA']),
  zip: json('DEF'),
  enc: json('A256GCM'),
  __proto__: json({ alg: 'none' }),
}

function edits(values: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<readonly Edit[]> {
  const edit = fc.constantFrom(...Object.entries(values), ['another', json(1, 'x')] as const).chain(([name, good]) =>
    fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({
          kind: fc.constant('set' as const),
          name: fc.constant(name),
          value: fc.constantFrom(...good),
        }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constantFrom('set' as const, 'repeat' as const),
          name: fc.constant(name),
          value: anyValue,
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('repeat' as const),
          name: fc.constant(name),
          value: fc.constantFrom(...good),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constantFrom('remove' as const, 'escape' as const), name: fc.constant(name) }),
      },
    ),
  )
  return mostly([], fc.array(edit, { minLength: 1, maxLength: 4 }), 1)
}

/** The first more often than anything else. */
function mostly<Value>(usual: Value, others: fc.Arbitrary<Value>, weight: number): fc.Arbitrary<Value> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others })
}

const inserts: readonly string[] = [
  ...String.raw`. .. = + / - _ A z 0 " , : { } [ ] \ `.split(' '),
  ...' |\n|\t|\r|\0'.split('|'),
  // As UTF-8: nothing, overlong, a surrogate, a byte order mark, beyond Unicode, half of a character, and a good one.
  ...'\u00ff|\u00c0\u0080|\u00ed\u00a0\u0080|\u00ef\u00bb\u00bf|\u00f4\u0090\u0080\u0080|\u00e2\u0082|\u00c3\u00a9'.split(
    '|',
  ),
]

function splices(weight: number): fc.Arbitrary<readonly Splice[]> {
  const one = fc.record({
    at: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)),
    remove: fc.constantFrom(0, 0, 1, 1, 2, 5, 100),
    insert: fc.constantFrom(...inserts),
  })
  return mostly([], fc.array(one, { minLength: 1, maxLength: 3 }), weight)
}

const shapeNames = Object.keys(shapes) as (keyof typeof shapes)[]

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  algorithm: fc.nat({ max: 10 }),
  signedBy: mostly<Recipe['signedBy']>(
    'one of the keys',
    fc.constantFrom('a stranger', 'an unfit key', 'the public key as secret', 'nobody'),
    12,
  ),
  header: edits(meaningfulHeaders).chain((some) => mostly<readonly Edit[]>([], fc.constant(some), 2)),
  claims: edits(meaningful),
  bulk: mostly(0, fc.constantFrom(12_000, 30_000, 45_000), 15),
  headerText: splices(25),
  payloadText: splices(15),
  shape: mostly<Recipe['shape']>('compact', fc.constantFrom(...shapeNames), 15),
  text: splices(12),
})
