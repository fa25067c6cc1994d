// What JwtGateModule can be told, checked.
import {
  ConfigError,
  createJwtVerifier,
  fromBearer,
  fromOneOf,
  type AuthenticationOptions,
  type JwtVerifier,
  type JwtVerifierOptions,
  type TokenSource,
} from '@jwtgate/core'
import type { FactoryProvider, ModuleMetadata } from '@nestjs/common'

/** The verifier of all that `@UseVerifier()` names no other for. */
export const defaultVerifier = 'default'

/** How tokens are verified, by options or by verifiers made before; and where they are. */
export type JwtGateOptions = OneVerifierByOptions | OneVerifier | SeveralVerifiers

/** The options of the one verifier itself, all as of `createJwtVerifier()`. */
export type OneVerifierByOptions = JwtVerifierOptions & AuthenticationOptions & NotBoth<'verifier' | 'verifiers'>

/** One verifier. */
export interface OneVerifier extends AuthenticationOptions, NotBoth<'verifiers'> {
  /** Made before, or the options to make it. */
  readonly verifier: JwtVerifier | JwtVerifierOptions
}

/** Several verifiers, by the names that `@UseVerifier()` takes. */
export interface SeveralVerifiers extends AuthenticationOptions, NotBoth<'verifier'> {
  /** Made before, or the options to make them. `default` is for all that `@UseVerifier()` names no other for. */
  readonly verifiers: Readonly<Record<string, JwtVerifier | JwtVerifierOptions>>
}

/** One way to say it excludes the others. */
type NotBoth<Name extends string> = { readonly [Other in Name]?: never }

/** Whom the module protects. */
export interface JwtGateModuleFlags {
  /** Whether modules that do not import it can use its guards. Default: as `guardAllRoutes`. */
  readonly isGlobal?: boolean
  /** Whether every route, resolver and message needs a token, unless it is `@Public()`. Default `false`. */
  readonly guardAllRoutes?: boolean
}

/** For `JwtGateModule.forRootAsync()`. */
export interface JwtGateAsyncOptions extends JwtGateModuleFlags, Pick<ModuleMetadata, 'imports'> {
  /** What the factory is given, for instance `[ConfigService]`. */
  readonly inject?: FactoryProvider['inject']
  /** Gives the options, or a promise of them, once what it is given is ready. */
  // Its arguments are what `inject` names: NestJS knows their types no better.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly useFactory: (...injected: any[]) => JwtGateOptions | Promise<JwtGateOptions>
}

/** What `forRoot()` was given, apart. */
export interface GivenToModule {
  readonly flags: Required<JwtGateModuleFlags>
  readonly options: JwtGateOptions
}

/** @throws ConfigError for flags that are none */
export function splitFlags(given: JwtGateOptions & JwtGateModuleFlags): GivenToModule {
  const { isGlobal: _isGlobal, guardAllRoutes: _guardAllRoutes, ...options } = object(given, 'forRoot')
  return { flags: flagsOf(given), options } // Without the flags it is still what it was.
}

/** @throws ConfigError for what is none of its options: a misspelt flag would leave an application open */
export function checkAsyncOptions(given: JwtGateAsyncOptions): Required<JwtGateModuleFlags> {
  const known = ['imports', 'inject', 'useFactory', 'isGlobal', 'guardAllRoutes']
  const stray = Object.keys(object(given, 'forRootAsync')).find((name) => !known.includes(name))
  if (stray !== undefined) {
    const message = `${stray} is not an option of forRootAsync(): what says how tokens are verified is given by useFactory. The options are: ${known.join(', ')}.`
    throw new ConfigError(stray, message)
  }
  if (typeof given.useFactory === 'function') return flagsOf(given)
  throw new ConfigError('useFactory', 'useFactory must be a function that gives { issuer, audience, algorithms }.')
}

function flagsOf({
  guardAllRoutes = false,
  isGlobal = guardAllRoutes,
}: JwtGateModuleFlags): Required<JwtGateModuleFlags> {
  const flags = { guardAllRoutes, isGlobal }
  for (const [name, flag] of Object.entries(flags)) {
    if (typeof flag !== 'boolean') throw new ConfigError(name, `${name} must be true or false.`)
  }
  return flags
}

/** What a gate is made of. */
export interface GateParts {
  readonly verifiers: ReadonlyMap<string, JwtVerifier | JwtVerifierOptions>
  readonly authentication: AuthenticationOptions
  /** Of its `tokenFrom`: the one place, whatever it is made of. */
  readonly tokenFrom: TokenSource
}

/** @throws ConfigError */
export function partsOf(given: JwtGateOptions): GateParts {
  const { realm, tokenFrom, ...rest } = object(given, 'useFactory')
  for (const flag of ['guardAllRoutes', 'isGlobal']) {
    // Too late to be heeded, and the application would stand open.
    if (flag in rest) throw new ConfigError(flag, `${flag} stands beside useFactory, not in what the factory gives.`)
  }
  const authentication = {
    ...(realm === undefined ? {} : { realm }),
    ...(tokenFrom === undefined ? {} : { tokenFrom }),
  }
  return { verifiers: verifiersOf(rest), authentication, tokenFrom: fromOneOf([tokenFrom ?? fromBearer()].flat()) }
}

function verifiersOf(options: object): GateParts['verifiers'] {
  const way = ['verifier', 'verifiers'].find((name) => name in options)
  // Whether they are good ones is the verifier's business.
  if (way === undefined) return new Map([[defaultVerifier, verifierOf(options as JwtVerifierOptions)]])
  const stray = Object.keys(options).find((name) => name !== way)
  if (stray !== undefined) throw new ConfigError(stray, `${stray} stands beside ${way}: give one or the other.`)
  const { verifier, verifiers } = options as { readonly verifier?: unknown; readonly verifiers?: unknown }
  if (way === 'verifier') return new Map([[defaultVerifier, verifierAt('verifier', verifier)]])
  const isNamed = typeof verifiers === 'object' && verifiers !== null && !Array.isArray(verifiers)
  const named = isNamed ? Object.entries(verifiers) : []
  if (named.length > 0) return new Map(named.map(([name, one]) => [name, verifierAt(`verifiers.${name}`, one)]))
  throw new ConfigError('verifiers', 'verifiers must name at least one: { default: { issuer, audience, algorithms } }.')
}

/** Its options stand among those of the module: a name that is none of both may be meant for either. */
function verifierOf(options: JwtVerifierOptions): JwtVerifier {
  try {
    return createJwtVerifier(options)
  } catch (error) {
    if (!(error instanceof ConfigError) || !error.message.startsWith(`${error.option} is not an option`)) throw error
    const own = ['realm', 'tokenFrom', 'isGlobal', 'guardAllRoutes', 'verifier', 'verifiers'].join(', ')
    throw new ConfigError(error.option, `${error.message} Those of the module: ${own}.`)
  }
}

/** Whether it is a good one is the verifier's business. */
function verifierAt(option: string, given: unknown): JwtVerifier | JwtVerifierOptions {
  if (typeof given === 'object' && given !== null) return given as JwtVerifier | JwtVerifierOptions
  throw new ConfigError(option, `${option} must be a verifier, or the options to make one.`)
}

function object<Given>(given: Given, taker: string): Given {
  if (typeof given === 'object' && given !== null) return given
  const message = `JwtGateModule has no options: ${taker} must ${taker === 'useFactory' ? 'give' : 'be given'} an object.`
  throw new ConfigError('options', message)
}
