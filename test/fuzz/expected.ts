// What the design says of a token, written a second time: slow, obvious, with no code of core's. Signatures are jose's to check.
import { compactVerify, type JWTPayload } from 'jose'
import type { Auth, JwtGateErrorCode } from '@jwtgate/core'
import { now } from '../support/mint.ts'
import { keyNamed, publicKeys, type PoolKey } from './key-pool.ts'
import { NotAcceptable, parseObviously } from './obvious-json.ts'
import type { Entry, Setup } from './setups.ts'

type Json = Readonly<Record<string, unknown>>

export type Expected =
  | { readonly outcome: 'accepted'; readonly claims: JWTPayload; readonly header: Json }
  | { readonly outcome: JwtGateErrorCode }

class Refused extends Error {
  readonly code: JwtGateErrorCode

  constructor(code: JwtGateErrorCode) {
    super(code)
    this.code = code
  }
}

/** Whether createJwtVerifier() has to refuse these options. */
export function isRefusedAtCreation({ given, algorithms, impossible }: Setup): boolean {
  if (impossible !== undefined) return true
  return given.kind === 'jwks' && !given.entries.some((entry) => algorithms.some((alg) => mayVerify(entry, alg)))
}

/** In the order of the design's section 3. */
export async function expectedOf(token: string, setup: Setup): Promise<Expected> {
  try {
    const { header, payload } = formOf(token, setup)
    const alg = checkHeader(header, setup)
    const claims = parse(payload)
    checkSelectedIssuer(claims, setup)
    await checkSignature(token, alg, keysFor(alg, header.kid as string | undefined, setup))
    checkClaims(claims, setup)
    checkTimes(claims, setup)
    return { outcome: 'accepted', claims, header }
  } catch (error) {
    if (error instanceof Refused) return { outcome: error.code }
    throw error
  }
}

function refuseIf(condition: boolean, code: JwtGateErrorCode): void {
  if (condition) throw new Refused(code)
}

