// Keys of the engine on jose: what it takes for a key, and the one JWK that it makes of each. The engine on Node agrees.
import { createPublicKey, createSecretKey, ECDH, type JsonWebKey, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AlgorithmName } from '@jwtgate/core'
import { der, oid, pemOf } from '../../../test/support/der.ts'
import { jwkOf, keyFor, publicKeyAlgorithms } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { algorithms, type Algorithm } from '../src/algorithms.ts'
import {
  importPublicKey,
  importSecret,
  isKeyObject,
  secretBytes,
  verifySignature,
  type EngineKey,
} from '../src/crypto/jose.ts'
import { importPublicKey as importByNode } from '../src/crypto/node.ts'
import { parseJws, type CompactJws } from '../src/jws.ts'
import { KnownHeaders } from '../src/known-headers.ts'

interface Curve {
  readonly alg: AlgorithmName
  readonly name: string
  readonly openSslName: string
  readonly identifier: string
  /** Bytes of a coordinate. */
  readonly width: number
}

type PublicMembers = Exclude<Parameters<typeof importPublicKey>[0], string | KeyObject>

const unparsable = 'it does not parse as a public key'
const rsa = jwkOf(keyFor('RS256'))
const ed25519 = jwkOf(keyFor('Ed25519'))
const curves: readonly Curve[] = [
  { alg: 'ES256', name: 'P-256', openSslName: 'prime256v1', identifier: '2a8648ce3d030107', width: 32 },
  { alg: 'ES384', name: 'P-384', openSslName: 'secp384r1', identifier: '2b81040022', width: 48 },
  { alg: 'ES512', name: 'P-521', openSslName: 'secp521r1', identifier: '2b81040023', width: 66 },
]

function publicMembers({ kty, crv, n, e, x, y }: JsonWebKey): PublicMembers {
  return { kty, crv, n, e, x, y }
}

function bytesOf(member: string | undefined): Buffer {
  return Buffer.from(member ?? '', 'base64url')
}

function text(...bytes: readonly Uint8Array[]): string {
  return Buffer.concat(bytes).toString('base64url')
}

function materialOf(key: string | PublicMembers | KeyObject): unknown {
  const imported = importPublicKey(key)
  return typeof imported === 'string' ? imported : imported.material
}

function factsOf(key: string | PublicMembers | KeyObject): unknown {
  const imported = importPublicKey(key)
  return typeof imported === 'string' ? imported : imported.facts
}

function factsByNode(key: string | PublicMembers): unknown {
  const imported = importByNode(typeof key === 'string' ? key : ({ ...key } as JsonWebKey))
  return typeof imported === 'string' ? imported : imported.facts
}

function pemOfPoint(identifier: string, point: Uint8Array): string {
  const algorithm = der(0x30, oid('2a8648ce3d0201'), oid(identifier))
  return pemOf(der(0x30, algorithm, der(0x03, Buffer.from([0]), point)))
}

const zeros = Buffer.alloc(2)

