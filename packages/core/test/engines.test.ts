// The two engines side by side: the same keys are refused for the same reasons, and the same signatures are good.
import { createPublicKey, ECDH, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { AlgorithmName } from '@jwtgate/core'
import { certificatePem, selfSignedCertificate } from '../../../test/support/certificate.ts'
import { runModule } from '../../../test/support/child-process.ts'
import { pemOf } from '../../../test/support/der.ts'
import { engine } from '../../../test/support/engine.ts'
import { algorithmNames, jwkOf, keyFor, newKey, publicKeyAlgorithms } from '../../../test/support/keys.ts'
import { mint, partsOf } from '../../../test/support/mint.ts'
import { algorithms, type Algorithm, type KeyFacts } from '../src/algorithms.ts'
import * as joseEngine from '../src/crypto/jose.ts'
import * as nodeEngine from '../src/crypto/node.ts'
import { parseJws, type CompactJws } from '../src/jws.ts'
import { KnownHeaders } from '../src/known-headers.ts'

type Change = (der: Buffer) => Buffer

const rsa = keyFor('RS256').verifier
const ec = keyFor('ES256').verifier

function factsOf(key: { readonly facts: KeyFacts } | string): KeyFacts | string {
  return typeof key === 'string' ? key : key.facts
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' })
}

describe('a public key', () => {
  const odd: readonly (readonly [string, KeyObject])[] = [
    ['RSA with the exponent 3', generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey],
    ['RSA of 2049 bits', generateKeyPairSync('rsa', { modulusLength: 2049 }).publicKey],
    ['RSA of 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey],
    ['RSASSA-PSS', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey],
    ['DSA', generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).publicKey],
    ['Ed448', generateKeyPairSync('ed448').publicKey],
    ['X25519', generateKeyPairSync('x25519').publicKey],
    ['X448', generateKeyPairSync('x448').publicKey],
  ]
  const kinds = [...publicKeyAlgorithms.map((alg) => [alg, keyFor(alg).verifier] as const), ...odd]

  it.each(kinds)('of %s is the same to both, in every form', (_what, key) => {
    const pem = String(key.export({ format: 'pem', type: 'spki' }))
    const expected = factsOf(nodeEngine.importPublicKey(key))
    for (const form of [key, pem, pem.replaceAll('\n', '\r\n'), `text before\n${pem}text behind`]) {
      expect(factsOf(nodeEngine.importPublicKey(form))).toEqual(expected)
      expect(factsOf(joseEngine.importPublicKey(form))).toEqual(expected)
    }
  })

  it.each(['brainpoolP256r1', 'secp256k1'])('on the curve %s is on none of ours to both', (namedCurve) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve })
    for (const { importPublicKey } of [nodeEngine, joseEngine]) {
      const facts = factsOf(importPublicKey(String(publicKey.export({ format: 'pem', type: 'spki' }))))
      expect(facts).toMatchObject({ type: 'ec', curve: expect.not.stringMatching(/^P-/) })
    }
  })

  it.each([['P-256'], ['P-521']])('that spells out the curve %s is on none of ours to both', (namedCurve) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve, paramEncoding: 'explicit' })
    for (const { importPublicKey } of [nodeEngine, joseEngine]) {
      for (const form of [publicKey, String(publicKey.export({ format: 'pem', type: 'spki' }))]) {
        expect(factsOf(importPublicKey(form))).toEqual({ type: 'ec', curve: 'unnamed' })
      }
    }
  })

  it.each<[string, string]>([
    ['PKCS #1', String(rsa.export({ format: 'pem', type: 'pkcs1' }))],
    ['a certificate', certificatePem(selfSignedCertificate(keyFor('ES256')))],
    ['a certificate and then a key', certificatePem(selfSignedCertificate(newKey('ES256'))) + pemOf(spkiOf(rsa))],
  ])('in %s is the same to both', (_form, pem) => {
    expect(factsOf(joseEngine.importPublicKey(pem))).toEqual(factsOf(nodeEngine.importPublicKey(pem)))
    expect(factsOf(joseEngine.importPublicKey(pem))).toBeTypeOf('object')
  })

  it.each<[AlgorithmName, string]>([
    ['ES256', 'prime256v1'],
    ['ES384', 'secp384r1'],
    ['ES512', 'secp521r1'],
  ])('of %s with its point compressed verifies on both', async (alg, curve) => {
    // Both signs of y, so that both roots are taken.
    for (const _ of Array.from({ length: 6 })) {
      const key = newKey(alg)
      const spki = spkiOf(key.verifier)
      const jwk = jwkOf(key)
      const point = Buffer.concat([
        Buffer.from([4]),
        ...[jwk.x, jwk.y].map((text) => Buffer.from(text ?? '', 'base64url')),
      ])
      const compressed = Buffer.from(ECDH.convertKey(point, curve, undefined, undefined, 'compressed') as Buffer)
      const pem = pemOf(withPoint(spki, compressed))
      for (const check of [nodeEngine, joseEngine]) expect(await isGood(check, alg, pem, mint({}, { key }))).toBe(true)
    }
  })

  const broken: readonly (readonly [string, Change])[] = [
    ['without its last byte', (der) => der.subarray(0, -1)],
    ['with another tag', (der) => changed(der, 0, 0x31)],
    ['of no bytes', (der) => der.subarray(0, 0)],
    ['with a length that goes beyond the end', (der) => changed(der, 1, 0x7f)],
    ['with an indefinite length', (der) => changed(der, 1, 0x80)],
    ['with a point that is not on the curve', (der) => changed(der, der.length - 1, (der.at(-1) ?? 0) ^ 1)],
    ['with a point of an unknown form', (der) => changed(der, der.length - 65, 5)],
    ['with a point that is too short', (der) => withPoint(der, der.subarray(-65, -1))],
    ['with the point at infinity', (der) => withPoint(der, Buffer.from([0]))],
  ]

  it.each(broken)('%s is refused by both', (_what, change) => {
    const pem = pemOf(change(spkiOf(ec)))
    for (const { importPublicKey } of [nodeEngine, joseEngine]) {
      expect(importPublicKey(pem)).toBe('it does not parse as a public key')
    }
  })

  it('as a JWK is the same to both, however its numbers are written', () => {
    const { kty = '', n = '', e = '' } = jwkOf(keyFor('RS256'))
    const spellings = [n, `${n}==`, n.replaceAll('-', '+').replaceAll('_', '/'), prefixed(n)]
    for (const spelling of spellings) {
      const jwk = { kty, n: spelling, e }
      expect(factsOf(joseEngine.importPublicKey(jwk))).toEqual(factsOf(nodeEngine.importPublicKey(jwk)))
      expect(factsOf(joseEngine.importPublicKey(jwk))).toEqual({ type: 'rsa', bits: 2048, exponent: 65537n })
    }
  })

  it.each(['', 'AA', 'AQ', '!'])('as a JWK with the modulus "%s" is no strong key to either', (n) => {
    for (const { importPublicKey } of [nodeEngine, joseEngine]) {
      const facts = factsOf(importPublicKey({ kty: 'RSA', n, e: 'AQAB' }))
      expect(typeof facts === 'string' || (facts.type === 'rsa' && facts.bits <= 1)).toBe(true)
    }
  })
})