function formOf(token: string, { maxTokenLength }: Setup): { readonly header: Json; readonly payload: Uint8Array } {
  refuseIf(token.length > maxTokenLength, 'token_malformed')
  const parts = token.split('.')
  refuseIf(parts.length !== 3, 'token_malformed')
  refuseIf(!parts.every(isCanonical), 'token_malformed')
  const [header = Buffer.alloc(0), payload = Buffer.alloc(0)] = parts.map((part) => Buffer.from(part, 'base64url'))
  refuseIf(header.length > 4096, 'token_malformed')
  return { header: parse(header), payload }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** RFC 4648 sections 3.5 and 5, without padding. */
function isCanonical(part: string): boolean {
  if (!/^[A-Za-z0-9_-]*$/.test(part)) return false
  const last = alphabet.indexOf(part.at(-1) ?? 'A')
  switch (part.length % 4) {
    case 0:
      return true
    case 2:
      return last % 16 === 0
    case 3:
      return last % 4 === 0
    default:
      return false
  }
}

function parse(bytes: Uint8Array): Json {
  try {
    return parseObviously(bytes)
  } catch (error) {
    if (error instanceof NotAcceptable) throw new Refused('token_malformed')
    throw error
  }
}

const has = (object: Json, name: string): boolean => Object.hasOwn(object, name)

function checkHeader(header: Json, { algorithms, types }: Setup): string {
  const alg = has(header, 'alg') ? header.alg : undefined
  if (typeof alg !== 'string' || !algorithms.some((name) => name === alg)) throw new Refused('algorithm_not_allowed')
  refuseIf(has(header, 'crit') || has(header, 'b64'), 'critical_header')
  const accepted = types.length > 0 ? types : ['JWT', 'at+jwt']
  if (has(header, 'typ')) {
    const { typ } = header
    refuseIf(
      typeof typ !== 'string' || !accepted.some((type) => mediaType(type) === mediaType(typ)),
      'type_not_allowed',
    )
  } else {
    refuseIf(types.length > 0, 'type_not_allowed')
  }
  refuseIf(has(header, 'kid') && (typeof header.kid !== 'string' || header.kid.length > 256), 'token_malformed')
  return alg
}

/** Of ASCII: nothing else is written here. */
function mediaType(type: string): string {
  return type.includes('/') ? type.toLowerCase() : `application/${type.toLowerCase()}`
}

function checkSelectedIssuer(claims: Json, { issuers }: Setup): void {
  refuseIf(!has(claims, 'iss'), 'claim_missing')
  refuseIf(typeof claims.iss !== 'string', 'claim_invalid')
  refuseIf(!issuers.some((issuer) => issuer === claims.iss), 'issuer_mismatch')
}

function keysFor(alg: string, kid: string | undefined, { given }: Setup): readonly PoolKey[] {
  if (given.kind === 'secret') return given.keys.map(keyNamed)
  if (given.kind === 'publicKey') return [keyNamed(given.key)]
  const fitting = given.entries.filter((entry) => mayVerify(entry, alg))
  // The same key with the same labels is one, however often it is there.
  const distinct = [...new Map(fitting.map((entry) => [identityOf(entry), entry])).values()]
  if (kid === undefined) {
    refuseIf(distinct.length !== 1, 'key_unknown')
    return distinct.map(({ key }) => keyNamed(key))
  }
  const named = distinct.filter(({ labels }) => labels.kid === kid)
  refuseIf(named.length === 0, 'key_unknown')
  return named.slice(0, 4).map(({ key }) => keyNamed(key))
}

function identityOf(entry: Entry): string {
  return JSON.stringify([entry.key, entry.labels.kid, entry.labels.alg])
}

/** Whether a key set's entry may verify what was signed with this algorithm. */
function mayVerify(entry: Entry, alg: string): boolean {
  if (entry.flaw !== undefined) return false
  const { kid, use, key_ops: operations, alg: label } = entry.labels
  if (has(entry.labels, 'kid') && typeof kid !== 'string') return false
  if (has(entry.labels, 'use') && use !== 'sig') return false
  if (has(entry.labels, 'key_ops') && !(Array.isArray(operations) && operations.includes('verify'))) return false
  const names = alg === 'EdDSA' || alg === 'Ed25519' ? ['EdDSA', 'Ed25519'] : [alg]
  if (has(entry.labels, 'alg') && !names.some((name) => name === label)) return false
  return publicKeys.some(({ name, algorithms }) => name === entry.key && algorithms.some((own) => own === alg))
}

async function checkSignature(token: string, alg: string, keys: readonly PoolKey[]): Promise<void> {
  for (const { verifier } of keys) {
    const isGood = await compactVerify(token, verifier, { algorithms: [alg] }).then(
      () => true,
      () => false,
    )
    if (isGood) return
  }
  throw new Refused('signature_invalid')
}

/** What the claims grant where no option says otherwise: texts in a list, and for scopes a text with blanks between. */
export function grantsOf(claims: Json): Pick<Auth, 'permissions' | 'scopes' | 'roles'> {
  const texts = (value: unknown): readonly string[] =>
    Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : []
  const words = (value: unknown): readonly string[] =>
    typeof value === 'string' ? value.split(' ').filter((word) => word !== '') : []
  const own = (name: string): unknown => (has(claims, name) ? claims[name] : undefined)
  const listed = own('scope') === undefined ? own('scp') : undefined
  const scopes = Array.isArray(listed) ? texts(listed) : words(own('scope') ?? listed)
  return { permissions: texts(own('permissions')), scopes, roles: texts(own('roles')) }
}

const endOf9999 = 253_402_300_799

function checkClaims(claims: Json, setup: Setup): void {
  refuseIf(
    ['at_hash', 'c_hash', 'events'].some((name) => has(claims, name)),
    'type_not_allowed',
  )
  const required = [
    'iss',
    ...(setup.audiences === null ? [] : ['aud']),
    'exp',
    ...(setup.nbfIsOptional ? [] : ['nbf']),
    ...(setup.maxTokenAge === undefined ? [] : ['iat']),
    ...setup.requiredClaims,
    ...(setup.tokenUses.length > 0 ? ['token_use'] : []),
  ]
  for (const name of required) {
    refuseIf(!has(claims, name), 'claim_missing')
    refuseIf(claims[name] === null, 'claim_invalid')
  }
  for (const name of ['iss', 'sub', 'jti'])
    refuseIf(has(claims, name) && typeof claims[name] !== 'string', 'claim_invalid')
  for (const name of ['exp', 'nbf', 'iat']) {
    const value = claims[name]
    refuseIf(
      has(claims, name) && !(typeof value === 'number' && Number.isFinite(value) && value <= endOf9999),
      'claim_invalid',
    )
  }
  const aud: unknown = has(claims, 'aud') ? claims.aud : []
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  refuseIf(!named.every((one) => typeof one === 'string'), 'claim_invalid')
  refuseIf(
    setup.audiences !== null && !setup.audiences.some((audience) => named.includes(audience)),
    'audience_mismatch',
  )
  if (setup.tokenUses.length > 0) {
    refuseIf(typeof claims.token_use !== 'string' || !setup.tokenUses.includes(claims.token_use), 'claim_invalid')
  }
  refuseIf(has(claims, 'cnf') && !setup.acceptBoundTokens, 'token_bound')
}

function checkTimes(claims: Json, { clockTolerance, maxTokenAge }: Setup): void {
  refuseIf(now >= Number(claims.exp) + clockTolerance, 'token_expired')
  refuseIf(has(claims, 'nbf') && now < Number(claims.nbf) - clockTolerance, 'token_not_yet_valid')
  if (!has(claims, 'iat')) return
  refuseIf(Number(claims.iat) > now + clockTolerance, 'claim_invalid')
  refuseIf(maxTokenAge !== undefined && now - Number(claims.iat) > maxTokenAge + clockTolerance, 'token_too_old')
}
