// Nothing of a key set keeps a process alive: neither warm keys nor a fetch that hangs.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runModule } from '../../../test/support/child-process.ts'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { audience, issuer, mint } from '../../../test/support/mint.ts'
import { hang } from '../../../test/support/provider-faults.ts'

let server: KeyServer

beforeEach(async () => {
  server = await startKeyServer([jwkOf(keyFor('ES256'), { kid: 'k1' })])
})

afterEach(() => server.close())

/** Makes `verifier`, which accepts `token`. */
const prelude = `
  import { createServer } from 'node:http'
  import { createJwtVerifier } from '@jwtgate/core'
  const { token, ...options } = input
  const verifier = createJwtVerifier({ algorithms: ['ES256'], ...options })
  process.on('unhandledRejection', (reason) => console.log('unhandled', reason))
  `

function input(remote: Readonly<Record<string, number>> = {}): unknown {
  const claims = { nbf: 0, iat: 0, exp: 9_999_999_999 }
  return { issuer, audience, jwksUri: server.jwksUri, remote, token: mint(claims, { header: { kid: 'k1' } }) }
}

describe('a process', () => {
  it('with warm keys ends at once', async () => {
    const run = await runModule(`${prelude} console.log((await verifier.verify(token)).claims.sub)`, input())
    expect(run).toMatchObject({ exitCode: 0, stdout: 'alice\n', stderr: '' })
    expect(run.milliseconds).toBeLessThan(3_000) // The start of the process is in it, the keep-alive of a socket is not.
  })

  it('with a fetch that hangs ends when its deadline is over, and its request is refused first', async () => {
    server.on('/jwks', hang)
    const program = `${prelude} verifier.verify(token).catch(({ code }) => console.log(code))`
    const run = await runModule(program, input({ timeoutDuration: 300 }))
    expect(run).toMatchObject({ exitCode: 0, stdout: 'keys_unavailable\n', stderr: '' })
  })

  it('with a refresh that hangs in the background ends when its deadline is over, although nobody waits', async () => {
    const program = `${prelude}
      let elapsed = 0
      const aging = createJwtVerifier({ algorithms: ['ES256'], ...options, clock: { elapsed: () => elapsed } })
      await aging.verify(token)
      await fetch(options.jwksUri.replace('/jwks', '/now-hang'))
      elapsed = 480_000
      console.log((await aging.verify(token)).claims.sub)`
    server.on('/now-hang', (_request, response) => {
      server.on('/jwks', hang)
      response.end()
    })
    const run = await runModule(program, input({ timeoutDuration: 500 }))
    expect(run).toMatchObject({ exitCode: 0, stdout: 'alice\n', stderr: '' })
    expect(run.milliseconds).toBeLessThan(4_000)
    expect(server.fetches()).toBe(2)
  })

  it('with a remote.fetch that never settles ends at once, since no timer of ours keeps it alive', async () => {
    const program = `${prelude}
      const stuck = createJwtVerifier({ algorithms: ['ES256'], ...options, remote: { fetch: () => new Promise(() => {}) } })
      stuck.verify(token)`
    const run = await runModule(program, input())
    expect(run).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    expect(run.milliseconds).toBeLessThan(3_000)
  })

  it('with a request that waits for a refresh which never settles ends at once, since no timer of ours keeps it alive', async () => {
    const program = `${prelude}
      let [elapsed, get] = [0, fetch]
      const aging = createJwtVerifier({
        algorithms: ['ES256'],
        ...options,
        clock: { elapsed: () => elapsed },
        remote: { fetch: (...given) => get(...given) },
      })
      await aging.verify(token)
      elapsed = 3_600_000
      get = () => new Promise(() => {})
      aging.verify(token).then(() => console.log('waited'))`
    expect(await runModule(program, input())).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
  })

  it('with warm keys ends at once, also where the 404 of OpenID before RFC 8414 has a body without an end', async () => {
    const { origin } = server
    server.on('/.well-known/openid-configuration', (_request, response) => void response.writeHead(404).write('<'))
    const metadata = JSON.stringify({ issuer: origin, jwks_uri: server.jwksUri })
    server.on('/.well-known/oauth-authorization-server', answer(metadata))
    const program = `${prelude}
      const discovering = createJwtVerifier({ algorithms: ['ES256'], issuer: input.jwksUri.replace('/jwks', ''), audience: input.audience })
      await discovering.ready()`
    const run = await runModule(program, input())
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.milliseconds).toBeLessThan(3_000)
  })

  it('ends after server.close() while a fetch hangs', async () => {
    server.on('/jwks', hang)
    const program = `${prelude}
      const api = createServer((_request, response) => response.end()).listen(0, '127.0.0.1', () => {
        verifier.verify(token).catch(() => {})
        api.close()
      })`
    const run = await runModule(program, input({ timeoutDuration: 300 }))
    expect(run).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    expect(run.milliseconds).toBeLessThan(3_000)
  })
}, 12_000)
