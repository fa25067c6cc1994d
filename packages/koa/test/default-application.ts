// A default Koa application without jwtErrorHandler(); tells its parent the answers. Run by default-rendering.test.ts.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { requireJwt, requirePermission } from '@jwtgate/koa'
import type Koa from 'koa'
import { goodClaims, mint, partsOf } from '../../../test/support/mint.ts'
import { testOptions } from '../../../test/support/verifiers.ts'

const [module = 'koa', what = 'refusals'] = process.argv.slice(2)
const { default: Application } = (await import(module)) as { default: typeof Koa }

const [header, , signature] = partsOf(mint())
const forged = Buffer.from(JSON.stringify(goodClaims({ sub: 'canary' }))).toString('base64url')
const good = `Bearer ${mint({ email: 'canary' })}`
const nowhere = 'http://127.0.0.1:1/jwks' // nothing listens on that port

const app = new Application()
if (what === 'outage') app.use(requireJwt(testOptions({ jwksUri: nowhere })))
else if (what !== 'setup') app.use(requireJwt(testOptions()))
app.use(requirePermission('delete'))
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

const refused = [
  `Bearer ${mint({ exp: 1, email: 'canary' })}`,
  `Bearer ${header}.${forged}.${signature}`,
  'Bearer',
  good,
]
const sent = what === 'refusals' ? Array.from({ length: 25 }, () => refused).flat() : [good, good]

const answers = []
for (const authorization of sent) {
  const response = await fetch(url, { headers: { authorization } })
  const { status, headers } = response
  answers.push({
    status,
    challenge: headers.get('www-authenticate'),
    retryAfter: headers.get('retry-after'),
    type: headers.get('content-type'),
    text: await response.text(),
  })
}
process.send?.(answers, () => {
  server.close()
  server.closeAllConnections()
  process.disconnect()
})
