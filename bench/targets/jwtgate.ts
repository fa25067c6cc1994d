// @jwtgate/core as a target, with and without its token cache.
import { ConfigError, createJwtVerifier, type JwtVerifier, type JwtVerifierOptions } from '@jwtgate/core'
import type { AsyncTarget, Material } from './target.ts'

/** How the cache of verified tokens is bounded; `false` for none. */
export type TokenCache = { readonly max: number; readonly maxBytes: number } | false

/** A version without that option, which verifies every token anew, is measured as it is. */
export const hasTokenCache = accepts({ tokenCache: false })

export function verifierFor({ algorithm, issuer, keyText }: Material, tokenCache?: TokenCache): JwtVerifier {
  const keys = algorithm.startsWith('HS') ? { secret: keyText } : { jwks: issuer.jwks }
  const { url, audience } = issuer
  return createJwtVerifier({ issuer: url, audience, algorithms: [algorithm], ...keys, ...tokenCacheOption(tokenCache) })
}

/** Nothing for its default, or where there is no such option. */
export function tokenCacheOption(tokenCache: TokenCache | undefined): object {
  return tokenCache !== undefined && hasTokenCache ? { tokenCache } : {}
}

export function jwtgateTarget(name: string, material: Material, tokenCache?: TokenCache): AsyncTarget {
  const verifier = verifierFor(material, tokenCache)
  return { name, verifyLater: (token) => verifier.verify(token) }
}

/** With its defaults, and without a cache, where there is one. */
export function jwtgateTargets(material: Material): readonly AsyncTarget[] {
  const asItIs = jwtgateTarget('jwtgate', material)
  return hasTokenCache ? [asItIs, jwtgateTarget('jwtgate, no token cache', material, false)] : [asItIs]
}

function accepts(option: object): boolean {
  const options: JwtVerifierOptions = {
    issuer: 'https://issuer.example',
    audience: 'https://api.example',
    algorithms: ['HS256'],
    secret: 'x'.repeat(64),
  }
  try {
    createJwtVerifier({ ...options, ...option })
    return true
  } catch (error) {
    if (error instanceof ConfigError) return false
    throw error
  }
}
