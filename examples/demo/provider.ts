// The OpenID provider of the demo: a process of its own, which its parent starts, tells to rotate its keys, and stops.
import type { JsonWebKey } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { errors, Provider, type Configuration } from 'oidc-provider'
import { billingAudience, clients, ordersAudience, type Client } from './clients.ts'
import type { ProviderCommand, ProviderReport } from './provider-messages.ts'

let clientSecret = ''
let answer: RequestListener = (_req, res) => res.writeHead(503).end()
const server = createServer((req, res) => answer(req, res))

process.on('message', (command: ProviderCommand) => {
  if (command.do === 'rotate') return use(command.keys, 'rotate')
  clientSecret = command.clientSecret
  server.listen(command.port, '127.0.0.1', () => use(command.keys, 'start'))
})

// Without its parent nobody would ever stop it.
process.once('disconnect', () => process.exit())

// oidc-provider reads its keys once, at creation: new keys are a new instance behind the same port.
function use(keys: readonly JsonWebKey[], done: ProviderCommand['do']): void {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The provider is not listening yet.')
  answer = new Provider(`http://127.0.0.1:${address.port}`, configuration(keys)).callback()
  const report: ProviderReport = { done, port: address.port }
  process.send?.(report)
}

function configuration(keys: readonly JsonWebKey[]): Configuration {
  return {
    jwks: { keys },
    clients: Object.keys(clients).map((clientId) => ({
      client_id: clientId,
      client_secret: clientSecret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    ttl: { ClientCredentials: (_context, _token, client) => clientOf(client.clientId).lifetime },
    extraTokenClaims: (_context, token) => ({ permissions: clientOf(token.clientId).permissions }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // A resource server makes the access token a JWT (RFC 9068) with that audience, instead of an opaque one.
        getResourceServerInfo(_context, resource, client) {
          if (resource !== ordersAudience && resource !== billingAudience) throw new errors.InvalidTarget()
          const { alg } = clientOf(client.clientId)
          return { scope: '', audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg } } }
        },
      },
    },
  }
}

function clientOf(clientId: string): Client {
  const client = Object.entries(clients).find(([id]) => id === clientId)?.[1]
  if (!client) throw new Error(`The demo has no client ${clientId}.`)
  return client
}
