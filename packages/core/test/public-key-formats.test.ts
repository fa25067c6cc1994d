// Public keys as they are written: one thing wrong with them, and they are none. OpenSSL is asked about the same bytes.
import { createPublicKey, generateKeyPairSync, getDiffieHellman, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { selfSignedCertificate } from '../../../test/support/certificate.ts'
import { der, oid, pemOf } from '../../../test/support/der.ts'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { isDerKey as isDerKeyToOpenSsl } from '../src/crypto/node.ts'
import { isDerKey, readPem, readSpki, type PublicKeyParts } from '../src/crypto/public-key-formats.ts'

const rsa = keyFor('RS256')
const ec = keyFor('ES256')
const ed25519 = keyFor('Ed25519')

const rsaEncryption = oid('2a864886f70d010101')
const idEcPublicKey = oid('2a8648ce3d0201')
const p256 = oid('2a8648ce3d030107')
const idEd25519 = oid('2b6570')
const nothing = der(0x05)
const integer = der(0x02, Buffer.from([1]))
const octets = der(0x04, Buffer.from([1]))
const bits = der(0x03, Buffer.from([0, 1]))
const algorithm = der(0x30, rsaEncryption, nothing)

const rsaNumbers = [bytesOf(jwkOf(rsa).n), bytesOf(jwkOf(rsa).e)] as const
const [n, e] = rsaNumbers
const ecPoint = Buffer.concat([Buffer.from([4]), bytesOf(jwkOf(ec).x), bytesOf(jwkOf(ec).y)])
const edPoint = bytesOf(jwkOf(ed25519).x)
const rsaPublicKey = pkcs1(rsa.verifier)

function sequence(...elements: readonly Buffer[]): Buffer {
  return der(0x30, ...elements)
}

function bitString(...contents: readonly Uint8Array[]): Buffer {
  return der(0x03, Buffer.from([0]), ...contents)
}

function bytesOf(member: string | undefined): Buffer {
  return Buffer.from(member ?? '', 'base64url')
}

function spki(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' })
}

function pkcs1(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'pkcs1' })
}

/** A positive INTEGER. */
function unsigned(number: Buffer): Buffer {
  return number.readUInt8() > 0x7f ? der(0x02, Buffer.from([0]), number) : der(0x02, number)
}

/** With bytes as texts, and numbers without the zero byte that tells them from negative ones. */
function readable(parts: PublicKeyParts | undefined): unknown {
  const asText = ([name, value]: readonly [string, string | Uint8Array]): readonly [string, string] => {
    if (typeof value === 'string') return [name, value]
    const hex = Buffer.from(value).toString('hex')
    return [name, name === 'point' ? hex : hex.replace(/^00/, '')]
  }
  return parts && Object.fromEntries(Object.entries<string | Uint8Array>(parts).map(asText))
}

/** The group of RFC 3526 section 3, whose generator is also the public number here. */
function dhKey(): Buffer {
  const group = getDiffieHellman('modp14')
  const generator = unsigned(group.getGenerator())
  const algorithm = sequence(oid('2a864886f70d010301'), sequence(unsigned(group.getPrime()), generator))
  return sequence(algorithm, bitString(generator))
}

function isReadByOpenSsl(pem: string): boolean {
  try {
    createPublicKey(pem)
    return true
  } catch {
    return false
  }
}

const rsaParts = { type: 'rsa', n: n.toString('hex'), e: e.toString('hex') }
const ecParts = { type: 'ec', curve: 'P-256', point: ecPoint.toString('hex') }
const edParts = { type: 'ed25519', point: edPoint.toString('hex') }

