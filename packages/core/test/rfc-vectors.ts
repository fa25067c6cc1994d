// Tokens that RFCs print, with the keys that they print: nobody here has signed them.
import type { AlgorithmName, Jwk } from '@jwtgate/core'

interface VectorKey {
  readonly alg: AlgorithmName
  readonly key: { readonly publicKey: Jwk } | { readonly secret: Uint8Array }
}

export interface Vector extends VectorKey {
  readonly source: string
  readonly header: string
  readonly payload: string
  readonly signature: string
}

/** What is no signed token in the compact form, with the key that would do for the signature in it. */
export interface OtherForm extends VectorKey {
  readonly source: string
  readonly token: string
  readonly code: 'token_malformed' | 'algorithm_not_allowed' | 'critical_header'
}

const secretOf = (k: string): { readonly secret: Uint8Array } => ({ secret: Buffer.from(k, 'base64url') })

// RFC 7515 appendix A.

/** `iss` is joe; neither `aud` nor `nbf`. */
const joe = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
const hmacSecret = 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'
const rsaKey = {
  kty: 'RSA',
  n:
    'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ' +
    'S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2' +
    'R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD' +
    'TW9gb54h4FRWyuXpoQ',
  e: 'AQAB',
}
const p256Key = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
}
const p521Key = {
  kty: 'EC',
  crv: 'P-521',
  x: 'AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk',
  y: 'ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2',
}

// RFC 7520 section 3, and 4, whose examples all have this payload.

/** "It’s a dangerous business, Frodo, going out your door. ...": text, no JSON. */
const frodo =
  'SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwg' +
  'YW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9m' +
  'ZiB0by4'
const bilboRsaKey = {
  kty: 'RSA',
  n:
    'n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2w' +
    'qVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bT' +
    'wJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5' +
    'iaiQkqgc5gHdrNP5zw',
  e: 'AQAB',
}
const bilboEcKey = {
  kty: 'EC',
  crv: 'P-521',
  x: 'AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt',
  y: 'AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1',
}
const bilboSecret = 'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg'

