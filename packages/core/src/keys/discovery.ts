// Issuer -> URL of its key set, by OpenID Connect Discovery 1.0 section 4 and, where there is none, RFC 8414 section 3.
import { isJsonObject } from '../strict-json.ts'
import { FetchError, type GetJson } from './fetch-json.ts'
import { whyUnsafeUrl, type HttpAllowed } from './urls.ts'

/**
 * @param http - where plain http is accepted, if the issuer itself uses it
 * @throws FetchError also for metadata that cannot be trusted
 */
export async function discoverJwksUri(issuer: string, http: HttpAllowed, getJson: GetJson): Promise<string> {
  const metadata = await getMetadata(issuer, getJson)
  if (!isJsonObject(metadata)) throw new FetchError('the metadata is not a JSON object')

  // Another issuer's metadata would bring another issuer's keys (RFC 8414 section 3.3).
  const named = Object.hasOwn(metadata, 'issuer') ? metadata.issuer : undefined
  if (named !== issuer) {
    const isNear = typeof named === 'string' && withoutTrailingSlash(named) === withoutTrailingSlash(issuer)
    const how = isNear ? 'they differ by a slash at the end only' : 'write what the metadata at this URL says'
    throw new FetchError(`the metadata names another \`issuer\` than the option: ${how}`)
  }
  const jwksUri = Object.hasOwn(metadata, 'jwks_uri') ? metadata.jwks_uri : undefined
  if (typeof jwksUri !== 'string') throw new FetchError('the metadata has no `jwks_uri`')

  // A document on https must not send us to http, nor one from outside to a port of this machine.
  const unsafe = whyUnsafeUrl(jwksUri, new URL(issuer).protocol === 'http:' ? http : 'never')
  if (unsafe !== undefined) throw new FetchError(`the \`jwks_uri\` of the metadata is refused: ${unsafe}`)
  return jwksUri
}

async function getMetadata(issuer: string, getJson: GetJson): Promise<unknown> {
  try {
    return (await getJson(openIdMetadataUrl(issuer))).value
  } catch (error) {
    if (!(error instanceof FetchError) || error.status !== 404) throw error
    return (await getJson(oauthMetadataUrl(issuer))).value
  }
}

/** The suffix goes behind the issuer's path (OpenID Connect Discovery 1.0 section 4.1). */
export function openIdMetadataUrl(issuer: string): string {
  return `${withoutTrailingSlash(issuer)}/.well-known/openid-configuration`
}

/** The suffix goes between host and path (RFC 8414 section 3.1). */
function oauthMetadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/oauth-authorization-server${withoutTrailingSlash(pathname)}`
}

function withoutTrailingSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text
}
