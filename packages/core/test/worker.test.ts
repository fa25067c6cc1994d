// A bundle for a worker runtime: nothing of Node is in it, and it verifies where there are only Web APIs.
import { createContext, runInContext } from 'node:vm'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AlgorithmName } from '@jwtgate/core'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { audience, issuer, mint, now, withSignature } from '../../../test/support/mint.ts'

let code = ''
const warnings: string[] = []

beforeAll(async () => {
  const bundle = await rolldown({
    input: join(import.meta.dirname, '../src/index.ts'),
    platform: 'browser',
    // What bundlers for workers ask for. `node` is not among them, and so the imports map gives its defaults.
    resolve: { conditionNames: ['workerd', 'worker', 'browser', 'import', 'module', 'jwtgate-source'] },
    external: /^node:/,
  })
  const { output } = await bundle.generate({ format: 'iife', name: 'core', minify: true })
  code = output.map((file) => (file.type === 'chunk' ? file.code : '')).join('\n')
})

describe('a bundle of core for a worker runtime', () => {
  it('has nothing of Node in it', () => {
    // It is minified: no comments, and no blank before a parenthesis except in text.
    const found = code.match(/["'`]node:|\brequire\(|\bimport\b|\bBuffer\b|createPublicKey|diagnostics_channel/g)
    expect(found).toBeNull()
  })

  it('runs where there is neither process nor Buffer nor require', async () => {
    const program = '[typeof process, typeof Buffer, typeof require, typeof core.createJwtVerifier].join()'
    expect(await inWorker(program)).toBe('undefined,undefined,undefined,function')
  })

  it.each<AlgorithmName>(['ES256', 'RS256', 'PS256', 'EdDSA'])('verifies %s with a key set', async (alg) => {
    const key = keyFor(alg)
    const outcomes = await verifyInWorker({ algorithms: [alg], jwks: { keys: [jwkOf(key, { kid: 'k1' })] } }, [
      mint({}, { key, header: { kid: 'k1' } }),
      mint({}, { key: newKey(alg), header: { kid: 'k1' } }),
      mint({ exp: now }, { key, header: { kid: 'k1' } }),
      mint({}, { key, header: { kid: 'k2' } }),
      `${mint({}, { key, header: { kid: 'k1' } })}=`,
    ])
    expect(outcomes).toEqual(['accepted', 'signature_invalid', 'token_expired', 'key_unknown', 'token_malformed'])
  })

  it.each<AlgorithmName>(['ES256', 'RS256', 'EdDSA'])('verifies %s with a PEM', async (alg) => {
    const key = keyFor(alg)
    const publicKey = String(key.verifier.export({ format: 'pem', type: 'spki' }))
    const tokens = [mint({}, { key }), withSignature(mint({}, { key }), Buffer.alloc(64))]
    expect(await verifyInWorker({ algorithms: [alg], publicKey }, tokens)).toEqual(['accepted', 'signature_invalid'])
  })

  it('verifies HS256 with a secret', async () => {
    const key = newKey('HS256')
    const secret = Array.from(key.verifier.export())
    const tokens = [mint({}, { key }), mint({}, { key: newKey('HS256') })]
    const outcomes = await verifyInWorker({ algorithms: ['HS256'], secret }, tokens)
    expect(outcomes).toEqual(['accepted', 'signature_invalid'])
  })

  it('fetches a key set', async () => {
    const key = keyFor('ES256')
    const answer = JSON.stringify({ keys: [jwkOf(key, { kid: 'k1' })] })
    const options = { algorithms: ['ES256'], jwksUri: `${issuer}/jwks`, answer }
    const tokens = [
      mint({}, { key, header: { kid: 'k1' } }),
      mint({}, { key: newKey('ES256'), header: { kid: 'k1' } }),
      mint({}, { key, header: { kid: 'k2' } }),
    ]
    expect(await verifyInWorker(options, tokens)).toEqual(['accepted', 'signature_invalid', 'key_unknown'])
  })

  it('tells a set without keys from a refusal', async () => {
    const options = { algorithms: ['ES256'], jwksUri: `${issuer}/jwks`, answer: '{}' }
    expect(await verifyInWorker(options, [mint()])).toEqual(['keys_invalid'])
  })

  it('has no channels: a refusal is told on the console, without a word of them', async () => {
    warnings.length = 0
    await verifyInWorker({ algorithms: ['HS256'], secret: Array.from({ length: 32 }, () => 1) }, ['no token'])
    expect(warnings).toEqual([
      expect.stringMatching(/^\[jwtgate\] token_malformed: .*\(Shown once a minute per code\.\)$/),
    ])
  })

  it.each<[string, object, string]>([
    ['a weak secret', { algorithms: ['HS256'], secret: [1, 2, 3] }, 'secret'],
    ['a public key as secret', { algorithms: ['HS256'], secret: derOf('ES256') }, 'secret'],
    ['a key of another curve', { algorithms: ['ES384'], publicKey: jwkOf(keyFor('ES256')) }, 'publicKey'],
  ])('refuses %s at creation', async (_what, options, option) => {
    await expect(verifyInWorker(options, [])).rejects.toMatchObject({ code: 'config_invalid', option })
  })
})

function derOf(alg: AlgorithmName): readonly number[] {
  return Array.from(keyFor(alg).verifier.export({ format: 'der', type: 'spki' }))
}

/** What becomes of each token. Bytes of a secret are given as a list of numbers, what is fetched as `answer`. */
async function verifyInWorker(options: object, tokens: readonly string[]): Promise<unknown> {
  const input = JSON.stringify({ options: { issuer, audience, clockTolerance: 0, ...options }, tokens, now })
  const program = `(async () => {
    const { options: { answer, secret, ...options }, tokens, now } = JSON.parse(${JSON.stringify(input)})
    const verifier = core.createJwtVerifier({
      ...options,
      ...(secret && { secret: Uint8Array.from(secret) }),
      ...(answer && { remote: { fetch: async () => new Response(answer) } }),
      clock: { now: () => now * 1000 },
    })
    const outcomes = tokens.map((token) => verifier.verify(token).then(() => 'accepted', ({ code }) => code))
    return JSON.stringify(await Promise.all(outcomes))
  })()`
  return JSON.parse(String(await inWorker(program)))
}

/** Runs the program behind the bundle with nothing but the language and Web APIs. */
async function inWorker(program: string): Promise<unknown> {
  const { crypto, TextEncoder, TextDecoder, URL, fetch, AbortController, Headers, Response, performance } = globalThis
  const { setTimeout, clearTimeout, atob, btoa, Uint8Array } = globalThis
  const webApis = { crypto, TextEncoder, TextDecoder, URL, fetch, AbortController, Headers, Response, performance }
  const others = { setTimeout, clearTimeout, atob, btoa, console: { warn: (line: string) => warnings.push(line) } }
  // A context has a Uint8Array of its own; in a worker it is the one that the Web APIs answer with.
  const context = createContext({ ...webApis, ...others, Uint8Array })
  return runInContext(`${code}\n;${program}`, context)
}
