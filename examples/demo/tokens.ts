// Gets access tokens from the provider's token endpoint, as any client would (RFC 6749 section 4.4, RFC 8707).
import type { JsonWebKey } from 'node:crypto'
import { ordersAudience, type ClientId } from './clients.ts'
import { isObject, parseObject, stringOf, type JsonObject } from './json.ts'

export interface TokenSource {
  readonly token: (clientId: ClientId, audience?: string) => Promise<string>
  /** The key of that name in the key set that the provider publishes. */
  readonly publicKey: (kid: string) => Promise<JsonWebKey>
}

export function createTokenSource(issuer: () => string, clientSecret: string): TokenSource {
  const endpoint = async (name: string): Promise<string> =>
    stringOf(await getJson(`${issuer()}/.well-known/openid-configuration`), name)

  return {
    async token(clientId, audience = ordersAudience) {
      const answer = await getJson(await endpoint('token_endpoint'), {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
      })
      return stringOf(answer, 'access_token')
    },
    async publicKey(kid) {
      const { keys } = await getJson(await endpoint('jwks_uri'))
      const key: unknown = Array.isArray(keys) ? keys.find((one) => isObject(one) && one['kid'] === kid) : undefined
      if (!isObject(key)) throw new Error(`the provider publishes no key ${kid}`)
      return key
    },
  }
}

async function getJson(url: string, init: RequestInit = {}): Promise<JsonObject> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`)
  return parseObject(text)
}
