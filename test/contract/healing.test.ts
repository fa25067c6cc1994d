// An outage ends: from then on the same requests pass, without a restart.
import { createTestIssuer } from '@jwtgate/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { exchange, parseAnswer, requestText, valuesOf, type RawAnswer } from '../support/raw-http.ts'
import { authorization } from './case.ts'
import { frameworks } from './frameworks.ts'
import { startServer, type RunningServer } from './servers.ts'

describe.each(frameworks)('on $name', ({ listener }) => {
  let server: RunningServer | undefined
  afterEach(async () => server?.close())

  it.each(['required', 'optional'] as const)('503 while the provider is down, then 200: %s', async (authentication) => {
    const issuer = await createTestIssuer({ algorithms: ['ES256'] })
    const { port } = (server = await startServer(
      listener({ authentication, verifier: issuer.options, problems: true }),
    ))
    const token = issuer.sign()
    const ask = async (): Promise<RawAnswer> =>
      parseAnswer(await exchange(port, requestText('GET', '/me', [authorization(token)])))

    await issuer.outage('refuse')
    const refused = await ask()
    expect([refused.status, valuesOf(refused.lines, 'retry-after')]).toEqual([503, ['1']])
    await issuer.recover()
    issuer.clock.advance(Number(valuesOf(refused.lines, 'retry-after')[0]))
    expect((await ask()).status).toBe(200)

    // Known keys outlast the next one.
    await issuer.outage('refuse')
    issuer.clock.advance(1_800)
    expect((await ask()).status).toBe(200)
    await issuer.close()
  })

  it('a token that is revoked counts no more from the next request on', async () => {
    const issuer = await createTestIssuer({ algorithms: ['ES256'] })
    const revoked = new Set<unknown>()
    const verifier = {
      ...issuer.options,
      isRevoked: ({ claims }: { claims: { jti?: string } }) => revoked.has(claims.jti),
    }
    const { port } = (server = await startServer(listener({ authentication: 'required', verifier, problems: true })))
    const ask = async (token: string): Promise<number> =>
      parseAnswer(await exchange(port, requestText('GET', '/me', [authorization(token)]))).status

    const [mine, other] = [issuer.sign({ jti: 'mine' }), issuer.sign({ jti: 'other' })]
    expect(await ask(mine)).toBe(200)
    revoked.add('mine')
    expect([await ask(mine), await ask(other)]).toEqual([401, 200])
    await issuer.close()
  })
})
