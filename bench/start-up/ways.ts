// How libraries come to the keys of an issuer by themselves.

/** What there is to verify. */
export interface Order {
  readonly token: string
  readonly issuer: string
  readonly audience: string
  readonly jwksUri: string
}

/** Loads the library and gives what verifies. */
type Way = (order: Order) => Promise<() => Promise<unknown>>

export const ways: Readonly<Record<string, Way>> = {
  jwtgate: async ({ token, issuer, audience }) => {
    const { createJwtVerifier } = await import('@jwtgate/core')
    const verifier = createJwtVerifier({ issuer, audience, algorithms: ['RS256'] })
    return () => verifier.verify(token)
  },
  'jwtgate, fetch over node:http': async ({ token, issuer, audience }) => {
    const { createJwtVerifier } = await import('@jwtgate/core')
    const { fetchByNodeHttp } = await import('./node-http-fetch.ts')
    const remote = { fetch: fetchByNodeHttp }
    const verifier = createJwtVerifier({ issuer, audience, algorithms: ['RS256'], remote })
    return () => verifier.verify(token)
  },
  'jwtgate, jwksUri': async ({ token, issuer, audience, jwksUri }) => {
    const { createJwtVerifier } = await import('@jwtgate/core')
    const verifier = createJwtVerifier({ issuer, audience, algorithms: ['RS256'], jwksUri })
    return () => verifier.verify(token)
  },
  'jose, jwksUri': async ({ token, issuer, audience, jwksUri }) => {
    const { createRemoteJWKSet, jwtVerify } = await import('jose')
    const keys = createRemoteJWKSet(new URL(jwksUri))
    return () => jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256'] })
  },
  'jsonwebtoken + jwks-rsa, jwksUri': async ({ token, issuer, audience, jwksUri }) => {
    const { default: jsonwebtoken } = await import('jsonwebtoken')
    const { default: jwksRsa } = await import('jwks-rsa')
    const client = jwksRsa({ jwksUri })
    return async () => {
      const { kid } = jsonwebtoken.decode(token, { complete: true })?.header ?? {}
      const key = await client.getSigningKey(kid)
      return jsonwebtoken.verify(token, key.getPublicKey(), { issuer, audience, algorithms: ['RS256'] })
    }
  },
}
