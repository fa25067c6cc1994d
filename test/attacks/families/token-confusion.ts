// Tokens of the right issuer that are no access tokens, or not for whoever bears them.
import { jwkOf, keyFor, newKey } from '../../support/keys.ts'
import { base64url, issuer, mint, now, type Claims } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const confusion = 'RFC 8725 section 2.8'
const typing = 'RFC 8725 section 3.11, RFC 9068 section 4'
const mediaType = 'RFC 7515 section 4.1.9'
const atHash = 'OpenID Connect Core 1.0 section 3.1.3.6'
const cHash = 'OpenID Connect Core 1.0 section 3.3.2.11'
const logoutToken = 'OpenID Connect Back-Channel Logout 1.0 section 2.4'
const boundByKey = 'RFC 7800 section 3, RFC 9449 section 7.2'
const boundByCertificate = 'RFC 8705 section 3'

const accessTokens = { typ: 'at+jwt' }
const bearers = { claimValues: { typ: 'Bearer' } }
const behindAProxy = { acceptBoundTokens: true }

const logout = { 'http://schemas.openid.net/event/backchannel-logout': {} }
/** Of 256 bits, as `at_hash` and thumbprints are. */
const digest = base64url(Buffer.alloc(32, 1))
const jwk = jwkOf(newKey('ES256'))

/** Claims of other tokens that an access token never has. */
const otherKinds: readonly (readonly [what: string, claims: Claims, source: string])[] = [
  ['an ID token with at_hash', { nonce: 'n', auth_time: now, at_hash: digest }, atHash],
  ['an ID token with c_hash', { nonce: 'n', c_hash: digest }, cHash],
  ['an ID token whose at_hash is null', { at_hash: null }, atHash],
  ['an ID token whose c_hash is empty', { c_hash: '' }, cHash],
  ['a logout token', { sid: 's', jti: 'j', events: logout }, logoutToken],
  ['a logout token with empty events', { events: {} }, logoutToken],
  ['a logout token whose events is null', { events: null }, logoutToken],
]

/** Types of other tokens. */
const otherTypes: readonly (readonly [typ: string, source: string])[] = [
  ['logout+jwt', logoutToken],
  ['dpop+jwt', 'RFC 9449 section 4.2'],
  ['secevent+jwt', 'RFC 8417 section 2.3'],
  ['token-introspection+jwt', 'RFC 9701 section 5'],
  ['oauth-authz-req+jwt', 'RFC 9101 section 10.8'],
  ['id_token+jwt', confusion],
  ['kb+jwt', confusion],
  ['JWE', mediaType],
  ['JOSE', mediaType],
  ['JOSE+JSON', mediaType],
  ['text/jwt', mediaType],
  ['application/', mediaType],
  ['/jwt', mediaType],
  ['application/application/jwt', mediaType],
  ['application/jwt; charset=utf-8', mediaType],
  ['JWT ', mediaType],
  [' JWT', mediaType],
  ['JWT\0', mediaType],
  ['JWT\n', mediaType],
  ['\uFF2AWT', mediaType],
  ['', mediaType],
]

/** What is no type at all. */
const noTypes: readonly unknown[] = [null, 1, true, [], ['JWT'], {}, { typ: 'JWT' }]

/** What `typ` says where `at+jwt` is required; `undefined` for none. */
const typed: readonly (readonly [typ: unknown, code: Attack['code']])[] = [
  [undefined, 'type_not_allowed'],
  ['JWT', 'type_not_allowed'],
  ['application/jwt', 'type_not_allowed'],
  ['at', 'type_not_allowed'],
  ['at+jwt ', 'type_not_allowed'],
  ['at jwt', 'type_not_allowed'],
  ['at%2Bjwt', 'type_not_allowed'],
  ['at+jwts', 'type_not_allowed'],
  ['xat+jwt', 'type_not_allowed'],
  ['a\u0442+jwt', 'type_not_allowed'],
  ['at+jwt, JWT', 'type_not_allowed'],
  ['text/at+jwt', 'type_not_allowed'],
  ['', 'type_not_allowed'],
  [null, 'type_not_allowed'],
  [['at+jwt'], 'type_not_allowed'],
  ['at+jwt', 'accepted'],
  ['AT+JWT', 'accepted'],
  ['At+Jwt', 'accepted'],
  ['application/at+jwt', 'accepted'],
  ['Application/AT+JWT', 'accepted'],
]

/** What is put into `cnf`. */
const bindings: readonly (readonly [what: string, cnf: unknown, source: string])[] = [
  ['by the thumbprint of a DPoP key', { jkt: digest }, boundByKey],
  ['by the thumbprint of a certificate', { 'x5t#S256': digest }, boundByCertificate],
  ['by a key', { jwk }, boundByKey],
  ['by the name of a key', { kid: 'k' }, boundByKey],
  ['by nothing', {}, boundByKey],
  ['by null', null, boundByKey],
  ['by a string', '', boundByKey],
]

const refresh = { typ: 'Refresh', aud: issuer, sid: 's' }

