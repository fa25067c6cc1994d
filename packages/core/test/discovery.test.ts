// From an issuer to the URL of its keys: which documents are asked for, what is believed, and how it heals.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { discoverJwksUri } from '../src/keys/discovery.ts'
import { FetchError, type GetJson } from '../src/keys/fetch-json.ts'
import { JwksLocation } from '../src/keys/jwks-location.ts'
import { answer, startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { withPolluted } from '../../../test/support/pollution.ts'
import { hang } from '../../../test/support/provider-faults.ts'
import { recordEvents, type RecordedEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier } from '../../../test/support/remote-verifier.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { refusalOf } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const keyJwk = jwkOf(keyFor('ES256'), { kid: 'k1' })
const openId = '/.well-known/openid-configuration'
const oauth = '/.well-known/oauth-authorization-server'

let server: KeyServer
let events: RecordedEvents

beforeEach(async () => {
  server = await startKeyServer([keyJwk])
  events = recordEvents()
})

afterEach(async () => {
  events.stop()
  await server.close()
})

function tokenOf(issuer: string): string {
  return mint({ iss: issuer }, { header: { kid: 'k1' } })
}

function metadataOf(issuer: string, changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ issuer, jwks_uri: server.jwksUri, ...changes })
}

/** The documents that were asked for, in order. */
function asked(): readonly string[] {
  return [...server.counts.keys()]
}

describe('the metadata', () => {
  it.each([
    { path: '', document: openId },
    { path: '/', document: openId },
    { path: '/tenant', document: `/tenant${openId}` },
    { path: '/tenant/', document: `/tenant${openId}` },
    { path: '/a/b', document: `/a/b${openId}` },
  ])('of an issuer with the path "$path" is OpenID Connect\'s, at $document', async ({ path, document }) => {
    const issuer = server.origin + path
    server.on(document, answer(metadataOf(issuer)))
    const { verifier } = remoteVerifier({ issuer })
    expect((await verifier.verify(tokenOf(issuer))).claims.iss).toBe(issuer)
    expect(asked()).toEqual([document, '/jwks'])
  })

  it.each([
    { path: '', openIdDocument: openId, document: oauth },
    { path: '/', openIdDocument: openId, document: oauth },
    { path: '/tenant', openIdDocument: `/tenant${openId}`, document: `${oauth}/tenant` },
    { path: '/tenant/', openIdDocument: `/tenant${openId}`, document: `${oauth}/tenant` },
    { path: '/a/b', openIdDocument: `/a/b${openId}`, document: `${oauth}/a/b` },
  ])(
    'of an issuer with the path "$path" is RFC 8414\'s on 404, at $document',
    async ({ path, openIdDocument, document }) => {
      const issuer = server.origin + path
      server.on(openIdDocument, answer('', {}, 404))
      server.on(document, answer(metadataOf(issuer)))
      const { verifier } = remoteVerifier({ issuer })
      expect((await verifier.verify(tokenOf(issuer))).claims.iss).toBe(issuer)
      expect(asked()).toEqual([openIdDocument, document, '/jwks'])
    },
  )

  it.each([400, 401, 403, 500, 502, 503, 301, 302])('is not looked for elsewhere on %d', async (status) => {
    server.on(openId, answer('', { location: `${server.origin}${oauth}` }, status))
    server.on(oauth, answer(metadataOf(server.origin)))
    const { verifier } = remoteVerifier({ issuer: server.origin })
    expect((await refusalOf(verifier.verify(tokenOf(server.origin)))).code).toBe('discovery_failed')
    expect(asked()).toEqual([openId])
  })

  it('may have any content type', async () => {
    server.on(openId, answer(metadataOf(server.origin), { 'content-type': 'text/plain' }))
    const { verifier } = remoteVerifier({ issuer: server.origin })
    await expect(verifier.ready()).resolves.toBeUndefined()
  })

  it('is not asked for again while the keys can be fetched, but once a day', async () => {
    const { verifier, clock } = remoteVerifier({ issuer: server.origin })
    const token = mint({ iss: server.origin }, { header: { kid: 'k1' } })
    const hour = 3_600_000
    for (clock.milliseconds = 0; clock.milliseconds < 49 * hour; clock.milliseconds += hour)
      await verifier.verify(token)
    expect(server.fetches()).toBe(49)
    expect(server.counts.get(openId)).toBeGreaterThanOrEqual(2)
    expect(server.counts.get(openId)).toBeLessThanOrEqual(3)
  })

  it.each([
    ['fails', answer('', {}, 500)],
    ['hangs', hang],
  ])('is not missed where it %s after that day: what is known of it goes on', async (_what, respond) => {
    const { verifier, clock } = remoteVerifier({ issuer: server.origin, remote: { timeoutDuration: 200 } })
    const token = mint({ iss: server.origin }, { header: { kid: 'k1' } })
    await verifier.verify(token)
    server.on(openId, respond)
    const events = recordEvents()
    try {
      for (const [wait, next] of [
        [25 * 3_600_000, 'jwtgate:keys.refresh_failed'],
        [1_000, 'jwtgate:keys.loaded'],
      ] as const) {
        clock.milliseconds += wait
        const told = events.next(next)
        await verifier.verify(token).catch(() => {})
        await told
      }
      expect(events.on('jwtgate:keys.refresh_failed')).toMatchObject([{ code: 'discovery_failed' }])
      expect((await verifier.verify(token)).claims.sub).toBe('alice')
    } finally {
      events.stop()
    }
  })
})

