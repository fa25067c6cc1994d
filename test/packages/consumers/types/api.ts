// An API with every package. Compiled as an ES module and as CommonJS, never run.
import '@jwtgate/express/augment'
import { ConfigError, createJwtVerifier, isJwtGateError, type Auth, type JwtVerifier } from '@jwtgate/core'
import * as forExpress from '@jwtgate/express'
import * as forKoa from '@jwtgate/koa'
import { createTestIssuer, type TestIssuer } from '@jwtgate/testing'
import express, { type Application } from 'express'
import Koa from 'koa'

export const verifier: JwtVerifier = createJwtVerifier({
  issuer: 'https://id.example.com',
  audience: 'https://api.example.com',
  algorithms: ['RS256'],
})

export const api: Application = express()
api.use(forExpress.requireJwt(verifier), forExpress.jwtErrorHandler())
api.get('/orders/:id', forExpress.requirePermission('read'), (req, res) => {
  const id: string = req.params.id
  const auth: Auth | undefined = req.auth
  // @ts-expect-error: not any, so the declarations were found
  const number: number = forExpress.authOf(req).claims.sub
  res.json({ id, auth, number })
})

export const koaApi = new Koa()
koaApi.use(forKoa.jwtErrorHandler())
koaApi.use(forKoa.requireJwt(verifier))
koaApi.use((ctx) => {
  // @ts-expect-error: not any, so the declarations were found
  const number: number = forKoa.authOf(ctx).claims.sub
  ctx.body = number
})

export async function issue(): Promise<string> {
  const issuer: TestIssuer = await createTestIssuer()
  // @ts-expect-error: not any, so the declarations were found
  const number: number = issuer.sign()
  return `${number}`
}

export function isOurs(error: unknown): boolean {
  return error instanceof ConfigError || error instanceof forKoa.ConfigError || isJwtGateError(error, 'token_expired')
}

// @ts-expect-error: a misspelt option
createJwtVerifier({ isuer: 'https://id.example.com', audience: null, algorithms: ['RS256'] })
