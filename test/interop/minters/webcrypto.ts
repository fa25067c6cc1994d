// WebCrypto and a few lines, as people write it who want no library: keys, JSON and the parts of the token by hand.
import type { AlgorithmName, Jwk } from '@jwtgate/core'
import { answerOfLibrary, type Library, type LibraryKey } from '../library.ts'
import { name, type Keys, type Minter } from '../minter.ts'
import { algorithmsOfOld } from '../program.ts'

const { subtle } = globalThis.crypto

type CryptoKey = Awaited<ReturnType<typeof subtle.importKey>>

export const webCrypto: Minter = {
  name: 'WebCrypto',
  debian: [],
  algorithms: [...algorithmsOfOld, 'Ed25519'],
  mint: (order) => answerOfLibrary(order, library()),
}

function library(): Library<CryptoKey> {
  return {
    newKey: keyMaker(),
    sign: ({ alg, kid: withKid, typ, claims }, key, kid) => {
      const header = { ...(typeof typ === 'string' ? { typ } : {}), ...(withKid ? { kid } : {}), alg }
      return signed(JSON.stringify(header), JSON.stringify(claims), alg, key)
    },
    ownWays: async ({ issuer, audience }, alg, key) => {
      const seconds = Date.now() / 1000
      const claims = {
        name,
        sub: 'alice',
        exp: seconds + 3600,
        iat: seconds,
        aud: audience,
        iss: issuer,
      }
      const indented = JSON.stringify(claims, null, '\t')
      const escaped = JSON.stringify(claims).replaceAll(/[^ -~]|\//g, (unit) => {
        return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`
      })
      const withExponents = JSON.stringify(claims).replaceAll(/(\d)\.(\d+)/g, (_, digit, rest) => `${digit}.${rest}E+0`)
      return [
        { about: 'indented header and claims', token: await signed(`\n{ "alg": "${alg}" }\r\n`, indented, alg, key) },
        { about: 'escapes in upper case', token: await signed(`{"\\u0061lg":"${alg}"}`, escaped, alg, key) },
        { about: 'times with exponents', token: await signed(`{"alg":"${alg}"}`, withExponents, alg, key) },
      ]
    },
    accepts: async ({ alg, token, key: { jwk, secret } }) => {
      const material = jwk ?? { kty: 'oct', k: secret ?? '' }
      const key = await subtle.importKey('jwk', { ...material } as object, parametersOf(alg), false, ['verify'])
      const end = token.lastIndexOf('.')
      const signature = Buffer.from(token.slice(end + 1), 'base64url')
      return subtle.verify(parametersOf(alg), key, signature, Buffer.from(token.slice(0, end)))
    },
  }
}

async function signed(header: string, payload: string, alg: AlgorithmName, key: CryptoKey): Promise<string> {
  const input = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.')
  const signature = await subtle.sign(parametersOf(alg), key, Buffer.from(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

/** A key is for one algorithm; those for RSA are one in different guise, for to make one is slow. */
function keyMaker(): (alg: AlgorithmName, which: keyof Keys) => Promise<LibraryKey<CryptoKey>> {
  const rsa = new Map<keyof Keys, { readonly signer: Uint8Array; readonly verifier: Uint8Array }>()
  return async (alg, which) => {
    const parameters = parametersOf(alg)
    const kid = `${alg} ${which}`
    if (alg.startsWith('HS')) {
      const signer = await subtle.generateKey(
        { ...parameters, name: 'HMAC', hash: parameters.hash ?? '', length: Number(alg.slice(2)) },
        true,
        ['sign'],
      )
      return { signer, kid, material: { secret: (await subtle.exportKey('jwk', signer)).k ?? '' } }
    }
    const known = rsa.get(which)
    const pair = known && /^[RP]S/.test(alg) ? await imported(known, parameters) : await generated(parameters)
    const spki = Buffer.from(await subtle.exportKey('spki', pair.publicKey))
    if (/^[RP]S/.test(alg)) {
      rsa.set(which, { signer: Buffer.from(await subtle.exportKey('pkcs8', pair.privateKey)), verifier: spki })
    }
    const lines = spki.toString('base64').replaceAll(/.{64}/g, '$&\n')
    // With the labels that WebCrypto writes: `ext`, `key_ops`, and for RSA and Ed25519 `alg`.
    const jwk = { ...(await subtle.exportKey('jwk', pair.publicKey)), kid } as Jwk
    const pem = { SPKI: `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----` }
    return { signer: pair.privateKey, kid, material: { jwk, pem } }
  }
}

interface KeyPair {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

async function generated(parameters: Parameters): Promise<KeyPair> {
  const { name, namedCurve = '', hash = '' } = parameters
  const rsa = { name, hash, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
  if (hash !== '' && namedCurve === '') return subtle.generateKey(rsa, true, ['sign', 'verify'])
  return subtle.generateKey({ name, namedCurve }, true, ['sign', 'verify'])
}

async function imported(
  { signer, verifier }: { readonly signer: Uint8Array; readonly verifier: Uint8Array },
  parameters: Parameters,
): Promise<KeyPair> {
  return {
    privateKey: await subtle.importKey('pkcs8', signer, parameters, true, ['sign']),
    publicKey: await subtle.importKey('spki', verifier, parameters, true, ['verify']),
  }
}

interface Parameters {
  readonly name: string
  readonly hash?: string
  readonly namedCurve?: string
  readonly saltLength?: number
}

function parametersOf(alg: AlgorithmName): Parameters {
  const hash = `SHA-${alg.slice(2)}`
  switch (alg.slice(0, 2)) {
    case 'HS':
      return { name: 'HMAC', hash }
    case 'RS':
      return { name: 'RSASSA-PKCS1-v1_5', hash }
    case 'PS':
      return { name: 'RSA-PSS', hash, saltLength: Number(alg.slice(2)) / 8 }
    case 'ES':
      return { name: 'ECDSA', hash, namedCurve: alg === 'ES512' ? 'P-521' : `P-${alg.slice(2)}` }
    default:
      return { name: 'Ed25519' }
  }
}
