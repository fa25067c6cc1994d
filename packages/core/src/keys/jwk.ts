// One JWK (RFC 7517 section 4) -> a key that may verify, or why not. Its labels can only forbid, never allow.
import { importPublicKey } from '#crypto'
import { minimumRsaBits, minimumRsaExponent, type Algorithm, type KeyFacts } from '../algorithms.ts'
import { isJsonObject, type JsonObject } from '../strict-json.ts'
import { fittingAlgorithms, type VerificationKey } from './key-source.ts'

/**
 * The public members of each key type that we use (RFC 7518 section 6, RFC 8037 section 2), each with the most characters
 * it may have: RSA up to 8192 bits with an exponent of 8 bytes, and coordinates up to P-521. To import what is larger would
 * hold up the process.
 */
const publicMembers: ReadonlyMap<string, Readonly<Record<string, number>>> = new Map([
  ['RSA', { n: 1366, e: 11 }],
  ['EC', { crv: 16, x: 88, y: 88 }],
  ['OKP', { crv: 16, x: 88 }],
])

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/**
 * @param wanted - the algorithms that a key is wanted for
 * @param known - keys imported before, by identity: an unchanged key keeps its object and is not imported again
 */
export function importJwk(
  jwk: unknown,
  wanted: readonly Algorithm[],
  known?: ReadonlyMap<string, VerificationKey>,
): VerificationKey | string {
  if (!isJsonObject(jwk)) return 'it is not an object'
  const forbidden = whyForbidden(jwk)
  if (forbidden !== undefined) return forbidden
  const material = publicMaterial(jwk)
  if (typeof material === 'string') return material

  const kid = ownString(jwk, 'kid')
  const label = ownString(jwk, 'alg')
  const identity = JSON.stringify([kid, label, material])
  const unchanged = known?.get(identity)
  if (unchanged !== undefined) return unchanged

  const allowed = wanted.filter((algorithm) => label === undefined || allowsLabel(label, algorithm))
  if (allowed.length === 0) return 'its `alg` is no signature algorithm that is accepted here'
  // Before the import, which for some curves takes milliseconds: a set may hold hundreds of keys that are not for us.
  const labelled = fittingAlgorithms(allowed, { facts: factsOfLabels(material) })
  if (typeof labelled === 'string') return labelled
  const engineKey = importPublicKey(material)
  if (typeof engineKey === 'string') return engineKey
  const fits = fittingAlgorithms(allowed, engineKey)
  return typeof fits === 'string' ? fits : { kid, identity, fits, engineKey }
}

function whyForbidden(jwk: JsonObject): string | undefined {
  if (privateMembers.some((member) => Object.hasOwn(jwk, member))) return 'it has private members'
  for (const name of ['kid', 'alg', 'use']) {
    if (Object.hasOwn(jwk, name) && typeof jwk[name] !== 'string') return `its \`${name}\` is not a string`
  }
  if (Object.hasOwn(jwk, 'use') && jwk.use !== 'sig') return 'its `use` is not `sig`'
  if (!Object.hasOwn(jwk, 'key_ops')) return undefined
  const operations = jwk.key_ops
  return Array.isArray(operations) && operations.includes('verify') ? undefined : 'its `key_ops` lacks `verify`'
}

/** Only the members that make the key: no label reaches the engine. */
function publicMaterial(jwk: JsonObject): Record<string, string> | string {
  const kty = ownString(jwk, 'kty')
  const members = publicMembers.get(kty ?? '')
  if (kty === undefined || members === undefined) return 'its `kty` is none of RSA, EC and OKP'
  // Without prototype: an engine must not take what it inherits for members.
  const material: Record<string, string> = Object.assign(Object.create(null), { kty })
  for (const [member, longest] of Object.entries(members)) {
    const value = ownString(jwk, member)
    if (value === undefined) return `its \`${member}\` is missing or no string`
    if (value.length > longest) return `its \`${member}\` is longer than ${longest} characters`
    material[member] = value
  }
  return material
}

/** What the key would be if its labels told the truth, and an RSA key were large enough. */
function factsOfLabels({ kty, crv = '' }: Readonly<Record<string, string>>): KeyFacts {
  if (kty === 'RSA') return { type: 'rsa', bits: minimumRsaBits, exponent: minimumRsaExponent }
  return crv === 'Ed25519' && kty === 'OKP' ? { type: 'ed25519' } : { type: 'ec', curve: crv }
}

/** RFC 9864 gives `EdDSA` on Ed25519 a second name; a key labelled with one serves both. */
function allowsLabel(label: string, algorithm: Algorithm): boolean {
  if (label === algorithm.name) return true
  return algorithm.kind === 'eddsa' && (label === 'EdDSA' || label === 'Ed25519')
}

function ownString(object: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined
  return typeof value === 'string' ? value : undefined
}
