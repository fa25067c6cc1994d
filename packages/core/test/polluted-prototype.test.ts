// A polluted Object.prototype decides nothing about how a signature is checked.
import { constants, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { engine } from '../../../test/support/engine.ts'
import { algorithmNames, jwkOf, keyFor, newKey, publicKeyAlgorithms } from '../../../test/support/keys.ts'
import { base64url, goodClaims, mint } from '../../../test/support/mint.ts'
import { withPolluted } from '../../../test/support/pollution.ts'
import { outcomeOf, testVerifier, verifierFor } from '../../../test/support/verifiers.ts'

const { RSA_PKCS1_PSS_PADDING, RSA_PKCS1_PADDING, RSA_NO_PADDING } = constants

/** What node:crypto reads at a key. */
const settings: readonly Readonly<Record<string, unknown>>[] = [
  { padding: RSA_PKCS1_PSS_PADDING },
  { padding: RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  { padding: RSA_PKCS1_PADDING },
  { padding: RSA_NO_PADDING },
  { saltLength: 0 },
  { dsaEncoding: 'der' },
  { dsaEncoding: 'ieee-p1363' },
]
/** What WebCrypto reads of an algorithm, and what other versions of node:crypto know. */
const others = [{ hash: 'SHA-512', namedCurve: 'P-521', name: 'ECDSA', length: 512 }, { context: new Uint8Array([1]) }]

describe.each(settings)('with %o', (members) => {
  it.each(algorithmNames)('tokens of %s are as good as ever', async (alg) => {
    const key = keyFor(alg)
    const token = mint({}, { key })
    for (const verifier of [verifierFor(key), await withPolluted(members, () => verifierFor(key))]) {
      expect(await withPolluted(members, () => outcomeOf(verifier.verify(token)))).toBe('accepted')
    }
  })
})

describe.each([...settings, ...others])('with %o', (members) => {
  it.each(algorithmNames)('no forged token of %s is accepted', async (alg) => {
    const verifier = verifierFor(keyFor(alg))
    const forged = [mint({}, { key: newKey(alg) }), mint({}, { key: keyFor(alg), header: { alg: 'none' } })]
    const outcomes: string[] = []
    for (const token of forged) outcomes.push(await withPolluted(members, () => outcomeOf(verifier.verify(token))))
    expect(outcomes).toEqual(['signature_invalid', 'algorithm_not_allowed'])
  })
})

describe('an inherited key', () => {
  const attacker = newKey('RS256')
  const engineKey = { facts: { type: 'rsa', bits: 2048, exponent: 65537n }, handle: attacker.verifier, bits: 2048 }
  const candidate = { engineKey, fits: { has: () => true }, identity: 'polluted', kid: undefined }
  const indices = { 0: candidate, 1: candidate, 2: candidate, 3: candidate, 4: candidate }

  it.each(publicKeyAlgorithms)('under a number verifies nothing: %s', async (alg) => {
    const key = keyFor(alg)
    const forged = mint({}, { key: { ...attacker, alg: alg.startsWith('PS') ? alg : 'RS256' }, header: { alg } })
    for (const verifier of [verifierFor(key), testVerifier({ algorithms: [alg], jwks: { keys: [jwkOf(key)] } })]) {
      expect(await withPolluted(indices, () => outcomeOf(verifier.verify(forged)))).toBe('signature_invalid')
      const outcome = await withPolluted(indices, () => outcomeOf(verifier.verify(mint({}, { key }))))
      expect(outcome).toBe(engine === 'node' ? 'accepted' : 'signature_invalid') // WebCrypto does not work any more.
    }
  })

  it.each(['PS256', 'PS384', 'PS512'] as const)('for RSASSA-PSS verifies nothing: %s', async (alg) => {
    const key = keyFor(alg)
    const hash = `sha${alg.slice(2)}`
    const input = [{ alg }, goodClaims()].map((part) => base64url(JSON.stringify(part))).join('.')
    const signatures = [
      sign(hash, Buffer.from(input), attacker.signer),
      sign(hash, Buffer.from(input), { key: attacker.signer, padding: RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
    ]
    const pem = attacker.verifier.export({ format: 'pem', type: 'spki' })
    for (const inherited of [pem, attacker.verifier, { key: pem, padding: RSA_PKCS1_PADDING }]) {
      for (const signature of signatures) {
        const token = `${input}.${base64url(signature)}`
        const outcome = await withPolluted({ pssHandle: inherited }, () => outcomeOf(verifierFor(key).verify(token)))
        expect(outcome).toBe('signature_invalid')
      }
    }
  })
})

it.each([{ value: 'x' }, { get: () => 'x' }, { set: () => {} }, { writable: true, enumerable: true }])(
  'an Auth is what it is with %o',
  async (members) => {
    const token = mint()
    const auth = await withPolluted(members, async () => testVerifier().verify(token))
    expect(auth.token).toBe(token)
    expect(Object.keys(auth)).toEqual(['claims', 'header', 'permissions', 'scopes', 'roles'])
  },
)

it.each(['RS256', 'RS384', 'RS512'] as const)('%s is never checked as RSASSA-PSS', async (alg) => {
  const key = keyFor(alg)
  const hash = `sha${alg.slice(2)}`
  const input = [{ alg }, goodClaims()].map((part) => base64url(JSON.stringify(part))).join('.')
  const pss = sign(hash, Buffer.from(input), { key: key.signer, padding: RSA_PKCS1_PSS_PADDING, saltLength: 32 })
  const verifier = verifierFor(key)
  const members = { padding: RSA_PKCS1_PSS_PADDING, saltLength: 32 }
  const outcome = await withPolluted(members, () => outcomeOf(verifier.verify(`${input}.${base64url(pss)}`)))
  expect(outcome).toBe('signature_invalid')
})

it.each(publicKeyAlgorithms)('a KeyObject for %s stays as it was given', async (alg) => {
  const key = keyFor(alg)
  const before = Reflect.ownKeys(key.verifier)
  await verifierFor(key).verify(mint({}, { key }))
  expect(Reflect.ownKeys(key.verifier)).toEqual(before)
})
