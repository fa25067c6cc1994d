// jose (npm): SignJWT, with keys that it makes and exports itself. On the engine that is jose, it is still another's token.
import {
  calculateJwkThumbprint,
  errors,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  generateSecret,
  importJWK,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWK,
} from 'jose'
import type { AlgorithmName } from '@jwtgate/core'
import { answerOfLibrary, type Library, type LibraryKey } from '../library.ts'
import { name, type Keys, type Minter } from '../minter.ts'
import { algorithmsOfOld } from '../program.ts'

export const jose: Minter = {
  name: 'jose',
  debian: [],
  algorithms: [...algorithmsOfOld, 'Ed25519'],
  mint: (order) => answerOfLibrary(order, library()),
}

type Key = CryptoKey | Uint8Array

function library(): Library<Key> {
  return {
    newKey: keyMaker(),
    sign: ({ alg, kid: withKid, typ, claims }, key, kid) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ ...(typeof typ === 'string' ? { typ } : {}), ...(withKid ? { kid } : {}), alg })
        .sign(key),
    ownWays: async ({ issuer, audience }, alg, key) => {
      const setters = (): SignJWT =>
        new SignJWT({ name })
          .setProtectedHeader({ alg, typ: 'JWT' })
          .setIssuer(issuer)
          .setSubject('alice')
          .setExpirationTime('1h')
      return [
        { about: 'setters, one audience', token: await setters().setAudience(audience).setIssuedAt().sign(key) },
        {
          about: 'setters, a list of audiences, dates',
          token: await setters()
            .setAudience([audience])
            .setIssuedAt(new Date())
            .setNotBefore('0s')
            .setJti('1')
            .sign(key),
        },
      ]
    },
    accepts: async ({ alg, token, key: { jwk, secret = '' } }, { audience }) => {
      const key = jwk === undefined ? Buffer.from(secret, 'base64url') : await importJWK(jwk as JWK, alg)
      try {
        await jwtVerify(token, key, { algorithms: [alg], audience })
        return true
      } catch (error) {
        if (error instanceof errors.JWSSignatureVerificationFailed) return false
        throw error
      }
    },
  }
}

/** A key is for one algorithm; those for RSA are one in different guise, for to make one is slow. */
function keyMaker(): (alg: AlgorithmName, which: keyof Keys) => Promise<LibraryKey<Key>> {
  const rsa = new Map<keyof Keys, { readonly privateJwk: JWK; readonly publicJwk: JWK }>()
  const pairFor = async (alg: AlgorithmName, which: keyof Keys) => {
    const known = rsa.get(which)
    if (known === undefined || !/^[RP]S/.test(alg)) return generateKeyPair(alg, { extractable: true })
    const [privateKey, publicKey] = [await importJWK(known.privateJwk, alg), await importJWK(known.publicJwk, alg)]
    if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array) {
      throw new Error('An RSA key became a secret')
    }
    return { privateKey, publicKey }
  }
  return async (alg, which) => {
    if (alg.startsWith('HS')) {
      const signer = await generateSecret(alg, { extractable: true })
      const { k } = await exportJWK(signer)
      if (k === undefined || signer instanceof Uint8Array) throw new Error('A secret is exported without its bytes')
      return { signer, kid: alg, material: { secret: k } }
    }
    const { privateKey, publicKey } = await pairFor(alg, which)
    const publicJwk = await exportJWK(publicKey)
    if (publicJwk.kty === 'RSA' && !rsa.has(which)) {
      rsa.set(which, { privateJwk: await exportJWK(privateKey), publicJwk })
    }
    const kid = await calculateJwkThumbprint(publicJwk)
    const jwk = { ...publicJwk, kid: `${kid}-${alg}`, alg, use: 'sig' }
    return { signer: privateKey, kid: jwk.kid, material: { jwk, pem: { SPKI: await exportSPKI(publicKey) } } }
  }
}
