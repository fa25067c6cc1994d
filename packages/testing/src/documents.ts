// What an issuer serves, and where.
import type { AlgorithmName } from '@jwtgate/core'
import type { Responder } from './loopback-server.ts'

export interface DocumentPaths {
  readonly openId: string
  readonly oauth: string
  readonly jwks: string
  /** Not the issuer's: the key set that `bad.linkedJwks()` links to, so that whoever follows the link would be fooled. */
  readonly attackerJwks: string
}

/**
 * OpenID Connect Discovery 1.0 section 4.1 puts its name behind the issuer's path, RFC 8414 section 3.1 before it.
 *
 * @throws TypeError if it is no path of a URL
 */
export function documentPaths(path: string): DocumentPaths {
  if (!/^(?:\/[\w.~-]*)*$/.test(path)) throw new TypeError("path must be like '/realms/test', '/' or empty.")
  const base = path.replace(/\/$/, '')
  return {
    openId: `${base}/.well-known/openid-configuration`,
    oauth: `/.well-known/oauth-authorization-server${base}`,
    jwks: `${base}/jwks`,
    attackerJwks: `${base}/attacker/jwks`,
  }
}

/** What both standards require, except for endpoints that are not here. */
export function metadataOf(issuer: string, jwksUri: string, algorithms: readonly AlgorithmName[]): object {
  return {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: algorithms,
  }
}

/** Answers with what the document holds at that time. */
export function jsonResponder(content: () => object, headers: Readonly<Record<string, string>> = {}): Responder {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content()))
  }
}
