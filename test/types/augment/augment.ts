// With the augmentation `req.auth` has its type in the whole program; so this is one of its own. Compiled, never run.
import '@jwtgate/express/augment'
import { createJwtVerifier, type Auth } from '@jwtgate/core'
import { requireJwt } from '@jwtgate/express'
import { createTestIssuer } from '@jwtgate/testing'
import type { Application } from 'express'

declare const app: Application
const verifier = createJwtVerifier({ issuer: 'https://id.example.com', audience: 'orders', algorithms: ['RS256'] })

app.get('/users/:id', requireJwt(verifier), (req, res) => {
  const auth: Auth | undefined = req.auth
  const sub: string | undefined = req.auth?.claims.sub
  const id: string = req.params.id
  // @ts-expect-error: nobody says that requireJwt() ran before
  void req.auth.claims
  // @ts-expect-error: only jwtgate writes it
  req.auth = undefined
  // @ts-expect-error: not any
  const number: number = req.auth
  res.json({ auth, sub, id, number })
})

export const issuer = createTestIssuer()
