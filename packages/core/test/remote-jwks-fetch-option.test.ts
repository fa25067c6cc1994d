// remote.fetch and remote.headers: a fetch that misbehaves gives our errors and no others, and a secret stays secret.
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FetchFunction } from '@jwtgate/core'
import { startKeyServer, type KeyServer } from '../../../test/support/key-server.ts'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { hang, providerFaults } from '../../../test/support/provider-faults.ts'
import { recordEvents, type RecordedEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier } from '../../../test/support/remote-verifier.ts'
import { runModule } from '../../../test/support/child-process.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { refusalOf } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const keyJwk = jwkOf(keyFor('ES256'), { kid: 'k1' })
const token = mint({}, { header: { kid: 'k1' } })
const jwksUri = 'https://id.example.com/jwks'
const remote = { timeoutDuration: 100 }

let events: RecordedEvents

beforeEach(() => {
  events = recordEvents()
})

afterEach(() => events.stop())

interface MisbehavingFetch {
  readonly name: string
  readonly fetch: (signal: AbortSignal) => unknown
}

function lockedResponse(): Response {
  const response = new Response('{}')
  response.body?.getReader()
  return response
}

const misbehaving: readonly MisbehavingFetch[] = [
  {
    name: 'throws synchronously',
    fetch: () => {
      throw new Error('broken')
    },
  },
  {
    name: 'throws what is no error',
    fetch: () => {
      throw undefined
    },
  },
  { name: 'rejects', fetch: () => Promise.reject(new Error('broken')) },
  { name: 'rejects with nothing', fetch: () => Promise.reject(undefined) },
  { name: 'rejects with text', fetch: () => Promise.reject('broken') },
  { name: 'returns nothing', fetch: () => undefined },
  { name: 'returns null', fetch: () => Promise.resolve(null) },
  { name: 'returns text', fetch: () => '{"keys":[]}' },
  { name: 'returns the parsed document', fetch: () => ({ keys: [keyJwk] }) },
  { name: 'returns a status alone', fetch: () => ({ status: 200 }) },
  { name: 'returns a text for a body', fetch: () => ({ status: 200, body: '{"keys":[]}', headers: new Headers() }) },
  { name: 'returns a number for a body', fetch: () => ({ status: 200, body: 42, headers: new Headers() }) },
  { name: 'returns a body that somebody reads already', fetch: lockedResponse },
  {
    name: 'returns a body that breaks off',
    fetch: () => new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('broken')) })),
  },
  { name: 'returns an answer without headers', fetch: () => ({ status: 200, body: new Response('{"keys":[]}').body }) },
  {
    name: 'returns an object that throws when it is looked at',
    fetch: () => ({
      get status() {
        throw new RangeError('broken')
      },
    }),
  },
  { name: 'never settles and ignores its signal', fetch: () => new Promise(() => {}) },
  {
    name: 'rejects after the deadline only',
    fetch: (signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => setImmediate(reject, new Error('late'))),
      ),
  },
  {
    name: 'resolves after the deadline only',
    fetch: (signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => setImmediate(resolve, new Response('{}')))),
  },
  { name: 'returns a body without an end', fetch: () => new Response(new ReadableStream()) },
]

