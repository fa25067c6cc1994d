// @Public(), @OptionalJwt(), @UseVerifier(): who has to authenticate at a route, and by which verifier.
import { ConfigError } from '@jwtgate/core'
import { marking, type ClassOrMethodDecorator } from './marking.ts'

/**
 * Nobody has to authenticate here: a token is not even looked at. With `guardAllRoutes`, or at a method of a guarded class.
 *
 * @throws ConfigError at start-up, together with a rule or a guard of ours at the same place, or with a rule at the class
 */
export function Public(): ClassOrMethodDecorator {
  return marking({ kind: 'public', written: '@Public()' })
}

/**
 * Lets calls without a token in as anonymous, for whom `@CurrentAuth()` is `undefined`; a bad token is refused. Brings
 * `JwtAuthGuard` with it.
 */
export function OptionalJwt(): ClassOrMethodDecorator {
  return marking({ kind: 'optional', written: '@OptionalJwt()' })
}

/**
 * The verifier of this class or method, of those that the module was given as `verifiers`; a method goes before its class.
 * Brings `JwtAuthGuard` with it.
 *
 * @throws ConfigError at start-up, if there is no verifier of this name
 * @example @UseVerifier('admin')
 */
export function UseVerifier(name: string): ClassOrMethodDecorator {
  if (typeof name !== 'string')
    throw new ConfigError('verifiers', "@UseVerifier() takes a name: @UseVerifier('admin').")
  return marking({ kind: 'verifier', written: `@UseVerifier('${name}')`, name })
}