describe('a SubjectPublicKeyInfo', () => {
  it.each<[string, Buffer, unknown]>([
    ['RSA', spki(rsa.verifier), rsaParts],
    ['P-256', spki(ec.verifier), ecParts],
    ['Ed25519', spki(ed25519.verifier), edParts],
    ['RSA, by hand', sequence(algorithm, bitString(sequence(unsigned(n), unsigned(e)))), rsaParts],
    ['RSA without parameters', sequence(sequence(rsaEncryption), bitString(rsaPublicKey)), rsaParts],
    ['P-256, by hand', sequence(sequence(idEcPublicKey, p256), bitString(ecPoint)), ecParts],
    ['Ed25519, by hand', sequence(sequence(idEd25519), bitString(edPoint)), edParts],
  ])('of %s is read, as OpenSSL does', (_what, bytes, parts) => {
    expect(readable(readSpki(bytes))).toEqual(parts)
    expect(readable(readPem(pemOf(bytes)))).toEqual(parts)
    expect(isReadByOpenSsl(pemOf(bytes))).toBe(true)
  })

  it.each<[string, Buffer[]]>([
    ['nothing', []],
    ['its algorithm alone', [sequence(idEd25519)]],
    ['its key alone', [bitString(edPoint)]],
    ['another element behind the key', [sequence(idEd25519), bitString(edPoint), nothing]],
    ['the key before its algorithm', [bitString(edPoint), sequence(idEd25519)]],
    ['an algorithm outside of a sequence', [idEd25519, bitString(edPoint)]],
    ['an algorithm in a set', [der(0x31, idEd25519), bitString(edPoint)]],
    ['an algorithm without identifier', [sequence(), bitString(edPoint)]],
    ['an algorithm with another identifier', [sequence(der(0x04, Buffer.from('2b6570', 'hex'))), bitString(edPoint)]],
    ['an algorithm in broken DER', [der(0x30, idEd25519.subarray(0, -1)), bitString(edPoint)]],
    ['parameters before the identifier', [sequence(nothing, idEd25519), bitString(edPoint)]],
    ['an Ed25519 key with parameters', [sequence(idEd25519, nothing), bitString(edPoint)]],
    ['more than parameters', [sequence(idEcPublicKey, p256, nothing), bitString(ecPoint)]],
    ['an RSA key with more than parameters', [sequence(rsaEncryption, nothing, nothing), bitString(rsaPublicKey)]],
    ['a key that is an octet string', [sequence(idEd25519), der(0x04, Buffer.from([0]), edPoint)]],
    ['a key without its unused bits', [sequence(idEd25519), der(0x03)]],
    ['an RSA key that is a point', [algorithm, bitString(edPoint)]],
    ['an RSA key without exponent', [algorithm, bitString(sequence(unsigned(n)))]],
  ])('with %s is none, also to OpenSSL', (_what, elements) => {
    expect(readSpki(sequence(...elements))).toBeUndefined()
    expect(isReadByOpenSsl(pemOf(sequence(...elements)))).toBe(false)
  })

  it.each<[string, Buffer]>([
    ['bytes behind it', Buffer.concat([spki(ec.verifier), nothing])],
    ['a zero byte behind it', Buffer.concat([spki(ec.verifier), Buffer.from([0])])],
    ['a length that is not the shortest', Buffer.from(`3081${spki(ec.verifier).toString('hex').slice(2)}`, 'hex')],
    ['unused bits in its key', sequence(sequence(idEd25519), der(0x03, Buffer.from([1]), edPoint))],
    ['a negative RSA modulus', sequence(algorithm, bitString(sequence(der(0x02, n), unsigned(e))))],
    ['bytes behind an RSA key', sequence(algorithm, bitString(rsaPublicKey, nothing))],
  ])('with %s is none, though to OpenSSL it is', (_what, bytes) => {
    expect(readSpki(bytes)).toBeUndefined()
    expect(isReadByOpenSsl(pemOf(bytes))).toBe(true)
  })

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a set', der(0x31, sequence(idEd25519), bitString(edPoint))],
    ['without its last byte', spki(ed25519.verifier).subarray(0, -1)],
    ['without its first byte', spki(ed25519.verifier).subarray(1)],
    ['a PKCS #1 key', rsaPublicKey],
    ['a certificate', selfSignedCertificate(ec)],
  ])('is none if it is %s', (_what, bytes) => {
    expect(readSpki(bytes)).toBeUndefined()
    expect(isReadByOpenSsl(pemOf(bytes))).toBe(false)
  })

  it.each<[string, Buffer]>([
    ['rsa-pss', spki(generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).publicKey)],
    ['x25519', spki(generateKeyPairSync('x25519').publicKey)],
    ['x448', spki(generateKeyPairSync('x448').publicKey)],
    ['ed448', spki(generateKeyPairSync('ed448').publicKey)],
    ['dsa', spki(generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).publicKey)],
    ['dh', dhKey()],
  ])('of the type %s is known by its name and not supported', (name, bytes) => {
    expect(readSpki(bytes)).toEqual({ type: 'unsupported', name })
    expect(createPublicKey(pemOf(bytes)).asymmetricKeyType).toBe(name)
  })

  it('of a type that nobody knows is not supported', () => {
    for (const identifier of ['2b656d', '2b65', '2b657000', '']) {
      const bytes = sequence(sequence(oid(identifier)), bitString(edPoint))
      expect(readSpki(bytes)).toEqual({ type: 'unsupported', name: 'unknown' })
    }
  })

  it.each<[string, string, Buffer[]]>([
    ['the identifier of P-384', 'P-384', [oid('2b81040022')]],
    ['the identifier of P-521', 'P-521', [oid('2b81040023')]],
    ['that of secp256k1', '2b8104000a', [oid('2b8104000a')]],
    ['no parameters', 'unnamed', []],
    ['parameters that are no identifier', 'unnamed', [nothing]],
    ['the identifier of P-256 in an octet string', 'unnamed', [der(0x04, Buffer.from('2a8648ce3d030107', 'hex'))]],
  ])('of an elliptic curve with %s is on the curve %s', (_what, curve, parameters) => {
    const bytes = sequence(sequence(idEcPublicKey, ...parameters), bitString(ecPoint))
    expect(readable(readSpki(bytes))).toEqual({ ...ecParts, curve })
  })
})

