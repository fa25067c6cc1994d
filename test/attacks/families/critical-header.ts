// Tokens that demand an extension, or use one without saying so.
import { keyFor } from '../../support/keys.ts'
import { base64url, goodClaims, mint, signatureOf, signed, type Claims } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const source = 'RFC 7515 section 4.1.11, CVE-2025-59420 (Authlib), CVE-2026-32597 (PyJWT), CVE-2026-35042 (fast-jwt)'
const payloadSource = 'RFC 7797 sections 3 and 6'
const key = keyFor('ES256')

const lists: readonly Claims[] = [
  // RFC 7515 appendix E, but with a signature.
  { crit: ['http://example.com/UNDEFINED'], 'http://example.com/UNDEFINED': true },
  { crit: ['x-custom-policy'], 'x-custom-policy': 'require-mfa' },
  { crit: ['bork'], bork: 1 },
  { crit: ['bork'] },
  { crit: [] },
  { crit: ['exp'], exp: 1_900_000_000 },
  { crit: ['exp', 'exp'], exp: 1_900_000_000 },
  { crit: ['alg'] },
  { crit: ['typ', 'alg'] },
  { crit: ['crit'] },
  { crit: ['kid'], kid: 'current' },
  { crit: ['cnf'], cnf: { jkt: 'x' } },
  { crit: ['__proto__', 'constructor', 'toString'] },
  { crit: [''], '': 1 },
  { crit: [1] },
  { crit: [null] },
  { crit: [['exp']] },
  { crit: 'exp', exp: 1 },
  { crit: '' },
  { crit: null },
  { crit: true },
  { crit: false },
  { crit: 0 },
  { crit: {} },
  { crit: { length: 0 } },
]
const payloadOptions: readonly Claims[] = [
  { b64: false, crit: ['b64'] },
  { b64: false },
  { b64: true, crit: ['b64'] },
  { b64: true },
  { b64: 'false', crit: ['b64'] },
  { b64: null },
  { b64: 0 },
  { crit: ['b64'] },
  { b64: false, crit: [] },
  { b64: false, crit: ['exp'], exp: 1 },
]

/** RFC 7797 section 3: what is signed is the payload as it is. */
const unencoded = base64url(JSON.stringify({ alg: 'ES256', b64: false, crit: ['b64'] }))
const signedAsItIs = (payload: string, sent: string): string =>
  `${unencoded}.${sent}.${base64url(signatureOf(`${unencoded}.${payload}`, key))}`
const claims = base64url(JSON.stringify(goodClaims()))

const demanding =
  (source: string) =>
  (header: Claims): Attack => ({
    name: JSON.stringify(header),
    source,
    token: () => mint({}, { header }),
    code: 'critical_header',
  })

export const criticalHeader: Family = {
  about: 'tokens that demand an extension',
  attacks: [
    ...lists.map(demanding(source)),
    ...payloadOptions.map(demanding(payloadSource)),
    {
      name: 'crit with its name escaped',
      source: 'RFC 7515 sections 4.1.11 and 5.3',
      token: () => signed(String.raw`{"alg":"ES256","\u0063rit":["bork"],"bork":1}`, JSON.stringify(goodClaims()), key),
      code: 'critical_header',
    },
    {
      name: 'crit twice, the second empty',
      source: 'RFC 7515 sections 4 and 4.1.11',
      token: () => signed('{"alg":"ES256","crit":["bork"],"crit":[]}', JSON.stringify(goodClaims()), key),
      code: 'token_malformed',
    },
    {
      name: 'crit, and none as algorithm: the algorithm is looked at first',
      source,
      token: () => mint({}, { header: { alg: 'none', crit: ['bork'] } }),
      code: 'algorithm_not_allowed',
    },
    {
      name: 'crit, and another type: what is demanded is looked at first',
      source,
      token: () => mint({}, { header: { typ: 'dpop+jwt', crit: ['bork'] } }),
      code: 'critical_header',
    },
    {
      name: 'crit, and a payload that is no object: the header is looked at first',
      source,
      token: () => mint({}, { header: { crit: ['bork'] }, payload: '[]' }),
      code: 'critical_header',
    },
    {
      name: 'a payload that is not encoded, for its text is base64url too',
      source: payloadSource,
      token: () => signedAsItIs(claims, claims),
      code: 'critical_header',
    },
    {
      name: 'a payload that is encoded after it was signed',
      source: payloadSource,
      token: () => signedAsItIs(JSON.stringify(goodClaims()), claims),
      code: 'critical_header',
    },
    {
      name: 'a payload of JSON that is not encoded',
      source: payloadSource,
      token: () => signedAsItIs('{"sub":"alice"}', '{"sub":"alice"}'),
      code: 'token_malformed',
    },
    {
      name: 'a detached payload that is not encoded',
      source: 'RFC 7797 section 5.1, RFC 7515 appendix F',
      token: () => signedAsItIs(claims, ''),
      code: 'critical_header',
    },
    {
      name: 'names that only look like it',
      source,
      token: () => mint({}, { header: { Crit: ['bork'], CRIT: ['bork'], 'crit ': ['bork'], B64: false } }),
      code: 'accepted',
    },
    {
      name: 'crit and b64 among the claims, where they mean nothing',
      source,
      token: () => mint({ crit: ['bork'], b64: false }),
      code: 'accepted',
    },
    { name: 'a good token', source, token: () => mint(), code: 'accepted' },
  ],
}
