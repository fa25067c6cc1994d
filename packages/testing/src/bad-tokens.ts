// Every kind of bad token, as a method that makes one.
import { createSecretKey, randomBytes } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'
import { base64url, partsOf } from './compact-jws.ts'
import { foreignKeyPair, isHmac, type KeyPair } from './key-pair.ts'
import { publicJwk, type IssuerKey, type TestJwks } from './key-ring.ts'
import type { Signer, TestClaims } from './signer.ts'

/** The registered claims (RFC 7519 section 4.1). */
export type RegisteredClaim = 'iss' | 'sub' | 'aud' | 'exp' | 'nbf' | 'iat' | 'jti'

/**
 * Tokens that an API must refuse, by name. Each method takes claims to lay over those of the token: what makes it bad
 * stays. The codes are those of a verifier with `issuer.options`; with further options a token may fail earlier.
 */
export interface BadTokens {
  /** Some random characters, as an opaque token is: `token_malformed`. */
  notAJwt(): string
  /** Five parts, as an encrypted token has (JWE, RFC 7516): `token_malformed`. */
  encrypted(): string
  /** A good token with a `=` behind it (RFC 7515 section 2 forbids padding): `token_malformed`. */
  paddedBase64(claims?: TestClaims): string
  /** `sub` twice in the payload, so that two parsers see two people (RFC 7519 section 4): `token_malformed`. */
  duplicateMember(claims?: TestClaims): string
  /** A payload that is not UTF-8: `token_malformed`. */
  invalidUtf8(claims?: TestClaims): string
  /** A payload of more than 100 levels, to exhaust a parser: `token_malformed`. */
  deeplyNested(claims?: TestClaims): string
  /** The claims within an array: `token_malformed`. */
  payloadNotAnObject(claims?: TestClaims): string

  /** `alg: none` and no signature (RFC 8725 section 2.1): `algorithm_not_allowed`. */
  algNone(claims?: TestClaims): string
  /**
   * HS256 with the issuer's public key (PEM) as the secret (RFC 8725 section 2.1): `algorithm_not_allowed`.
   *
   * @throws Error for an issuer that signs with a shared secret
   */
  hmacWithPublicKey(claims?: TestClaims): string
  /** Signed with a key that the issuer publishes, for an algorithm not among `algorithms`: `algorithm_not_allowed`. */
  otherAlgorithm(claims?: TestClaims): string
  /** Demands an extension that nobody knows (`crit`, RFC 7515 section 4.1.11): `critical_header`. */
  criticalHeader(claims?: TestClaims): string
  /** The header's `typ` is another kind of token's, `secevent+jwt` (RFC 8725 section 3.11): `type_not_allowed`. */
  wrongTyp(claims?: TestClaims): string

  /**
   * Names a key that the issuer does not have: `key_unknown`.
   *
   * @throws Error for an issuer that signs with a shared secret: there, `kid` is not looked at
   */
  unknownKid(claims?: TestClaims): string

  /** The payload was changed after it was signed: `signature_invalid`. */
  tampered(claims?: TestClaims): string
  /** One bit of the signature is wrong: `signature_invalid`. */
  badSignature(claims?: TestClaims): string
  /** The signature is all zeros, as long as a good one (CVE-2022-21449): `signature_invalid`. */
  zeroSignature(claims?: TestClaims): string
  /** The signature was taken off: `signature_invalid`. */
  strippedSignature(claims?: TestClaims): string
  /** Signed with an attacker's key under the issuer's `kid`: `signature_invalid`. */
  anotherKey(claims?: TestClaims): string
  /** Signed with an attacker's key that the header brings along (`jwk`, RFC 8725 section 3.10): `signature_invalid`. */
  embeddedJwk(claims?: TestClaims): string
  /** Signed with an attacker's key that the header truly links to (`jku`, RFC 8725 section 3.10): `signature_invalid`. */
  linkedJwks(claims?: TestClaims): string

  /** From another issuer: `issuer_mismatch`. */
  wrongIssuer(claims?: TestClaims): string
  /** For another API: `audience_mismatch`. */
  wrongAudience(claims?: TestClaims): string
  /** Without a claim: `claim_missing` for `iss`, `aud`, `exp` and `nbf`, and for those of the option `requiredClaims`. */
  withoutClaim(name: string, claims?: TestClaims): string
  /** A claim of a wrong type that a careless comparison takes for right, such as `"1800000000"`: `claim_invalid`. */
  claimOfWrongType(name: RegisteredClaim, claims?: TestClaims): string
  /** Bound to its sender's key (`cnf`, RFC 9449 section 6.1), but sent as a plain bearer token: `token_bound`. */
  bound(claims?: TestClaims): string
  /** An ID token, known by its `at_hash` (OpenID Connect Core 1.0 section 3.1.3.6): `type_not_allowed`. */
  idToken(claims?: TestClaims): string
  /** A logout token, known by its `events` (OpenID Connect Back-Channel Logout 1.0 section 2.4): `type_not_allowed`. */
  logoutToken(claims?: TestClaims): string

  /** Expired an hour ago: `token_expired`. */
  expired(claims?: TestClaims): string
  /** Not valid before an hour from now: `token_not_yet_valid`. */
  notYetValid(claims?: TestClaims): string
  /** `iat` is an hour from now: `claim_invalid`. */
  issuedInTheFuture(claims?: TestClaims): string
}

