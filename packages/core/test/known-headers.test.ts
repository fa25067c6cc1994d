// The header that an issuer writes on all of its tokens is read once, and judged for each token as if it were the first.
import { describe, expect, it, vi } from 'vitest'
import type { IssuerOptions } from '@jwtgate/core'
import { engine } from '../../../test/support/engine.ts'
import { severalIssuers, testIssuer, type TestIssuer } from '../../../test/support/issuers.ts'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { mint, withSignature } from '../../../test/support/mint.ts'
import { outcomeOf, testVerifier } from '../../../test/support/verifiers.ts'

const key = keyFor('ES256')
let tokens = 0
const another = (header = {}): string => mint({ jti: `${tokens++}` }, { header })

/** How many JSON texts we parse while a token is verified: jose, where it is the engine, parses the header on its own. */
async function parsedFor(verifier: ReturnType<typeof testVerifier>, token: string): Promise<number> {
  const parse = vi.spyOn(JSON, 'parse')
  await outcomeOf(verifier.verify(token))
  const count = parse.mock.calls.length
  vi.restoreAllMocks()
  return engine === 'jose' ? count - 1 : count
}

describe('a header', () => {
  it('is read with the first token that has it, and shared, frozen, by all others', async () => {
    const verifier = testVerifier()
    expect(await parsedFor(verifier, another())).toBe(2)
    expect(await parsedFor(verifier, another())).toBe(1)
    const [first, second] = await Promise.all([verifier.verify(another()), verifier.verify(another())])
    expect(second.header).toBe(first.header)
    expect(Object.isFrozen(first.header)).toBe(true)
  })

  it('is frozen to its depth', async () => {
    const verifier = testVerifier()
    for (const token of [another({ x: { y: [1] } }), another({ x: { y: [1] } })]) {
      const { x } = (await verifier.verify(token)).header as unknown as {
        readonly x: { readonly y: readonly number[] }
      }
      expect([x, x.y].map(Object.isFrozen)).toEqual([true, true])
    }
  })

  it('of a token with a bad signature is not kept', async () => {
    const verifier = testVerifier()
    const forged = withSignature(another({ kid: 'forged' }), Buffer.alloc(64))
    expect(await parsedFor(verifier, forged)).toBe(2)
    expect(await parsedFor(verifier, forged)).toBe(2)
  })

  it('that was good does not make a bad signature good', async () => {
    const verifier = testVerifier()
    await verifier.verify(another())
    expect(await outcomeOf(verifier.verify(withSignature(another(), Buffer.alloc(64))))).toBe('signature_invalid')
  })

  it('is another one if a single character is', async () => {
    const verifier = testVerifier()
    const [header = '', payload = '', signature = ''] = another().split('.')
    await verifier.verify(`${header}.${payload}.${signature}`)
    for (const other of [`${header}=`, `${header}A`, header.slice(0, -1), ` ${header}`, header.toUpperCase()]) {
      expect(await outcomeOf(verifier.verify(`${other}.${payload}.${signature}`))).toBe('token_malformed')
    }
  })

  it('is read each time if it is longer than what issuers write', async () => {
    const verifier = testVerifier()
    // {"alg":"ES256","x":""} has 22 characters, and base64url makes four of each three.
    for (const [length, parsed] of [
      [384 - 22, 1],
      [384 - 21, 2],
    ] as const) {
      const header = { typ: undefined, x: 'x'.repeat(length) }
      await verifier.verify(another(header))
      expect(await parsedFor(verifier, another(header))).toBe(parsed)
    }
  })

  it('is known in hundreds of spellings, and each counts for what it is', async () => {
    const verifier = testVerifier({ jwks: { keys: [jwkOf(key, { kid: 'good' })] } })
    for (let index = 0; index < 300; index++) {
      expect(await outcomeOf(verifier.verify(another({ kid: 'good', nonce: index })))).toBe('accepted')
      expect(await outcomeOf(verifier.verify(another({ kid: 'bad', nonce: index })))).toBe('key_unknown')
    }
  })
})

