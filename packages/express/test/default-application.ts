// A default Express application that is sent refused tokens; tells its parent the answers. Run by default-error-handler.test.ts.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { requireJwt } from '@jwtgate/express'
import type { Express } from 'express'
import { goodClaims, mint, partsOf } from '../../../test/support/mint.ts'
import { testOptions } from '../../../test/support/verifiers.ts'

const [module = 'express', count = '300'] = process.argv.slice(2)
const { default: express } = (await import(module)) as { default: () => Express }

const app = express()
app.use(requireJwt(testOptions()))
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

const [header, , signature] = partsOf(mint())
const forged = Buffer.from(JSON.stringify(goodClaims({ sub: 'canary' }))).toString('base64url')
const tokens = [mint({ exp: 1, email: 'canary' }), `${header}.${forged}.${signature}`]

const answers = []
for (let index = 0; index < Number(count); index++) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${tokens[index % tokens.length]}` } })
  const challenge = response.headers.get('www-authenticate')
  answers.push({ status: response.status, challenge, body: await response.text() })
}
process.send?.(answers, () => {
  server.close()
  server.closeAllConnections()
  process.disconnect()
})
