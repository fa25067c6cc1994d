// Keys at hand: a shared secret or several, one public key, or a JWK Set. Everything is checked here, at creation.
import { importPublicKey, importSecret, isKeyObject, secretBytes, type EngineKey } from '#crypto'
import { whyUnfit, type Algorithm } from '../algorithms.ts'
import { ConfigError, InvalidTokenError } from '../errors.ts'
import { publish } from '../events.ts'
import { isJsonObject } from '../strict-json.ts'
import { importJwk } from './jwk.ts'
import { findKeys, importJwkSet, whyUnknown } from './jwk-set.ts'
import { keyInDisguise } from './key-in-disguise.ts'
import { fittingAlgorithms, mostKeysTried, statusOfGiven, type KeySource, type VerificationKey } from './key-source.ts'

/** Shared secrets: each is tried, for secrets have no `kid` and two are in use while one is replaced by the other. */
export function secretKeySource(secret: unknown, pinned: readonly Algorithm[]): KeySource {
  const secrets: readonly unknown[] = Array.isArray(secret) ? [...secret] : [secret]
  if (secrets.length === 0) throw new ConfigError('secret', 'secret is an empty list: give at least one secret.')
  if (secrets.length > mostKeysTried) {
    throw new ConfigError(
      'secret',
      `secret is a list of more than ${mostKeysTried}: a token would be checked against each.`,
    )
  }
  const keys = secrets.map((one) => secretKey(one, pinned))
  return givenKeys(keys.length, () => keys)
}

/** One public key: the token's `kid` is not looked at, the signature decides. */
export function publicKeySource(material: unknown, pinned: readonly Algorithm[]): KeySource {
  const keys = [publicKey(material, pinned)]
  return givenKeys(keys.length, () => keys)
}

/** A JWK Set at hand. */
export function jwkSetKeySource(jwks: unknown, pinned: readonly Algorithm[]): KeySource {
  const set = importJwkSet(jwks, pinned)
  if (typeof set === 'string')
    throw new ConfigError('jwks', `jwks is refused: ${set}. Give the whole document of the issuer: { keys: [...] }.`)
  for (const entry of set.skipped) publish('jwtgate:keys.entry_skipped', { url: 'jwks', ...entry })
  return givenKeys(set.keys.size, (algorithm, kid) => {
    const keys = findKeys(set, algorithm, kid)
    if (keys !== undefined) return keys
    throw new InvalidTokenError('key_unknown', whyUnknown('`jwks`', algorithm, kid))
  })
}

function givenKeys(count: number, find: KeySource['find']): KeySource {
  return { find, ready: async () => {}, status: () => statusOfGiven(count) }
}

function publicKey(material: unknown, pinned: readonly Algorithm[]): VerificationKey {
  const key = importAny(material, pinned)
  const refused = typeof key === 'string' ? key : whyNotAll(pinned, key)
  if (typeof key !== 'string' && refused === undefined) return key
  throw new ConfigError('publicKey', `publicKey is refused: ${refused}. Give a public key as PEM, JWK or KeyObject.`)
}

function importAny(material: unknown, pinned: readonly Algorithm[]): VerificationKey | string {
  if (material instanceof Uint8Array) return "it is bytes: read the PEM as text, readFileSync(file, 'utf8')"
  if (typeof material !== 'string' && !isKeyObject(material)) return importJwk(material, pinned)
  const engineKey = importPublicKey(material)
  if (typeof engineKey === 'string') return engineKey
  // Only the first would count.
  if (typeof material === 'string' && material.split('-----BEGIN ').length > 2) return 'it holds more than one PEM'
  return keyWithoutLabels(engineKey, pinned)
}

function secretKey(secret: unknown, pinned: readonly Algorithm[]): VerificationKey {
  if (typeof secret === 'string' && !secret.isWellFormed()) {
    throw new ConfigError('secret', 'secret is no well-formed text, which UTF-8 cannot hold: give it as bytes.')
  }
  const material = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  if (isJsonObject(material) && Object.hasOwn(material, 'kty')) throw keyAsSecret('a JWK')
  if (!isKeyObject(material) && !(material instanceof Uint8Array)) {
    const message = 'secret must be a string (taken as UTF-8), bytes, a secret KeyObject, or a list of these.'
    throw new ConfigError('secret', message)
  }
  const engineKey = importSecret(material)
  if (typeof engineKey === 'string') throw keyAsSecret(engineKey)
  const disguised = keyInDisguise(isKeyObject(material) ? secretBytes(material) : material)
  if (disguised !== undefined) throw keyAsSecret(disguised)

  const key = keyWithoutLabels(engineKey, pinned)
  const refused = typeof key === 'string' ? key : whyNotAll(pinned, key)
  if (typeof key !== 'string' && refused === undefined) return key
  throw new ConfigError('secret', `secret is refused: ${refused}. Make one with: ${makeSecret}`)
}

function keyWithoutLabels(engineKey: EngineKey, pinned: readonly Algorithm[]): VerificationKey | string {
  const fits = fittingAlgorithms(pinned, engineKey)
  return typeof fits === 'string' ? fits : { kid: undefined, identity: '', fits, engineKey }
}

/** Each pinned algorithm, not just one: a secret long enough for HS256 would otherwise serve HS512 too. */
function whyNotAll(pinned: readonly Algorithm[], { fits, engineKey }: VerificationKey): string | undefined {
  const misfit = pinned.find((algorithm) => !fits.has(algorithm))
  return misfit && (whyUnfit(misfit, engineKey.facts) ?? `its \`alg\` is not ${misfit.name}`)
}

/** One line, whatever it is put into. */
const makeSecret = `node -p "crypto.randomBytes(64).toString('base64url')"`

function keyAsSecret(what: string): ConfigError {
  const message =
    `secret is ${what}: whoever knows the public key could sign tokens with it. A shared secret is random bytes; ` +
    'give a public key as publicKey (or jwks), with an algorithm such as RS256.'
  return new ConfigError('secret', message)
}
