// The public surface of @jwtgate/nestjs, with what an application needs from the core.
export { ConfigError, createJwtVerifier, isJwtGateError } from '@jwtgate/core'
