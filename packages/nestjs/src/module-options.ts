// What JwtGateModule can be told, and a JwtGate out of it.
import {
  ConfigError,
  fromBearer,
  fromOneOf,
  type AuthenticationOptions,
  type JwtVerifier,
  type JwtVerifierOptions,
} from '@jwtgate/core'
import type { FactoryProvider, ModuleMetadata } from '@nestjs/common'
import { defaultVerifier, JwtGate } from './jwt-gate.ts'

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

/** @throws ConfigError */
export function createGate(options: JwtGateOptions): JwtGate {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError('options', 'JwtGateModule needs its options: { issuer, audience, algorithms }.')
  }
  refuseFlags(options)
  const { realm, tokenFrom, ...rest } = options
  const authentication = {
    ...(realm === undefined ? {} : { realm }),
    ...(tokenFrom === undefined ? {} : { tokenFrom }),
  }
  const gate = new JwtGate(verifiersOf(rest), authentication, fromOneOf([tokenFrom ?? fromBearer()].flat()))
  return gate
}

/** In what a factory gives, they come too late to be heeded, and an application would stand open. */
function refuseFlags(options: object): void {
  for (const flag of ['guardAllRoutes', 'isGlobal']) {
    if (flag in options) throw new ConfigError(flag, `${flag} stands beside useFactory, not in what the factory gives.`)
  }
}

type Verifiers = ReadonlyMap<string, JwtVerifier | JwtVerifierOptions>

function verifiersOf(options: Omit<JwtGateOptions, 'realm' | 'tokenFrom'>): Verifiers {
  const { verifier, verifiers, ...others } = options as {
    readonly verifier?: JwtVerifier | JwtVerifierOptions
    readonly verifiers?: Readonly<Record<string, JwtVerifier | JwtVerifierOptions>>
  }
  const [stray] = Object.keys(others)
  if (verifier === undefined && verifiers === undefined) {
    // What is left are the options of one verifier, which looks at each of them.
    return new Map([[defaultVerifier, others as JwtVerifierOptions]])
  }
  if (stray !== undefined || (verifier !== undefined && verifiers !== undefined)) {
    const name = stray ?? 'verifiers'
    const message = `${name} stands beside ${verifier === undefined ? 'verifiers' : 'verifier'}: give one or the other.`
    throw new ConfigError(name, message)
  }
  if (verifier !== undefined) return new Map([[defaultVerifier, verifier]])
  const named = Object.entries(verifiers ?? {})
  if (named.length > 0) return new Map(named)
  throw new ConfigError('verifiers', 'verifiers needs at least one: { default: { issuer, audience, algorithms } }.')
}
