// All bad tokens as data, each with the code that refuses it, for tests that run over them.
import type { InvalidTokenCode } from '@jwtgate/core'
import type { BadTokens, RegisteredClaim } from './bad-tokens.ts'
import type { TestClaims } from './signer.ts'

/** A bad token and what refuses it, for a test that runs over all of {@link badTokens}. */
export interface BadToken {
  /** The call that makes it, for instance `expired` or `withoutClaim('exp')`. */
  readonly name: string
  /** The code with which it is refused; the HTTP status is 401 for each. */
  readonly code: InvalidTokenCode
  /** Whether it has no meaning where tokens are signed with a shared secret (HMAC). */
  readonly publicKeysOnly: boolean
  /** Makes the token, with further claims if given. */
  readonly mint: (issuer: { readonly bad: BadTokens }, claims?: TestClaims) => string
}

type Plain = Exclude<keyof BadTokens, 'withoutClaim' | 'claimOfWrongType'>

const codes: Readonly<Record<Plain, InvalidTokenCode>> = {
  notAJwt: 'token_malformed',
  encrypted: 'token_malformed',
  paddedBase64: 'token_malformed',
  duplicateMember: 'token_malformed',
  invalidUtf8: 'token_malformed',
  deeplyNested: 'token_malformed',
  payloadNotAnObject: 'token_malformed',
  algNone: 'algorithm_not_allowed',
  hmacWithPublicKey: 'algorithm_not_allowed',
  otherAlgorithm: 'algorithm_not_allowed',
  criticalHeader: 'critical_header',
  wrongTyp: 'type_not_allowed',
  unknownKid: 'key_unknown',
  tampered: 'signature_invalid',
  badSignature: 'signature_invalid',
  zeroSignature: 'signature_invalid',
  strippedSignature: 'signature_invalid',
  anotherKey: 'signature_invalid',
  embeddedJwk: 'signature_invalid',
  linkedJwks: 'signature_invalid',
  wrongIssuer: 'issuer_mismatch',
  wrongAudience: 'audience_mismatch',
  bound: 'token_bound',
  idToken: 'type_not_allowed',
  logoutToken: 'type_not_allowed',
  expired: 'token_expired',
  notYetValid: 'token_not_yet_valid',
  issuedInTheFuture: 'claim_invalid',
}
const publicKeysOnly: ReadonlySet<string> = new Set<Plain>(['hmacWithPublicKey', 'unknownKid'])
const alwaysRequired = ['iss', 'aud', 'exp', 'nbf']
const registered: readonly RegisteredClaim[] = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']

/**
 * Every bad token: run it against your API, which must refuse each.
 *
 * @example
 * it.each(badTokens)('refuses $name', async ({ mint }) => {
 *   const headers = { authorization: `Bearer ${mint(issuer)}` }
 *   expect((await fetch(url, { headers })).status).toBe(401)
 * })
 */
export const badTokens: readonly BadToken[] = [
  ...Object.entries(codes).map(([name, code]): BadToken => ({
    name,
    code,
    publicKeysOnly: publicKeysOnly.has(name),
    mint: ({ bad }, claims) => bad[name as Plain](claims),
  })),
  ...alwaysRequired.map((claim): BadToken => ({
    name: `withoutClaim('${claim}')`,
    code: 'claim_missing',
    publicKeysOnly: false,
    mint: ({ bad }, claims) => bad.withoutClaim(claim, claims),
  })),
  ...registered.map((claim): BadToken => ({
    name: `claimOfWrongType('${claim}')`,
    code: 'claim_invalid',
    publicKeysOnly: false,
    mint: ({ bad }, claims) => bad.claimOfWrongType(claim, claims),
  })),
]
