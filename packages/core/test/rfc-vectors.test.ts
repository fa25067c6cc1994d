// The tokens of RFC 7515, 7520, 7797 and 8037: what their signatures prove, and what a verifier of JWTs makes of them.
import { describe, expect, it } from 'vitest'
import { importPublicKey, importSecret, verifySignature } from '#crypto'
import type { AlgorithmName, JwtVerifier } from '@jwtgate/core'
import { codeOf, testVerifier } from '../../../test/support/verifiers.ts'
import { algorithms } from '../src/algorithms.ts'
import { parseJws } from '../src/jws.ts'
import { KnownHeaders } from '../src/known-headers.ts'
import { joesClaims, joesExpiry, joesTokens, otherForms, signedTexts, type Vector } from './rfc-vectors.ts'

/** The tokens have neither `aud` nor `nbf`. */
function verifierFor({ alg, key }: Pick<Vector, 'alg' | 'key'>, issuer = 'joe', seconds = joesExpiry - 1): JwtVerifier {
  const clock = { now: () => seconds * 1000 }
  return testVerifier({ issuer, audience: null, optionalClaims: ['nbf'], clock, algorithms: [alg], ...key })
}

function tokenOf({ header, payload, signature }: Vector): string {
  return `${header}.${payload}.${signature}`
}

/** By the layer below the verifier, to which a payload is only bytes. */
function signatureCheck({ alg, key }: Vector): (token: string) => boolean | Promise<boolean> {
  const algorithm = algorithms.get(alg)
  const imported = 'secret' in key ? importSecret(key.secret) : importPublicKey(key.publicKey)
  if (algorithm === undefined || typeof imported === 'string') throw new Error(`no key for ${alg}`)
  return (token) => verifySignature(algorithm, imported, parseJws(token, 16_384, new KnownHeaders()))
}

/** The text again and again, with another bit of what it encodes changed: with each, or for P-521, which is slow, each seventh. */
function* withOtherBits(text: string, alg: AlgorithmName): Generator<string> {
  const bytes = Buffer.from(text, 'base64url')
  for (let bit = 0; bit < 8 * bytes.length; bit += alg === 'ES512' ? 7 : 1) {
    const copy = Buffer.from(bytes)
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    yield copy.toString('base64url')
  }
}

/** Thousands of signatures take their time. */
const patient = { timeout: 60_000 }

describe.each([...joesTokens, ...signedTexts])('the signature of $source', (vector) => {
  const { alg, header, payload, signature } = vector
  const isGood = signatureCheck(vector)

  it('is good as it is printed', async () => {
    expect(await isGood(tokenOf(vector))).toBe(true)
  })

  it('is bad with any bit of it changed', patient, async () => {
    let good = 0
    for (const other of withOtherBits(signature, alg)) if (await isGood(`${header}.${payload}.${other}`)) good++
    expect(good).toBe(0)
  })

  it('is bad for a payload with any bit changed', patient, async () => {
    let good = 0
    for (const other of withOtherBits(payload, alg)) if (await isGood(`${header}.${other}.${signature}`)) good++
    expect(good).toBe(0)
  })

  it('is bad for no payload', async () => {
    expect(await isGood(`${header}..${signature}`)).toBe(false)
  })
})

describe.each(joesTokens)('the token of $source', (vector) => {
  const token = tokenOf(vector)

  it('is accepted in the last second before it expires', async () => {
    expect((await verifierFor(vector).verify(token)).claims).toEqual(joesClaims)
  })

  it('is expired in the second of its exp', async () => {
    expect(await codeOf(verifierFor(vector, 'joe', joesExpiry).verify(token))).toBe('token_expired')
  })

  it('is refused by a verifier of another issuer', async () => {
    expect(await codeOf(verifierFor(vector, 'jane').verify(token))).toBe('issuer_mismatch')
  })

  it('is refused with another character in its signature', async () => {
    const { header, payload, signature } = vector
    const other = signature.startsWith('A') ? 'B' : 'A'
    const spoiled = `${header}.${payload}.${other}${signature.slice(1)}`
    expect(await codeOf(verifierFor(vector).verify(spoiled))).toBe('signature_invalid')
  })
})

describe.each(signedTexts)('the text that $source signs', (vector) => {
  it('is no JWT', async () => {
    expect(await codeOf(verifierFor(vector).verify(tokenOf(vector)))).toBe('token_malformed')
  })
})

describe('what is not in the compact form, or not signed', () => {
  it.each(otherForms)('is refused: $source -> $code', async (form) => {
    expect(await codeOf(verifierFor(form).verify(form.token))).toBe(form.code)
  })
})