describe('a PKCS #1 public key', () => {
  const label = 'RSA PUBLIC KEY'

  it('is read, as OpenSSL does', () => {
    for (const bytes of [rsaPublicKey, sequence(unsigned(n), unsigned(e))]) {
      expect(readable(readPem(pemOf(bytes, label)))).toEqual(rsaParts)
      expect(isReadByOpenSsl(pemOf(bytes, label))).toBe(true)
    }
  })

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['an empty sequence', sequence()],
    ['a set', der(0x31, unsigned(n), unsigned(e))],
    ['a modulus alone', sequence(unsigned(n))],
    ['three numbers', sequence(unsigned(n), unsigned(e), unsigned(e))],
    ['a modulus that is a bit string', sequence(der(0x03, n), unsigned(e))],
    ['an exponent that is an octet string', sequence(unsigned(n), der(0x04, e))],
    ['a key that ends early', rsaPublicKey.subarray(0, -1)],
  ])('is none if it is %s, also to OpenSSL', (_what, bytes) => {
    expect(readPem(pemOf(bytes, label))).toBeUndefined()
    expect(isReadByOpenSsl(pemOf(bytes, label))).toBe(false)
  })

  it.each<[string, Buffer]>([
    ['a negative modulus', sequence(der(0x02, n), unsigned(e))],
    ['a negative exponent', sequence(unsigned(n), der(0x02, Buffer.from([0x81])))],
    ['a modulus of no bytes', sequence(der(0x02), unsigned(e))],
    ['an exponent of no bytes', sequence(unsigned(n), der(0x02))],
    ['a padded exponent', sequence(unsigned(n), der(0x02, Buffer.from([0]), e))],
    ['a modulus with two zero bytes before it', sequence(der(0x02, Buffer.from([0, 0]), n), unsigned(e))],
    ['bytes behind it', Buffer.concat([rsaPublicKey, nothing])],
  ])('with %s is none, though to OpenSSL it is', (_what, bytes) => {
    expect(readPem(pemOf(bytes, label))).toBeUndefined()
    expect(isReadByOpenSsl(pemOf(bytes, label))).toBe(true)
  })
})

