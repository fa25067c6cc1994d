// RSA signatures whose padding is wrong: made with the private key, or without it where the exponent is 3.
import { constants, createHash, generateKeyPairSync, privateEncrypt, sign, type KeyObject } from 'node:crypto'
import { jwkOf, keyFor, newKey, type SigningKey } from '../../support/keys.ts'
import { mint, signatureOf, withSignature } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'
import { bigIntOf, bytesOf, crafted, goodSignature } from '../crafted.ts'

type Signing = readonly [name: string, source: string, signature: (input: Buffer) => Uint8Array]

const width = 256
const exact = 'RFC 8017 section 8.2.2'
const forgery = 'CVE-2006-4339 (OpenSSL), Bleichenbacher at the rump session of CRYPTO 2006'
const laxParsing = 'CVE-2022-24771 and CVE-2022-24773 (node-forge), RFC 8017 section 8.2.2'
const trailing = 'CVE-2022-24772 (node-forge), CVE-2006-4339 (OpenSSL)'
const laxPadding = 'CVE-2016-1494 (Python-RSA), RFC 8017 section 9.2'
const pss = 'RFC 8017 section 9.1.2'
const saltLengths = 'RFC 7518 section 3.5'
const pinning = 'RFC 7518 sections 3.3 and 3.5, RFC 8725 section 3.1'
const lengths = 'RFC 8017 sections 8.1.2 and 8.2.2 step 1, CVE-2020-14968 (jsrsasign)'
const range = 'RFC 8017 section 5.2.2 step 1'

const bytes = (...values: readonly number[]): Buffer => Buffer.from(values)
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const hashOf = (name: string, input: Uint8Array): Buffer => createHash(name).update(input).digest()
const sha256 = (input: Uint8Array): Buffer => hashOf('sha256', input)

/** What stands in front of a hash (RFC 8017 section 9.2, note 1). */
const sha256Info = hex('3031300d060960864801650304020105000420')

/** The private key on a block as it is: all that is wrong is the padding. */
function ofBlock(key: KeyObject, block: (input: Buffer) => Buffer): (input: Buffer) => Buffer {
  return (input) => privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block(input))
}

/** 00 01 FF .. FF 00 and the content, filled to the width of the key. */
function padded(content: Buffer, { type = 1, fill = 0xff, end = 0 } = {}): Buffer {
  return Buffer.concat([bytes(0, type), Buffer.alloc(width - 3 - content.length, fill), bytes(end), content])
}

/** With as little padding as RFC 8017 allows, and the rest after the content. */
function shortlyPadded(content: Buffer, rest: number, paddingBytes = 8): Buffer {
  const start = Buffer.concat([bytes(0, 1), Buffer.alloc(paddingBytes, 0xff), bytes(0), content])
  return Buffer.concat([start, Buffer.alloc(width - start.length, rest)])
}

