// requireJwt() and optionalJwt(): who sent this request?
import {
  createAuthenticator,
  type Authenticator,
  type AuthenticationOptions,
  type JwtVerifier,
  type JwtVerifierOptions,
} from '@jwtgate/core'
import { middleware, type KoaContext, type Middleware } from './middleware.ts'

/**
 * Lets only requests with a good token through; their {@link authOf} is set, and `ctx.state.auth` is the same.
 *
 * A refusal is thrown: 401 without or with a bad token, 400 for malformed credentials, 503 with `Retry-After` while the
 * keys cannot be had. `OPTIONS` is authenticated like any other method: mount CORS before.
 *
 * @param verifierOrOptions - a verifier made before, or the options to make one
 * @param options - the realm, and where the token is
 * @throws ConfigError at once, if an option is missing, unknown or unsafe
 * @example
 * app.use(requireJwt({ issuer: 'https://id.example.com', audience: 'https://api.example.com', algorithms: ['RS256'] }))
 */
export function requireJwt(
  verifierOrOptions: JwtVerifier | JwtVerifierOptions,
  options?: AuthenticationOptions,
): Middleware {
  return authentication(createAuthenticator(verifierOrOptions, options, 'refused'))
}

/**
 * Lets requests without a token through as anonymous ({@link optionalAuthOf} is `undefined`). A bad token, a second set of
 * credentials or an outage of the key source is refused as by {@link requireJwt}: who sends a token means it.
 *
 * @throws ConfigError at once, if an option is missing, unknown or unsafe
 */
export function optionalJwt(
  verifierOrOptions: JwtVerifier | JwtVerifierOptions,
  options?: AuthenticationOptions,
): Middleware {
  return authentication(createAuthenticator(verifierOrOptions, options, 'allowed'))
}

function authentication(authenticate: Authenticator): Middleware {
  return middleware(async (ctx: KoaContext, next) => {
    // Where everybody looks first. Guards and authOf() read their own, which no other middleware overwrites.
    Object.assign(ctx.state, { auth: undefined })
    Object.assign(ctx.state, { auth: await authenticate(ctx.req) })
    await next()
  })
}