describe('a certificate', () => {
  const label = 'CERTIFICATE'
  const fields = [integer, sequence(), sequence(), sequence(), sequence()]
  const version = der(0xa0, der(0x02, Buffer.from([2])))
  const key = sequence(sequence(idEd25519), bitString(edPoint))
  const certificateOf = (...content: readonly Buffer[]): Buffer =>
    sequence(sequence(...content), sequence(idEd25519), bits)

  it.each([1, 3] as const)('of version %i has a key, as OpenSSL finds', (number) => {
    const pem = pemOf(selfSignedCertificate(ec, number), label)
    expect(readable(readPem(pem))).toEqual(ecParts)
    expect(createPublicKey(pem).equals(ec.verifier)).toBe(true)
  })

  it('has its key behind the subject', () => {
    for (const before of [fields, [version, ...fields]]) {
      for (const behind of [[], [sequence(idEcPublicKey, p256)], [key]]) {
        expect(readable(readPem(pemOf(certificateOf(...before, key, ...behind), label)))).toEqual(edParts)
      }
    }
  })

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['an empty sequence', sequence()],
    ['a set', der(0x31, sequence(...fields, key))],
    ['a sequence of nothing in a sequence', sequence(sequence())],
    ['a set in a sequence', sequence(der(0x31, ...fields, key))],
    ['broken DER in a sequence', sequence(der(0x30, ...fields, key.subarray(0, -1)))],
    ['one without key', certificateOf(...fields)],
    ['one of version 3 without key', certificateOf(version, ...fields)],
    ['one with a field too few', certificateOf(...fields.slice(1), key)],
    ['one with a field too many', certificateOf(...fields, sequence(), key)],
    ['one of version 3 with a field too few', certificateOf(version, ...fields.slice(1), key)],
    ['one with another first field than its version', certificateOf(integer, ...fields, key)],
    ['one whose key is a set', certificateOf(...fields, der(0x31, sequence(idEd25519), bitString(edPoint)))],
    ['one whose key is broken DER', certificateOf(...fields, der(0x30, key.subarray(0, -1)))],
  ])('has no key if it is %s, also to OpenSSL', (_what, bytes) => {
    expect(readPem(pemOf(bytes, label))).toBeUndefined()
    expect(isReadByOpenSsl(pemOf(bytes, label))).toBe(false)
  })

  it('has no key if there are bytes behind it, though to OpenSSL it has', () => {
    const pem = pemOf(Buffer.concat([selfSignedCertificate(ec), nothing]), label)
    expect(readPem(pem)).toBeUndefined()
    expect(isReadByOpenSsl(pem)).toBe(true)
  })
})

