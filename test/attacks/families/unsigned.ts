// Tokens that say they need no signature.
import { jwkOf, keyFor } from '../../support/keys.ts'
import { base64url, goodClaims, mint, partsOf } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const source = 'RFC 8725 section 2.1, McLean 2015: critical vulnerabilities in JSON Web Token libraries'
const none = `${source}, CVE-2022-23540 (jsonwebtoken), CVE-2026-28802 (Authlib)`
const unknown = 'RFC 8725 section 3.1, PentesterLab 2026: HarbourJwt takes an empty signature for an unknown algorithm'
const payload = base64url(JSON.stringify(goodClaims()))
const header = (alg: unknown): string => base64url(JSON.stringify({ alg, typ: 'JWT' }))

/** Every way to write it in upper and lower case. */
const spellings = Array.from({ length: 16 }, (_, bits) =>
  Array.from('none', (letter, index) => ((bits >> index) % 2 === 0 ? letter : letter.toUpperCase())).join(''),
)
/** What is taken for it by whoever trims, normalises, splits or converts. */
const nearly: readonly unknown[] = [
  'none ',
  ' none',
  'none\n',
  '\tnone',
  'none\0',
  '\0none',
  '\uFEFFnone',
  'none\u200B',
  '"none"',
  'none,ES256',
  'n\u043Ene',
  '\uFF4Eone',
  'nonE\u0301',
  '\u{1D427}one',
  ['none'],
  [['none']],
  { alg: 'none' },
  { toString: 'none' },
]
/** What some libraries have no function for, and then compare with nothing. */
const unknowns: readonly unknown[] = [
  '',
  'unknown',
  'HS1',
  'HS999',
  'ES256K',
  'RS1',
  'ES',
  'dir',
  'null',
  'undefined',
  'false',
  '0',
  '__proto__',
  null,
  false,
  0,
  [],
  {},
  undefined,
]

/** Whatever the API verifies with. */
const verifiers: readonly (readonly [keys: string, options: NonNullable<Attack['options']>])[] = [
  ['a public key', {}],
  ['a set', { jwks: { keys: [jwkOf(keyFor('ES256'), { kid: 'current' })] } }],
  ['an RSA key', { algorithms: ['RS256'], publicKey: keyFor('RS256').verifier }],
  ['an Ed25519 key', { algorithms: ['Ed25519'], publicKey: keyFor('Ed25519').verifier }],
  ['a shared secret', { algorithms: ['HS256'], secret: keyFor('HS256').verifier }],
]

function refused(alg: unknown, from: string): readonly Attack[] {
  const name = alg === undefined ? 'no alg' : `alg ${JSON.stringify(alg)}`
  return [
    {
      name: `${name} and an empty signature`,
      source: from,
      token: () => `${header(alg)}.${payload}.`,
      code: 'algorithm_not_allowed',
    },
    {
      name: `${name} and the signature of a good token`,
      source: from,
      token: () => `${header(alg)}.${payload}.${partsOf(mint())[2]}`,
      code: 'algorithm_not_allowed',
    },
  ]
}

export const unsigned: Family = {
  about: 'tokens that say they need no signature',
  attacks: [
    ...spellings.flatMap((alg) => refused(alg, none)),
    ...nearly.flatMap((alg) => refused(alg, source)),
    ...unknowns.flatMap((alg) => refused(alg, unknown)),
    ...verifiers.map(([keys, options]): Attack => {
      return {
        name: `alg none and an empty signature, against ${keys}`,
        source: none,
        token: () => `${header('none')}.${payload}.`,
        code: 'algorithm_not_allowed',
        options,
      }
    }),
    {
      name: 'none with its name and value escaped, and an empty signature',
      source,
      token: () => `${base64url(String.raw`{"\u0061lg":"\u006eone"}`)}.${payload}.`,
      code: 'algorithm_not_allowed',
    },
    {
      name: 'alg none and no third part',
      source,
      token: () => `${header('none')}.${payload}`,
      code: 'token_malformed',
    },
    {
      name: 'alg none and a dot more',
      source,
      token: () => `${header('none')}.${payload}..`,
      code: 'token_malformed',
    },
    {
      name: 'the algorithm of the API and no third part',
      source,
      token: () => partsOf(mint()).slice(0, 2).join('.'),
      code: 'token_malformed',
    },
    {
      name: 'the algorithm of the API and an empty signature',
      source,
      token: () => `${partsOf(mint()).slice(0, 2).join('.')}.`,
      code: 'signature_invalid',
    },
    { name: 'a good token', source, token: () => mint(), code: 'accepted' },
  ],
}
