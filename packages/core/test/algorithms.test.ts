// Signatures: every algorithm accepts its own, and nothing that is only like it.
import { constants, createSecretKey, randomBytes, sign } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'
import { describe, expect, it } from 'vitest'
import { algorithmNames, keyFor, newKey, type SigningKey } from '../../../test/support/keys.ts'
import { base64url, goodClaims, mint, partsOf, signatureOf, withSignature } from '../../../test/support/mint.ts'
import { codeOf, verifierFor } from '../../../test/support/verifiers.ts'
import { algorithms, whyUnfit, type KeyFacts } from '../src/algorithms.ts'

const spoiledSignatures: readonly (readonly [string, (signature: Buffer) => Buffer])[] = [
  ['with its first bit flipped', (signature) => flippedBit(signature, 0)],
  ['with a bit in its middle flipped', (signature) => flippedBit(signature, signature.length * 4)],
  ['with its last bit flipped', (signature) => flippedBit(signature, signature.length * 8 - 1)],
  ['without its first byte', (signature) => signature.subarray(1)],
  ['without its last byte', (signature) => signature.subarray(0, -1)],
  ['of half its length', (signature) => signature.subarray(0, signature.length / 2)],
  ['of no bytes', () => Buffer.alloc(0)],
  ['with a zero byte before it', (signature) => Buffer.concat([Buffer.alloc(1), signature])],
  ['with a zero byte behind it', (signature) => Buffer.concat([signature, Buffer.alloc(1)])],
  ['twice in a row', (signature) => Buffer.concat([signature, signature])],
  ['of zeros only', (signature) => Buffer.alloc(signature.length)],
  ['of ones only', (signature) => Buffer.alloc(signature.length, 0xff)],
]

describe.each(algorithmNames)('%s', (alg) => {
  const key = keyFor(alg)
  const verifier = verifierFor(key)

  it('accepts a token that is signed with it', async () => {
    const { claims, header } = await verifier.verify(mint({}, { key }))
    expect(claims).toEqual(goodClaims())
    expect(header).toEqual({ alg, typ: 'JWT' })
  })

  it.each(spoiledSignatures)('refuses a signature %s', async (_how, spoil) => {
    const token = mint({}, { key })
    const signature = Buffer.from(partsOf(token)[2], 'base64url')
    expect(await codeOf(verifier.verify(withSignature(token, spoil(signature))))).toBe('signature_invalid')
  })

  it('refuses a signature of another key of the same kind', async () => {
    expect(await codeOf(verifier.verify(mint({}, { key: newKey(alg) })))).toBe('signature_invalid')
  })

  it('refuses another payload under a good signature', async () => {
    const [header, , signature] = partsOf(mint({}, { key }))
    const payload = base64url(JSON.stringify(goodClaims({ sub: 'mallory' })))
    expect(await codeOf(verifier.verify(`${header}.${payload}.${signature}`))).toBe('signature_invalid')
  })

  it('refuses another header under a good signature', async () => {
    const [, payload, signature] = partsOf(mint({}, { key }))
    const header = base64url(JSON.stringify({ alg, typ: 'at+jwt' }))
    expect(await codeOf(verifier.verify(`${header}.${payload}.${signature}`))).toBe('signature_invalid')
  })

  it('is the only label that a verifier pinned to it accepts', async () => {
    const others = algorithmNames.filter((other) => other !== alg)
    const codes = others.map((other) => codeOf(verifier.verify(mint({}, { key, header: { alg: other } }))))
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['algorithm_not_allowed']))
  })
})

describe('a key', () => {
  const kinds: readonly (readonly [string, KeyFacts, RegExp])[] = [
    ['a secret', { type: 'secret', bytes: 64 }, /^HS(?:256|384|512)$/],
    ['an RSA key', { type: 'rsa', bits: 2048, exponent: 3n }, /^[RP]S(?:256|384|512)$/],
    ['a key on P-256', { type: 'ec', curve: 'P-256' }, /^ES256$/],
    ['a key on P-384', { type: 'ec', curve: 'P-384' }, /^ES384$/],
    ['a key on P-521', { type: 'ec', curve: 'P-521' }, /^ES512$/],
    ['a key on Ed25519 that is called an EC key', { type: 'ec', curve: 'Ed25519' }, /^$/],
    ['an Ed25519 key', { type: 'ed25519' }, /^Ed(?:DSA|25519)$/],
  ]

  it.each(kinds)('may verify the algorithms of its kind, and is told from the others: %s', (_what, facts, fitting) => {
    const reasons = [...algorithms].map(([name, algorithm]) => ({ name, reason: whyUnfit(algorithm, facts) }))
    const isFit = ({ reason }: { readonly reason: string | undefined }): boolean => reason === undefined
    expect(reasons.filter(isFit).map(({ name }) => name)).toEqual(
      [...algorithms.keys()].filter((name) => fitting.test(name)),
    )
    for (const { name, reason } of reasons.filter((one) => !isFit(one))) {
      expect(reason).toMatch(
        new RegExp(
          `^${name} needs (?:a shared secret, not a public key|an RSA key|an Ed25519 key|a key on the curve P-)`,
        ),
      )
    }
  })
})

