// The engine on node:crypto: turns key material into prepared KeyObjects, and checks signatures with them.
import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  KeyObject,
  timingSafeEqual,
  verify,
  X509Certificate,
  type JsonWebKey,
} from 'node:crypto'
import { signatureBytes, type Algorithm, type KeyFacts } from '../algorithms.ts'
import type { SignedText } from '../jws.ts'
import { hideMember } from '../hidden-member.ts'
import { checkAside } from './aside.ts'
import { derSignature } from './ecdsa-signature.ts'
import { isSmallOrder } from './ed25519-small-order.ts'

/** A key, ready for use, and what it really is. */
export interface EngineKey {
  readonly facts: KeyFacts
  readonly handle: KeyObject
  /** The same key with the settings of RSASSA-PSS, made for the first token that needs it. Always its own member. */
  pssHandle: KeyObject | undefined
}

const unparsable = 'it does not parse as a public key'

/** A public key as PEM, as a JWK without private members, or as a KeyObject; or why it is refused. */
export function importPublicKey(material: string | JsonWebKey | KeyObject): EngineKey | string {
  let handle: KeyObject
  try {
    if (material instanceof KeyObject) {
      if (material.type !== 'public') return `it is a ${material.type} key`
      handle = copyOf(material)
    }
    // OpenSSL would quietly take the public half of a private key.
    else if (typeof material === 'string' && material.includes('PRIVATE KEY-----')) return 'it is a private key'
    else if (typeof material === 'string') handle = createPublicKey({ key: material, format: 'pem' })
    else handle = createPublicKey({ key: material, format: 'jwk' })
  } catch {
    return unparsable // OpenSSL's own words could quote the key.
  }
  const facts = publicKeyFacts(handle)
  return typeof facts === 'string' ? facts : { facts, handle: withSettings(handle, noSettings), pssHandle: undefined }
}

/** Of our own: it gets members, and nobody else's object should. */
function copyOf(key: KeyObject): KeyObject {
  return createPublicKey({ key: key.export({ format: 'der', type: 'spki' }), format: 'der', type: 'spki' })
}

/**
 * A key that crypto.verify() takes alone is also where it looks for its settings. To give them beside the key, as
 * `{ key, padding }`, costs as much as the check again on Node 24. All of them are set: a KeyObject inherits from
 * Object.prototype, and with a `padding` there, RS256 would be checked as PS256.
 */
function withSettings(handle: KeyObject, settings: VerifySettings): KeyObject {
  for (const [name, value] of Object.entries(settings)) hideMember(handle, name, value)
  return handle
}

interface VerifySettings {
  readonly padding: number | undefined
  readonly saltLength: number | undefined
  readonly dsaEncoding: undefined
  readonly context: undefined
}

const noSettings: VerifySettings = {
  padding: undefined,
  saltLength: undefined,
  dsaEncoding: undefined,
  context: undefined,
}
const pssSettings: VerifySettings = {
  ...noSettings,
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST, // As long as the hash (RFC 7518 section 3.5).
}

/** A shared secret for HMAC, or why it is refused. */
export function importSecret(material: Uint8Array | KeyObject): EngineKey | string {
  const handle = material instanceof KeyObject ? material : createSecretKey(material)
  if (handle.type !== 'secret') return `a ${handle.type} key`
  return { facts: { type: 'secret', bytes: handle.symmetricKeySize ?? 0 }, handle, pssHandle: undefined }
}

/** The bytes of a secret KeyObject, to look at before it is accepted. */
export function secretBytes(material: KeyObject): Uint8Array {
  return material.export()
}

export function isKeyObject(value: unknown): value is KeyObject {
  return value instanceof KeyObject
}

/** Whether the bytes are a public key, a private key or a certificate in DER. */
export function isDerKey(bytes: Uint8Array): boolean {
  const key = Buffer.from(bytes)
  const readers = [
    () => createPublicKey({ key, format: 'der', type: 'spki' }),
    () => createPublicKey({ key, format: 'der', type: 'pkcs1' }),
    () => createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
    () => createPrivateKey({ key, format: 'der', type: 'pkcs1' }),
    () => createPrivateKey({ key, format: 'der', type: 'sec1' }),
    () => new X509Certificate(key),
  ]
  return readers.some(succeeds)
}

