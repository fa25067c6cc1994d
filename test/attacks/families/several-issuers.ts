// Several issuers behind one verifier, who sign with different algorithms: what is good of one, and is sent as another's.
import { createHmac, createSecretKey } from 'node:crypto'
import type { IssuerOptions } from '@jwtgate/core'
import { testIssuer, type TestIssuer } from '../../support/issuers.ts'
import { jwkOf, newKey, type SigningKey } from '../../support/keys.ts'
import { goodClaims, now, signed } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'
import { crafted } from '../crafted.ts'

const ring = 'RFC 8725 section 3.1, CVE-2021-46743 (PHP-JWT), CVE-2022-23541 (jsonwebtoken)'
const substitution = 'RFC 8725 sections 2.7 and 3.8'
const audience = 'RFC 8725 sections 2.7 and 3.9'
const noSignature = 'RFC 8725 section 2.1'

/** As an API has them that moves from one provider to another, or that has internal callers beside its users. */
const byHmac = testIssuer('https://hmac.example.com', 'HS256')
const byHmacToo = testIssuer('https://hmac-too.example.com', 'HS256')
const byRsa = testIssuer('https://rsa.example.com', 'RS256')
const byPss = testIssuer('https://pss.example.com', 'PS256', { ...byRsa.key, alg: 'PS256' })
const byEc = testIssuer('https://ec.example.com', 'ES256')
const byEcToo = testIssuer('https://ec-too.example.com', 'ES256')
const all = [byHmac, byHmacToo, byRsa, byPss, byEc, byEcToo]
const stranger = testIssuer('https://stranger.example.com', 'ES256')

const inSet = (issuer: TestIssuer, kid: string): IssuerOptions =>
  issuer.options({ jwks: { keys: [jwkOf(issuer.key, { kid })] } })
const own: readonly IssuerOptions[] = all.map((issuer) => issuer.options())
/** It may not depend on who stands first. */
const orders: readonly (readonly [where: string, issuers: readonly IssuerOptions[]])[] = [
  ['', own],
  [', in reverse order', own.toReversed()],
]
/** The same name for different keys, and a name that one of them does not have. */
const sets = [inSet(byEc, 'current'), inSet(byEcToo, 'current'), inSet(byRsa, 'rsa'), byHmac.options()]
/** Each for an API of its own, and with a type of its own. */
const apart = [
  byEc.options({ audience: 'orders', typ: 'at+jwt' }),
  byEcToo.options({ audience: 'bills', clockTolerance: 300 }),
]

/** The public key of one as a secret, in the forms that a program holds it in. */
function secretsOf({ key: { verifier } }: TestIssuer): readonly (readonly [form: string, key: SigningKey])[] {
  const jwk = jwkOf({ alg: 'RS256', signer: verifier, verifier })
  const pem = verifier.export({ format: 'pem', type: 'spki' }).toString()
  const forms: readonly (readonly [string, string | Uint8Array])[] = [
    ['PEM', pem],
    ['PEM without its final newline', pem.trimEnd()],
    ['DER', verifier.export({ format: 'der', type: 'spki' })],
    ['JWK', JSON.stringify(jwk)],
    ['its first number', jwk.n ?? jwk.x ?? ''],
  ]
  return forms.map(([form, content]) => {
    const secret = createSecretKey(Buffer.from(content))
    return [form, { alg: 'HS256', signer: secret, verifier: secret }]
  })
}