describe('metadata that is refused', () => {
  interface Case {
    readonly name: string
    readonly body: () => string
  }
  const cases: readonly Case[] = [
    { name: 'of another issuer', body: () => metadataOf('https://evil.example.com') },
    { name: 'of the issuer with a slash at the end', body: () => metadataOf(`${server.origin}/`) },
    { name: 'of the issuer in another case', body: () => metadataOf(server.origin.replace('http', 'HTTP')) },
    { name: 'without issuer', body: () => JSON.stringify({ jwks_uri: server.jwksUri }) },
    { name: 'with a list of issuers', body: () => metadataOf(server.origin, { issuer: [server.origin] }) },
    { name: 'without jwks_uri', body: () => JSON.stringify({ issuer: server.origin }) },
    { name: 'with a number for jwks_uri', body: () => metadataOf(server.origin, { jwks_uri: 42 }) },
    { name: 'with null for jwks_uri', body: () => metadataOf(server.origin, { jwks_uri: null }) },
    { name: 'with a list for jwks_uri', body: () => metadataOf(server.origin, { jwks_uri: [server.jwksUri] }) },
    { name: 'with a relative jwks_uri', body: () => metadataOf(server.origin, { jwks_uri: '/jwks' }) },
    { name: 'with an empty jwks_uri', body: () => metadataOf(server.origin, { jwks_uri: '' }) },
    { name: 'with a file for jwks_uri', body: () => metadataOf(server.origin, { jwks_uri: 'file:///etc/passwd' }) },
    { name: 'with data for jwks_uri', body: () => metadataOf(server.origin, { jwks_uri: 'data:,{"keys":[]}' }) },
    {
      name: 'with plain http outside of this machine for jwks_uri',
      body: () => metadataOf(server.origin, { jwks_uri: 'http://keys.example.com/jwks' }),
    },
    {
      name: 'with credentials in jwks_uri',
      body: () => metadataOf(server.origin, { jwks_uri: server.jwksUri.replace('//', '//user:hush@') }),
    },
    { name: 'as an array', body: () => `[${metadataOf(server.origin)}]` },
    { name: 'as null', body: () => 'null' },
    { name: 'as text', body: () => '"metadata"' },
    { name: 'as HTML', body: () => '<!doctype html>' },
    { name: 'of more than 1 MiB', body: () => metadataOf(server.origin, { padding: 'x'.repeat(1_048_576) }) },
  ]

  it.each(cases)('$name gives discovery_failed, 503, and no key is fetched', async ({ body }) => {
    server.on(openId, answer(body()))
    const { verifier } = remoteVerifier({ issuer: server.origin })
    const refusal = await refusalOf(verifier.verify(tokenOf(server.origin)))
    expect(refusal).toMatchObject({ name: 'KeySourceError', code: 'discovery_failed', status: 503, expose: false })
    expect(refusal.headers).toEqual({ 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) })
    expect(asked()).toEqual([openId])
    expect(events.on('jwtgate:keys.refresh_failed')).toMatchObject([
      { url: server.origin + openId, code: 'discovery_failed', keys: 0 },
    ])
  })

  it('quotes nothing of itself', async () => {
    server.on(openId, answer(metadataOf('https://canary.example.com', { jwks_uri: 'http://canary.example.com/' })))
    const { verifier } = remoteVerifier({ issuer: server.origin })
    const refusal = await refusalOf(verifier.verify(tokenOf(server.origin)))
    expect(`${refusal.message} ${refusal.hint} ${JSON.stringify(events.all())}`).not.toContain('canary')
  })
})

