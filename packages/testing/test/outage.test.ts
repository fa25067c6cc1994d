// outage(), recover(), respond() and the counts: what a client of the issuer sees, and what a verifier makes of it.
import { createJwtVerifier } from '@jwtgate/core'
import { createTestIssuer } from '@jwtgate/testing'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { codeOf, getJson } from './support.ts'

const issuer = await createTestIssuer({ algorithms: ['ES256'] })
const openId = '/.well-known/openid-configuration'
afterEach(() => issuer.recover())
afterAll(() => issuer.close())

describe('outage', () => {
  it('refuses connections, also on one that is open, until it is over', async () => {
    await getJson(issuer.jwksUri)
    await issuer.outage('refuse')
    const refused = expect.objectContaining({ cause: expect.objectContaining({ code: 'ECONNREFUSED' }) })
    await expect(fetch(issuer.jwksUri)).rejects.toEqual(refused)
    await expect(fetch(issuer.jwksUri)).rejects.toEqual(refused)
    await issuer.recover()
    expect(await getJson(issuer.jwksUri)).toEqual(issuer.jwks)
  })

  it('answers with a status: 503, or the one that is given', async () => {
    await issuer.outage('status')
    expect((await fetch(issuer.jwksUri)).status).toBe(503)
    await issuer.outage('status', 429)
    expect((await fetch(`${issuer.url}${openId}`)).status).toBe(429)
    await issuer.recover()
    expect((await fetch(issuer.jwksUri)).status).toBe(200)
  })

  it('does not answer, and answers all who wait when it is over', async () => {
    await issuer.outage('hang')
    const answers = [fetch(issuer.jwksUri), fetch(issuer.jwksUri)]
    await arrivals(2)
    await expect(fetch(issuer.jwksUri, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    await issuer.recover()
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200])
  })

  it('can turn from one kind into any other', async () => {
    for (const kind of ['hang', 'refuse', 'status', 'refuse', 'refuse', 'hang', 'status'] as const) {
      await issuer.outage(kind)
    }
    expect((await fetch(issuer.jwksUri)).status).toBe(503)
    await issuer.outage('hang')
    const waiting = fetch(issuer.jwksUri)
    await arrivals(1)
    await issuer.outage('status', 500)
    expect((await waiting).status).toBe(500)
  })

  it.each(['refuse', 'status'] as const)('makes a verifier without keys answer 503 (%s)', async (kind) => {
    await issuer.outage(kind)
    const verifier = createJwtVerifier(issuer.options)
    expect(await codeOf(verifier.verify(issuer.sign()))).toBe('discovery_failed')
    await issuer.recover()
    issuer.clock.advance(5)
    await verifier.verify(issuer.sign())
  })

  it('makes a verifier with a deadline answer 503 (hang)', async () => {
    await issuer.outage('hang')
    const verifier = createJwtVerifier({ ...issuer.options, remote: { timeoutDuration: 100 } })
    expect(await codeOf(verifier.verify(issuer.sign()))).toBe('discovery_failed')
  })

  it('leaves a verifier with the keys that it knows', async () => {
    const verifier = createJwtVerifier(issuer.options)
    await verifier.verify(issuer.sign())
    await issuer.outage('refuse')
    issuer.clock.advance(3600)
    expect((await verifier.verify(issuer.sign())).claims.sub).toBe('alice')
  })
})

describe('respond', () => {
  afterEach(() => issuer.respond('/jwks', undefined))

  it('scripts an answer, until it is taken back', async () => {
    issuer.respond('/jwks', (_request, response) => void response.end('{"keys":[]}'))
    expect(await getJson(`${issuer.jwksUri}?a=b`)).toEqual({ keys: [] })
    issuer.respond('/jwks', undefined)
    expect(await getJson(issuer.jwksUri)).toEqual(issuer.jwks)
  })

  it('adds a path, and takes it away', async () => {
    const status = async (): Promise<number> => (await fetch(`${issuer.url}/userinfo`)).status
    expect(await status()).toBe(404)
    issuer.respond(
      '/userinfo',
      (request, response) => void response.writeHead(request.method === 'GET' ? 200 : 405).end(),
    )
    expect(await status()).toBe(200)
    issuer.respond('/userinfo', undefined)
    expect(await status()).toBe(404)
  })

  it('gives way to an outage', async () => {
    issuer.respond('/jwks', (_request, response) => void response.end('{"keys":[]}'))
    await issuer.outage('status', 500)
    expect((await fetch(issuer.jwksUri)).status).toBe(500)
    await issuer.recover()
    expect(await getJson(issuer.jwksUri)).toEqual({ keys: [] })
  })

  it('can leave the metadata to RFC 8414 alone', async () => {
    issuer.respond(openId, (_request, response) => void response.writeHead(404).end())
    issuer.resetFetches()
    await createJwtVerifier(issuer.options).verify(issuer.sign())
    issuer.respond(openId, undefined)
    expect(issuer.fetches).toEqual({ metadata: 2, jwks: 1 })
  })
})

describe('fetches', () => {
  it('counts the requests for each document, whatever is answered', async () => {
    issuer.resetFetches()
    expect(issuer.fetches).toEqual({ metadata: 0, jwks: 0 })
    const verifier = createJwtVerifier(issuer.options)
    await Promise.all(Array.from({ length: 100 }, () => verifier.verify(issuer.sign())))
    expect(issuer.fetches).toEqual({ metadata: 1, jwks: 1 })
    await issuer.outage('status')
    await fetch(issuer.jwksUri)
    expect(issuer.fetches).toEqual({ metadata: 1, jwks: 2 })
    issuer.resetFetches()
    expect(issuer.fetches).toEqual({ metadata: 0, jwks: 0 })
  })
})

describe('jwksHeaders', () => {
  it('are sent with the key set, and change when a verifier fetches it again', async () => {
    issuer.jwksHeaders['cache-control'] = 'max-age=60'
    expect((await fetch(issuer.jwksUri)).headers.get('cache-control')).toBe('max-age=60')
    expect((await fetch(`${issuer.url}${openId}`)).headers.get('cache-control')).toBeNull()

    const verifier = createJwtVerifier(issuer.options)
    await verifier.verify(issuer.sign())
    issuer.resetFetches()
    issuer.clock.advance(120)
    await verifier.verify(issuer.sign())
    expect(issuer.fetches.jwks).toBe(1)
    delete issuer.jwksHeaders['cache-control']
  })
})

/** Resolves once so many requests for the key set have come since it was called. */
async function arrivals(count: number): Promise<void> {
  issuer.resetFetches()
  while (issuer.fetches.jwks < count) await new Promise((resolve) => setTimeout(resolve, 1))
}
