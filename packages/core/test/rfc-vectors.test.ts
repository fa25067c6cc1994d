// The tokens that RFC 7515 prints in its appendix A, which nobody here has signed.
import { describe, expect, it } from 'vitest'
import type { JwtVerifierOptions } from '@jwtgate/core'
import { codeOf, testVerifier } from '../../../test/support/verifiers.ts'

const expiry = 1_300_819_380
const claims = { iss: 'joe', exp: expiry, 'http://example.com/is_root': true }
const payload = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'

interface Vector {
  readonly section: string
  readonly header: string
  readonly signature: string
  readonly options: Partial<JwtVerifierOptions>
}

const vectors: readonly Vector[] = [
  {
    section: 'A.1 (HS256)',
    header: 'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9',
    signature: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    options: {
      algorithms: ['HS256'],
      secret: Buffer.from(
        'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
        'base64url',
      ),
    },
  },
  {
    section: 'A.2 (RS256)',
    header: 'eyJhbGciOiJSUzI1NiJ9',
    signature:
      'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU' +
      'Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d' +
      'O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig' +
      'cN_IoypGlUPQGe77Rw',
    options: {
      algorithms: ['RS256'],
      publicKey: {
        kty: 'RSA',
        n:
          'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ' +
          'S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2' +
          'R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD' +
          'TW9gb54h4FRWyuXpoQ',
        e: 'AQAB',
      },
    },
  },
  {
    section: 'A.3 (ES256)',
    header: 'eyJhbGciOiJFUzI1NiJ9',
    signature: 'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
    options: {
      algorithms: ['ES256'],
      publicKey: {
        kty: 'EC',
        crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      },
    },
  },
]

describe.each(vectors)('the token of RFC 7515 appendix $section', ({ header, signature, options }) => {
  const token = `${header}.${payload}.${signature}`

  /** The token has neither `aud` nor `nbf`. */
  const verifierAt = (seconds: number, issuer = 'joe') =>
    testVerifier({ issuer, audience: null, optionalClaims: ['nbf'], clock: { now: () => seconds * 1000 }, ...options })

  it('is accepted in the last second before it expires', async () => {
    expect((await verifierAt(expiry - 1).verify(token)).claims).toEqual(claims)
  })

  it('is expired in the second of its exp', async () => {
    expect(await codeOf(verifierAt(expiry).verify(token))).toBe('token_expired')
  })

  it('is refused by a verifier of another issuer', async () => {
    expect(await codeOf(verifierAt(expiry - 1, 'jane').verify(token))).toBe('issuer_mismatch')
  })

  it('is refused with another character in its signature', async () => {
    const other = signature.startsWith('A') ? 'B' : 'A'
    const spoiled = `${header}.${payload}.${other}${signature.slice(1)}`
    expect(await codeOf(verifierAt(expiry - 1).verify(spoiled))).toBe('signature_invalid')
  })
})