describe('a public key', () => {
  it.each(publicKeyAlgorithms)('of %s is one JWK, whatever form it has', (alg) => {
    const { verifier } = keyFor(alg)
    const jwk = jwkOf(keyFor(alg))
    const spki = verifier.export({ format: 'pem', type: 'spki' })
    for (const form of [verifier, String(spki), publicMembers(jwk)]) expect(materialOf(form)).toEqual(jwk)
  })

  it('is refused as PEM of a private key, and as KeyObject of another kind', () => {
    const { signer } = keyFor('ES256')
    expect(importPublicKey(String(signer.export({ format: 'pem', type: 'pkcs8' })))).toBe('it is a private key')
    expect(importPublicKey(String(signer.export({ format: 'pem', type: 'sec1' })))).toBe('it is a private key')
    expect(importPublicKey(signer)).toBe('it is a private key')
    expect(importPublicKey(createSecretKey(zeros))).toBe('it is a secret key')
    expect(importPublicKey('')).toBe(unparsable)
  })

  it.each<[string, PublicMembers]>([
    ['no members', {}],
    ['a type alone', { kty: 'EC' }],
    ['a curve alone', { crv: 'P-256' }],
    ['no type', { ...publicMembers(jwkOf(keyFor('ES256'))), kty: undefined }],
    ['no curve', { ...publicMembers(jwkOf(keyFor('ES256'))), crv: undefined }],
    ['the type of Ed25519 and a point of P-256', { ...publicMembers(jwkOf(keyFor('ES256'))), kty: 'OKP' }],
    ['the curve Ed25519 and the type EC', { ...publicMembers(ed25519), kty: 'EC' }],
    ['the curve Ed25519 and no type', { ...publicMembers(ed25519), kty: undefined }],
    ['the type of Ed25519 and no curve', { ...publicMembers(ed25519), crv: undefined }],
    ['an unknown curve', { ...publicMembers(jwkOf(keyFor('ES256'))), crv: 'P-255' }],
    ['the type in small letters', { ...publicMembers(rsa), kty: 'rsa' }],
    ['the curve in small letters', { ...publicMembers(jwkOf(keyFor('ES256'))), crv: 'p-256' }],
    ['no y', { ...publicMembers(jwkOf(keyFor('ES256'))), y: undefined }],
    ['no x', { ...publicMembers(jwkOf(keyFor('ES256'))), x: undefined }],
    ['an Ed25519 point without x', { ...publicMembers(ed25519), x: undefined }],
  ])('is no JWK with %s, on neither engine', (_what, jwk) => {
    expect(importPublicKey(jwk)).toBe(unparsable)
    expect(factsByNode(jwk)).toBe(unparsable)
  })

  it.each(['X25519', 'X448', 'Ed448'])('is no JWK of the curve %s', (crv) => {
    expect(importPublicKey({ ...publicMembers(ed25519), crv })).toBe(unparsable)
  })

  it('on a curve that we do not know has facts, and no material', () => {
    const pem = pemOfPoint('2b8104000a', Buffer.alloc(65, 4))
    expect(factsOf(pem)).toEqual({ type: 'ec', curve: '2b8104000a' })
    expect(materialOf(pem)).toEqual({})
  })
})

describe('an RSA key', () => {
  const members = publicMembers(rsa)

  it('is written without leading zeros, however it came', () => {
    const n = text(zeros, bytesOf(rsa.n))
    const e = text(zeros, bytesOf(rsa.e))
    expect(materialOf({ ...members, n, e })).toEqual(rsa)
    expect(factsOf({ ...members, n, e })).toEqual({ type: 'rsa', bits: 2048, exponent: 65537n })
    expect(factsByNode({ ...members, n, e })).toEqual({ type: 'rsa', bits: 2048, exponent: 65537n })
    expect(materialOf(String(keyFor('RS256').verifier.export({ format: 'pem', type: 'pkcs1' })))).toEqual(rsa)
  })

  it.each([
    ['80', 8],
    ['7f', 7],
    ['01', 1],
    ['01ff', 9],
    ['ff00', 16],
    ['000001', 1],
    ['0000', 0],
    ['00', 0],
    ['', 0],
  ])('with the modulus "%s" has %i bits', (hex, bits) => {
    expect(factsOf({ ...members, n: text(Buffer.from(hex, 'hex')) })).toEqual({ type: 'rsa', bits, exponent: 65537n })
  })

  it.each([
    ['03', 3n],
    ['0003', 3n],
    ['010001', 65537n],
    ['0100000000000000000001', 2n ** 80n + 1n],
    ['00', 0n],
    ['', 0n],
  ])('with the exponent "%s" has the exponent %i', (hex, exponent) => {
    expect(factsOf({ ...members, e: text(Buffer.from(hex, 'hex')) })).toEqual({ type: 'rsa', bits: 2048, exponent })
  })

  it('whose numbers are missing is of no bits, or has the exponent 0', () => {
    expect(factsOf({ ...members, n: undefined })).toEqual({ type: 'rsa', bits: 0, exponent: 65537n })
    expect(factsOf({ ...members, e: undefined })).toEqual({ type: 'rsa', bits: 2048, exponent: 0n })
  })
})

describe('an Ed25519 key', () => {
  it.each([0, 1, 31, 33, 64])('has no point of %i bytes, on either engine', (length) => {
    const point = Buffer.alloc(length, 0x58)
    const pem = pemOf(der(0x30, der(0x30, oid('2b6570')), der(0x03, Buffer.from([0]), point)))
    expect(importPublicKey(pem)).toBe(unparsable)
    expect(importByNode(pem)).toBe(unparsable)
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: text(point) }
    expect(importPublicKey(jwk)).toBe(unparsable)
    expect(factsByNode(jwk)).toBe(unparsable)
  })
})

