// The options of one issuer -> its settings: every check of them, once, at creation, with the inputs copied.
import { algorithms as knownAlgorithms, type Algorithm } from './algorithms.ts'
import { isClaimsSchema, type ClaimsSchema } from './claims-schema.ts'
import type { ClaimRules } from './claims.ts'
import { ConfigError } from './errors.ts'
import { escapeForLog } from './escape-for-log.ts'
import { defaultTypes, normaliseType, type HeaderRules, type TypeRules } from './header.ts'
import { keySourceFrom } from './keys/key-options.ts'
import type { KeySource } from './keys/key-source.ts'
import {
  booleanOption,
  boundedNumber,
  functionOption,
  ownMembers,
  stringList,
  type GivenOptions,
} from './option-checks.ts'
import type { Clock, IssuerOptions } from './options.ts'
import type { ClaimSource, GrantSources } from './permissions.ts'

/** One issuer after all checks: complete, copied, ready for the stages. */
export interface IssuerSettings extends HeaderRules, ClaimRules, GrantSources {
  readonly keys: KeySource
  readonly claimsSchema: ClaimsSchema | undefined
}

/** A record of keys alone, so that the compiler sees when one is missing. */
export const issuerOptionNames: Readonly<Record<keyof IssuerOptions, null>> = {
  issuer: null,
  audience: null,
  algorithms: null,
  jwksUri: null,
  jwks: null,
  publicKey: null,
  secret: null,
  remote: null,
  clockTolerance: null,
  maxTokenAge: null,
  optionalClaims: null,
  requiredClaims: null,
  claimValues: null,
  typ: null,
  acceptBoundTokens: null,
  permissionsFrom: null,
  scopesFrom: null,
  rolesFrom: null,
  claims: null,
}

/** @throws ConfigError */
export function resolveIssuer(given: GivenOptions, clock: Clock): IssuerSettings {
  const issuers = stringList('issuer', given.issuer, "'https://id.example.com'")
  const audiences = resolveAudience(given.audience)
  const algorithms = resolveAlgorithms(given.algorithms)
  const maxTokenAge = given.maxTokenAge
  const claimValues = resolveClaimValues(given.claimValues)

  return Object.freeze({
    issuers,
    audiences,
    algorithms: new Map(algorithms.map((algorithm) => [algorithm.name, algorithm])),
    keys: keySourceFrom(given, { issuers, algorithms, clock }),
    clockTolerance: boundedNumber('clockTolerance', given.clockTolerance, { from: 0, to: 300, unit: 'seconds' }, 5),
    maxTokenAge:
      maxTokenAge === undefined ? undefined : boundedNumber('maxTokenAge', maxTokenAge, maxTokenAgeBounds, 3600),
    requiredClaims: resolveRequiredClaims(given, audiences, claimValues),
    claimValues,
    types: resolveTypes(given.typ),
    acceptBoundTokens: booleanOption('acceptBoundTokens', given.acceptBoundTokens),
    permissionsFrom: resolveSource('permissionsFrom', given.permissionsFrom) ?? ['permissions'],
    scopesFrom: resolveSource('scopesFrom', given.scopesFrom),
    rolesFrom: resolveSource('rolesFrom', given.rolesFrom) ?? ['roles'],
    claimsSchema: resolveSchema(given.claims),
  })
}

const maxTokenAgeBounds = { from: 1, to: 31_536_000, unit: 'seconds' }

function resolveAudience(audience: unknown): readonly string[] | null {
  if (audience === null) return null
  if (audience !== undefined) return stringList('audience', audience, "'https://api.example.com'")
  const message =
    "audience is required: the name that your API has at the issuer, for instance 'https://api.example.com'. " +
    'With null, tokens that were issued for other APIs are accepted too.'
  throw new ConfigError('audience', message)
}

