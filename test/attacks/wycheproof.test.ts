// Project Wycheproof's signatures (C2SP/wycheproof), read where WYCHEPROOF_DIR points: through node:crypto as our engine drives
// it, and through WebCrypto with the keys that the jose engine makes. jose itself signs and checks whole tokens only, and the
// messages of Wycheproof are none.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { algorithms, signatureBytes, whyUnfit, type Algorithm } from '../../packages/core/src/algorithms.ts'
import * as joseEngine from '../../packages/core/src/crypto/jose.ts'
import * as nodeEngine from '../../packages/core/src/crypto/node.ts'

interface Group {
  readonly publicKeyPem?: string
  readonly sLen?: number
  readonly tests: readonly Vector[]
}

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly msg: string
  readonly sig?: string
  readonly key?: string
  readonly tag?: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
}

/** Which of our algorithms a file is about. */
const names: readonly (readonly [RegExp, string])[] = [
  [/^ecdsa_secp256r1_sha256_p1363/, 'ES256'],
  [/^ecdsa_secp384r1_sha384_p1363/, 'ES384'],
  [/^ecdsa_secp521r1_sha512_p1363/, 'ES512'],
  [/^ed25519/, 'EdDSA'],
  [/^hmac_sha256/, 'HS256'],
  [/^hmac_sha384/, 'HS384'],
  [/^hmac_sha512/, 'HS512'],
  [/^rsa_pss_\d+_sha256_mgf1_32/, 'PS256'],
  [/^rsa_pss_\d+_sha384_mgf1_48/, 'PS384'],
  [/^rsa_pss_\d+_sha512_mgf1_64/, 'PS512'],
  [/^rsa_signature_\d+_sha256/, 'RS256'],
  [/^rsa_signature_\d+_sha384/, 'RS384'],
  [/^rsa_signature_\d+_sha512/, 'RS512'],
]

const directory = process.env['WYCHEPROOF_DIR']
const files = directory === undefined ? [] : readdirSync(directory).filter((file) => file.endsWith('_test.json'))

it.skipIf(directory === undefined)('WYCHEPROOF_DIR says where the vectors are; else all 2,987 are left out', () => {
  expect(files.length).toBe(names.length + 2) // Of RSA-PSS there are several sizes.
})

describe.each(files)('%s', (file) => {
  const algorithm = algorithmOf(file)
  const { testGroups } = JSON.parse(readFileSync(join(directory ?? '', file), 'utf8')) as {
    testGroups: readonly Group[]
  }

  it('is judged by both engines as it says, or refused before for a key or a length that we do not take', async () => {
    const wrong: unknown[] = []
    const counts = { accepted: 0, refused: 0, unfit: 0 }
    for (const group of testGroups) {
      for (const vector of group.tests) {
        const judged = await judgedBy(algorithm, group, vector)
        counts[judged.outcome]++
        if (!judged.isRight) wrong.push({ ...vector, judged })
      }
    }
    console.log(`[attacks] ${file}: ${JSON.stringify(counts)}`)
    expect(wrong).toEqual([])
    expect(counts.accepted).toBeGreaterThan(0)
    expect(counts.refused).toBeGreaterThan(0)
  })
})

interface Judged {
  readonly outcome: 'accepted' | 'refused' | 'unfit'
  readonly isRight: boolean
}

async function judgedBy(algorithm: Algorithm, group: Group, vector: Vector): Promise<Judged> {
  const { result, msg, sig = vector.tag ?? '' } = vector
  const [message, signature] = [Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex')]
  const [nodeKey, joseKey] = [nodeEngine, joseEngine].map((engine) => keyOf(engine, group, vector))
  if (nodeKey === undefined || joseKey === undefined) throw new Error('There are two engines')
  const isUnfit = [nodeKey, joseKey].map(
    (key) => typeof key === 'string' || whyUnfit(algorithm, key.facts) !== undefined,
  )
  if (isUnfit[0] !== isUnfit[1]) return { outcome: 'unfit', isRight: false }
  if (isUnfit[0] === true || typeof nodeKey === 'string' || typeof joseKey === 'string') {
    return { outcome: 'unfit', isRight: true }
  }
  const jws = { token: '', payload: message, signingInput: message.toString('latin1'), signature }
  const byNode = await nodeEngine.verifySignature(algorithm, nodeKey as nodeEngine.EngineKey, jws)
  const byWebCrypto = await verifiedByWebCrypto(algorithm, joseKey as joseEngine.EngineKey, message, signature)
  const isCut = signature.length !== signatureBytes(algorithm, nodeKey.facts) // Such as a tag of half the length.
  const promised = result === 'acceptable' ? byNode : result === 'valid' && !isCut
  return { outcome: byNode ? 'accepted' : 'refused', isRight: byNode === promised && byWebCrypto === promised }
}

type AnyKey = nodeEngine.EngineKey | joseEngine.EngineKey | string

function keyOf(engine: typeof nodeEngine | typeof joseEngine, group: Group, { key }: Vector): AnyKey {
  if (group.publicKeyPem !== undefined) return engine.importPublicKey(group.publicKeyPem)
  return engine.importSecret(Buffer.from(key ?? '', 'hex'))
}

/** As jose asks it, by the length and the key that our engine insists on. */
async function verifiedByWebCrypto(
  algorithm: Algorithm,
  { facts, material }: joseEngine.EngineKey,
  message: Buffer,
  signature: Buffer,
): Promise<boolean> {
  if (signature.length !== signatureBytes(algorithm, facts)) return false
  const { subtle } = globalThis.crypto
  const parameters = parametersOf(algorithm)
  const key =
    material instanceof Uint8Array
      ? await subtle.importKey('raw', material, parameters, false, ['verify'])
      : await subtle.importKey('jwk', material, parameters, false, ['verify'])
  return subtle.verify(parameters, key, signature, message)
}

interface Parameters {
  readonly name: string
  readonly hash?: string
  readonly namedCurve?: string
  readonly saltLength?: number
}

function parametersOf(algorithm: Algorithm): Parameters {
  const hash = 'hash' in algorithm ? algorithm.hash.replace('sha', 'SHA-') : ''
  switch (algorithm.kind) {
    case 'hmac':
      return { name: 'HMAC', hash }
    case 'rsa-pkcs1':
      return { name: 'RSASSA-PKCS1-v1_5', hash }
    case 'rsa-pss':
      return { name: 'RSA-PSS', hash, saltLength: Number(algorithm.hash.slice(3)) / 8 }
    case 'ecdsa':
      return { name: 'ECDSA', hash, namedCurve: algorithm.curve }
    case 'eddsa':
      return { name: 'Ed25519' }
  }
}

function algorithmOf(file: string): Algorithm {
  const name = names.find(([pattern]) => pattern.test(file))?.[1]
  const algorithm = algorithms.get(name ?? '')
  if (algorithm === undefined) throw new Error(`Nothing is known of ${file}`)
  return algorithm
}
