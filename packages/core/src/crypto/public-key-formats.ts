// Public keys as they are written: PEM, SPKI, PKCS #1, certificate -> the numbers that make the key. Checks form, not strength.
import { decodeBase64Url } from '../base64url.ts'
import {
  derTags,
  elementsOf,
  hasTags,
  readFirstSequence,
  readSequence,
  unsignedInteger,
  wholeBytes,
  type DerElement,
} from './der.ts'

/** What a public key is made of. Numbers are big-endian. */
export type PublicKeyParts =
  | { readonly type: 'rsa'; readonly n: Uint8Array; readonly e: Uint8Array }
  /** The point as in SEC 1 section 2.3.3. */
  | { readonly type: 'ec'; readonly curve: string; readonly point: Uint8Array }
  | { readonly type: 'ed25519'; readonly point: Uint8Array }
  /** A key that we know by name and do not support. */
  | { readonly type: 'unsupported'; readonly name: string }

const { integer, bitString, octetString, objectIdentifier, sequence, context0 } = derTags

/** By their object identifiers in hexadecimal: RFC 8017 appendix A.1, RFC 5480 section 2.1, RFC 8410 section 3. */
const keyTypes: ReadonlyMap<string, string> = new Map([
  ['2a864886f70d010101', 'rsa'],
  ['2a864886f70d01010a', 'rsa-pss'],
  ['2a8648ce3d0201', 'ec'],
  ['2b656e', 'x25519'],
  ['2b656f', 'x448'],
  ['2b6570', 'ed25519'],
  ['2b6571', 'ed448'],
  ['2a8648ce380401', 'dsa'],
  ['2a864886f70d010301', 'dh'],
])

/** RFC 5480 section 2.1.1.1. Another curve is called by its identifier. */
const curveNames: ReadonlyMap<string, string> = new Map([
  ['2a8648ce3d030107', 'P-256'],
  ['2b81040022', 'P-384'],
  ['2b81040023', 'P-521'],
])

/** In the order in which OpenSSL looks for them in a file that holds several. */
const pemReaders: readonly (readonly [string, (der: Uint8Array) => PublicKeyParts | undefined])[] = [
  ['PUBLIC KEY', readSpki],
  ['RSA PUBLIC KEY', readPkcs1],
  ['CERTIFICATE', readCertificate],
]

/** The first key in PEM (RFC 7468), whatever text stands before it. */
export function readPem(text: string): PublicKeyParts | undefined {
  for (const [label, read] of pemReaders) {
    const base64 = new RegExp(`-----BEGIN ${label}-----([^]*?)-----END ${label}-----`).exec(text)?.[1]
    if (base64 === undefined) continue
    const der = decodePemBase64(base64)
    return der && read(der)
  }
  return undefined
}

/** SubjectPublicKeyInfo (RFC 5280 section 4.1). */
export function readSpki(der: Uint8Array): PublicKeyParts | undefined {
  return spkiParts(readSequence(der))
}

/** Whether the bytes begin with a public key, a private key or a certificate, as far as their structure tells. */
export function isDerKey(bytes: Uint8Array): boolean {
  const elements = readFirstSequence(bytes)
  if (elements === undefined) return false
  const [first, second] = elements
  const isSpki = hasTags(elements, sequence, bitString) && isAlgorithm(first)
  const isPkcs1 = elements.length === 2 && hasTags(elements, integer, integer)
  const isPkcs8 = hasTags(elements, integer, sequence, octetString) && isAlgorithm(second)
  const isPrivatePkcs1 = hasTags(elements, ...Array.from({ length: 9 }, () => integer))
  const isSec1 = hasTags(elements, integer, octetString)
  const isCertificate = hasTags(elements, sequence, sequence, bitString) && isAlgorithm(second)
  return isSpki || isPkcs1 || isPkcs8 || isPrivatePkcs1 || isSec1 || isCertificate
}

/** RSAPublicKey (RFC 8017 appendix A.1.1). */
function readPkcs1(der: Uint8Array): PublicKeyParts | undefined {
  const elements = readSequence(der)
  const n = unsignedInteger(elements?.[0])
  const e = unsignedInteger(elements?.[1])
  return elements?.length === 2 && n && e ? { type: 'rsa', n, e } : undefined
}

/** The key of an X.509 certificate (RFC 5280 section 4.1); whoever gives it as the key vouches for it. */
function readCertificate(der: Uint8Array): PublicKeyParts | undefined {
  const fields = elementsOf(readSequence(der)?.[0])
  // Serial number, signature, issuer, validity and subject stand before it, and the version where it is not the first.
  const key = fields?.[fields[0]?.tag === context0 ? 6 : 5]
  return spkiParts(elementsOf(key))
}

function spkiParts(elements: readonly DerElement[] | undefined): PublicKeyParts | undefined {
  if (elements?.length !== 2) return undefined
  const algorithm = elementsOf(elements[0])
  const name = identifier(algorithm?.[0])
  const key = wholeBytes(elements[1])
  if (algorithm === undefined || algorithm.length > 2 || name === undefined || key === undefined) return undefined
  switch (keyTypes.get(name)) {
    case 'rsa':
      return readPkcs1(key)
    case 'ec': {
      const curve = identifier(algorithm[1]) ?? 'unnamed'
      return { type: 'ec', curve: curveNames.get(curve) ?? curve, point: key }
    }
    case 'ed25519':
      // RFC 8410 section 3: no parameters.
      return algorithm.length === 1 ? { type: 'ed25519', point: key } : undefined
    default:
      return { type: 'unsupported', name: keyTypes.get(name) ?? 'unknown' }
  }
}

/** AlgorithmIdentifier (RFC 5280 section 4.1.1.2). */
function isAlgorithm(element: DerElement | undefined): boolean {
  return hasTags(elementsOf(element), objectIdentifier)
}

function identifier(element: DerElement | undefined): string | undefined {
  if (element?.tag !== objectIdentifier) return undefined
  return Array.from(element.content, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function decodePemBase64(text: string): Uint8Array | undefined {
  const base64 = text.replace(/\s/g, '')
  // The other alphabet is not for PEM.
  if (base64.length % 4 !== 0 || /[-_]/.test(base64)) return undefined
  const unpadded = base64.replace(/={1,2}$/, '')
  return decodeBase64Url(unpadded.replaceAll('+', '-').replaceAll('/', '_'))
}
