// The engine on jose, for runtimes without node:crypto: it makes every key a JWK, and WebCrypto checks the signatures.
import { base64url, compactVerify, importJWK, type CryptoKey, type JWK } from 'jose'
import { signatureBytes, type Algorithm, type KeyFacts } from '../algorithms.ts'
import { guessBase64 } from '../base64url.ts'
import type { SignedText } from '../jws.ts'
import { isSmallOrder } from './ed25519-small-order.ts'
import { ellipticCurves, isOnCurve, recoverY } from './elliptic-curves.ts'
import { readPem, readSpki, type PublicKeyParts } from './public-key-formats.ts'

export { decodeBase64Url } from '../base64url.ts'
export { isDerKey } from './public-key-formats.ts'

/** A key, and what it really is. */
export interface EngineKey {
  readonly facts: KeyFacts
  /** A JWK of only those members that make the key, or the bytes of a secret. */
  readonly material: JWK | Uint8Array
  /** Ready for use, by the name of the algorithm: WebCrypto binds a key to one. */
  readonly prepared: Map<string, Promise<CryptoKey | Uint8Array>>
}

/** The public members of a JWK. */
interface PublicJwk {
  readonly kty?: string | undefined
  readonly n?: string | undefined
  readonly e?: string | undefined
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
}

/** What is used of Node's KeyObject, where a program that bundles this engine has some. */
interface KeyObject {
  readonly type: string
  export(options?: { readonly format: 'der'; readonly type: 'spki' }): Uint8Array
}

const unparsable = 'it does not parse as a public key'

/** A public key as PEM, as a JWK without private members, or as a KeyObject; or why it is refused. */
export function importPublicKey(material: string | PublicJwk | KeyObject): EngineKey | string {
  if (isKeyObject(material)) {
    if (material.type !== 'public') return `it is a ${material.type} key`
    return engineKey(readSpki(material.export({ format: 'der', type: 'spki' })))
  }
  if (typeof material !== 'string') return engineKey(jwkParts(material))
  // The public key may stand beside it; whoever sends a private key is told so.
  return material.includes('PRIVATE KEY-----') ? 'it is a private key' : engineKey(readPem(material))
}

/** A shared secret for HMAC, or why it is refused. */
export function importSecret(material: Uint8Array | KeyObject): EngineKey | string {
  if (isKeyObject(material) && material.type !== 'secret') return `a ${material.type} key`
  const bytes = Uint8Array.from(isKeyObject(material) ? material.export() : material)
  return { facts: { type: 'secret', bytes: bytes.length }, material: bytes, prepared: new Map() }
}

/** The bytes of a secret KeyObject, to look at before it is accepted. */
export function secretBytes(material: KeyObject): Uint8Array {
  return material.export()
}

export function isKeyObject(value: unknown): value is KeyObject {
  return Object.prototype.toString.call(value) === '[object KeyObject]'
}

/**
 * `true` only for a good signature. The key is known to fit the algorithm (`whyUnfit`). jose parses the token again on its
 * own: it is told the one algorithm, has to find the same payload, and what it makes of the header is not looked at.
 */
export async function verifySignature(
  algorithm: Algorithm,
  key: EngineKey,
  { token, payload, signature }: SignedText,
): Promise<boolean> {
  if (signature.length !== signatureBytes(algorithm, key.facts)) return false
  try {
    const verified = await compactVerify(token, await prepare(key, algorithm), { algorithms: [algorithm.name] })
    return areEqual(verified.payload, payload)
  } catch {
    return false
  }
}

/** Once for each key and algorithm. A key that WebCrypto refuses stays refused. */
function prepare({ material, prepared }: EngineKey, { name }: Algorithm): Promise<CryptoKey | Uint8Array> {
  let key = prepared.get(name)
  if (key === undefined) {
    key = material instanceof Uint8Array ? Promise.resolve(material) : importJWK(material, name)
    prepared.set(name, key)
  }
  return key
}

