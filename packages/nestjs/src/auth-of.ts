// authOf(): the verified token of a call, typed.
import {
  createAuthReader,
  findAuth,
  type Auth,
  type AuthOf as AuthReader,
  type ClaimsSchema,
  type ClaimsWith,
  type JwtVerifier,
} from '@jwtgate/core'
import type { ExecutionContext } from '@nestjs/common'
import { exceptionOf } from './refusals.ts'
import { subjectOf } from './subjects.ts'

/**
 * The type of an `Auth` whose claims a schema or a verifier made.
 *
 * @example me(@CurrentAuth() auth: AuthOf<typeof schema>) { return auth.claims.tenant }
 */
export type AuthOf<Maker extends ClaimsSchema | JwtVerifier> =
  Maker extends JwtVerifier<infer Claims>
    ? Auth<Claims>
    : Maker extends ClaimsSchema<infer Output>
      ? Auth<ClaimsWith<Output>>
      : never

const read = createAuthReader(subjectOf)

/**
 * The verified token of this call, for interceptors, pipes and guards of the application. With a verifier or a schema as the
 * second argument, its claims have the type that these give them.
 *
 * @throws HttpException of status 500 (`authentication_not_run`) if no {@link JwtAuthGuard} ran before, if the call is
 *   anonymous, or if another verifier or schema made the claims
 * @example authOf(context).claims.sub
 */
export const authOf: AuthReader<ExecutionContext> = (context: ExecutionContext, ...madeBy: readonly unknown[]) => {
  try {
    return read(context, ...(madeBy as [])) // As many as were given: which of its signatures it is, the caller's types say.
  } catch (error) {
    throw exceptionOf(error, context)
  }
}

/** The same behind `@OptionalJwt()`: `undefined` for an anonymous call. */
export function optionalAuthOf(context: ExecutionContext): Auth | undefined {
  return findAuth(subjectOf(context))
}