function pkcs1Blocks({ signer }: SigningKey): readonly Signing[] {
  const info = (input: Buffer): Buffer => Buffer.concat([sha256Info, sha256(input)])
  const infoOf = (prefix: string, hash: (input: Buffer) => Buffer) => (input: Buffer) =>
    padded(Buffer.concat([hex(prefix), hash(input)]))
  const blocks: readonly (readonly [string, string, (input: Buffer) => Buffer])[] = [
    ['zeros after the hash', trailing, (input) => shortlyPadded(info(input), 0)],
    ['garbage after the hash', trailing, (input) => shortlyPadded(info(input), 0xa5)],
    ['one byte after the hash', trailing, (input) => padded(Buffer.concat([info(input), bytes(0)]))],
    ['garbage after the hash, no padding', trailing, (input) => shortlyPadded(info(input), 0xa5, 0)],
    [
      'garbage within the DigestInfo',
      trailing,
      (input) => padded(Buffer.concat([hex('3033'), info(input).subarray(2), bytes(5, 0)])),
    ],
    ['no DigestInfo', laxParsing, (input) => padded(sha256(input))],
    ['a DigestInfo without parameters', laxParsing, infoOf('302f300b06096086480165030402010420', sha256)],
    ['a DigestInfo with other parameters', laxParsing, infoOf('3033300f0609608648016503040201040200000420', sha256)],
    [
      'a DigestInfo whose lengths could be shorter',
      laxParsing,
      infoOf('308131300d060960864801650304020105000420', sha256),
    ],
    ['a DigestInfo with a hash as BIT STRING', laxParsing, infoOf('3031300d060960864801650304020105000320', sha256)],
    [
      'a DigestInfo of SHA-1, with a SHA-1 hash',
      laxParsing,
      infoOf('3021300906052b0e03021a05000414', (input) => hashOf('sha1', input)),
    ],
    [
      'a DigestInfo of MD5, with an MD5 hash',
      laxParsing,
      infoOf('3020300c06082a864886f70d020505000410', (input) => hashOf('md5', input)),
    ],
    [
      'a DigestInfo of SHA-512, with a SHA-512 hash',
      laxParsing,
      infoOf('3051300d060960864801650304020305000440', (input) => hashOf('sha512', input)),
    ],
    [
      'a DigestInfo of SHA-512, with a SHA-256 hash',
      laxParsing,
      infoOf('3031300d060960864801650304020305000420', sha256),
    ],
    [
      'a DigestInfo of SHA3-256, with a SHA-256 hash',
      laxParsing,
      infoOf('3031300d060960864801650304020805000420', sha256),
    ],
    ['a DigestInfo of nothing', laxParsing, infoOf('3031300d060960864801650304020005000420', sha256)],
    ['a DigestInfo of another hash', exact, infoOf(sha256Info.toString('hex'), (input) => sha256(sha256(input)))],
    ['an empty hash', laxParsing, infoOf('3011300d060960864801650304020105000400', () => bytes())],
    [
      'the hash cut off',
      laxParsing,
      infoOf('3011300d060960864801650304020105000410', (input) => sha256(input).subarray(0, 16)),
    ],
    ['padding of type 0', laxPadding, (input) => padded(info(input), { type: 0, fill: 0 })],
    ['padding of type 2', laxPadding, (input) => padded(info(input), { type: 2, fill: 0xa5 })],
    ['padding of zeros', laxPadding, (input) => padded(info(input), { fill: 0 })],
    ['padding of other bytes', laxPadding, (input) => padded(info(input), { fill: 0xfe })],
    ['padding without an end', laxPadding, (input) => padded(info(input), { end: 0xff })],
    ['padding that starts with another byte', laxPadding, (input) => flipped(padded(info(input)), 2)],
    ['padding that ends with another byte', laxPadding, (input) => flipped(padded(info(input)), width - 2 - 51)],
    ['the whole message in place of its hash', exact, (input) => padded(input.subarray(-200))],
  ]
  return blocks.map(([name, source, block]) => [name, source, ofBlock(signer, block)])
}

function flipped(content: Buffer, at: number): Buffer {
  const copy = Buffer.from(content)
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
  return copy
}

interface PssParameters {
  readonly hash?: string
  readonly mgfHash?: string
  readonly saltLength?: number
  readonly trailer?: number
  readonly separator?: number
  readonly fill?: number
}

/** EMSA-PSS (RFC 8017 section 9.1.1), by default as PS256 wants it. */
function pssBlock(
  input: Buffer,
  { hash = 'sha256', mgfHash = hash, saltLength = 32, trailer = 0xbc, separator = 1, fill = 0 }: PssParameters = {},
): Buffer {
  const salt = Buffer.alloc(saltLength, 0x5a)
  const h = hashOf(hash, Buffer.concat([Buffer.alloc(8), hashOf(hash, input), salt]))
  const dbLength = width - h.length - 1
  const db = Buffer.concat([Buffer.alloc(dbLength - saltLength - 1, fill), bytes(separator), salt])
  const mask = mgf1(mgfHash, h, dbLength)
  const masked = Buffer.from(db.map((byte, index) => byte ^ (mask[index] ?? 0)))
  masked.writeUInt8(masked.readUInt8(0) & 0x7f, 0)
  return Buffer.concat([masked, h, bytes(trailer)])
}

function mgf1(hash: string, seed: Buffer, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 20) }, (_, index) =>
    hashOf(hash, Buffer.concat([seed, bytes(0, 0, 0, index)])),
  )
  return Buffer.concat(blocks).subarray(0, length)
}