describe('a thousand headers', () => {
  it('are known, and one more makes all of them unknown', async () => {
    const verifier = testVerifier()
    const first = { nonce: 'first' }
    const others = (count: number, from: number): Promise<unknown> =>
      Promise.all(Array.from({ length: count }, (_, index) => verifier.verify(another({ nonce: from + index }))))
    await verifier.verify(another(first))
    await others(999, 0)
    expect(await parsedFor(verifier, another(first))).toBe(1)
    await others(1, 999)
    expect(await parsedFor(verifier, another({ nonce: 999 }))).toBe(1)
    expect(await parsedFor(verifier, another(first))).toBe(2)
  })

  it('stay known where two tokens with the last of them are verified at once', async () => {
    const verifier = testVerifier({ algorithms: ['ES384'], jwks: { keys: [jwkOf(keyFor('ES384'))] } })
    const token = (nonce: number): string => mint({ jti: `${tokens++}` }, { key: keyFor('ES384'), header: { nonce } })
    for (let nonce = 0; nonce < 999; nonce++) await verifier.verify(token(nonce))
    await Promise.all([verifier.verify(token(999)), verifier.verify(token(999))])
    expect(await parsedFor(verifier, token(0))).toBe(1)
  })

  it('stay known where two issuers share one of them', async () => {
    const [a, b] = ['a', 'b'].map((name) => testIssuer(`https://${name}.example.com`)) as [TestIssuer, TestIssuer]
    const verifier = severalIssuers([a.options(), b.options()])
    for (let nonce = 0; nonce < 1_000; nonce++) await verifier.verify(a.mint({}, { header: { nonce } }))
    await verifier.verify(b.mint({}, { header: { nonce: 0 } }))
    expect(await parsedFor(verifier, a.mint({ jti: 'another' }, { header: { nonce: 99 } }))).toBe(1)
  })
})

describe('a header that one issuer accepts', () => {
  const a = testIssuer('https://a.example.com')
  const b = testIssuer('https://b.example.com')
  const header = { typ: 'at+jwt', kid: 'k1' }
  const keys = (issuer: typeof a): Partial<IssuerOptions> => ({ jwks: { keys: [jwkOf(issuer.key, { kid: 'k1' })] } })

  it.each<[string, Partial<IssuerOptions>, string, object?]>([
    ['type', { typ: 'jwt' }, 'type_not_allowed'],
    ['type, where it names none', { typ: 'jwt' }, 'type_not_allowed', { typ: undefined }],
    ['algorithm', { algorithms: ['RS256'], publicKey: keyFor('RS256').verifier }, 'algorithm_not_allowed'],
    ['key', { jwks: { keys: [jwkOf(b.key, { kid: 'k2' })] } }, 'key_unknown'],
  ])('is refused by another with another %s, before and after', async (_what, rules, code, more = {}) => {
    const { jwks: _jwks, ...own } = b.options(keys(b))
    const verifier = severalIssuers([
      a.options(keys(a)),
      { ...own, ...('publicKey' in rules ? {} : keys(b)), ...rules },
    ])
    const ask = async (): Promise<readonly string[]> =>
      Promise.all(
        [a, b].map((issuer) =>
          outcomeOf(verifier.verify(issuer.mint({ jti: `${tokens++}` }, { header: { ...header, ...more } }))),
        ),
      )
    expect(await ask()).toEqual(['accepted', code])
    expect(await ask()).toEqual(['accepted', code])
    expect((await ask()).toReversed()).toEqual([code, 'accepted'])
  })

  it('is taken by another that accepts it too, with a key of its own', async () => {
    const verifier = severalIssuers([a.options(keys(a)), b.options(keys(b))])
    for (const issuer of [a, b, a, b]) {
      const other = issuer === a ? b : a
      expect(await outcomeOf(verifier.verify(issuer.mint({ jti: `${tokens++}` }, { header })))).toBe('accepted')
      expect(await outcomeOf(verifier.verify(issuer.mint({}, { header, key: other.key })))).toBe('signature_invalid')
    }
  })
})