describe('a signature under the label of another algorithm', () => {
  const rsa = keyFor('RS256')
  const bytes = createSecretKey(randomBytes(64))
  const secret: SigningKey = { alg: 'HS512', signer: bytes, verifier: bytes }
  const families: readonly (readonly [SigningKey, readonly AlgorithmName[], readonly AlgorithmName[]])[] = [
    [secret, ['HS256', 'HS384', 'HS512'], ['HS256', 'HS384', 'HS512']],
    [rsa, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'], ['RS256', 'RS384', 'RS512']],
    [rsa, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'], ['PS256', 'PS384', 'PS512']],
    // Signed on the curve of the label, with the hash of another.
    [keyFor('ES256'), ['ES384', 'ES512'], ['ES256']],
    [keyFor('ES384'), ['ES256', 'ES512'], ['ES384']],
    [keyFor('ES512'), ['ES256', 'ES384'], ['ES512']],
  ]
  const misuses = families.flatMap(([key, made, labels]) =>
    labels.flatMap((label) => made.filter((alg) => alg !== label).map((alg) => ({ key, made: alg, label }))),
  )

  it.each(misuses)('is refused: made as $made, labelled $label', async ({ key, made, label }) => {
    const token = mint({}, { key: { ...key, alg: made }, header: { alg: label } })
    expect(await codeOf(verifierFor({ ...key, alg: label }).verify(token))).toBe('signature_invalid')
  })

  it.each<[string, string | Uint8Array]>([
    ['PEM', rsa.verifier.export({ format: 'pem', type: 'spki' })],
    ['DER', rsa.verifier.export({ format: 'der', type: 'spki' })],
    ['JWK', JSON.stringify(rsa.verifier.export({ format: 'jwk' }))],
  ])('is refused: HMAC with the public key as %s', async (_form, publicText) => {
    const signer = createSecretKey(Buffer.from(publicText))
    for (const label of ['HS256', 'RS256']) {
      const token = mint({}, { key: { alg: 'HS256', signer, verifier: signer }, header: { alg: label } })
      const expected = label === 'HS256' ? 'algorithm_not_allowed' : 'signature_invalid'
      expect(await codeOf(verifierFor(rsa).verify(token))).toBe(expected)
    }
  })
})

describe('several pinned algorithms', () => {
  it.each<[AlgorithmName, AlgorithmName]>([
    ['RS256', 'PS256'],
    ['EdDSA', 'Ed25519'],
  ])('%s and %s are both accepted with one key', async (first, second) => {
    const key = keyFor(first)
    const verifier = verifierFor(key, { algorithms: [first, second] })
    for (const alg of [first, second]) {
      const { header } = await verifier.verify(mint({}, { key: { ...key, alg } }))
      expect(header.alg).toBe(alg)
    }
  })
})

describe('EdDSA and Ed25519', () => {
  it.each<[AlgorithmName, AlgorithmName]>([
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
  ])('are distinct pins: %s does not let in %s, although key and signature are the same', async (pin, label) => {
    const key = keyFor(pin)
    const token = mint({}, { key: { ...key, alg: label } })
    expect(await codeOf(verifierFor(key).verify(token))).toBe('algorithm_not_allowed')
  })
})

describe('an ECDSA signature', () => {
  it.each<AlgorithmName>(['ES256', 'ES384', 'ES512'])('of %s in DER is refused', async (alg) => {
    const key = keyFor(alg)
    const token = mint({}, { key })
    const der = sign(`sha${alg.slice(2)}`, signingInput(token), { key: key.signer, dsaEncoding: 'der' })
    expect(await codeOf(verifierFor(key).verify(withSignature(token, der)))).toBe('signature_invalid')
  })

  it.each<[AlgorithmName, number]>([
    ['ES256', 32],
    ['ES384', 48],
    ['ES512', 66],
  ])('of %s whose r begins with a zero byte is accepted at full length only', async (alg, width) => {
    const key = keyFor(alg)
    const token = mint({}, { key })
    const signature = signatureWith(token, key, (bytes) => bytes[0] === 0)
    const stripped = Buffer.concat([signature.subarray(1, width), signature.subarray(width)])
    expect((await verifierFor(key).verify(withSignature(token, signature))).header.alg).toBe(alg)
    expect(await codeOf(verifierFor(key).verify(withSignature(token, stripped)))).toBe('signature_invalid')
  })
})

describe('an RSASSA-PSS signature', () => {
  const cases = [256, 384, 512].flatMap((bits) =>
    [0, 20, bits / 8 - 1, bits / 8 + 1, constants.RSA_PSS_SALTLEN_MAX_SIGN].map((saltLength) => ({ bits, saltLength })),
  )

  it.each(cases)('of PS$bits with a salt length of $saltLength is refused', async ({ bits, saltLength }) => {
    const key = { ...keyFor('PS256'), alg: `PS${bits}` as AlgorithmName }
    const token = mint({}, { key })
    const padding = constants.RSA_PKCS1_PSS_PADDING
    const signature = sign(`sha${bits}`, signingInput(token), { key: key.signer, padding, saltLength })
    expect(await codeOf(verifierFor(key).verify(withSignature(token, signature)))).toBe('signature_invalid')
  })
})

function flippedBit(bytes: Buffer, position: number): Buffer {
  const copy = Buffer.from(bytes)
  const index = Math.floor(position / 8)
  copy.writeUInt8(copy.readUInt8(index) ^ (0x80 >> (position % 8)), index)
  return copy
}

function signingInput(token: string): Buffer {
  return Buffer.from(token.slice(0, token.lastIndexOf('.')))
}

/** ECDSA draws a new number for each signature: signs until one has what is looked for. */
function signatureWith(token: string, key: SigningKey, wanted: (signature: Buffer) => boolean): Buffer {
  const input = signingInput(token).toString()
  for (;;) {
    const signature = signatureOf(input, key)
    if (wanted(signature)) return signature
  }
}
