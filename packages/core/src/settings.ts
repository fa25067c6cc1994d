// Options -> settings of a verifier: its issuers, by what `iss` can be, and what they share.
import { ConfigError } from './errors.ts'
import { anyOfRules, type HeaderRules } from './header.ts'
import { issuerOptionNames, resolveIssuer, type IssuerSettings } from './issuer-settings.ts'
import { boundedNumber, functionOption, givenOptions, type GivenOptions } from './option-checks.ts'
import type { Clock, IssuerOptions, JwtVerifierOptions, SharedOptions } from './options.ts'
import type { RevocationCheck } from './revocation.ts'
import type { TokenCacheLimits } from './token-cache.ts'

/** The options after all checks. Its header rules are what any of the issuers accepts. */
export interface VerifierSettings extends HeaderRules {
  /** By each spelling of `iss`: one look-up, however many there are. */
  readonly issuers: ReadonlyMap<string, IssuerSettings>
  readonly maxTokenLength: number
  readonly clock: Clock
  readonly isRevoked: RevocationCheck | undefined
  /** `undefined`: none. */
  readonly tokenCache: TokenCacheLimits | undefined
}

const sharedOptionNames: Readonly<Record<keyof SharedOptions, null>> = {
  isRevoked: null,
  maxTokenLength: null,
  tokenCache: null,
  clock: null,
}

const issuerNames = Object.keys(issuerOptionNames)
const sharedNames = Object.keys(sharedOptionNames)

/** @throws ConfigError */
export function resolveOptions(
  options: JwtVerifierOptions | readonly IssuerOptions[],
  shared: SharedOptions | undefined,
): VerifierSettings {
  if (Array.isArray(options))
    return resolveSeveral(options, givenOptions(shared === undefined ? {} : shared, sharedNames))
  if (shared !== undefined) {
    throw new ConfigError(
      'options',
      'A second argument is only for a list of issuers: write all options into the first.',
    )
  }
  const given = givenOptions(options, [...issuerNames, ...sharedNames])
  return resolveVerifier(given, (clock) => [resolveIssuer(given, clock)])
}

function resolveSeveral(list: readonly unknown[], shared: GivenOptions): VerifierSettings {
  if (list.length === 0) throw new ConfigError('options', 'The list of issuers is empty: give at least one.')
  return resolveVerifier(shared, (clock) => [...list].map((options, index) => resolveOneOf(options, index, clock)))
}

/** What is wrong with one issuer of a list says which. */
function resolveOneOf(options: unknown, index: number, clock: Clock): IssuerSettings {
  try {
    return resolveIssuer(givenOptions(options, issuerNames), clock)
  } catch (error) {
    if (error instanceof ConfigError)
      throw new ConfigError(`[${index}].${error.option}`, `[${index}]: ${error.message}`)
    throw error
  }
}

function resolveVerifier(
  shared: GivenOptions,
  resolveIssuers: (clock: Clock) => readonly IssuerSettings[],
): VerifierSettings {
  const clock = resolveClock(shared.clock)
  const issuers = resolveIssuers(clock)
  return Object.freeze({
    ...anyOfRules(issuers),
    issuers: byName(issuers),
    maxTokenLength: boundedNumber('maxTokenLength', shared.maxTokenLength, maxTokenLengthBounds, 16_384),
    clock,
    isRevoked: functionOption<RevocationCheck>('isRevoked', shared.isRevoked),
    tokenCache: shared.tokenCache === false ? undefined : resolveTokenCache(shared.tokenCache),
  })
}

function resolveTokenCache(value: unknown): TokenCacheLimits {
  if (value === true)
    throw new ConfigError('tokenCache', 'tokenCache is on by itself: leave it out, or give its limits.')
  const { max, maxBytes } = value === undefined ? {} : givenOptions(value, ['max', 'maxBytes'], 'tokenCache')
  return {
    max: Math.floor(boundedNumber('tokenCache.max', max, cachedTokensBounds, 10_000)),
    maxBytes: Math.floor(boundedNumber('tokenCache.maxBytes', maxBytes, cachedBytesBounds, 33_554_432)),
  }
}

const cachedTokensBounds = { from: 1, to: 1_000_000, unit: 'tokens' }
const cachedBytesBounds = { from: 65_536, to: 1_073_741_824, unit: 'bytes' }
const mostIssuers = 10_000
const maxTokenLengthBounds = { from: 256, to: 1_048_576, unit: 'characters' }

function byName(issuers: readonly IssuerSettings[]): ReadonlyMap<string, IssuerSettings> {
  const map = new Map<string, IssuerSettings>()
  for (const settings of issuers) {
    for (const name of new Set(settings.issuers)) {
      if (map.has(name)) throw new ConfigError('issuer', `issuer names ${name} twice: whose options would count?`)
      map.set(name, settings)
    }
  }
  if (map.size <= mostIssuers) return map
  throw new ConfigError(
    'issuer',
    `issuer: a verifier can have ${mostIssuers} issuers, spellings included, and no more.`,
  )
}

/** One for each that is given: key sets are shared only under the same clock. */
const clocks = new WeakMap<object, Clock>()
const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }

function resolveClock(value: unknown): Clock {
  if (value === undefined) return systemClock
  const given: Partial<Clock> = typeof value === 'object' && value !== null ? value : {}
  functionOption('clock.now', given.now)
  functionOption('clock.elapsed', given.elapsed)
  if (given.now === undefined && given.elapsed === undefined) {
    throw new ConfigError(
      'clock',
      'clock must be an object with now(), elapsed() or both, for instance { now: Date.now }.',
    )
  }
  const clock = clocks.get(given) ?? checkedClock(given)
  clocks.set(given, clock)
  return clock
}

/** Calls through the object that was given: a clock may be an instance, and a test may replace Date.now later. */
function checkedClock(given: Partial<Clock>): Clock {
  return {
    now: () => finite('clock.now', given.now === undefined ? Date.now() : given.now()),
    elapsed: () => finite('clock.elapsed', given.elapsed === undefined ? performance.now() : given.elapsed()),
  }
}

/** A clock that says nonsense would make every comparison false, and some of them say that a token is too old. */
function finite(option: string, time: unknown): number {
  if (typeof time === 'number' && Number.isFinite(time)) return time
  throw new ConfigError(option, `${option}() must return milliseconds, a finite number.`)
}