function attacksOn(where: string, issuers: readonly IssuerOptions[]): readonly Attack[] {
  const one = (name: string, source: string, token: () => string, code: Attack['code']): Attack => {
    return { name: `${name}${where}`, source, token, code, issuers }
  }
  return [
    ...all.flatMap((claimed) =>
      all
        .filter((signer) => signer !== claimed)
        .map((signer) => {
          const isSameAlgorithm = signer.key.alg === claimed.key.alg
          return one(
            `${claimed.name} in the token, ${signer.key.alg} with the key of ${signer.name}`,
            isSameAlgorithm ? substitution : ring,
            () => claimed.mint({}, { key: signer.key }),
            isSameAlgorithm ? 'signature_invalid' : 'algorithm_not_allowed',
          )
        }),
    ),
    ...[byRsa, byEc].flatMap((issuer) =>
      secretsOf(issuer).flatMap(([form, key]) => [
        one(
          `${issuer.name} in the token, HS256 with its public key as ${form}`,
          ring,
          () => issuer.mint({}, { key }),
          'algorithm_not_allowed',
        ),
        one(
          `${byHmac.name} in the token, HS256 with the public key of ${issuer.name} as ${form}`,
          ring,
          () => byHmac.mint({}, { key }),
          'signature_invalid',
        ),
      ]),
    ),
    ...[byRsa, byPss, byEc].map((issuer) =>
      one(
        `${issuer.name} in the token, ${issuer.key.alg} in the header, a tag with the secret of ${byHmac.name}`,
        ring,
        () =>
          crafted((input) => createHmac('sha512', byHmac.key.signer).update(input).digest(), {
            alg: issuer.key.alg,
            claims: { iss: issuer.name },
          }),
        'signature_invalid',
      ),
    ),
    ...all.flatMap((issuer) => [
      one(
        `${issuer.name} in the token, and none as algorithm`,
        noSignature,
        () => issuer.mint({}, { header: { alg: 'none' } }).replace(/[^.]+$/, ''),
        'algorithm_not_allowed',
      ),
      one(
        `${issuer.name} in the header, a stranger in the token`,
        'RFC 7519 section 5.3',
        () => issuer.mint({ iss: stranger.name }, { header: { iss: issuer.name } }),
        'issuer_mismatch',
      ),
      one(
        `${issuer.name} in the token, another in the header`,
        'RFC 7519 section 5.3',
        () => issuer.mint({}, { key: newKey(issuer.key.alg), header: { iss: stranger.name } }),
        'signature_invalid',
      ),
      one(`a good token of ${issuer.name}`, substitution, () => issuer.mint(), 'accepted'),
    ]),
    one('a stranger in the token, with his key', substitution, () => stranger.mint(), 'issuer_mismatch'),
    one(
      'a list of two issuers',
      'CVE-2025-30144 (fast-jwt)',
      () => byEc.mint({ iss: [byEc.name, byRsa.name] }),
      'claim_invalid',
    ),
    one(
      'two issuers in one text',
      substitution,
      () => byEc.mint({ iss: `${byEc.name} ${byRsa.name}` }),
      'issuer_mismatch',
    ),
    one('no issuer', substitution, () => byEc.mint({ iss: undefined }), 'claim_missing'),
    ...[
      [byEc, byRsa],
      [byRsa, byEc],
    ].map(([first = byEc, second = byEc]) =>
      one(
        `two members iss, ${first.name} first, signed by ${byEc.name}`,
        'RFC 7519 section 4',
        () => {
          const rest = JSON.stringify(goodClaims({ iss: second.name }))
          return signed('{"alg":"ES256"}', `{"iss":"${first.name}",${rest.slice(1)}`, byEc.key)
        },
        'token_malformed',
      ),
    ),
  ]
}

export const severalIssuers: Family = {
  about: 'what is good of one issuer, sent as that of another',
  attacks: [
    ...orders.flatMap(([where, issuers]) => attacksOn(where, issuers)),
    ...(
      [
        ['the key of another under a name that both have', byEc, byEcToo.key, 'current', 'signature_invalid'],
        ['the key of another under a name that only he has', byEc, byEcToo.key, 'rsa', 'key_unknown'],
        ['an RSA key of another under its name', byEc, byRsa.key, 'rsa', 'algorithm_not_allowed'],
        ['the secret of another under the name of a key', byEc, byHmac.key, 'current', 'algorithm_not_allowed'],
        ['his own key under his own name', byEc, byEc.key, 'current', 'accepted'],
        ['his own key under the same name as another', byEcToo, byEcToo.key, 'current', 'accepted'],
        ['his secret, whatever the name', byHmac, byHmac.key, 'current', 'accepted'],
      ] as const
    ).map(([what, issuer, key, kid, code]): Attack => {
      const name = `${what}: kid ${kid}`
      return { name, source: ring, token: () => issuer.mint({}, { key, header: { kid } }), code, issuers: sets }
    }),
    ...(
      [
        ['the audience of another', byEc, { aud: 'bills' }, 'at+jwt', 'audience_mismatch'],
        ['the audiences of both', byEc, { aud: ['bills', 'orders'] }, 'at+jwt', 'accepted'],
        ['the type that another allows', byEc, { aud: 'orders' }, 'JWT', 'type_not_allowed'],
        ['no type, as another allows', byEc, { aud: 'orders' }, undefined, 'type_not_allowed'],
        ['the tolerance of another', byEc, { aud: 'orders', exp: now - 1 }, 'at+jwt', 'token_expired'],
        ['his own tolerance', byEcToo, { aud: 'bills', exp: now - 1 }, 'JWT', 'accepted'],
        ['his own audience and type', byEc, { aud: 'orders' }, 'at+jwt', 'accepted'],
      ] as const
    ).map(([name, issuer, claims, typ, code]): Attack => {
      return { name, source: audience, token: () => issuer.mint(claims, { header: { typ } }), code, issuers: apart }
    }),
  ],
}
