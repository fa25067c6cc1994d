// Tokens whose `kid` means something to whoever looks a key up carelessly.
import { createSecretKey } from 'node:crypto'
import { jwkOf, keyFor, newKey, type SigningKey } from '../../support/keys.ts'
import { mint } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const source = 'RFC 7515 section 4.1.4, RFC 8725 section 3.10'
const key = keyFor('ES256')
const attacker = newKey('ES256')
/** A set with two keys: without the `kid`, none of them is chosen. */
const inSet = {
  jwks: { keys: [jwkOf(key, { kid: 'current' }), jwkOf(newKey('ES256'), { kid: 'next' })] },
}
const hmac = { algorithms: ['HS256'], secret: keyFor('HS256').verifier } as const
const large = { ...inSet, maxTokenLength: 1_048_576 }

function hmacKey(secret: string): SigningKey {
  const signer = createSecretKey(Buffer.from(secret))
  return { alg: 'HS256', signer, verifier: signer }
}

/** Files whose content an attacker knows, or can guess. */
const files: readonly (readonly [path: string, content: string])[] = [
  ['../../dev/null', ''],
  ['/dev/null', ''],
  ['../../../../../../../../dev/null', ''],
  ['..\\..\\nul', ''],
  ['..%2f..%2fdev%2fnull', ''],
  ['file:///dev/null', ''],
  ['../../../../../../../proc/sys/kernel/randomize_va_space', '2\n'],
  ['../../../../../../../proc/sys/kernel/randomize_va_space', '2'],
]
const statements = [
  "x' UNION SELECT 'secret",
  "' OR '1'='1",
  "x' UNION SELECT 'secret' --",
  '"; DROP TABLE keys; --',
  '*)(uid=*))(|(uid=*',
  '$(id)',
  '| id',
  '{"$ne":null}',
]
const prototypeNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
]
const nearNames = [
  '',
  ' ',
  '*',
  'undefined',
  'null',
  '0',
  'CURRENT',
  'current ',
  ' current',
  'current\0',
  'current\0.pem',
  '\0',
  'current\n',
  'ｃurrent',
]
const noTexts: readonly unknown[] = [
  0,
  1,
  null,
  true,
  false,
  [],
  ['current'],
  {},
  { toString: 'current' },
  ['current', 'next'],
]

/** Whoever signed it: the right key does not make up for a `kid` that names none. */
const notFound = (kid: string): readonly Attack[] =>
  [key, attacker].map((signer) => ({
    name: `kid ${JSON.stringify(kid)}, signed by ${signer === key ? 'the right key' : 'the attacker'}`,
    source,
    token: () => mint({}, { key: signer, header: { kid } }),
    code: 'key_unknown',
    options: inSet,
  }))

export const kid: Family = {
  about: 'key names that mean something else',
  attacks: [
    ...files.flatMap(([path, content]): readonly Attack[] => [
      {
        name: `kid ${path} and HMAC with ${JSON.stringify(content)}, against a secret`,
        source,
        token: () => mint({}, { key: hmacKey(content), header: { kid: path } }),
        code: 'signature_invalid',
        options: hmac,
      },
      {
        name: `kid ${path} and HMAC with ${JSON.stringify(content)}, against a set of public keys`,
        source,
        token: () => mint({}, { key: hmacKey(content), header: { kid: path } }),
        code: 'algorithm_not_allowed',
        options: inSet,
      },
    ]),
    ...statements.map((statement): Attack => ({
      name: `kid ${statement} and HMAC with what it selects`,
      source,
      token: () => mint({}, { key: hmacKey('secret'), header: { kid: statement } }),
      code: 'signature_invalid',
      options: hmac,
    })),
    ...prototypeNames.map((name): Attack => ({
      name: `kid ${name} and HMAC with nothing`,
      source,
      token: () => mint({}, { key: hmacKey(''), header: { kid: name } }),
      code: 'signature_invalid',
      options: hmac,
    })),
    ...[...new Set(files.map(([path]) => path)), ...statements, ...prototypeNames, ...nearNames].flatMap(notFound),
    ...notFound('x'.repeat(256)),
    ...noTexts.map((value): Attack => ({
      name: `kid ${JSON.stringify(value)}, which is no text`,
      source,
      token: () => mint({}, { header: { kid: value } }),
      code: 'token_malformed',
      options: inSet,
    })),
    {
      name: 'a kid with a lone surrogate',
      source: 'RFC 8259 section 8.2',
      token: () => mint({}, { header: { kid: 'current\ud800' } }),
      code: 'token_malformed',
      options: inSet,
    },
    ...[257, 5000, 100_000].flatMap((length): readonly Attack[] =>
      [inSet, large].map((options) => ({
        name: `a kid of ${length} characters, ${options === large ? 'where long tokens are accepted' : 'by default'}`,
        source,
        token: () => mint({}, { header: { kid: 'x'.repeat(length) } }),
        code: 'token_malformed',
        options,
      })),
    ),
    {
      name: 'no kid, where two keys are configured',
      source,
      token: () => mint(),
      code: 'key_unknown',
      options: inSet,
    },
    {
      name: 'the name of another key',
      source,
      token: () => mint({}, { header: { kid: 'next' } }),
      code: 'signature_invalid',
      options: inSet,
    },
    {
      name: 'a good token with a shared secret',
      source,
      token: () => mint({}, { key: keyFor('HS256') }),
      code: 'accepted',
      options: hmac,
    },
    {
      name: 'a good token',
      source,
      token: () => mint({}, { header: { kid: 'current' } }),
      code: 'accepted',
      options: inSet,
    },
  ],
}