describe('discovery that fails', () => {
  it('because the provider hangs ends at the deadline', async () => {
    server.on(openId, hang)
    const { verifier } = remoteVerifier({ issuer: server.origin, remote: { timeoutDuration: 100 } })
    const refusal = await refusalOf(verifier.verify(tokenOf(server.origin)))
    expect(refusal).toMatchObject({ code: 'discovery_failed', hint: expect.stringContaining('100 ms') })
  })

  it('because the provider is down heals when it is back', async () => {
    const { origin } = server
    await server.close()
    const { verifier, clock } = remoteVerifier({ issuer: origin })
    expect((await refusalOf(verifier.verify(tokenOf(origin)))).code).toBe('discovery_failed')

    server = await startKeyServer([keyJwk], Number(new URL(origin).port))
    clock.milliseconds += 1_000
    expect((await verifier.verify(tokenOf(origin))).claims.iss).toBe(origin)
  })

  it('is asked for once a second at most', async () => {
    server.on(openId, answer('', {}, 500))
    const { verifier, clock, begun } = remoteVerifier({ issuer: server.origin })
    for (; clock.milliseconds < 20_000; clock.milliseconds += 50) {
      expect((await refusalOf(verifier.verify(tokenOf(server.origin)))).code).toBe('discovery_failed')
    }
    expect(begun()).toBeLessThanOrEqual(20)
    expect(begun()).toBeGreaterThanOrEqual(6)
  })

  it('while known keys are in use leaves them in use', async () => {
    const { verifier, clock } = remoteVerifier({ issuer: server.origin })
    const token = tokenOf(server.origin)
    await verifier.verify(token)
    server.on('/jwks', answer('', {}, 500))
    server.on(openId, answer('', {}, 500))
    clock.milliseconds = 480_000
    for (const code of ['keys_unavailable', 'discovery_failed']) {
      const failed = events.next('jwtgate:keys.refresh_failed')
      expect((await verifier.verify(token)).claims.sub).toBe('alice')
      expect(await failed).toMatchObject({ code, keys: 1 })
      clock.milliseconds += 1_000
    }
  })
})

describe('keys that cannot be fetched from where the metadata says', () => {
  it('are told with their URL, in the event and in the hint', async () => {
    server.on('/jwks', answer('', {}, 500))
    const { verifier } = remoteVerifier({ issuer: server.origin })
    const refusal = await refusalOf(verifier.verify(tokenOf(server.origin)))
    expect(refusal).toMatchObject({ code: 'keys_unavailable', hint: expect.stringContaining(`${server.jwksUri}: `) })
    expect(events.on('jwtgate:keys.refresh_failed')).toMatchObject([{ url: server.jwksUri }])
  })
})