describe('PEM', () => {
  const body = spki(ed25519.verifier).toString('base64')
  const otherBody = spki(ec.verifier).toString('base64')
  const around = (text: string, label = 'PUBLIC KEY'): string =>
    `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`

  it('ends with one padding character, with two, or with none', () => {
    const keys = [keyFor('ES256'), keyFor('ES512'), keyFor('ES384')].map(({ verifier }) => verifier)
    const bodies = keys.map((key) => spki(key).toString('base64'))
    expect(bodies.map((text) => text.replace(/[^=]/g, '').length)).toEqual([2, 1, 0])
    for (const text of bodies) expect(readPem(around(text))).toMatchObject({ type: 'ec' })
  })

  it.each<[string, string]>([
    ['other text before it', `Bag Attributes: none\n${around(body)}`],
    ['other text behind it', `${around(body)}and so on`],
    ['lines of another length', around(body.replaceAll(/(.{7})/g, '$1\n'))],
    ['carriage returns', around(body).replaceAll('\n', '\r\n')],
    ['a certificate before it', pemOf(selfSignedCertificate(ec), 'CERTIFICATE') + around(body)],
    ['another key behind it', around(body) + around(otherBody)],
  ])('can have %s', (_what, text) => {
    expect(readable(readPem(text))).toEqual(edParts)
    expect(createPublicKey(text).equals(ed25519.verifier)).toBe(true)
  })

  it.each<[string, string]>([
    ['nothing in it', around('')],
    ['blanks in it', around(' \n \n')],
    ['padding in it', around('====')],
    ['a character too few', around(body.slice(0, -1))],
    ['a character too many', around(`${body}A`)],
    ['padding that it needs not', around(`${body}=`)],
    ['four characters of padding behind it', around(`${body}====`)],
    ['no padding where some is needed', around(otherBody.replaceAll('=', ''))],
    ['one padding character where two are needed', around(otherBody.slice(0, -1))],
    ['three padding characters where two are needed', around(`${otherBody}=`)],
    ['padding before it', around(`====${body}`)],
    ['its padding in the middle', around(`${otherBody.slice(0, 40)}==${otherBody.slice(40, -2)}`)],
    ['padding within', around(`${body.slice(0, 40)}==${body.slice(42)}`)],
    ['a padded text before it', around(`MA==${body}`)],
    ['a character of base64url', around(body.replace('M', '-'))],
    ['the other character of base64url', around(body.replace('C', '_'))],
    ['an exclamation mark in it', around(body.replace('C', '!'))],
    ['a line of text in it', around(`Comment: a key\n${body}`)],
    ['another key within it', around(around(body))],
    ['a broken one before a certificate', around('!') + pemOf(selfSignedCertificate(ec), 'CERTIFICATE')],
    ['another label at its end', around(body).replace('END PUBLIC', 'END RSA PUBLIC')],
    ['another label', around(body, 'PUBLIC KEYS')],
    ['a label in small letters', around(body, 'public key')],
    ['no end', around(body).slice(0, 80)],
    ['no beginning', around(body).slice(10)],
  ])('is no key with %s, also to OpenSSL', (_what, text) => {
    expect(readPem(text)).toBeUndefined()
    expect(isReadByOpenSsl(text)).toBe(false)
  })

  it('is no key with spare bits, though to OpenSSL it is', () => {
    const spare = otherBody.replace(/.(?===$)/, next)
    expect(readPem(around(spare))).toBeUndefined()
    expect(isReadByOpenSsl(around(spare))).toBe(true)
  })

  it.each<[string, string, Buffer]>([
    ['PKCS #1', 'PUBLIC KEY', rsaPublicKey],
    ['SubjectPublicKeyInfo', 'RSA PUBLIC KEY', spki(rsa.verifier)],
    ['SubjectPublicKeyInfo', 'CERTIFICATE', spki(rsa.verifier)],
    ['a certificate', 'PUBLIC KEY', selfSignedCertificate(ec)],
  ])('is no key with %s under the label %s', (_what, label, bytes) => {
    expect(readPem(pemOf(bytes, label))).toBeUndefined()
  })

  it('is no key where there is no PEM', () => {
    for (const text of ['', body, 'PUBLIC KEY', '{}']) expect(readPem(text)).toBeUndefined()
  })
})

