// Keys through a proxy, as the README shows it: undici's ProxyAgent behind the option `remote.fetch`.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { createJwtVerifier } from '@jwtgate/core'
import { fetch, ProxyAgent } from 'undici'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startKeyServer, type KeyServer } from '../support/key-server.ts'
import { jwkOf, keyFor } from '../support/keys.ts'
import { audience, issuer, mint } from '../support/mint.ts'
import { refusalOf, TestClock } from '../support/verifiers.ts'

/** A name that only the proxy can reach. */
const jwksUri = 'http://id.example.invalid/jwks'
const token = mint({}, { header: { kid: 'k1' } })

let keyServer: KeyServer
let proxy: Server
let tunnels: string[]
let dispatcher: ProxyAgent

beforeEach(async () => {
  keyServer = await startKeyServer([jwkOf(keyFor('ES256'), { kid: 'k1' })])
  tunnels = []
  proxy = createServer().on('connect', ({ url = '' }, client) => {
    tunnels.push(url)
    const target = connect(Number(new URL(keyServer.origin).port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    target.on('error', () => client.destroy())
    client.on('error', () => target.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  dispatcher = new ProxyAgent(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
})

afterEach(async () => {
  await dispatcher.destroy()
  proxy.close()
  await keyServer.close()
})

const options = { issuer, audience, algorithms: ['ES256'], jwksUri } as const

it('fetches the keys through the proxy', async () => {
  const verifier = createJwtVerifier({
    ...options,
    clock: new TestClock(),
    remote: { allowInsecureHttp: true, fetch: (url, init) => fetch(url, { ...init, dispatcher }) },
  })
  expect((await verifier.verify(token)).claims.sub).toBe('alice')
  expect(tunnels).toEqual(['id.example.invalid:80'])
  expect(keyServer.fetches()).toBe(1)
})

it('finds nothing without it', async () => {
  const verifier = createJwtVerifier({ ...options, clock: new TestClock(), remote: { allowInsecureHttp: true } })
  expect((await refusalOf(verifier.verify(token))).code).toBe('keys_unavailable')
})