describe('a remote.fetch that', () => {
  it.each(misbehaving)('$name gives 503 and heals when it behaves again', async ({ fetch }) => {
    let broken = true
    const { verifier, clock } = remoteVerifier({
      jwksUri,
      remote: {
        ...remote,
        fetch: ((_url, { signal }) =>
          broken ? fetch(signal) : Promise.resolve(Response.json({ keys: [keyJwk] }))) as FetchFunction,
      },
    })
    const refusal = await refusalOf(verifier.verify(token))
    expect(refusal).toMatchObject({ name: 'KeySourceError', status: 503 })
    expect(refusal.headers).toEqual({ 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) })
    expect(refusal.code).toMatch(/^keys_(unavailable|invalid)$/)
    expect(events.on('jwtgate:keys.refresh_failed')).toMatchObject([{ url: jwksUri, code: refusal.code }])

    broken = false
    clock.milliseconds += 1_000
    expect((await verifier.verify(token)).claims.sub).toBe('alice')
  })

  it('rejects with an error that is its own cause does not stop the process', async () => {
    const program = `
      import { createJwtVerifier } from '@jwtgate/core'
      const error = new Error('broken')
      error.cause = error
      const verifier = createJwtVerifier({
        issuer: 'https://id.example.com', audience: 'api', algorithms: ['ES256'],
        remote: { fetch: () => Promise.reject(error) },
      })
      await verifier.ready().catch(({ code }) => console.log(code))`
    const { exitCode, stdout } = await runModule(program, null, {}, 3_000)
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'discovery_failed\n' })
  })

  it('is given a URL, GET, the headers, manual redirects and a signal', async () => {
    const calls: unknown[] = []
    const { verifier } = remoteVerifier({
      jwksUri,
      remote: {
        headers: { 'X-Api-Key': 'k-123' },
        fetch: (url, options) => {
          calls.push({ url, ...options, headers: Object.fromEntries(new Headers(options.headers)) })
          return Promise.resolve(Response.json({ keys: [keyJwk] }))
        },
      },
    })
    await verifier.verify(token)
    expect(calls).toEqual([
      {
        url: jwksUri,
        method: 'GET',
        redirect: 'manual',
        headers: { accept: 'application/json', 'x-api-key': 'k-123' },
        signal: expect.any(AbortSignal),
      },
    ])
  })

  it('is told by its signal that the deadline is over', async () => {
    let signal: AbortSignal | undefined
    const { verifier } = remoteVerifier({
      jwksUri,
      remote: {
        ...remote,
        fetch: (_url, options) => {
          signal = options.signal
          return new Promise(() => {})
        },
      },
    })
    await refusalOf(verifier.verify(token))
    expect(signal?.aborted).toBe(true)
  })
})

describe('a secret in remote.headers', () => {
  const secret = 'hush-7d1f0c'
  let server: KeyServer

  beforeEach(async () => {
    server = await startKeyServer()
  })

  afterEach(() => server.close())

  async function seenOf(location: { readonly jwksUri: string } | { readonly issuer: string }): Promise<string> {
    const headers = { Authorization: `Bearer ${secret}`, 'X-Api-Key': secret }
    const { verifier } = remoteVerifier({ ...location, remote: { ...remote, headers } })
    const claims = 'issuer' in location ? { iss: location.issuer } : {}
    const error = await refusalOf(verifier.verify(mint(claims, { header: { kid: 'k1' } })))
    const everything = { depth: Number.POSITIVE_INFINITY, showHidden: true }
    return inspect([error, error.hint, error.cause, JSON.stringify(error), events.all()], everything)
  }

  it.each(providerFaults)('is in no error, hint or event: $name', async ({ respond }) => {
    server.on('/jwks', respond)
    expect(await seenOf({ jwksUri: server.jwksUri })).not.toContain(secret)
  })

  it('is in no error, hint or event where the connection is refused', async () => {
    await server.close()
    expect(await seenOf({ jwksUri: server.jwksUri })).not.toContain(secret)
    server = await startKeyServer()
  })

  it('is in no error, hint or event where discovery fails', async () => {
    server.on('/.well-known/openid-configuration', hang)
    expect(await seenOf({ issuer: server.origin })).not.toContain(secret)
  })

  it('goes to the metadata and to the keys alike', async () => {
    const given: unknown[] = []
    const { verifier } = remoteVerifier({
      issuer: server.origin,
      remote: {
        headers: { 'X-Api-Key': secret },
        fetch: (url, options) => {
          given.push(new Headers(options.headers).get('x-api-key'))
          return fetch(url, options)
        },
      },
    })
    server.setKeys([keyJwk])
    await verifier.ready()
    expect(given).toEqual([secret, secret])
  })
})

describe('a secret in the query string of jwksUri', () => {
  it('is in no error, hint or event', async () => {
    const { verifier } = remoteVerifier({
      jwksUri: `${jwksUri}?key=hush-7d1f0c`,
      remote: { fetch: () => Promise.resolve(new Response('', { status: 500 })) },
    })
    const error = await refusalOf(verifier.verify(token))
    expect(inspect([error, error.hint, events.all()], { depth: 10, showHidden: true })).not.toContain('hush-7d1f0c')
  })
})