function pssBlocks({ signer }: SigningKey): readonly Signing[] {
  const most = width - 32 - 2
  const salts = [0, 1, 16, 20, 31, 33, 48, 64, most - 1, most]
  const parameters: readonly (readonly [string, string, PssParameters])[] = [
    ...salts.map((saltLength) => [`a salt of ${saltLength} bytes`, saltLengths, { saltLength }] as const),
    ['SHA-1 in the mask', saltLengths, { mgfHash: 'sha1' }],
    ['SHA-512 in the mask', saltLengths, { mgfHash: 'sha512' }],
    ['SHA-1 throughout', saltLengths, { hash: 'sha1', saltLength: 20 }],
    ['SHA-384 throughout', saltLengths, { hash: 'sha384', saltLength: 48 }],
    ['SHA-512 throughout', saltLengths, { hash: 'sha512', saltLength: 64 }],
    ['SHA-512 with a salt of 32 bytes', saltLengths, { hash: 'sha512' }],
    ['another trailer', pss, { trailer: 0xcc }],
    ['no trailer', pss, { trailer: 0 }],
    ['no byte in front of the salt', pss, { separator: 0 }],
    ['another byte in front of the salt', pss, { separator: 2 }],
    ['padding of other bytes', pss, { fill: 0xff }],
  ]
  return parameters.map(([name, source, changed]) => [
    name,
    source,
    ofBlock(signer, (input) => pssBlock(input, changed)),
  ])
}

/** Of a good signature, in other lengths, or as another number modulo n. */
function rewritten(key: SigningKey): readonly (readonly [name: string, source: string, token: () => string])[] {
  const [good, signature] = goodSignature(key)
  const n = bigIntOf(Buffer.from(jwkOf(key).n ?? '', 'base64url'))
  const [zeroFirst, withZeroFirst] = searched(key, (value) => value < 2n ** 2040n)
  const [small, withSmall] = searched(key, (value) => value + n < 2n ** 2048n)
  const s = bigIntOf(signature)
  const signatures: readonly (readonly [string, string, Uint8Array])[] = [
    ['nothing', lengths, bytes()],
    ['a zero byte', lengths, bytes(0)],
    ['a zero byte in front', lengths, Buffer.concat([bytes(0), signature])],
    ['many zero bytes in front', lengths, Buffer.concat([Buffer.alloc(width), signature])],
    ['a zero byte at the end', lengths, Buffer.concat([signature, bytes(0)])],
    ['the last byte cut off', lengths, signature.subarray(0, -1)],
    ['the first byte cut off', lengths, signature.subarray(1)],
    ['twice', lengths, Buffer.concat([signature, signature])],
    ['s + n in a byte more', range, bytesOf(s + n, width + 1)],
    ['s + 2^2048', range, Buffer.concat([bytes(1), signature])],
    ['0', range, Buffer.alloc(width)],
    ['1', exact, bytesOf(1n, width)],
    ['n - 1', exact, bytesOf(n - 1n, width)],
    ['n', range, bytesOf(n, width)],
    ['n + 1', range, bytesOf(n + 1n, width)],
    ['n - s', exact, bytesOf(n - s, width)],
    ['all ones', range, Buffer.alloc(width, 0xff)],
    ['little-endian', exact, new Uint8Array(signature).toReversed()],
    ['a byte of it changed', exact, flipped(signature, 100)],
  ]
  return [
    ...signatures.map(([name, source, bytes]) => [name, source, () => withSignature(good, bytes)] as const),
    ['its leading zero byte left out', lengths, () => withSignature(zeroFirst, withZeroFirst.subarray(1))],
    ['s + n', range, () => withSignature(small, bytesOf(bigIntOf(withSmall) + n, width))],
  ]
}

/** A good token whose signature happens to be such a number. */
function searched(key: SigningKey, isSuch: (value: bigint) => boolean): readonly [token: string, signature: Buffer] {
  for (let jti = 0; ; jti++) {
    const found = goodSignature(key, { jti: String(jti) })
    if (isSuch(bigIntOf(found[1]))) return found
  }
}

/** The largest whole number whose third power is not larger. */
function cubeRoot(value: bigint): bigint {
  let [low, high] = [0n, 2n ** 700n]
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    if (middle ** 3n <= value) low = middle
    else high = middle - 1n
  }
  return low
}

/** s whose third power ends in these bits, which are odd. */
function cubeRootOfEnd(end: bigint, bits: bigint): bigint {
  let root = 1n
  for (let bit = 1n; bit < bits; bit++) {
    if (((root ** 3n - end) >> bit) & 1n) root |= 1n << bit
  }
  return root
}