export const tokenConfusion: Family = {
  about: 'tokens of the right issuer that are no access tokens, or not for whoever bears them',
  attacks: [
    ...otherKinds.map(([what, claims, source]): Attack => {
      return { name: what, source, token: () => mint(claims), code: 'type_not_allowed' }
    }),
    {
      name: 'an ID token with at_hash that says it is an access token',
      source: atHash,
      token: () => mint({ at_hash: digest }, { header: { typ: 'at+jwt' } }),
      code: 'type_not_allowed',
      options: accessTokens,
    },
    {
      name: 'an ID token without at_hash, where at+jwt is required',
      source: typing,
      token: () => mint({ nonce: 'n', auth_time: now }),
      code: 'type_not_allowed',
      options: accessTokens,
    },
    {
      name: 'an ID token without at_hash, for a client',
      source: 'OpenID Connect Core 1.0 section 2',
      token: () => mint({ nonce: 'n', aud: 'client', azp: 'client' }),
      code: 'audience_mismatch',
    },
    {
      name: 'an ID token whose payload says what it is',
      source: confusion,
      token: () => mint({ typ: 'ID' }),
      code: 'claim_invalid',
      options: bearers,
    },
    {
      name: 'a refresh token as Keycloak makes it: HS256, with a secret of its own',
      source: confusion,
      token: () => mint(refresh, { key: keyFor('HS256') }),
      code: 'algorithm_not_allowed',
      options: bearers,
    },
    {
      name: 'a refresh token as Keycloak makes it, but signed as access tokens are',
      source: confusion,
      token: () => mint(refresh),
      code: 'audience_mismatch',
      options: bearers,
    },
    ...['Refresh', 'Offline', 'Logout', 'bearer', 'Bearer ', '', null, ['Bearer'], { typ: 'Bearer' }, 1, true].map(
      (typ): Attack => {
        const name = `typ ${JSON.stringify(typ)} in the payload, where Bearer is required`
        return { name, source: confusion, token: () => mint({ typ }), code: 'claim_invalid', options: bearers }
      },
    ),
    {
      name: 'no typ in the payload, where Bearer is required',
      source: confusion,
      token: () => mint(),
      code: 'claim_missing',
      options: bearers,
    },
    {
      name: 'typ in the header in place of the payload, where Bearer is required',
      source: confusion,
      token: () => mint({}, { header: { typ: 'Bearer' } }),
      code: 'type_not_allowed',
      options: bearers,
    },
    {
      name: 'typ Bearer in the payload, where it is required',
      source: confusion,
      token: () => mint({ typ: 'Bearer' }),
      code: 'accepted',
      options: bearers,
    },
    ...otherTypes.map(([typ, source]): Attack => {
      const name = `the type ${JSON.stringify(typ)}`
      return { name, source, token: () => mint({}, { header: { typ } }), code: 'type_not_allowed' }
    }),
    ...noTypes.map((typ): Attack => {
      const name = `the type ${JSON.stringify(typ)}`
      return { name, source: mediaType, token: () => mint({}, { header: { typ } }), code: 'type_not_allowed' }
    }),
    ...typed.map(([typ, code]): Attack => {
      const name = `the type ${JSON.stringify(typ) ?? 'absent'}, where at+jwt is required`
      return { name, source: typing, token: () => mint({}, { header: { typ } }), code, options: accessTokens }
    }),
    {
      name: 'a DPoP proof',
      source: 'RFC 9449 section 4.2',
      token: () =>
        mint({ htm: 'GET', htu: 'https://api.example.com/me', jti: 'j' }, { header: { typ: 'dpop+jwt', jwk } }),
      code: 'type_not_allowed',
    },
    {
      name: 'a DPoP proof as it is, without the claims of a token',
      source: 'RFC 9449 section 4.2',
      token: () => {
        const payload = JSON.stringify({ htm: 'GET', htu: 'https://api.example.com/me', jti: 'j', iat: now })
        return mint({}, { header: { typ: 'dpop+jwt', jwk }, payload })
      },
      code: 'type_not_allowed',
    },
    {
      name: 'the assertion of a client: about itself, for the issuer',
      source: 'RFC 7523 section 3',
      token: () => mint({ iss: 'client', sub: 'client', aud: issuer }),
      code: 'issuer_mismatch',
    },
    ...bindings.map(([what, cnf, source]): Attack => {
      return { name: `bound ${what}, sent as Bearer`, source, token: () => mint({ cnf }), code: 'token_bound' }
    }),
    {
      name: 'bound, sent as Bearer, with a type of its own',
      source: boundByKey,
      token: () => mint({ cnf: { jkt: digest } }, { header: { typ: 'at+jwt' } }),
      code: 'token_bound',
      options: accessTokens,
    },
    {
      name: 'bound, where something else checks the proof',
      source: boundByKey,
      token: () => mint({ cnf: { jkt: digest } }),
      code: 'accepted',
      options: behindAProxy,
    },
    ...[undefined, 'JWT', 'jwt', 'application/jwt', 'at+jwt'].map((typ): Attack => {
      const name = `an access token of the type ${typ ?? 'that is absent'}`
      return { name, source: mediaType, token: () => mint({}, { header: { typ } }), code: 'accepted' }
    }),
  ],
}
