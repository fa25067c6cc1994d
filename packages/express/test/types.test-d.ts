// Type tests: compiled by `pnpm types`, never run.
import express from 'express'
import { anyOf, authOf, permission, requireAccess, requirePermission, role } from '@jwtgate/express'
const app = express()
app.delete('/users/:id', requirePermission('delete'), (req, res) => {
  const id: string = req.params.id
  const sub: string | undefined = authOf(req).claims.sub
  res.json({ id, sub })
  // @ts-expect-error: not a parameter of this route
  void req.params.nope
})
app.put(
  '/users/:id',
  requireAccess((auth, req) => auth.claims.sub === req.params.id),
  (req, res) => {
    const id: string = req.params.id
    res.json({ id })
  },
)
app.use(requireAccess(anyOf(permission('a'), role('b'))))
