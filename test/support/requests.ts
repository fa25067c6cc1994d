// Requests as a framework hands them over, and what becomes of them at a guard.
import {
  createAuthenticator,
  isJwtGateError,
  type JwtGateError,
  type JwtVerifierOptions,
  type RequestLike,
  type TokenSource,
} from '@jwtgate/core'
import { mint, type Claims } from './mint.ts'
import { testVerifier } from './verifiers.ts'

/** A request with this `Authorization` field, or with none. */
export function requestWith(authorization?: string): RequestLike {
  return authorization === undefined
    ? { headers: {}, rawHeaders: [] }
    : { headers: { authorization }, rawHeaders: ['Authorization', authorization] }
}

/** A request that authentication let in, with a token of these claims. */
export async function authenticatedRequest(
  claims: Claims = {},
  options: Partial<JwtVerifierOptions> = {},
): Promise<RequestLike> {
  const request = requestWith(`Bearer ${mint(claims)}`)
  await createAuthenticator(testVerifier(options))(request)
  return request
}

/** What a guard of an adapter runs: given the request and, for functions, what they see of it. */
export type Guard = (request: RequestLike, seen: RequestLike) => unknown

/** The refusal of a request by a guard; `undefined` if it may pass. */
export async function refusalAt(guard: Guard, request: RequestLike): Promise<JwtGateError | undefined> {
  try {
    await guard(request, request)
    return undefined
  } catch (error) {
    if (isJwtGateError(error)) return error
    throw error
  }
}

/** `passed`, or the code with which a guard refuses the request. */
export async function passageOf(guard: Guard, request: RequestLike): Promise<string> {
  return (await refusalAt(guard, request))?.code ?? 'passed'
}

/** The token that a source finds, `no token`, or the code with which it refuses the request. */
export function tokenOr(source: TokenSource, request: RequestLike): string {
  try {
    return source(request) ?? 'no token'
  } catch (error) {
    if (isJwtGateError(error)) return error.code
    throw error
  }
}