const joeHs256: Vector = {
  source: 'RFC 7515 appendix A.1 (HS256)',
  alg: 'HS256',
  header: 'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9',
  payload: joe,
  signature: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  key: secretOf(hmacSecret),
}
const joeRs256: Vector = {
  source: 'RFC 7515 appendix A.2 (RS256)',
  alg: 'RS256',
  header: 'eyJhbGciOiJSUzI1NiJ9',
  payload: joe,
  signature:
    'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU' +
    'Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d' +
    'O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig' +
    'cN_IoypGlUPQGe77Rw',
  key: { publicKey: rsaKey },
}
const joeEs256: Vector = {
  source: 'RFC 7515 appendix A.3 (ES256)',
  alg: 'ES256',
  header: 'eyJhbGciOiJFUzI1NiJ9',
  payload: joe,
  signature: 'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
  key: { publicKey: p256Key },
}
const payloadEs512: Vector = {
  source: 'RFC 7515 appendix A.4 (ES512)',
  alg: 'ES512',
  header: 'eyJhbGciOiJFUzUxMiJ9',
  payload: 'UGF5bG9hZA',
  signature:
    'AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2Y' +
    'BJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn',
  key: { publicKey: p521Key },
}
const bilboRs256: Vector = {
  source: 'RFC 7520 section 4.1 (RS256)',
  alg: 'RS256',
  header: 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9',
  payload: frodo,
  signature:
    'MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDk' +
    'oBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9Uzp' +
    'ERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogo' +
    'ree7vjbU5y18kDquDg',
  key: { publicKey: bilboRsaKey },
}
const bilboPs384: Vector = {
  source: 'RFC 7520 section 4.2 (PS384)',
  alg: 'PS384',
  header: 'eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9',
  payload: frodo,
  signature:
    'cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OL' +
    'PpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shn' +
    'r2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6' +
    'oD4ifKo8DYM-X72Eaw',
  key: { publicKey: bilboRsaKey },
}
const bilboEs512: Vector = {
  source: 'RFC 7520 section 4.3 (ES512)',
  alg: 'ES512',
  header: 'eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9',
  payload: frodo,
  signature:
    'AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnA' +
    'MDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2',
  key: { publicKey: bilboEcKey },
}
const bilboHs256: Vector = {
  source: 'RFC 7520 section 4.4 (HS256)',
  alg: 'HS256',
  header: 'eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9',
  payload: frodo,
  signature: 's0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0',
  key: secretOf(bilboSecret),
}
const bilboPartly: Vector = {
  source: 'RFC 7520 section 4.6 (HS256), the protected header in compact form',
  alg: 'HS256',
  header: 'eyJhbGciOiJIUzI1NiJ9',
  payload: frodo,
  signature: 'bWUSVaxorn7bEF1djytBd0kHv70Ly5pvbomzMWSOr20',
  key: secretOf(bilboSecret),
}
const bilboFirst: Vector = {
  source: 'RFC 7520 section 4.8 (RS256), the first signature in compact form',
  alg: 'RS256',
  header: 'eyJhbGciOiJSUzI1NiJ9',
  payload: frodo,
  signature:
    'MIsjqtVlOpa71KE-Mss8_Nq2YH4FGhiocsqrgi5NvyG53uoimic1tcMdSg-qptrzZc7CG6Svw2Y13TDIqHzTUrL_lR2ZFcryNFiHkSw129Eg' +
    'hGpwkpxaTn_THJTCglNbADko1MZBCdwzJxwqZc-1RlpO2HibUYyXSwO97BSe0_evZKdjvvKSgsIqjytKSeAMbhMBdMma622_BG5t4sdbuCHt' +
    'Fjp9iJmkio47AIwqkZV1aIZsv33uPUqBBCXbYoQJwt7mxPftHmNlGoOSMxR_3thmXTCm4US-xiNOyhbm8afKK64jU6_TPtQHiJeQJxz9G3Tx' +
    '-083B745_AfYOnlC9w',
  key: { publicKey: bilboRsaKey },
}
const unencodedHs256: Vector = {
  source: 'RFC 7797 section 4.1 (HS256)',
  alg: 'HS256',
  header: 'eyJhbGciOiJIUzI1NiJ9',
  payload: 'JC4wMg',
  signature: '5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ',
  key: secretOf(hmacSecret),
}
const exampleEdDsa: Vector = {
  source: 'RFC 8037 appendices A.2, A.4 and A.5 (EdDSA)',
  alg: 'EdDSA',
  header: 'eyJhbGciOiJFZERTQSJ9',
  payload: 'RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc',
  signature: 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  key: { publicKey: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } },
}

/** Good tokens of the issuer joe, until {@link joesExpiry}. */
export const joesTokens: readonly Vector[] = [joeHs256, joeRs256, joeEs256]
export const joesExpiry = 1_300_819_380
export const joesClaims = { iss: 'joe', exp: joesExpiry, 'http://example.com/is_root': true }

/** Their signatures are good, but what they sign is no JSON object. */
export const signedTexts: readonly Vector[] = [
  payloadEs512,
  bilboRs256,
  bilboPs384,
  bilboEs512,
  bilboHs256,
  bilboPartly,
  bilboFirst,
  unencodedHs256,
  exampleEdDsa,
]

const bilboKid = 'bilbo.baggins@hobbiton.example'
const bilboSecretKid = '018c0ae5-4d9b-471b-bfd6-eef314bc7037'

interface JsonSignature {
  readonly protected?: string
  readonly header?: { readonly alg?: string; readonly kid: string }
  readonly signature: string
}

const protectedOf = ({ header, signature }: Vector): JsonSignature => ({ protected: header, signature })
const inJson = (payload: string | undefined, ...signatures: readonly JsonSignature[]): string =>
  JSON.stringify({ payload, signatures })
const flattened = (payload: string | undefined, signature: JsonSignature): string =>
  JSON.stringify({ payload, ...signature })

/** RFC 7520 section 4.7: only the content is signed, so that the algorithm can be exchanged. */
const unprotected: JsonSignature = {
  header: { alg: 'HS256', kid: bilboSecretKid },
  signature: 'xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk',
}
/** RFC 7520 section 4.8, the second of three. */
const unprotectedEc: JsonSignature = {
  header: { alg: 'ES512', kid: bilboKid },
  signature:
    'ARcVLnaJJaUWG8fG-8t5BREVAuTY8n8YHjwDO1muhcdCoFZFFjfISu0Cdkn9Ybdlmi54ho0x924DUz8sK7ZXkhc7AFM8ObLfTvNCrqcI3Jkl' +
    '2U5IX3utNhODH6v7xgy1Qahsn0fyb4zSAkje8bAWz4vIfj5pCMYxxm4fgV3q7ZYhm5eD',
}

