// Opt-in: gives `req.auth` its type in the whole program. Not the default, since other libraries claim that name too.
import type { Auth } from '@jwtgate/core'

declare global {
  namespace Express {
    interface Request {
      /** Set by `requireJwt()`; `undefined` behind `optionalJwt()` for an anonymous request. */
      readonly auth?: Auth
    }
  }
}
