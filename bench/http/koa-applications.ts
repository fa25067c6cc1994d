// The route on Koa: bare, and guarded by each library.
import { authOf, requireJwt } from '@jwtgate/koa'
import jwksRsa from 'jwks-rsa'
import Koa, { type Context, type Middleware } from 'koa'
import koaJwt from 'koa-jwt'
import { listen } from './listen.ts'
import { nobody, type Start } from './settings.ts'
import { signatureCheck } from './signature-only.ts'

export const bare: Start = () => start([], () => nobody)

export const signatureOnly: Start = ({ publicKey }) => {
  const check = signatureCheck(publicKey)
  const guard: Middleware = (ctx, next) => {
    check(ctx.headers.authorization)
    return next()
  }
  return start([guard], () => nobody)
}

export const jwtgate: Start = ({ issuer, audience, jwksUri }) =>
  start([requireJwt({ issuer, audience, jwksUri, algorithms: ['RS256'] })], (ctx) => authOf(ctx).claims.sub)

export const koaJwtWithJwksRsa: Start = ({ issuer, audience, jwksUri }) => {
  const secret = jwksRsa.koaJwtSecret({ cache: true, rateLimit: true, jwksRequestsPerMinute: 5, jwksUri })
  const guard = koaJwt({ secret, issuer, audience, algorithms: ['RS256'] })
  return start([guard], (ctx) => (ctx.state['user'] as { readonly sub: string }).sub)
}

function start(guards: readonly Middleware[], subjectOf: (ctx: Context) => string | undefined): Promise<string> {
  const app = new Koa()
  app.silent = true // Else it prints each refusal.
  for (const guard of guards) app.use(guard)
  app.use((ctx) => {
    ctx.body = { sub: subjectOf(ctx) }
  })
  // oxlint-disable-next-line typescript/no-misused-promises -- the promise is Koa's own affair
  return listen(app.callback())
}
