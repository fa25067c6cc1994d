// The route on Express: bare, and guarded by each library.
import { authOf, requireJwt } from '@jwtgate/express'
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express'
import { expressjwt } from 'express-jwt'
import { auth } from 'express-oauth2-jwt-bearer'
import jwksRsa from 'jwks-rsa'
import { listen } from './listen.ts'
import { nobody, type Start } from './settings.ts'
import { signatureCheck } from './signature-only.ts'

export const bare: Start = () => start([], () => nobody)

export const signatureOnly: Start = ({ publicKey }) => {
  const check = signatureCheck(publicKey)
  const guard: RequestHandler = (req, _res, next) => {
    check(req.headers.authorization)
    next()
  }
  return start([guard], () => nobody)
}

export const jwtgate: Start = ({ issuer, audience, jwksUri }) =>
  start([requireJwt({ issuer, audience, jwksUri, algorithms: ['RS256'] })], (req) => authOf(req).claims.sub)

export const expressJwt: Start = ({ issuer, audience, jwksUri }) => {
  // As in the documentation of jwks-rsa.
  const secret = jwksRsa.expressJwtSecret({ cache: true, rateLimit: true, jwksRequestsPerMinute: 5, jwksUri })
  const guard = expressjwt({ secret, issuer, audience, algorithms: ['RS256'] })
  return start([guard], ({ auth }: Request & { auth?: { sub?: string } }) => auth?.sub)
}

export const oauth2JwtBearer: Start = ({ issuer, audience, jwksUri }) => {
  const guard = auth({ issuer, audience, jwksUri, tokenSigningAlg: 'RS256' })
  return start([guard], ({ auth }) => auth?.payload.sub)
}

function start(guards: readonly RequestHandler[], subjectOf: (req: Request) => string | undefined): Promise<string> {
  const app = express()
  app.get('/orders', ...guards, (req, res) => {
    res.json({ sub: subjectOf(req) })
  })
  app.use(withoutPage)
  return listen(app)
}

const withoutPage: ErrorRequestHandler = ({ status = 500 }: { status?: number }, _req, res, _next) => {
  res.status(status).end()
}