describe.each(curves)('a key of $name', ({ alg, name, openSslName, identifier, width }) => {
  const jwk = jwkOf(keyFor(alg))
  const members = publicMembers(jwk)
  const [x, y] = [bytesOf(jwk.x), bytesOf(jwk.y)]
  const whole = Buffer.concat([Buffer.from([4]), x, y])
  const compressed = Buffer.from(ECDH.convertKey(whole, openSslName, undefined, undefined, 'compressed') as Buffer)
  const form = compressed.readUInt8()

  it('is the same whole and compressed', () => {
    for (const point of [whole, compressed]) expect(materialOf(pemOfPoint(identifier, point))).toEqual(jwk)
  })

  it('has the other root with the other form', () => {
    const other = pemOfPoint(identifier, Buffer.concat([Buffer.from([5 - form]), x]))
    expect(materialOf(other)).toEqual(createPublicKey(other).export({ format: 'jwk' }))
    expect(materialOf(other)).toMatchObject({ x: jwk.x, y: expect.not.stringMatching(String(jwk.y)) })
  })

  it.each<[string, Buffer]>([
    ['no bytes', Buffer.alloc(0)],
    ['a form alone', Buffer.from([4])],
    ['the form of the point at infinity', Buffer.alloc(1)],
    ['a byte behind it', Buffer.concat([whole, Buffer.alloc(1)])],
    ['a zero byte before y', Buffer.concat([Buffer.from([4]), x, Buffer.alloc(1), y])],
    ['a byte too few', whole.subarray(0, -1)],
    ['no form', whole.subarray(1)],
    ['x alone', Buffer.concat([Buffer.from([4]), x])],
    ['the form of compressed points', Buffer.concat([compressed, y])],
    ['an unknown form', Buffer.concat([Buffer.from([5]), x, y])],
    ['an unknown form and x alone', Buffer.concat([Buffer.from([5]), x])],
    ['the form 1 and x alone', Buffer.concat([Buffer.from([1]), x])],
    ['the form 0 and x alone', Buffer.concat([Buffer.alloc(1), x])],
    ['a byte behind x alone', Buffer.concat([compressed, Buffer.alloc(1)])],
    ['a zero byte before x alone', Buffer.concat([Buffer.from([form, 0]), x])],
    ['a part of x alone', compressed.subarray(0, -1)],
    ['x beyond the field', Buffer.concat([Buffer.from([form]), Buffer.alloc(width, 0xff)])],
    ['y beyond the field', Buffer.concat([Buffer.from([4]), x, Buffer.alloc(width, 0xff)])],
    ['x and y exchanged', Buffer.concat([Buffer.from([4]), y, x])],
    ['zeros', Buffer.concat([Buffer.from([4]), Buffer.alloc(2 * width)])],
  ])('has no point with %s, on either engine', (_what, point) => {
    expect(importPublicKey(pemOfPoint(identifier, point))).toBe(unparsable)
    expect(importByNode(pemOfPoint(identifier, point))).toBe(unparsable)
  })

  it('has no point in the hybrid form, though OpenSSL reads it', () => {
    const hybrid = Buffer.from(ECDH.convertKey(whole, openSslName, undefined, undefined, 'hybrid') as Buffer)
    expect(importPublicKey(pemOfPoint(identifier, hybrid))).toBe(unparsable)
    expect(factsByNode(pemOfPoint(identifier, hybrid))).toEqual({ type: 'ec', curve: name })
  })

  it('has its coordinates as numbers in a JWK: leading zeros do not matter', () => {
    const longer = { ...members, x: text(zeros, x), y: text(zeros, y) }
    expect(materialOf(longer)).toEqual(jwk)
    expect(factsByNode(longer)).toEqual({ type: 'ec', curve: name })
    const point = pointWithShortX()
    const [shortX, longY] = [point.subarray(2, 1 + width), point.subarray(1 + width)]
    const material = { ...jwk, x: text(point.subarray(1, 1 + width)), y: text(longY) }
    expect(materialOf({ ...members, x: text(shortX), y: text(longY) })).toEqual(material)
    expect(materialOf(pemOfPoint(identifier, point))).toEqual(material)
  })

  it.each([1, 2, width, 2 * width])('has no coordinates in a JWK that are %i bytes too long', (count) => {
    const ones = Buffer.alloc(count, 1)
    for (const longer of [{ x: text(ones, x) }, { y: text(ones, y) }, { x: text(ones, x), y: text(ones, y) }]) {
      expect(importPublicKey({ ...members, ...longer })).toBe(unparsable)
      expect(factsByNode({ ...members, ...longer })).toBe(unparsable)
    }
  })

  /** The first one on the curve whose x is a small number. */
  function pointWithShortX(): Buffer {
    for (let x = 1; ; x++) {
      const short = Buffer.concat([Buffer.from([2]), Buffer.alloc(width - 1), Buffer.from([x])])
      try {
        return Buffer.from(ECDH.convertKey(short, openSslName, undefined, undefined, 'uncompressed') as Buffer)
      } catch {
        continue
      }
    }
  }
})