describe('the jose engine', () => {
  it.each(algorithmNames)('says of %s what the node engine says', async (alg) => {
    const key = keyFor(alg)
    const jws = parseJws(mint({}, { key }), 16_384, new KnownHeaders())
    const spoiled = { ...jws, signature: jws.signature.toReversed(), token: respelled(jws) }
    expect(await joseVerify(alg, key.verifier, jws)).toBe(true)
    expect(await joseVerify(alg, key.verifier, spoiled)).toBe(false)
  })

  it('refuses where jose finds another payload than we did', async () => {
    const key = keyFor('ES256')
    const jws = parseJws(mint({}, { key }), 16_384, new KnownHeaders())
    const other = parseJws(mint({ sub: 'mallory' }, { key }), 16_384, new KnownHeaders())
    expect(await joseVerify('ES256', key.verifier, { ...jws, payload: other.payload })).toBe(false)
    expect(await joseVerify('ES256', key.verifier, { ...jws, payload: jws.payload.subarray(0, -1) })).toBe(false)
  })

  it.each<[AlgorithmName, AlgorithmName]>([
    ['RS256', 'RS512'],
    ['RS256', 'PS256'],
    ['ES256', 'ES384'],
    ['HS256', 'HS384'],
    // Here nothing else would: key, signature and its length are the same.
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
  ])('pins jose to the algorithm: asked for %s, it refuses a good token of %s', async (pinned, alg) => {
    const key = /^(?:RS|Ed)/.test(pinned) ? { ...keyFor(pinned), alg } : keyFor(alg)
    const jws = parseJws(mint({}, { key }), 16_384, new KnownHeaders())
    expect(await joseVerify(alg, key.verifier, jws)).toBe(true)
    expect(await joseVerify(pinned, key.verifier, jws)).toBe(false)
  })

  it('prepares a key once for each algorithm', async () => {
    const key = importedBy(joseEngine, keyFor('RS256').verifier)
    for (const alg of ['RS256', 'RS256', 'PS256', 'RS256'] as const) {
      const jws = parseJws(mint({}, { key: { ...keyFor('RS256'), alg } }), 16_384, new KnownHeaders())
      expect(await joseEngine.verifySignature(algorithmOf(alg), key, jws)).toBe(true)
    }
    expect([...key.prepared.keys()]).toEqual(['RS256', 'PS256'])
  })
})

