// Tokens whose payload, or header, is no JSON object, or one that does harm.
import { keyFor } from '../../support/keys.ts'
import { goodClaims, mint, now, signed } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const source = 'RFC 7519 section 7.2, RFC 8259 section 2'
const pollution = 'CWE-1321, CVE-2018-3721 and CVE-2019-10744 (lodash)'
const nesting = 'RFC 8259 section 9, CVE-2026-102265 (PyJWT)'
const key = keyFor('ES256')
const large = { maxTokenLength: 1_048_576 }
const header = '{"alg":"ES256","typ":"JWT"}'
const good = JSON.stringify(goodClaims())

const withPayload = (payload: string): string => signed(header, payload, key)
const adding = (json: string, members: string): string => `${json.slice(0, -1)},${members}}`
const without = (name: string, members: string): string =>
  withPayload(adding(JSON.stringify(goodClaims({ [name]: undefined })), members))

const noObjects = [
  '',
  ' ',
  '[]',
  `[${good}]`,
  '0',
  '42',
  '"text"',
  JSON.stringify(good),
  'null',
  'true',
  'false',
  '{',
  '}',
]
const noJson = [
  `${good.slice(0, -1)},}`,
  `${good}${good}`,
  `${good} {}`,
  `${good}]`,
  `${good};`,
  `${good}\0`,
  `\f${good}`,
  `${good}//`,
  `/**/${good}`,
  `${good}\u2028`,
  `)]}'${good}`,
  good.replaceAll('"', "'"),
  ...['"x":[1,]', '"x":[,1]', '"x":NaN', '"x":Infinity', '"x":-Infinity', '"x":undefined', '"x":01', '"x":-01'].map(
    (x) => adding(good, x),
  ),
  ...['"x":+1', '"x":.5', '"x":1.', '"x":0x10', '"x":1_000', '"x":1n', 'x:1', '"x":"\n"', '"x":"\0"'].map((x) =>
    adding(good, x),
  ),
  ...[String.raw`"x":"\x41"`, String.raw`"x":"\u00"`, '"x":True', '"x"=1', '"x":1/**/', '"x":', ',"x":1'].map((x) =>
    adding(good, x),
  ),
]
const arrays = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const prototypes = [
  '"__proto__":{"admin":true,"permissions":["admin"]}',
  String.raw`"\u005f_proto__":{"admin":true,"permissions":["admin"]}`,
  '"constructor":{"prototype":{"admin":true}}',
  '"a":{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}',
  '"a":[{"__proto__":{"admin":true}}]',
  '"__proto__":null,"constructor":null,"toString":null,"hasOwnProperty":null,"then":null,"toJSON":null',
]

/** Members that are named like something on a prototype: accepted, as members like any other. */
export const prototypeMembers: readonly Attack[] = prototypes.flatMap((members): readonly Attack[] => [
  {
    name: `payload with ${members}`,
    source: pollution,
    token: () => withPayload(adding(good, members)),
    code: 'accepted',
  },
  {
    name: `header with ${members}`,
    source: pollution,
    token: () => signed(adding(header, members), good, key),
    code: 'accepted',
  },
])

export const payloads: Family = {
  about: 'payloads that are no claims, or do harm',
  attacks: [
    ...[...noObjects, ...noJson].flatMap((json, index): readonly Attack[] => [
      {
        name: `payload ${index}: ${JSON.stringify(json).slice(-40)}`,
        source,
        token: () => withPayload(json),
        code: 'token_malformed',
      },
    ]),
    ...[...noObjects, adding(header, '"x":NaN'), `${header}${header}`].map((json): Attack => ({
      name: `header ${JSON.stringify(json)}`,
      source: 'RFC 7515 section 5.2',
      token: () => signed(json, good, key),
      code: 'token_malformed',
    })),
    ...[arrays, objects].flatMap((nested) =>
      [64, 65, 1000, 50_000, 100_000].map((depth): Attack => ({
        name: `${nested(1)} ${depth} deep within the payload`,
        source: 'RFC 8259 section 9',
        token: () => withPayload(adding(good, `"x":${nested(depth)}`)),
        code: 'token_malformed',
        options: large,
      })),
    ),
    ...[arrays, objects].flatMap((nested) =>
      [65, 500, 100_000].map((depth): Attack => ({
        name: `${nested(1)} ${depth} deep in the header`,
        source: nesting,
        token: () => signed(adding(header, `"x":${nested(depth)}`), good, key),
        code: 'token_malformed',
        options: large,
      })),
    ),
    ...[arrays, objects].flatMap((nested): readonly Attack[] => [
      {
        name: `${nested(1)} 100,000 deep as payload`,
        source: 'RFC 8259 section 9',
        token: () => withPayload(nested(100_000)),
        code: 'token_malformed',
        options: large,
      },
      {
        name: `${nested(1)} 100,000 deep as header`,
        source: nesting,
        token: () => signed(nested(100_000), good, key),
        code: 'token_malformed',
        options: large,
      },
      {
        name: `${nested(1)} as deep as is allowed`,
        source: 'RFC 8259 section 9',
        token: () => withPayload(adding(good, `"x":${nested(63)}`)),
        code: 'accepted',
      },
    ]),
    ...['exp', 'nbf', 'iat'].flatMap((name) =>
      ['1e400', '-1e400'].map((time): Attack => ({
        name: `${name} ${time}`,
        source: 'RFC 8259 section 6',
        token: () => without(name, `"${name}":${time}`),
        code: 'claim_invalid',
      })),
    ),
    ...['iss', 'aud', 'exp', 'nbf'].map((name): Attack => ({
      name: `${name} in __proto__ only`,
      source: pollution,
      token: () => without(name, `"__proto__":${JSON.stringify(goodClaims({ exp: now + 60 }))}`),
      code: 'claim_missing',
    })),
    {
      name: 'alg in __proto__ only',
      source: pollution,
      token: () => signed('{"__proto__":{"alg":"ES256"}}', good, key),
      code: 'algorithm_not_allowed',
    },
    ...prototypeMembers,
    {
      name: 'a good token where long tokens are accepted',
      source,
      token: () => mint(),
      code: 'accepted',
      options: large,
    },
    { name: 'a good token', source, token: () => mint(), code: 'accepted' },
  ],
}
