// An `alg` that is none, or not the one that the API is pinned to, under signatures that the API's own key made.
import type { AlgorithmName } from '@jwtgate/core'
import { jwkOf, keyFor, type SigningKey } from '../../support/keys.ts'
import { mint, partsOf, signatureOf, signed, goodClaims } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'
import { crafted } from '../crafted.ts'

const pinning = 'RFC 8725 section 3.1'
const aString = 'RFC 7515 section 4.1.1'

/** Of a header whose `alg` has to be one string. */
const notStrings: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -7, // ES256 in COSE (RFC 9053 section 2.1).
  256,
  1e300,
  [],
  ['ES256'],
  [['ES256']],
  ['none', 'ES256'],
  ['ES256', 'none'],
  {},
  { alg: 'ES256' },
  { 0: 'ES256', length: 1 },
  { name: 'ES256' },
  { toString: 'ES256' },
]

/** Case matters (RFC 7515 section 4.1.1), and nothing is trimmed or folded. */
const spellings: readonly string[] = [
  '',
  'es256',
  'Es256',
  'eS256',
  'e\u017F256', // A long s, which is S in upper case.
  '\uFF25\uFF33\uFF12\uFF15\uFF16', // Full width, which NFKC makes ES256.
  'ES\u00B2256',
  'ES\u200B256',
  '\uFEFFES256',
  'ES256 ',
  ' ES256',
  'ES256\n',
  '\nES256',
  'ES256\r\n',
  '\tES256',
  'ES256\0',
  '\0ES256',
  'ES256\0none',
  '"ES256"',
  'ES-256',
  'ES_256',
  'ES 256',
  'ES0256',
  'ES2560',
  'ES25',
  'ES256,none',
  'ES256 RS256',
  'ES256;q=1',
  'ES',
  '256',
]

/** Registered for other things, withdrawn, or of other worlds. */
const others: readonly string[] = [
  'ES256K',
  'ES384',
  'ES512',
  'ESP256',
  'ESB256',
  'RS1',
  'RS256',
  'PS256',
  'HS1',
  'HS256',
  'HS256/64',
  'EdDSA',
  'Ed25519',
  'Ed448',
  'ML-DSA-44',
  'dir',
  'RSA1_5',
  'RSA-OAEP',
  'RSA-OAEP-256',
  'ECDH-ES',
  'A128KW',
  'A256GCM',
  'PBES2-HS256+A128KW',
  'sha256',
  'SHA256withECDSA',
  'ecdsa-with-SHA256',
  '1.2.840.10045.4.3.2',
  'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
  'ES256'.repeat(50),
]

/** What looks up a name in an object finds something under these. */
const memberNames: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'isPrototypeOf',
  '__defineGetter__',
  'get',
  'has',
  'size',
  'length',
  '0',
  'undefined',
  'null',
]

function refusals(values: readonly unknown[], source: string): readonly Attack[] {
  return values.map((alg) => ({
    name: alg === undefined ? 'no alg' : `alg ${JSON.stringify(alg)}`,
    source,
    token: () => mint({}, { header: { alg } }),
    code: 'algorithm_not_allowed',
  }))
}

/** Where the header is put together by hand. */
const headers: readonly string[] = [
  '{}',
  '{"Alg":"ES256"}',
  '{"ALG":"ES256"}',
  '{"alg ":"ES256"}',
  '{"\\u0000alg":"ES256"}',
  '{"algorithm":"ES256"}',
  '{"header":{"alg":"ES256"}}',
  '{"protected":{"alg":"ES256"}}',
  '{"__proto__":{"alg":"ES256"}}',
  '{"constructor":{"prototype":{"alg":"ES256"}}}',
  '{"jwk":{"alg":"ES256"}}',
]

const rsaNames = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const
const hmacNames = ['HS256', 'HS384', 'HS512'] as const
const ed25519Names = ['EdDSA', 'Ed25519'] as const

/** One key that fits all of these algorithms, for an API that is pinned to one of them. */
function sameKey(names: readonly AlgorithmName[], { signer, verifier }: SigningKey): readonly Attack[] {
  return names.flatMap((pinned): readonly Attack[] => {
    const key = verifier.type === 'secret' ? { secret: verifier } : { publicKey: verifier }
    const options: Attack['options'] = { algorithms: [pinned], ...key }
    const isSame = (alg: AlgorithmName): boolean => ed25519Names.some((name) => name === alg)
    return names.flatMap((alg): readonly Attack[] => {
      const good = mint({}, { key: { alg, signer, verifier } })
      if (alg === pinned) {
        return [{ name: `a good token of ${alg}`, source: pinning, token: () => good, code: 'accepted', options }]
      }
      const named: Attack = {
        name: `${alg} where ${pinned} is pinned, by its key`,
        source: pinning,
        token: () => good,
        code: 'algorithm_not_allowed',
        options,
      }
      if (isSame(alg)) return [named] // Two names of one signature.
      const disguised = crafted((input) => signatureOf(input.toString(), { alg, signer, verifier }), { alg: pinned })
      return [
        named,
        {
          name: `${pinned} in the header, but signed with ${alg} by its key`,
          source: pinning,
          token: () => disguised,
          code: 'signature_invalid',
          options,
        },
      ]
    })
  })
}

export const algorithmNames: Family = {
  about: 'names of algorithms',
  attacks: [
    ...refusals(notStrings, aString),
    ...refusals(spellings, aString),
    ...refusals(others, pinning),
    ...refusals(memberNames, 'CWE-1321, RFC 8725 section 3.1'),
    ...headers.map((header): Attack => ({
      name: `a header of ${header}`,
      source: aString,
      token: () => signed(header, JSON.stringify(goodClaims()), keyFor('ES256')),
      code: 'algorithm_not_allowed',
    })),
    {
      name: 'a key in the header whose label names the algorithm',
      source: 'RFC 7515 section 4.1.3',
      token: () => mint({}, { header: { alg: undefined, jwk: jwkOf(keyFor('ES256'), { alg: 'ES256' }) } }),
      code: 'algorithm_not_allowed',
    },
    {
      name: 'the good header in front of a signature without an algorithm',
      source: aString,
      token: () => `${partsOf(mint()).slice(0, 2).join('.')}.${partsOf(mint({}, { header: { alg: undefined } }))[2]}`,
      code: 'signature_invalid',
    },
    ...sameKey(rsaNames, keyFor('RS256')),
    ...sameKey(hmacNames, keyFor('HS512')),
    ...sameKey(ed25519Names, keyFor('Ed25519')),
    { name: 'a good token', source: aString, token: () => mint(), code: 'accepted' },
  ],
}