/** `true` only for a good signature; at once, where that is soon. The key is known to fit the algorithm (`whyUnfit`). */
export function verifySignature(
  algorithm: Algorithm,
  key: EngineKey,
  { signingInput, signature }: SignedText,
): boolean | Promise<boolean> {
  const { facts, handle } = key
  if (signature.length !== signatureBytes(algorithm, facts)) return false
  try {
    switch (algorithm.kind) {
      case 'hmac': {
        const expected = createHmac(algorithm.hash, handle).update(signingInput, 'latin1').digest()
        return timingSafeEqual(expected, signature)
      }
      case 'rsa-pkcs1':
        return verify(algorithm.hash, bytesOf(signingInput), handle, signature) === true
      case 'rsa-pss': {
        const pssHandle = (key.pssHandle ??= withSettings(copyOf(handle), pssSettings))
        return verify(algorithm.hash, bytesOf(signingInput), pssHandle, signature) === true
      }
      case 'ecdsa': {
        const { hash, curve } = algorithm
        const [signed, der] = [bytesOf(signingInput), derSignature(signature)]
        const here = (): boolean => verify(hash, signed, handle, der) === true
        if (curve === 'P-256') return here()
        const aside = checkAside((end) => verify(hash, signed, handle, der, (_error, isGood) => end(isGood === true)))
        return aside ?? here()
      }
      case 'eddsa':
        return verify(null, bytesOf(signingInput), handle, signature) === true
    }
  } catch {
    return false
  }
}

function bytesOf(signingInput: string): Uint8Array {
  return Buffer.from(signingInput, 'latin1')
}

const curveNames: ReadonlyMap<string, string> = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
])

function publicKeyFacts(handle: KeyObject): KeyFacts | string {
  switch (handle.asymmetricKeyType) {
    case 'rsa': {
      const details = handle.asymmetricKeyDetails
      return { type: 'rsa', bits: details?.modulusLength ?? 0, exponent: details?.publicExponent ?? 0n }
    }
    case 'ec': {
      // OpenSSL takes the point at infinity for a key, under which anybody can sign; it only refuses to write it. Asked for
      // details of it, Node 20 ends the process.
      const spki = exported(handle)
      if (spki === undefined) return unparsable
      const curve = (namesItsCurve(spki) && handle.asymmetricKeyDetails?.namedCurve) || 'unnamed'
      return { type: 'ec', curve: curveNames.get(curve) ?? curve }
    }
    case 'ed25519':
      // Such a key accepts signatures that nobody made (RFC 8032 section 5.1.7 does not forbid it; we do).
      return isSmallOrder(Buffer.from(handle.export({ format: 'jwk' }).x ?? '', 'base64url'))
        ? 'it is a small-order Ed25519 point'
        : { type: 'ed25519' }
    default:
      // `rsa-pss` too: it is bound to parameters that a token's `alg` does not name.
      return `keys of the type ${handle.asymmetricKeyType ?? 'unknown'} are not supported`
  }
}

function exported(handle: KeyObject): Buffer | undefined {
  try {
    return handle.export({ format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

const idEcPublicKey = Buffer.from('06072a8648ce3d0201', 'hex')
const objectIdentifier = 0x06

/** RFC 5480 section 2.1.1: never a curve that is spelled out, which only seems to be the one that it resembles (CVE-2020-0601). */
function namesItsCurve(spki: Buffer): boolean {
  return spki[spki.indexOf(idEcPublicKey) + idEcPublicKey.length] === objectIdentifier
}

/**
 * What `base64url.ts` says, by way of Buffer, which on a token is three times as fast. It decodes leniently, so the proof
 * is to encode again.
 */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

function succeeds(action: () => unknown): boolean {
  try {
    action()
    return true
  } catch {
    return false
  }
}