/** Encodes the parts anew, so that it does not matter how they were written. */
function engineKey(parts: PublicKeyParts | undefined): EngineKey | string {
  switch (parts?.type) {
    case undefined:
      return unparsable
    case 'rsa': {
      const n = withoutLeadingZeros(parts.n)
      const e = withoutLeadingZeros(parts.e)
      const facts: KeyFacts = { type: 'rsa', bits: bitLength(n), exponent: bigIntOf(e) }
      return withJwk(facts, { kty: 'RSA', n: base64url.encode(n), e: base64url.encode(e) })
    }
    case 'ec':
      return ecKey(parts.curve, parts.point)
    case 'ed25519': {
      if (parts.point.length !== 32) return unparsable
      // Such a key accepts signatures that nobody made (RFC 8032 section 5.1.7 does not forbid it; we do).
      if (isSmallOrder(parts.point)) return 'it is a small-order Ed25519 point'
      return withJwk({ type: 'ed25519' }, { kty: 'OKP', crv: 'Ed25519', x: base64url.encode(parts.point) })
    }
    case 'unsupported':
      // `rsa-pss` too: it is bound to parameters that a token's `alg` does not name.
      return `keys of the type ${parts.name} are not supported`
  }
}

function ecKey(name: string, point: Uint8Array): EngineKey | string {
  const curve = ellipticCurves.get(name)
  const facts: KeyFacts = { type: 'ec', curve: name }
  if (curve === undefined) return withJwk(facts, {}) // Fits no algorithm, and is refused for that.

  const [form] = point
  const x = bigIntOf(point.subarray(1, 1 + curve.width))
  let y = curve.prime // Too large: with this one, no point is on the curve.
  if (form === 4 && point.length === 1 + 2 * curve.width) y = bigIntOf(point.subarray(1 + curve.width))
  else if ((form === 2 || form === 3) && point.length === 1 + curve.width) y = recoverY(curve, x, form === 3)
  if (!isOnCurve(curve, x, y)) return unparsable

  const encode = (coordinate: bigint): string => base64url.encode(bytesOf(coordinate, curve.width))
  return withJwk(facts, { kty: 'EC', crv: name, x: encode(x), y: encode(y) })
}

function withJwk(facts: KeyFacts, material: JWK): EngineKey {
  return { facts, material, prepared: new Map() }
}

function jwkParts({ kty, crv = '', n, e, x, y }: PublicJwk): PublicKeyParts | undefined {
  if (kty === 'RSA') return { type: 'rsa', n: decoded(n), e: decoded(e) }
  if (kty === 'OKP' && crv === 'Ed25519') return { type: 'ed25519', point: decoded(x) }
  const curve = ellipticCurves.get(crv)
  if (kty !== 'EC' || curve === undefined) return undefined
  const coordinates = [x, y].map((text) => withoutLeadingZeros(decoded(text)))
  const point = new Uint8Array(1 + 2 * curve.width)
  point[0] = 4
  for (const [index, coordinate] of coordinates.entries()) {
    if (coordinate.length > curve.width) return undefined
    point.set(coordinate, 1 + (index + 1) * curve.width - coordinate.length)
  }
  return { type: 'ec', curve: crv, point }
}

/** A member that is missing has no bytes. */
function decoded(member = ''): Uint8Array {
  return guessBase64(member)
}

/** Of zeros only, the last one stays. */
function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0))
}

/** Of bytes without leading zeros, or of a zero. */
function bitLength(bytes: Uint8Array): number {
  const [first] = bytes
  return first === undefined ? 0 : bytes.length * 8 - (Math.clz32(first) - 24)
}

function bigIntOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Array.from(bytes, hexOf).join('')}`)
}

function bytesOf(value: bigint, width: number): Uint8Array {
  const digits = value.toString(16).padStart(2 * width, '0')
  return Uint8Array.from({ length: width }, (_, index) => Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16))
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