/** Nobody needs the private key: the third power of these, smaller than n, is what they are read as. */
const forgeries: readonly Signing[] = [
  [
    'the hash behind little padding, garbage after it',
    forgery,
    (input) => {
      const block = shortlyPadded(Buffer.concat([sha256Info, sha256(input)]), 0xff)
      return bytesOf(cubeRoot(bigIntOf(block)), width)
    },
  ],
  [
    'the hash at the end, garbage in the padding',
    laxPadding,
    (input) => {
      const end = Buffer.concat([bytes(0), sha256Info, sha256(input)])
      const start = cubeRoot(bigIntOf(Buffer.concat([bytes(0, 1), Buffer.alloc(width - 2, 0xff)])))
      const bits = BigInt(8 * end.length)
      const root = cubeRootOfEnd(bigIntOf(end), bits)
      // The first zero byte would be taken for the end of the padding.
      for (let high = start >> bits; ; high--) {
        const made = (high << bits) | root
        if (bytesOf(made ** 3n, width).indexOf(0, 1) === width - end.length) return bytesOf(made, width)
      }
    },
  ],
]

/** The end of a forgery has to be odd. */
function oddlyHashed(signature: (input: Buffer) => Uint8Array): string {
  for (let jti = 0; ; jti++) {
    let isOdd = false
    const token = crafted(
      (input) => {
        isOdd = (sha256(input).at(-1) ?? 0) % 2 === 1
        return signature(input)
      },
      { alg: 'RS256', claims: { jti: String(jti) } },
    )
    if (isOdd) return token
  }
}

const optionsOf = ({ alg, verifier }: SigningKey): NonNullable<Attack['options']> => ({
  algorithms: [alg],
  publicKey: verifier,
})

/** @param block - as it should be, which shows that the wrong ones are put together rightly */
function attacksOn(
  key: SigningKey,
  ownSignings: readonly Signing[],
  block: (input: Buffer) => Buffer,
): readonly Attack[] {
  const { alg, signer } = key
  const options = optionsOf(key)
  const isPss = alg === 'PS256'
  const other = { ...key, alg: isPss ? 'RS256' : 'PS256' } as const
  const signings: readonly Signing[] = [
    ...ownSignings,
    ['by another key', exact, (input) => signatureOf(input.toString(), newKey(alg))],
    [
      `signed as ${other.alg}`,
      pinning,
      (input) => (isPss ? sign('sha256', input, signer) : ofBlock(signer, (text) => pssBlock(text))(input)),
    ],
    ['the hash itself, raw', exact, ofBlock(signer, (input) => bytesOf(bigIntOf(sha256(input)), width))],
  ]
  const refused = [
    ...rewritten(key),
    ...signings.map(([name, source, signature]) => {
      let token: string | undefined // Made once: it is slow.
      return [name, source, () => (token ??= crafted(signature, { alg }))] as const
    }),
  ]
  const [zeroFirst] = searched(key, (value) => value < 2n ** 2040n)
  const good = mint({}, { key })
  return [
    ...refused.map(([name, source, token]): Attack => ({
      name: `${alg}: ${name}`,
      source,
      token,
      code: 'signature_invalid',
      options,
    })),
    {
      name: `a token of ${other.alg} where ${alg} is pinned`,
      source: pinning,
      token: () => mint({}, { key: other }),
      code: 'algorithm_not_allowed',
      options,
    },
    {
      name: `${alg}: the block as it should be, made in the same way`,
      source: exact,
      token: () => crafted(ofBlock(signer, block), { alg }),
      code: 'accepted',
      options,
    },
    {
      name: `${alg}: a good signature that begins with a zero byte`,
      source: lengths,
      token: () => zeroFirst,
      code: 'accepted',
      options,
    },
    { name: `${alg}: a good token`, source: exact, token: () => good, code: 'accepted', options },
  ]
}

function attacksOnSmallExponent(): readonly Attack[] {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
  const key: SigningKey = { alg: 'RS256', signer: pair.privateKey, verifier: pair.publicKey }
  const options = optionsOf(key)
  return [
    ...forgeries.map(([name, source, signature]): Attack => {
      const token = oddlyHashed(signature)
      return { name: `RS256 with e = 3: ${name}`, source, token: () => token, code: 'signature_invalid', options }
    }),
    {
      name: 'RS256 with e = 3: a good token',
      source: exact,
      token: () => mint({}, { key }),
      code: 'accepted',
      options,
    },
  ]
}

const [pkcs1Key, pssKey] = [keyFor('RS256'), keyFor('PS256')]

export const rsa: Family = {
  about: 'RSA signatures with another padding, length or number',
  attacks: [
    ...attacksOnSmallExponent(),
    ...attacksOn(pkcs1Key, pkcs1Blocks(pkcs1Key), (input) => padded(Buffer.concat([sha256Info, sha256(input)]))),
    ...attacksOn(pssKey, pssBlocks(pssKey), (input) => pssBlock(input)),
  ],
}