describe('bytes that begin like a key', () => {
  const edKeys = generateKeyPairSync('ed25519')
  const privateForms: readonly (readonly [string, Buffer])[] = [
    ['an RSA key in PKCS #8', rsa.signer.export({ format: 'der', type: 'pkcs8' })],
    ['an elliptic curve key in PKCS #8', ec.signer.export({ format: 'der', type: 'pkcs8' })],
    ['an Ed25519 key in PKCS #8', edKeys.privateKey.export({ format: 'der', type: 'pkcs8' })],
    ['a private PKCS #1 key', rsa.signer.export({ format: 'der', type: 'pkcs1' })],
    ['a private SEC 1 key', ec.signer.export({ format: 'der', type: 'sec1' })],
  ]

  it.each<readonly [string, Buffer]>([
    ['an RSA key', spki(rsa.verifier)],
    ['an elliptic curve key', spki(ec.verifier)],
    ['an Ed25519 key', spki(edKeys.publicKey)],
    ['a PKCS #1 key', rsaPublicKey],
    ['a certificate', selfSignedCertificate(ec)],
    ['a certificate of version 3', selfSignedCertificate(ec, 3)],
    ...privateForms,
  ])('are recognized: %s', (_what, bytes) => {
    for (const form of [bytes, Buffer.concat([bytes, nothing]), Buffer.concat([bytes, Buffer.from('\n')])]) {
      expect(isDerKey(form)).toBe(true)
      expect(isDerKeyToOpenSsl(form)).toBe(true)
    }
    expect(isDerKey(bytes.subarray(0, -1))).toBe(false)
    expect(isDerKey(bytes.subarray(1))).toBe(false)
  })

  it('are recognized: an RSA key of three primes', () => {
    expect(isDerKey(sequence(...numbers(9), sequence(sequence(...numbers(3)))))).toBe(true)
  })

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a zero byte', Buffer.alloc(1)],
    ['text', Buffer.from('not a key at all, though long enough for one')],
    ['an integer', integer],
    ['an empty sequence', sequence()],
    ['a sequence of broken DER', der(0x30, Buffer.from([5]))],
    ['a set with a public key', der(0x31, algorithm, bits)],
    ['an algorithm alone', sequence(algorithm)],
    ['an algorithm and octets', sequence(algorithm, octets)],
    ['a bit string and an algorithm', sequence(bits, algorithm)],
    ['a sequence without identifier and a bit string', sequence(sequence(integer), bits)],
    ['an empty sequence and a bit string', sequence(sequence(), bits)],
    ['a set and a bit string', sequence(der(0x31, rsaEncryption), bits)],
    ['an identifier and a bit string', sequence(rsaEncryption, bits)],
    ['one number', sequence(...numbers(1))],
    ['three numbers', sequence(...numbers(3))],
    ['eight numbers', sequence(...numbers(8))],
    ['eight numbers and octets', sequence(...numbers(8), octets)],
    ['octets and nine numbers', sequence(octets, ...numbers(9))],
    ['an identifier and nine numbers', sequence(rsaEncryption, ...numbers(9))],
    ['a number and a bit string', sequence(integer, bits)],
    ['a bit string and a number', sequence(bits, integer)],
    ['a number and an algorithm', sequence(integer, algorithm)],
    ['a number, an algorithm and a bit string', sequence(integer, algorithm, bits)],
    ['a number, an empty sequence and octets', sequence(integer, sequence(), octets)],
    ['a number, a sequence without identifier and octets', sequence(integer, sequence(integer), octets)],
    ['a number, an identifier and octets', sequence(integer, rsaEncryption, octets)],
    ['an algorithm between octets', sequence(octets, algorithm, octets)],
    ['octets and a number', sequence(octets, integer)],
    ['octets twice', sequence(octets, octets)],
    ['two sequences and octets', sequence(sequence(integer), algorithm, octets)],
    ['two sequences alone', sequence(sequence(integer), algorithm)],
    ['two sequences without identifier and a bit string', sequence(sequence(integer), sequence(integer), bits)],
    ['a number, an algorithm, and then a bit string', sequence(integer, algorithm, bits, octets)],
    ['a set, an algorithm and a bit string', sequence(der(0x31, integer), algorithm, bits)],
  ])('are not: %s', (_what, bytes) => {
    expect(isDerKey(bytes)).toBe(false)
    expect(isDerKeyToOpenSsl(bytes)).toBe(false)
  })

  function numbers(count: number): readonly Buffer[] {
    return Array.from({ length: count }, () => integer)
  }
})

/** The next character of base64. After one whose last bits are zero, it is one whose last bit is not. */
function next(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return alphabet.charAt(alphabet.indexOf(character) + 1)
}
