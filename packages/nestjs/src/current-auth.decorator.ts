// @CurrentAuth() and @CurrentClaims(): who sent this call, as a parameter of its handler.
import type { Auth } from '@jwtgate/core'
import { createParamDecorator, type ExecutionContext, type PipeTransform, type Type } from '@nestjs/common'
import { authOf, optionalAuthOf } from './auth-of.ts'
import { protectionIn } from './protection.ts'

/** A pipe that the value goes through. */
type Pipe = Type<PipeTransform> | PipeTransform

/**
 * The verified token of this call: `Auth`, or `AuthOf<typeof schema>`. Behind `@OptionalJwt()` it is `undefined` for an
 * anonymous call; where nobody authenticated the call, the answer is 500 (`authentication_not_run`).
 *
 * @example me(@CurrentAuth() auth: Auth) { return auth.permissions }
 */
export const CurrentAuth: (...pipes: Pipe[]) => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext) => authIn(context),
)

/**
 * A claim of the verified token, `undefined` if it has none of this name; or all claims.
 *
 * @example me(@CurrentClaims('sub') sub: string) { return { sub } }
 */
export const CurrentClaims: (nameOrPipe?: string | Pipe, ...pipes: Pipe[]) => ParameterDecorator = createParamDecorator(
  (name: string | undefined, context: ExecutionContext) => {
    const claims: Readonly<Record<string, unknown>> | undefined = authIn(context)?.claims
    if (name === undefined || claims === undefined) return claims
    return Object.hasOwn(claims, name) ? claims[name] : undefined
  },
)

function authIn(context: ExecutionContext): Auth | undefined {
  const { isOptional } = protectionIn(context)
  return isOptional ? optionalAuthOf(context) : authOf(context)
}
