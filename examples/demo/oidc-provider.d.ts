// The few parts of oidc-provider that the demo uses: it ships no types of its own.
declare module 'oidc-provider' {
  import type { JsonWebKey } from 'node:crypto'
  import type { RequestListener } from 'node:http'

  interface Client {
    readonly clientId: string
  }

  interface Token {
    readonly clientId: string
  }

  interface ResourceServerInfo {
    readonly scope: string
    readonly audience: string
    readonly accessTokenFormat: 'jwt' | 'opaque'
    readonly jwt: { readonly sign: { readonly alg: string } }
  }

  export interface Configuration {
    readonly jwks: { readonly keys: readonly JsonWebKey[] }
    readonly clients: readonly Readonly<Record<string, unknown>>[]
    readonly ttl: { readonly ClientCredentials: (context: unknown, token: Token, client: Client) => number }
    readonly extraTokenClaims: (context: unknown, token: Token) => Readonly<Record<string, unknown>>
    readonly features: {
      readonly devInteractions: { readonly enabled: boolean }
      readonly clientCredentials: { readonly enabled: boolean }
      readonly resourceIndicators: {
        readonly enabled: boolean
        readonly getResourceServerInfo: (context: unknown, resource: string, client: Client) => ResourceServerInfo
      }
    }
  }

  export const errors: { readonly InvalidTarget: new () => Error }

  export class Provider {
    constructor(issuer: string, configuration: Configuration)
    callback(): RequestListener
  }
}
