// fast-jwt as a target: with a key that is known from the start, with a function that finds keys, and with its cache.
import { createVerifier, type Algorithm, type VerifierOptions } from 'fast-jwt'
import type { Material, SyncTarget, Target } from './target.ts'

export function fastJwtTargets(material: Material): readonly Target[] {
  const { keyText } = material
  const options = optionsFor(material)
  const known = createVerifier({ ...options, key: keyText })
  // As with a key set: the key depends on the `kid`.
  const found = createVerifier({ ...options, key: async () => keyText })
  return [
    { name: 'fast-jwt, static key', verify: (token) => known(token) as object },
    { name: 'fast-jwt, key function', verifyLater: (token) => found(token) as Promise<object> },
  ]
}

/** @param keyed - by what entries are found: a hash of the token, as is its default, or the token itself */
export function cachedFastJwtTarget(material: Material, cache: number, keyed: 'hash' | 'token'): SyncTarget {
  const key = keyed === 'hash' ? {} : { cacheKeyBuilder: (token: string) => token }
  const verify = createVerifier({ ...optionsFor(material), key: material.keyText, cache, ...key })
  return { name: `fast-jwt, found by ${keyed}`, verify: (token) => verify(token) as object }
}

function optionsFor({ algorithm, issuer }: Material): Partial<VerifierOptions> {
  return {
    algorithms: [algorithm as Algorithm],
    allowedIss: issuer.url,
    allowedAud: issuer.audience,
    requiredClaims: ['iss', 'aud', 'exp', 'nbf'],
    cache: false,
  }
}
