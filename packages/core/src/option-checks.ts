// The checks that options have in common. Each failure names the option and what to write instead, never a secret.
import { ConfigError } from './errors.ts'

/** Own members only, on an object without prototype: a polluted `Object.prototype` sets no option. */
export type GivenOptions = Readonly<Record<string, unknown>>

/** What other libraries call our options. */
const otherNames: Readonly<Record<string, string>> = {
  iss: 'issuer',
  issuerBaseURL: 'issuer',
  issuers: 'issuer',
  aud: 'audience',
  audiences: 'audience',
  alg: 'algorithms',
  algorithm: 'algorithms',
  tokenSigningAlg: 'algorithms',
  allowedAlgorithms: 'algorithms',
  jwksUrl: 'jwksUri',
  jwks_uri: 'jwksUri',
  jwksURL: 'jwksUri',
  key: 'publicKey',
  publicKeys: 'jwks',
  secretOrKey: 'secret` or `publicKey',
  secretOrPublicKey: 'secret` or `publicKey',
  secrets: 'secret',
  leeway: 'clockTolerance',
  graceSeconds: 'clockTolerance',
  clockTimestamp: 'clock',
  maxAge: 'maxTokenAge',
  requiredClaim: 'requiredClaims',
  tokenType: 'typ',
  getToken: 'tokenFrom` in the second argument of `requireJwt()',
  tokenFrom: 'tokenFrom` in the second argument of `requireJwt()',
  realm: 'realm` in the second argument of `requireJwt()',
  timeout: 'remote.timeoutDuration',
  timeoutDuration: 'remote.timeoutDuration',
  cacheMaxAge: 'remote.cacheMaxAge',
  maxStale: 'remote.maxStale',
  headers: 'remote.headers',
  fetch: 'remote.fetch',
  credentialsRequired: 'optionalJwt()` instead of `requireJwt()',
  ignoreExpiration: 'nothing: `exp` is always checked; see `clockTolerance',
}

/**
 * Copies the options and refuses names that we do not know: a misspelt option must not silently check less.
 *
 * @param within - the option that holds these, for instance `remote`
 */
export function givenOptions(options: unknown, known: readonly string[], within?: string): GivenOptions {
  const given = ownMembers(options, within ?? 'options')
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const path = within === undefined ? name : `${within}.${name}`
    const other = within === undefined && Object.hasOwn(otherNames, name) ? ` Here it is \`${otherNames[name]}\`.` : ''
    throw new ConfigError(path, `${path} is not an option.${other} The options are: ${known.join(', ')}.`)
  }
  return given
}

/**
 * A copy of an object's own members. What would be lost by copying is refused: entries of a Map, inherited members, getters
 * of a class. A polluted `Object.prototype` is not looked at.
 */
export function ownMembers(value: unknown, described: string): GivenOptions {
  if (typeof value !== 'object' || value === null || Symbol.iterator in value) {
    const example = described === 'claimValues' ? ", for instance { token_use: 'access' }" : ''
    throw new ConfigError(described, `${described} must be an object with named members${example}.`)
  }
  const members: GivenOptions = Object.assign(Object.create(null), value)
  for (
    let from: object | null = value;
    from !== null && from !== Object.prototype;
    from = Object.getPrototypeOf(from)
  ) {
    for (const name of Object.getOwnPropertyNames(from)) {
      if (name === 'constructor' || name in members) continue
      const message = `${described} has ${name} inherited or not enumerable, where it would be lost: write it into the object.`
      throw new ConfigError(described, message)
    }
  }
  return members
}

/** One or more non-empty strings, as a list of its own. */
export function stringList(option: string, value: unknown, example: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? [...value] : [value]
  if (list.length === 0)
    throw new ConfigError(option, `${option} is an empty list: give at least one, for instance ${example}.`)
  if (!list.every((one): one is string => typeof one === 'string' && one !== '')) {
    throw new ConfigError(option, `${option} must be a non-empty string or a list of these, for instance ${example}.`)
  }
  return Object.freeze(list)
}

/** A number within bounds, or the default. NaN, infinities and numbers in strings are refused. */
export function boundedNumber(
  option: string,
  value: unknown,
  bounds: { readonly from: number; readonly to: number; readonly unit: string },
  preset: number,
): number {
  if (value === undefined) return preset
  if (typeof value === 'number' && value >= bounds.from && value <= bounds.to) return value
  throw new ConfigError(
    option,
    `${option} must be a number of ${bounds.unit} from ${bounds.from} to ${bounds.to}, for instance ${preset}.`,
  )
}

export function booleanOption(option: string, value: unknown): boolean {
  if (value === undefined) return false
  if (typeof value === 'boolean') return value
  throw new ConfigError(option, `${option} must be true or false.`)
}

/** What a function takes and gives cannot be seen here: it is believed to be what its type says. */
export function functionOption<Fn>(option: string, value: unknown): Fn | undefined {
  if (value === undefined || typeof value === 'function') return value as Fn | undefined
  throw new ConfigError(option, `${option} must be a function.`)
}