function resolveAlgorithms(given: unknown): readonly Algorithm[] {
  const example = "['RS256']"
  if (typeof given === 'string') throw new ConfigError('algorithms', `algorithms must be a list: ${example}.`)
  if (!Array.isArray(given) || given.length === 0) {
    throw new ConfigError(
      'algorithms',
      `algorithms is required: a list with what your issuer signs with, for instance ${example}.`,
    )
  }
  const list = [...new Set(given)].map((name: unknown) => {
    const algorithm = typeof name === 'string' ? knownAlgorithms.get(name) : undefined
    if (algorithm !== undefined) return algorithm
    const none =
      typeof name === 'string' && name.toLowerCase() === 'none' ? '"none" would accept unsigned tokens. ' : ''
    const known = [...knownAlgorithms.keys()].join(', ')
    const described = typeof name === 'string' ? `"${escapeForLog(name)}"` : 'something else than a string'
    throw new ConfigError(
      'algorithms',
      `algorithms has ${described}, which is not accepted. ${none}Known are: ${known}.`,
    )
  })
  const hmac = list.filter(({ kind }) => kind === 'hmac').length
  if (hmac > 0 && hmac < list.length) {
    const message =
      'algorithms mixes HMAC with public-key algorithms: a public key could then be taken for a shared secret. Make two verifiers.'
    throw new ConfigError('algorithms', message)
  }
  return list
}

function resolveRequiredClaims(
  given: Readonly<Record<string, unknown>>,
  audiences: readonly string[] | null,
  claimValues: ReadonlyMap<string, unknown>,
): readonly string[] {
  const optional = given.optionalClaims === undefined ? [] : resolveOptionalClaims(given.optionalClaims)
  const more = given.requiredClaims === undefined ? [] : given.requiredClaims
  if (!Array.isArray(more))
    throw new ConfigError('requiredClaims', "requiredClaims must be a list, for instance ['sub'].")
  const named = more.length === 0 ? [] : stringList('requiredClaims', more, "['sub']")
  if (named.includes('nbf') && optional.includes('nbf')) {
    throw new ConfigError('optionalClaims', 'nbf stands in optionalClaims and in requiredClaims: take it out of one.')
  }
  const base = ['iss', 'aud', 'exp', 'nbf'].filter(
    (name) => !(name === 'aud' && audiences === null) && !optional.includes(name),
  )
  const iat = given.maxTokenAge === undefined ? [] : ['iat']
  return [...new Set([...base, ...iat, ...named, ...claimValues.keys()])]
}

function resolveOptionalClaims(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((name) => name === 'nbf')) return value
  const message =
    "optionalClaims can only be ['nbf']: a token without iss or exp, or without aud, is never accepted (but see audience: null)."
  throw new ConfigError('optionalClaims', message)
}

const ownOptions: Readonly<Record<string, string>> = {
  iss: 'issuer',
  aud: 'audience',
  exp: 'clockTolerance',
  nbf: 'clockTolerance',
  iat: 'maxTokenAge',
}

function resolveClaimValues(value: unknown): ReadonlyMap<string, readonly string[]> {
  if (value === undefined) return new Map()
  const entries = Object.entries(ownMembers(value, 'claimValues')).map(
    ([name, accepted]): [string, readonly string[]] => {
      const option = `claimValues.${name}`
      if (Object.hasOwn(ownOptions, name))
        throw new ConfigError(option, `${option}: for this claim use the option ${ownOptions[name]}.`)
      return [name, stringList(option, accepted, "'access'")]
    },
  )
  return new Map(entries)
}

function resolveSource(option: string, value: unknown): ClaimSource | undefined {
  if (Array.isArray(value)) return stringList(option, value, "['realm_access', 'roles']")
  if (value === undefined || typeof value === 'function') return functionOption<ClaimSource>(option, value)
  const message = `${option} must be a path such as ['realm_access', 'roles'], or a function of the claims.`
  throw new ConfigError(option, message)
}

function resolveTypes(typ: unknown): TypeRules {
  if (typ === undefined) return defaultTypes
  return { accepted: new Set(stringList('typ', typ, "'at+jwt'").map(normaliseType)), required: true }
}

function resolveSchema(value: unknown): ClaimsSchema | undefined {
  if (value === undefined || isClaimsSchema(value)) return value
  const message =
    'claims must be a schema that speaks Standard Schema 1: one of zod 3.24+, valibot 1, arktype 2, for instance.'
  throw new ConfigError('claims', message)
}