describe('the node engine', () => {
  const checked = (alg: AlgorithmName, signature: (jws: CompactJws) => Uint8Array): boolean | Promise<boolean> => {
    const key = keyFor(alg)
    const jws = parseJws(mint({}, { key }), 16_384, new KnownHeaders())
    const own = importedBy(nodeEngine, key.verifier)
    return nodeEngine.verifySignature(algorithmOf(alg), own, { ...jws, signature: signature(jws) })
  }
  const asItIs = ({ signature }: CompactJws): Uint8Array => signature
  const reversed = ({ signature }: CompactJws): Uint8Array => signature.toReversed()
  const long: readonly AlgorithmName[] = ['ES384', 'ES512']

  it.each(algorithmNames.filter((alg) => !long.includes(alg)))('answers at once for %s', (alg) => {
    expect([checked(alg, asItIs), checked(alg, reversed)]).toEqual([true, false])
  })

  it.each(long)('lets others have their turn for %s, which takes long', async (alg) => {
    const answers = [checked(alg, asItIs), checked(alg, reversed)]
    for (const answer of answers) expect(answer).toBeInstanceOf(Promise)
    expect(await Promise.all(answers.map(async (answer) => answer))).toEqual([true, false])
  })

  it('answers at once for ES384 too, where a hundred wait', async () => {
    const waiting = Array.from({ length: 102 }, async () => checked('ES384', asItIs))
    expect([checked('ES384', asItIs), checked('ES384', reversed)]).toEqual([true, false])
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => true))
  })
})

describe('a key that is not what it is taken for', () => {
  // Nothing lets such a key come so far. Should anything, the engines throw within, and that is no good signature.
  const secret = keyFor('HS256').verifier
  const facts: readonly (readonly [AlgorithmName, KeyFacts])[] = [
    ['RS256', { type: 'rsa', bits: 2048, exponent: 65537n }],
    ['PS256', { type: 'rsa', bits: 2048, exponent: 65537n }],
    ['ES256', { type: 'ec', curve: 'P-256' }],
    ['ES384', { type: 'ec', curve: 'P-384' }],
    ['Ed25519', { type: 'ed25519' }],
  ]

  it.each(facts)('verifies nothing, on neither: a secret for %s', async (alg, claimed) => {
    const jws = parseJws(mint({}, { key: keyFor(alg) }), 16_384, new KnownHeaders())
    expect(
      await nodeEngine.verifySignature(algorithmOf(alg), { facts: claimed, handle: secret, pssHandle: undefined }, jws),
    ).toBe(false)
    const key = { ...importedBy(joseEngine, secret), facts: claimed }
    expect(await joseEngine.verifySignature(algorithmOf(alg), key, jws)).toBe(false)
  })

  it('verifies nothing, on neither: a public key for HS256', async () => {
    const jws = parseJws(mint({}, { key: keyFor('HS256') }), 16_384, new KnownHeaders())
    const claimed: KeyFacts = { type: 'secret', bytes: 32 }
    expect(
      await nodeEngine.verifySignature(algorithmOf('HS256'), { facts: claimed, handle: ec, pssHandle: undefined }, jws),
    ).toBe(false)
    const key = { ...importedBy(joseEngine, ec), facts: claimed }
    expect(await joseEngine.verifySignature(algorithmOf('HS256'), key, jws)).toBe(false)
  })
})