describe('a jwks_uri that moved', () => {
  it('is found after one failed fetch, and the known keys go on meanwhile', async () => {
    const { verifier, clock } = remoteVerifier({ issuer: server.origin })
    const token = tokenOf(server.origin)
    await verifier.verify(token)

    server.on('/jwks', answer('', {}, 404))
    server.on('/new-jwks', answer(JSON.stringify({ keys: [keyJwk] })))
    server.on(openId, answer(metadataOf(server.origin, { jwks_uri: `${server.origin}/new-jwks` })))
    clock.milliseconds = 480_000
    const failed = events.next('jwtgate:keys.refresh_failed')
    await verifier.verify(token)
    await failed

    clock.milliseconds += 1_000
    const loaded = events.next('jwtgate:keys.loaded')
    await verifier.verify(token)
    expect(await loaded).toMatchObject({ url: `${server.origin}/new-jwks`, keys: 1 })
  })

  it('is found also where the old place answers with something else', async () => {
    const { verifier, clock } = remoteVerifier({ issuer: server.origin })
    server.on('/jwks', answer('{"moved":true}'))
    expect((await refusalOf(verifier.verify(tokenOf(server.origin)))).code).toBe('keys_invalid')

    server.on('/new-jwks', answer(JSON.stringify({ keys: [keyJwk] })))
    server.on(openId, answer(metadataOf(server.origin, { jwks_uri: `${server.origin}/new-jwks` })))
    clock.milliseconds += 1_000
    expect((await verifier.verify(tokenOf(server.origin))).claims.sub).toBe('alice')
  })
})

