// The checks that options have in common. Each failure names the option and what to write instead, never a secret.
import { ConfigError } from './errors.ts'
import { isNear } from './near-name.ts'

/** Own members only, on an object without prototype: a polluted `Object.prototype` sets no option. */
export type GivenOptions = Readonly<Record<string, unknown>>

/** What other libraries call our options. */
const otherNames: Readonly<Record<string, string>> = {
  iss: 'issuer',
  issuerBaseURL: 'issuer',
  issuers: 'issuer',
  aud: 'audience',
  alg: 'algorithms',
  tokenSigningAlg: 'algorithms',
  allowedAlgorithms: 'algorithms',
  jwksUrl: 'jwksUri',
  jwks_uri: 'jwksUri',
  key: 'publicKey',
  publicKeys: 'jwks',
  leeway: 'clockTolerance',
  clockSkew: 'clockTolerance',
  graceSeconds: 'clockTolerance',
  clockTimestamp: 'clock',
  maxAge: 'maxTokenAge',
  tokenType: 'typ',
  timeout: 'remote.timeoutDuration',
  timeoutDuration: 'remote.timeoutDuration',
  cache: 'tokenCache',
  cacheMaxAge: 'remote.cacheMaxAge',
  maxStale: 'remote.maxStale',
  headers: 'remote.headers',
  fetch: 'remote.fetch',
}

/** What other libraries can be told, and we cannot, or elsewhere. */
const explained: Readonly<Record<string, string>> = {
  secretOrKey: 'A shared secret is `secret`, a public key is `publicKey`.',
  secretOrPublicKey: 'A shared secret is `secret`, a public key is `publicKey`.',
  getToken: 'Where the token is says `tokenFrom`, in the second argument of requireJwt().',
  tokenFrom: 'It belongs into the second argument of requireJwt().',
  realm: 'It belongs into the second argument of requireJwt().',
  credentialsRequired: 'To let anonymous requests in, use optionalJwt() in place of requireJwt().',
  ignoreExpiration: '`exp` is always checked; for clocks that differ there is `clockTolerance`.',
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
    const remedy = remedyFor(name, known)
    throw new ConfigError(path, `${path} is not an option. ${remedy}The options are: ${known.join(', ')}.`)
  }
  return given
}

function remedyFor(name: string, known: readonly string[]): string {
  if (Object.hasOwn(explained, name)) return `${explained[name]} `
  // First the name that is known: `publicKeys` is near `publicKey`, and means a set.
  const meant = Object.hasOwn(otherNames, name) ? otherNames[name] : known.find((option) => isNear(option, name))
  return meant === undefined ? '' : `Did you mean \`${meant}\`? `
}

/**
 * A copy of an object's own members. What would be lost by copying is refused: entries of a Map, inherited members, getters
 * of a class. A polluted `Object.prototype` is not looked at.
 */
export function ownMembers(value: unknown, described: string): GivenOptions {
  // Node's request, `ctx` of Koa and a request of Fetch have all of these.
  if (typeof value === 'object' && value !== null && 'headers' in value && 'method' in value && 'url' in value) {
    const message =
      'A request was given in place of options: was it mounted without being called? Write app.use(requireJwt({ issuer, … })).'
    throw new ConfigError(described, message)
  }
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
  if (value === undefined)
    throw new ConfigError(option, `${option} is required, for instance ${example}. Is a setting missing?`)
  const list: readonly unknown[] = Array.isArray(value) ? [...value] : [value]
  if (list.length === 0)
    throw new ConfigError(option, `${option} is an empty list: give at least one, for instance ${example}.`)
  if (!list.every((one): one is string => typeof one === 'string' && one !== '')) {
    throw new ConfigError(option, `${option} must be a non-empty string or a list of these, for instance ${example}.`)
  }
  if (list.some((one) => one !== one.trim())) {
    throw new ConfigError(option, `${option} has white space at its begin or end: take it out.`)
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

/** For what takes no arguments: mounted without its parentheses, it would be given a request and answer nothing. */
export function refuseArguments(name: string, given: readonly unknown[]): void {
  if (given.length > 0)
    throw new ConfigError(name, `${name}() takes no arguments: write ${name}(), with the parentheses.`)
}
