// A header and a payload -> a signed token (compact JWS, RFC 7515 section 7.1), whatever stands in them.
import { constants, createHmac, sign, type KeyObject } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'

/** @throws if the key does not fit the algorithm */
export function signCompactJws(
  header: string | Uint8Array,
  payload: string | Uint8Array,
  alg: AlgorithmName,
  signer: KeyObject,
): string {
  const signingInput = `${base64url(header)}.${base64url(payload)}`
  return `${signingInput}.${base64url(signatureOf(Buffer.from(signingInput), alg, signer))}`
}

export function base64url(content: string | Uint8Array): string {
  return Buffer.from(content).toString('base64url')
}

/** Header, payload and signature, to change one and join them again. */
export function partsOf(token: string): readonly [header: string, payload: string, signature: string] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return [header, payload, signature]
}

/** RFC 7518 section 3, RFC 8037 section 3.1. */
export function signatureOf(input: Uint8Array, alg: AlgorithmName, signer: KeyObject): Buffer {
  const hash = `sha${alg.slice(2)}`
  switch (alg.slice(0, 2)) {
    case 'HS':
      return createHmac(hash, signer).update(input).digest()
    case 'RS':
      return sign(hash, input, signer)
    case 'PS': {
      const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
      return sign(hash, input, { key: signer, padding, saltLength })
    }
    case 'ES':
      return sign(hash, input, { key: signer, dsaEncoding: 'ieee-p1363' })
    default:
      return sign(null, input, signer)
  }
}
