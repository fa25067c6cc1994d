// Keys at hand: a shared secret or several, one public key, or a JWK Set. Everything is checked here, at creation.
import { importPublicKey, importSecret, isDerKey, isKeyObject, secretBytes } from '#crypto'
import type { Algorithm } from '../algorithms.ts'
import { ConfigError, InvalidTokenError } from '../errors.ts'
import { publish } from '../events.ts'
import { isJsonObject } from '../strict-json.ts'
import { importJwk } from './jwk.ts'
import { findKeys, importJwkSet } from './jwk-set.ts'
import { fittingAlgorithms, mostKeysTried, type KeySource, type VerificationKey } from './key-source.ts'

/** Shared secrets: each is tried, for secrets have no `kid` and two are in use while one is replaced by the other. */
export function secretKeySource(secret: unknown, pinned: readonly Algorithm[]): KeySource {
  const secrets: readonly unknown[] = Array.isArray(secret) ? secret : [secret]
  if (secrets.length === 0) throw new ConfigError('secret', 'secret is an empty list: give at least one secret.')
  if (secrets.length > mostKeysTried) {
    throw new ConfigError(
      'secret',
      `secret is a list of more than ${mostKeysTried}: a token would be checked against each.`,
    )
  }
  const keys = secrets.map((one) => secretKey(one, pinned))
  return { find: () => keys, ready: async () => {} }
}

/** One public key: the token's `kid` is not looked at, the signature decides. */
export function publicKeySource(material: unknown, pinned: readonly Algorithm[]): KeySource {
  const key = publicKey(material, pinned)
  if (typeof key === 'string') {
    throw new ConfigError('publicKey', `publicKey is refused: ${key}. Give a public key as PEM, JWK or KeyObject.`)
  }
  return {
    find: (algorithm) => {
      if (key.fits.has(algorithm)) return [key]
      throw new InvalidTokenError(
        'key_unknown',
        `The \`publicKey\` does not fit ${algorithm.name}: see \`algorithms\`.`,
      )
    },
    ready: async () => {},
  }
}

/** A JWK Set at hand. */
export function jwkSetKeySource(jwks: unknown, pinned: readonly Algorithm[]): KeySource {
  const set = importJwkSet(jwks, pinned)
  if (typeof set === 'string') throw new ConfigError('jwks', `jwks is refused: ${set}`)
  for (const entry of set.skipped) publish('jwtgate:keys.entry_skipped', { url: 'jwks', ...entry })
  return {
    find: (algorithm, kid) => {
      const keys = findKeys(set, algorithm, kid)
      if (keys !== undefined) return keys
      throw new InvalidTokenError('key_unknown', whyUnknown('`jwks`', algorithm, kid))
    },
    ready: async () => {},
  }
}

/** The hint of `key_unknown`. Does not quote the `kid`: nobody has signed it yet. */
export function whyUnknown(where: string, algorithm: Algorithm, kid: string | undefined): string {
  return kid === undefined
    ? `The token has no \`kid\`, and not exactly one key of ${where} fits ${algorithm.name}: have the issuer send a \`kid\`.`
    : `No key of ${where} has the token's \`kid\` and fits ${algorithm.name}. Is the token from another issuer, or from another environment?`
}

function publicKey(material: unknown, pinned: readonly Algorithm[]): VerificationKey | string {
  if (typeof material !== 'string' && !isKeyObject(material)) return importJwk(material, pinned)
  const engineKey = importPublicKey(material)
  if (typeof engineKey === 'string') return engineKey
  const fits = fittingAlgorithms(pinned, engineKey)
  return typeof fits === 'string' ? fits : { kid: undefined, identity: 'publicKey', fits, engineKey }
}

function secretKey(secret: unknown, pinned: readonly Algorithm[]): VerificationKey {
  const material = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  if (isJsonObject(material) && Object.hasOwn(material, 'kty')) throw publicKeyAsSecret('a JWK')
  if (!isKeyObject(material) && !(material instanceof Uint8Array)) {
    throw new ConfigError(
      'secret',
      'secret must be a string (taken as UTF-8), bytes, a secret KeyObject, or a list of these.',
    )
  }

  const engineKey = importSecret(material)
  if (typeof engineKey === 'string')
    throw new ConfigError('secret', `secret is refused: ${engineKey}. Give it as publicKey.`)
  const looksLike = keyInDisguise(isKeyObject(material) ? secretBytes(material) : material)
  if (looksLike !== undefined) throw publicKeyAsSecret(looksLike)

  // Each pinned algorithm, not just one: a secret long enough for HS256 would otherwise weaken HS512.
  for (const algorithm of pinned) {
    const unfit = fittingAlgorithms([algorithm], engineKey)
    if (typeof unfit === 'string') {
      throw new ConfigError('secret', `secret is refused: ${unfit}. Make one with: openssl rand -base64 64`)
    }
  }
  return { kid: undefined, identity: 'secret', fits: new Set(pinned), engineKey }
}

function publicKeyAsSecret(looksLike: string): ConfigError {
  return new ConfigError(
    'secret',
    `secret is ${looksLike}: whoever knows the public key could sign tokens with it. ` +
      'Give it as publicKey (or jwks) with an algorithm such as RS256; a shared secret is random bytes.',
  )
}

/** What a secret would be if it were a key: PEM, JWK, DER, or DER in base64. */
function keyInDisguise(secret: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(secret).trim()
  if (text.includes('-----BEGIN ')) return 'a PEM'
  if (text.startsWith('{') && isJwkText(text)) return 'a JWK'
  if (isDerKey(withoutLeadingBlanks(secret)) || isDerKey(bytesOfBase64(text))) return 'a key in DER'
  return undefined
}

function isJwkText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) && (Object.hasOwn(value, 'kty') || Object.hasOwn(value, 'keys'))
  } catch {
    return false
  }
}

function withoutLeadingBlanks(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte > 0x20)
  return start > 0 ? bytes.subarray(start) : bytes
}

function bytesOfBase64(text: string): Uint8Array {
  return Buffer.from(text, 'base64')
}