export function createBadTokens(signer: Signer, attackerJwksUri: string): BadTokens {
  const { algorithms } = signer.settings
  const [alg] = algorithms
  const sign: Signer['sign'] = (claims, options) => signer.sign(claims, options)
  const text = (claims?: TestClaims): string => JSON.stringify(signer.claims(claims))
  const hours = (count: number): number => signer.now() + count * 3600
  const attacker = (): KeyPair => foreignKeyPair(alg)
  const needPublicKeys = (name: string): void => {
    if (isHmac(alg)) throw new Error(`bad.${name}() needs an issuer with public keys; this one signs with ${alg}.`)
  }

  return {
    notAJwt: () => base64url(randomBytes(32)),
    encrypted: () => {
      const header = base64url(JSON.stringify({ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'JWT' }))
      // Encrypted key, initialization vector, ciphertext and authentication tag (RFC 7516 section 7.1).
      return [header, ...[256, 12, 200, 16].map((length) => base64url(randomBytes(length)))].join('.')
    },
    paddedBase64: (claims) => `${sign(claims)}=`,
    duplicateMember: (claims) => {
      const once = text({ ...claims, sub: 'alice' })
      return sign(`{"sub":"mallory",${once.slice(1)}`)
    },
    invalidUtf8: (claims) => sign(Buffer.from(text({ ...claims, sub: 'al\u{ff}ce' }), 'latin1')),
    deeplyNested: (claims) => {
      const nested: unknown = JSON.parse('['.repeat(100) + ']'.repeat(100))
      return sign({ ...claims, nested })
    },
    payloadNotAnObject: (claims) => sign(`[${text(claims)}]`),

    algNone: (claims) => withoutSignature(sign(claims, { header: { alg: 'none' } })),
    hmacWithPublicKey: (claims) => {
      needPublicKeys('hmacWithPublicKey')
      const { kid, verifier } = signer.currentKey()
      const key = createSecretKey(Buffer.from(verifier.export({ type: 'spki', format: 'pem' })))
      return sign(claims, { alg: 'HS256', key, header: { kid } })
    },
    otherAlgorithm: (claims) => {
      // One is always left: a list with all the others has no HMAC in it.
      const candidates: readonly AlgorithmName[] = ['ES256', 'ES384', 'EdDSA', 'HS256']
      const other = candidates.find((candidate) => !algorithms.includes(candidate)) ?? 'HS256'
      return sign(claims, { alg: other })
    },
    criticalHeader: (claims) =>
      sign(claims, { header: { crit: ['https://example.com/x'], 'https://example.com/x': 1 } }),
    wrongTyp: (claims) => sign(claims, { header: { typ: 'secevent+jwt' } }),

    unknownKid: (claims) => {
      needPublicKeys('unknownKid')
      return sign(claims, { header: { kid: 'unknown' } })
    },

    tampered: (claims) => {
      const { sub } = signer.claims(claims)
      const [header, , signature] = partsOf(sign(claims))
      return `${header}.${base64url(text({ ...claims, sub: `not ${String(sub)}` }))}.${signature}`
    },
    badSignature: (claims) =>
      withSignature(sign(claims), (signature) => {
        const middle = signature.length >> 1
        signature.writeUInt8(signature.readUInt8(middle) ^ 1, middle)
        return signature
      }),
    zeroSignature: (claims) => withSignature(sign(claims), (signature) => signature.fill(0)),
    strippedSignature: (claims) => withoutSignature(sign(claims)),
    anotherKey: (claims) => sign(claims, { key: attacker().signer }),
    embeddedJwk: (claims) => {
      const { signer, verifier } = attacker()
      return sign(claims, { key: signer, header: { jwk: verifier.export({ format: 'jwk' }) } })
    },
    linkedJwks: (claims) => sign(claims, { key: attacker().signer, header: { jku: attackerJwksUri } }),

    wrongIssuer: (claims) => sign({ ...claims, iss: 'https://another-issuer.example' }),
    wrongAudience: (claims) => sign({ ...claims, aud: 'https://another-api.example' }),
    withoutClaim: (name, claims) => sign({ ...claims, [name]: undefined }),
    claimOfWrongType: (name, claims) => sign({ ...claims, [name]: ofWrongType(name, signer.claims()[name]) }),
    // The thumbprint of RFC 9449 section 6.1.
    bound: (claims) => sign({ ...claims, cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }),
    // The hash of OpenID Connect Core 1.0 section A.3.
    idToken: (claims) => sign({ ...claims, nonce: 'n-0S6_WzA2Mj', at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }),
    logoutToken: (claims) =>
      sign({ ...claims, sid: '08a5019c', events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),

    expired: (claims) => sign({ ...claims, iat: hours(-2), nbf: hours(-2), exp: hours(-1) }),
    notYetValid: (claims) => sign({ ...claims, nbf: hours(1), exp: hours(2) }),
    issuedInTheFuture: (claims) => sign({ ...claims, iat: hours(1), exp: hours(2) }),
  }
}

/** The key set behind the link of {@link BadTokens.linkedJwks}. */
export function attackerJwks({ alg, kid }: IssuerKey): TestJwks {
  return { keys: [publicJwk({ ...foreignKeyPair(alg), kid, alg })] }
}

/** Lists, objects and strings that `==`, `includes` and `<` take for what they hold. */
function ofWrongType(name: RegisteredClaim, value: unknown): unknown {
  switch (name) {
    case 'aud':
      return { [String(value)]: true }
    case 'exp':
    case 'nbf':
    case 'iat':
      return String(value)
    default:
      return [String(value)]
  }
}

function withSignature(token: string, change: (signature: Buffer) => Buffer): string {
  const [header, payload, signature] = partsOf(token)
  return `${header}.${payload}.${base64url(change(Buffer.from(signature, 'base64url')))}`
}

function withoutSignature(token: string): string {
  return withSignature(token, () => Buffer.alloc(0))
}