describe('discoverJwksUri()', () => {
  /** Gets documents by their URL; all else is 404. */
  function from(documents: Readonly<Record<string, unknown>>): GetJson {
    return async (url) => {
      if (!Object.hasOwn(documents, url)) throw new FetchError('the answer has the status 404', 404)
      return { value: documents[url], headers: new Headers() }
    }
  }

  function discovered(issuer: string, jwksUri: string): Promise<string> {
    return discoverJwksUri(issuer, 'loopback', from({ [`${issuer}${openId}`]: { issuer, jwks_uri: jwksUri } }))
  }

  const https = 'https://id.example.com'
  const loopback = 'http://127.0.0.1:9000'

  it.each([
    { issuer: https, jwksUri: 'https://id.example.com/jwks' },
    { issuer: https, jwksUri: 'https://keys.example.net/v1/certs?tenant=a' },
    { issuer: `${https}:8443`, jwksUri: 'https://id.example.com:9443/jwks' },
    { issuer: loopback, jwksUri: 'http://127.0.0.1:9001/jwks' },
    { issuer: loopback, jwksUri: 'http://localhost:9000/jwks' },
    { issuer: 'http://[::1]:9000', jwksUri: 'http://[::1]:9000/jwks' },
    { issuer: loopback, jwksUri: 'https://keys.example.net/jwks' },
  ])('finds $jwksUri of $issuer', async ({ issuer, jwksUri }) => {
    expect(await discovered(issuer, jwksUri)).toBe(jwksUri)
  })

  it.each([
    { issuer: https, jwksUri: 'http://id.example.com/jwks' },
    { issuer: https, jwksUri: 'http://127.0.0.1/jwks' },
    { issuer: https, jwksUri: 'http://localhost:8080/admin' },
    { issuer: https, jwksUri: 'http://[::1]/jwks' },
    { issuer: https, jwksUri: 'http://169.254.169.254/latest/meta-data' },
    { issuer: loopback, jwksUri: 'http://169.254.169.254/latest/meta-data' },
    { issuer: loopback, jwksUri: 'http://id.example.com/jwks' },
    { issuer: https, jwksUri: 'https://user:hush@id.example.com/jwks' },
    { issuer: https, jwksUri: 'ftp://id.example.com/jwks' },
    { issuer: https, jwksUri: 'javascript:alert(1)' },
    { issuer: https, jwksUri: 'id.example.com/jwks' },
  ])('refuses $jwksUri of $issuer', async ({ issuer, jwksUri }) => {
    await expect(discovered(issuer, jwksUri)).rejects.toThrow(FetchError)
  })

  const otherIssuer = 'the metadata names another `issuer` than the option: '
  const writeIt = `${otherIssuer}write what the metadata at this URL says`
  const nearly = `${otherIssuer}they differ by a slash at the end only`
  const refused = 'the `jwks_uri` of the metadata is refused: '
  const onTheWay = `${refused}whoever is on the way of a plain http answer could replace the keys: use https`
  const noJwksUri = 'the metadata has no `jwks_uri`'
  const noObject = 'the metadata is not a JSON object'
  const evil = 'https://evil.example.com'

  it.each<[string, unknown, string]>([
    ['null', null, noObject],
    ['a text', 'metadata', noObject],
    ['a list', [{ issuer: https, jwks_uri: `${https}/jwks` }], noObject],
    ['no issuer', { jwks_uri: `${https}/jwks` }, writeIt],
    ['a number for the issuer', { issuer: 42 }, writeIt],
    ['a list with the issuer', { issuer: [https] }, writeIt],
    ['another issuer', { issuer: evil }, writeIt],
    ['another issuer with a slash at the end', { issuer: `${evil}/` }, writeIt],
    ['the issuer with two slashes at the end', { issuer: `${https}//` }, writeIt],
    ['the issuer with a slash at the end', { issuer: `${https}/` }, nearly],
    ['no jwks_uri', { issuer: https }, noJwksUri],
    ['a list with a jwks_uri', { issuer: https, jwks_uri: [`${https}/jwks`] }, noJwksUri],
    ['an empty jwks_uri', { issuer: https, jwks_uri: '' }, `${refused}it is not a URL`],
    ['a file for jwks_uri', { issuer: https, jwks_uri: 'file:///etc/passwd' }, `${refused}it is not an https URL`],
    ['a port of this machine for jwks_uri', { issuer: https, jwks_uri: 'http://127.0.0.1/jwks' }, onTheWay],
  ])('says why it refuses %s', async (_name, metadata, reason) => {
    const found = discoverJwksUri(https, 'loopback', from({ [`${https}${openId}`]: metadata }))
    await expect(found).rejects.toThrow(new FetchError(reason))
  })

  it('says that the issuer differs by a slash also where the option has it', async () => {
    const found = discoverJwksUri(`${https}/`, 'never', from({ [`${https}${openId}`]: { issuer: https } }))
    await expect(found).rejects.toThrow(new FetchError(nearly))
  })

  it('asks for the documents of an https issuer with a path in the order of the two specifications', async () => {
    const urls: string[] = []
    const recording: GetJson = (url) => {
      urls.push(url)
      return from({})(url)
    }
    await expect(discoverJwksUri('https://id.example.com/tenant/', 'never', recording)).rejects.toThrow(FetchError)
    expect(urls).toEqual([
      'https://id.example.com/tenant/.well-known/openid-configuration',
      'https://id.example.com/.well-known/oauth-authorization-server/tenant',
    ])
  })

  it.each([
    ['issuer', { jwks_uri: 'https://id.example.com/jwks' }],
    ['jwks_uri', { issuer: https }],
  ])('does not believe an inherited %s', async (_name, own) => {
    const polluted = { issuer: https, jwks_uri: 'https://evil.example.com/jwks' }
    const bare = from({ [`${https}${openId}`]: own })
    await withPolluted(polluted, () => expect(discoverJwksUri(https, 'never', bare)).rejects.toThrow(FetchError))
  })
})

describe('the place of the keys', () => {
  it('is known for exactly a day: a millisecond later the metadata is asked for again', async () => {
    const issuer = 'https://id.example.com'
    let asked = 0
    const getJson: GetJson = async () => ({
      value: { issuer, jwks_uri: `${issuer}/jwks-${++asked}` },
      headers: new Headers(),
    })
    const location = new JwksLocation({ issuer }, 'never')
    const day = 86_400_000
    const found: string[] = []
    for (const now of [5, day + 5, day + 6]) found.push(await location.find(getJson, now))
    expect(found).toEqual([`${issuer}/jwks-1`, `${issuer}/jwks-1`, `${issuer}/jwks-2`])
  })
})