type Form = readonly [source: string, vector: Vector, token: string, code?: OtherForm['code']]

const joesEcKid = { kid: 'e9bc097a-ce51-4036-9562-d2ade882db0d' }
const joesSignatures: readonly JsonSignature[] = [
  { ...protectedOf(joeRs256), header: { kid: '2010-12-29' } },
  { ...protectedOf(joeEs256), header: joesEcKid },
]
const partly: JsonSignature = { ...protectedOf(bilboPartly), header: { kid: bilboSecretKid } }
const first: JsonSignature = { ...protectedOf(bilboFirst), header: { kid: bilboKid } }
const criticalNone =
  'eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9V' +
  'TkRFRklORUQiOnRydWUNCn0'
const detachedHeader = 'eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19'
const detachedSignature = 'A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY'

const forms: readonly Form[] = [
  ['RFC 7515 appendix A.5, unsecured', joeHs256, `eyJhbGciOiJub25lIn0.${joe}.`, 'algorithm_not_allowed'],
  ['RFC 7515 appendix A.6, general JSON', joeRs256, inJson(joe, ...joesSignatures)],
  ['RFC 7515 appendix A.6, general JSON', joeEs256, inJson(joe, ...joesSignatures)],
  ['RFC 7515 appendix A.7, flattened JSON', joeEs256, flattened(joe, { ...protectedOf(joeEs256), header: joesEcKid })],
  ['RFC 7515 appendix E, unsecured and critical', joeHs256, `${criticalNone}.RkFJTA.`, 'algorithm_not_allowed'],
  ...[bilboRs256, bilboPs384, bilboEs512, bilboHs256].flatMap((vector): readonly Form[] => [
    [`${vector.source}, general JSON`, vector, inJson(frodo, protectedOf(vector))],
    [`${vector.source}, flattened JSON`, vector, flattened(frodo, protectedOf(vector))],
  ]),
  ['RFC 7520 section 4.5, detached', bilboHs256, `${bilboHs256.header}..${bilboHs256.signature}`],
  ['RFC 7520 section 4.5, detached, general JSON', bilboHs256, inJson(undefined, protectedOf(bilboHs256))],
  ['RFC 7520 section 4.5, detached, flattened JSON', bilboHs256, flattened(undefined, protectedOf(bilboHs256))],
  ['RFC 7520 section 4.6, general JSON', bilboHs256, inJson(frodo, partly)],
  ['RFC 7520 section 4.6, flattened JSON', bilboHs256, flattened(frodo, partly)],
  ['RFC 7520 section 4.7, general JSON', bilboHs256, inJson(frodo, unprotected)],
  ['RFC 7520 section 4.7, flattened JSON', bilboHs256, flattened(frodo, unprotected)],
  ...[bilboRs256, bilboEs512, bilboHs256].map((vector): Form => {
    const signatures = [first, unprotectedEc, protectedOf(bilboHs256)]
    return [`RFC 7520 section 4.8, for ${vector.alg}`, vector, inJson(frodo, ...signatures)]
  }),
  ['RFC 7797 section 4.2, detached', unencodedHs256, `${detachedHeader}..${detachedSignature}`, 'critical_header'],
  ['RFC 7797 section 4.2, encoded', unencodedHs256, `${detachedHeader}.JC4wMg.${detachedSignature}`, 'critical_header'],
  ['RFC 7797 section 4.2, as it is', unencodedHs256, `${detachedHeader}.$.02.${detachedSignature}`],
  [
    'RFC 7797 section 4.2, flattened JSON',
    unencodedHs256,
    flattened('$.02', { protected: detachedHeader, signature: detachedSignature }),
  ],
]

/** What a verifier for the compact form has to refuse, though the signature in most of it is good. */
export const otherForms: readonly OtherForm[] = forms.map(([source, { alg, key }, token, code = 'token_malformed']) => {
  return { source, alg, key, token, code }
})