describe('a part of a token', () => {
  const characters = ['A', 'Q', 'g', 'w', 'z', '9', '-', '_', '+', '/', '=', ' ', '\0', 'é', '\u0141', '\ud83d\ude00']
  const longer = (texts: readonly string[]): readonly string[] =>
    texts.flatMap((text) => characters.map((character) => text + character))
  const short = [[''], characters, longer(characters), longer(longer(characters))].flat()

  it('is decoded by both to the same bytes, or by neither', () => {
    let decoded = 0
    for (const text of short.flatMap((end) => [end, `AQIDBAUG${end}`, `${end}AQID`])) {
      const [bytes, others] = [nodeEngine, joseEngine].map(({ decodeBase64Url }) => decodeBase64Url(text))
      if (bytes !== undefined) decoded++
      if (!Buffer.from(bytes ?? [1]).equals(Buffer.from(others ?? [1]))) throw new Error(JSON.stringify(text))
      if ((bytes === undefined) !== (others === undefined)) throw new Error(JSON.stringify(text))
    }
    expect(decoded).toBeGreaterThan(500)
  })
})

describe('core on Node', () => {
  it.runIf(engine === 'node')('loads the engine on node:crypto and never jose', async () => {
    const program = `
      import { registerHooks } from 'node:module'
      const urls = []
      registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
      const { createJwtVerifier } = await import('@jwtgate/core')
      const options = { issuer: 'https://id.example.com', audience: null, algorithms: ['HS256'], secret: 'x'.repeat(32) }
      await createJwtVerifier(options).verify('x.y.z').catch(() => {})
      console.log(JSON.stringify(urls))
    `
    const { stdout, stderr } = await runModule(program)
    expect(stderr).toBe('')
    const urls = (JSON.parse(stdout) as string[]).map((url) => (url.startsWith('file:') ? fileURLToPath(url) : url))
    const names = urls.map((url) => url.replaceAll('\\', '/'))
    expect(names.filter((name) => name.endsWith('/crypto/node.ts'))).toHaveLength(1)
    expect(names.filter((name) => /jose/.test(name.split('/packages/').at(-1) ?? ''))).toEqual([])
    expect(
      names.filter((name) => name.includes('/node_modules/') && !name.includes('/node_modules/lru-cache/')),
    ).toEqual([])
  })
})

function changed(bytes: Buffer, index: number, byte: number): Buffer {
  return Buffer.concat([bytes.subarray(0, index), Buffer.from([byte]), bytes.subarray(index + 1)])
}

/** A SubjectPublicKeyInfo of the same algorithm with another point. */
function withPoint(spki: Buffer, point: Uint8Array): Buffer {
  const header = spki.subarray(0, 2).at(1) === 0x81 ? 3 : 2
  const algorithm = spki.subarray(header, header + 2 + (spki.at(header + 1) ?? 0))
  const bits = Buffer.concat([Buffer.from([0x03, point.length + 1, 0]), point])
  return Buffer.concat([Buffer.from([0x30, algorithm.length + bits.length]), algorithm, bits])
}

/** The same number with a zero byte before it. */
function prefixed(text: string): string {
  return Buffer.concat([Buffer.alloc(1), Buffer.from(text, 'base64url')]).toString('base64url')
}

function respelled({ token, signature }: CompactJws): string {
  const [header, payload] = partsOf(token)
  return `${header}.${payload}.${Buffer.from(signature.toReversed()).toString('base64url')}`
}

function algorithmOf(alg: AlgorithmName): Algorithm {
  const algorithm = algorithms.get(alg)
  if (algorithm === undefined) throw new Error(`no ${alg}`)
  return algorithm
}

interface Importer<EngineKey> {
  readonly importSecret: (material: KeyObject) => EngineKey | string
  readonly importPublicKey: (material: KeyObject) => EngineKey | string
}

function importedBy<EngineKey extends object>(importer: Importer<EngineKey>, key: KeyObject): EngineKey {
  const imported = key.type === 'secret' ? importer.importSecret(key) : importer.importPublicKey(key)
  if (typeof imported === 'string') throw new Error(imported)
  return imported
}

async function joseVerify(alg: AlgorithmName, key: KeyObject, jws: CompactJws): Promise<boolean> {
  return joseEngine.verifySignature(algorithmOf(alg), importedBy(joseEngine, key), jws)
}

async function isGood(
  check: typeof joseEngine | typeof nodeEngine,
  alg: AlgorithmName,
  pem: string,
  token: string,
): Promise<boolean | string> {
  const key = check.importPublicKey(pem)
  if (typeof key === 'string') return key
  const jws = parseJws(token, 16_384, new KnownHeaders())
  if (check === joseEngine) return joseEngine.verifySignature(algorithmOf(alg), key as joseEngine.EngineKey, jws)
  const handle = createPublicKey(pem)
  return nodeEngine.verifySignature(algorithmOf(alg), { facts: key.facts, handle, pssHandle: undefined }, jws)
}
