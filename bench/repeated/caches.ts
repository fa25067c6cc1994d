// What finds a token that it has seen, by name: ours, fast-jwt's cache, and a Map of strings.
import { cachedFastJwtTarget } from '../targets/fast-jwt.ts'
import { hasTokenCache, jwtgateTarget } from '../targets/jwtgate.ts'
import type { Material, Target } from '../targets/target.ts'

interface Cache {
  readonly name: string
  /** Whether it checks tokens. */
  readonly checks: boolean
  /** Whether it keeps anything. */
  readonly keeps: boolean
  readonly make: (material: Material, size: number) => Target
}

export const caches: readonly Cache[] = [
  { name: 'Map.get()', checks: false, keeps: true, make: mapTarget },
  {
    name: 'jwtgate',
    checks: true,
    keeps: hasTokenCache,
    make: (material, max) => jwtgateTarget('jwtgate', material, { max, maxBytes: 2 ** 30 }),
  },
  {
    name: 'fast-jwt, found by hash',
    checks: true,
    keeps: true,
    make: (material, size) => cachedFastJwtTarget(material, size, 'hash'),
  },
  {
    name: 'fast-jwt, found by token',
    checks: true,
    keeps: true,
    make: (material, size) => cachedFastJwtTarget(material, size, 'token'),
  },
]

/** The floor of every cache: found by the string, and nothing is checked. It learns a token when it first sees it. */
function mapTarget(): Target {
  const known = new Map<string, object>()
  return {
    name: 'Map.get()',
    verify: (token) => {
      const found = known.get(token)
      if (found !== undefined) return found
      const payload = token.slice(token.indexOf('.') + 1, token.lastIndexOf('.'))
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
      known.set(token, claims)
      return claims
    },
  }
}
