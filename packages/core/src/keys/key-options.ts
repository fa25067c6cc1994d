// Which source of keys the options name: exactly one, or none, which means discovery.
import type { Algorithm } from '../algorithms.ts'
import { ConfigError } from '../errors.ts'
import { booleanOption, boundedNumber, functionOption, givenOptions, type GivenOptions } from '../option-checks.ts'
import type { Clock, RemoteOptions } from '../options.ts'
import type { FetchFunction } from './fetch-json.ts'
import type { KeySource } from './key-source.ts'
import type { JwksAddress } from './jwks-location.ts'
import { remoteKeySource } from './remote-key-source.ts'
import { jwkSetKeySource, publicKeySource, secretKeySource } from './static.ts'
import { whyUnsafeUrl, type HttpAllowed } from './urls.ts'

export interface KeyContext {
  readonly issuers: readonly string[]
  readonly algorithms: readonly Algorithm[]
  readonly clock: Clock
}

const keyOptions = ['secret', 'publicKey', 'jwks', 'jwksUri'] as const

/** @throws ConfigError */
export function keySourceFrom(given: GivenOptions, context: KeyContext): KeySource {
  const chosen = keyOptions.filter((option) => given[option] !== undefined)
  const [option, other] = chosen
  if (other !== undefined) {
    throw new ConfigError(other, `Only one of ${chosen.join(' and ')} can say where the keys are: take the others out.`)
  }
  const missing = keyOptions.find((name) => name in given && given[name] === undefined)
  if (missing !== undefined) {
    throw new ConfigError(
      missing,
      `${missing} is undefined: is a setting missing?${missing === 'secret' ? '' : ' To find the keys by discovery, leave it out.'}`,
    )
  }
  checkFamily(option, context.algorithms)
  const isRemote = option === undefined || option === 'jwksUri'
  if (!isRemote && given.remote !== undefined) {
    throw new ConfigError('remote', `remote has no meaning together with ${option}: nothing is fetched. Take it out.`)
  }

  switch (option) {
    case 'secret':
      return secretKeySource(given[option], context.algorithms)
    case 'publicKey':
      return publicKeySource(given[option], context.algorithms)
    case 'jwks':
      return jwkSetKeySource(given[option], context.algorithms)
    default:
      return remoteKeys(given, context)
  }
}

/** A public key must never serve as a secret, nor a secret where a public key is meant (RFC 8725 section 3.1). */
function checkFamily(option: string | undefined, algorithms: readonly Algorithm[]): void {
  const isHmac = algorithms.some(({ kind }) => kind === 'hmac')
  if (isHmac && option !== 'secret') {
    throw new ConfigError(
      'secret',
      'secret is required for HS256, HS384 and HS512; for public keys choose an algorithm such as RS256.',
    )
  }
  if (!isHmac && option === 'secret') {
    throw new ConfigError(
      'secret',
      'secret is only for HS256, HS384 and HS512; for these algorithms give publicKey, jwks or jwksUri.',
    )
  }
}

function remoteKeys(given: GivenOptions, { issuers, algorithms, clock }: KeyContext): KeySource {
  const { allowInsecureHttp, ...remote } = resolveRemote(given.remote)
  const http: HttpAllowed = allowInsecureHttp ? 'always' : 'loopback'
  const address = given.jwksUri === undefined ? discoveryAddress(issuers, http) : jwksAddress(given.jwksUri, http)
  return remoteKeySource({ ...remote, http, address, clock }, algorithms)
}

function jwksAddress(jwksUri: unknown, http: HttpAllowed): JwksAddress {
  const unsafe = typeof jwksUri === 'string' ? whyUnsafeUrl(jwksUri, http) : 'it is not a string'
  if (typeof jwksUri === 'string' && unsafe === undefined) return { jwksUri }
  throw new ConfigError('jwksUri', `jwksUri is refused: ${unsafe}. For instance 'https://id.example.com/keys'.`)
}

function discoveryAddress(issuers: readonly string[], http: HttpAllowed): JwksAddress {
  const [issuer = ''] = issuers
  if (issuers.length > 1) {
    throw new ConfigError(
      'jwksUri',
      'jwksUri (or jwks, publicKey) is required where issuer is a list: which one would be asked for the keys?',
    )
  }
  const unsafe = whyUnsafeUrl(issuer, http) ?? (/[?#]/.test(issuer) ? 'it has a query or a fragment' : undefined)
  if (unsafe === undefined) return { issuer }
  const message = `issuer cannot be asked for its keys: ${unsafe}. Correct it, or say where the keys are with jwksUri, jwks or publicKey.`
  throw new ConfigError('issuer', message)
}

const remoteOptionNames: readonly (keyof RemoteOptions)[] = [
  'timeoutDuration',
  'cacheMaxAge',
  'maxStale',
  'maxResponseBytes',
  'headers',
  'fetch',
  'allowInsecureHttp',
]

function resolveRemote(
  value: unknown,
): Required<Omit<RemoteOptions, 'fetch'>> & { readonly fetch: FetchFunction | undefined } {
  const given: GivenOptions = value === undefined ? {} : givenOptions(value, remoteOptionNames, 'remote')
  const bounded = (option: keyof RemoteOptions, from: number, to: number, unit: string, preset: number): number =>
    boundedNumber(`remote.${option}`, given[option], { from, to, unit }, preset)
  return {
    timeoutDuration: bounded('timeoutDuration', 100, 60_000, 'milliseconds', 5_000),
    cacheMaxAge: bounded('cacheMaxAge', 30_000, 86_400_000, 'milliseconds', 600_000),
    maxStale: bounded('maxStale', 0, 2_592_000_000, 'milliseconds', 86_400_000),
    maxResponseBytes: bounded('maxResponseBytes', 1_024, 16_777_216, 'bytes', 1_048_576),
    headers: resolveHeaders(given.headers),
    fetch: functionOption<FetchFunction>('remote.fetch', given.fetch),
    allowInsecureHttp: booleanOption('remote.allowInsecureHttp', given.allowInsecureHttp),
  }
}

function resolveHeaders(value: unknown): Readonly<Record<string, string>> {
  try {
    // Headers itself refuses what is none.
    return { accept: 'application/json', ...Object.fromEntries(new Headers(value as Record<string, string>)) }
  } catch {
    // The platform's own message would quote the value, which may be a credential.
    throw new ConfigError(
      'remote.headers',
      'remote.headers must be an object of header names and values that HTTP allows.',
    )
  }
}