describe('a secret', () => {
  const bytes = Buffer.from('0123456789abcdef0123456789abcdef')

  it('is its bytes, of a KeyObject too', () => {
    for (const secret of [bytes, createSecretKey(bytes)]) {
      const material = Uint8Array.from(bytes)
      expect(importSecret(secret)).toEqual({ facts: { type: 'secret', bytes: 32 }, material, prepared: new Map() })
    }
    expect(secretBytes(createSecretKey(bytes)).toString()).toBe(bytes.toString())
  })

  it('is a copy: what happens to the bytes later does not matter', () => {
    const changing = Buffer.from(bytes)
    const key = importSecret(changing)
    changing.fill(0)
    expect(key).toMatchObject({ material: Uint8Array.from(bytes) })
  })

  it('is no key of another kind', () => {
    expect(importSecret(keyFor('ES256').verifier)).toBe('a public key')
    expect(importSecret(keyFor('ES256').signer)).toBe('a private key')
  })

  it('is a KeyObject or not, and nothing else is taken for one', () => {
    expect(isKeyObject(createSecretKey(bytes))).toBe(true)
    expect(isKeyObject(keyFor('ES256').verifier)).toBe(true)
    const others = [bytes, {}, 'KeyObject', null, undefined, { type: 'secret' }]
    expect(others.filter(isKeyObject)).toEqual([])
  })
})

describe('a signature', () => {
  it.each(['HS256', 'RS256', 'PS256', 'ES256', 'Ed25519'] as const)('of %s is good for one payload', async (alg) => {
    const { algorithm, key, jws } = signatureOf(alg)
    const { payload, signature } = jws
    expect(await verifySignature(algorithm, key, jws)).toBe(true)
    const others = [
      payload.subarray(0, -1),
      payload.subarray(0, 0),
      Buffer.concat([payload, Buffer.from(' ')]),
      Buffer.concat([payload.subarray(0, -1), Buffer.from(' ')]),
      Buffer.concat([Buffer.from(' '), payload.subarray(1)]),
    ]
    for (const other of others) expect(await verifySignature(algorithm, key, { ...jws, payload: other })).toBe(false)
    expect(await verifySignature(algorithm, key, { ...jws, signature: signature.subarray(1) })).toBe(false)
  })

  it('is checked with a key that was prepared once', async () => {
    const { algorithm, key, jws } = signatureOf('ES256')
    expect(await verifySignature(algorithm, key, jws)).toBe(true)
    const prepared = key.prepared.get('ES256')
    expect(prepared).toBeInstanceOf(Promise)
    expect(await verifySignature(algorithm, key, jws)).toBe(true)
    expect(key.prepared.get('ES256')).toBe(prepared)
  })

  function signatureOf(alg: AlgorithmName): {
    readonly algorithm: Algorithm
    readonly key: EngineKey
    readonly jws: CompactJws
  } {
    const pair = keyFor(alg)
    const key = alg === 'HS256' ? importSecret(pair.verifier) : importPublicKey(pair.verifier)
    const algorithm = algorithms.get(alg)
    if (typeof key === 'string' || algorithm === undefined) throw new Error(`no ${alg}`)
    return { algorithm, key, jws: parseJws(mint({}, { key: pair }), 16_384, new KnownHeaders()) }
  }
})
