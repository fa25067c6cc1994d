// How much is remembered: so many tokens, so many bytes, the least recently used forgotten first.
import { describe, expect, it } from 'vitest'
import { runModule } from '../../../test/support/child-process.ts'
import { countingVerifier } from '../../../test/support/counting-verifier.ts'
import { engine } from '../../../test/support/engine.ts'
import { audience, issuer, mint } from '../../../test/support/mint.ts'
import { codeOf } from '../../../test/support/verifiers.ts'
import { TokenCache, type VerifiedToken } from '../src/token-cache.ts'

const [a, b, c] = ['a', 'b', 'c'].map((sub) => mint({ sub })) as [string, string, string]

describe('of more tokens than max', () => {
  it.each<[string, readonly string[], number]>([
    ['none is forgotten while there are not more', [a, b, a, b, a, b], 2],
    ['the one that came first is forgotten', [a, b, c, /* remembered: */ b, c], 3],
    ['the one that came first is verified again', [a, b, c, /* forgotten: */ a], 4],
    [
      'the one that was not used for longest is forgotten, which need not be the first',
      [a, b, a, c, /* remembered: */ a],
      3,
    ],
    ['the one that was not used for longest is verified again', [a, b, a, c, /* forgotten: */ b], 4],
  ])('%s', async (_what, tokens, times) => {
    for (const isRevoked of [undefined, () => false]) {
      const { verifier, verified } = countingVerifier({ tokenCache: { max: 2 }, ...(isRevoked && { isRevoked }) })
      for (const token of tokens) expect((await verifier.verify(token)).token).toBe(token)
      expect(verified()).toBe(times)
    }
  })

  it('one is remembered with max: 1', async () => {
    const { verifier, verified } = countingVerifier({ tokenCache: { max: 1 } })
    for (const token of [a, a, b, b, a, a]) await verifier.verify(token)
    expect(verified()).toBe(3)
  })

  it('none is pushed out by one that is refused', async () => {
    const { verifier, verified } = countingVerifier({ tokenCache: { max: 1 } })
    await verifier.verify(a)
    for (let count = 0; count < 20; count++) {
      await codeOf(verifier.verify(mint({ exp: count })))
      await codeOf(verifier.verify(`${mint()}A`))
      await codeOf(verifier.verify(`${b.slice(0, -22)}${a.slice(-22)}`))
    }
    await verifier.verify(a)
    expect(verified()).toBe(1)
  })
})

it('of two tokens whose ends make the same number, only the later one is remembered', () => {
  const cache = new TokenCache({ max: 10, maxBytes: 1_000_000 })
  const [one, other] = ['a.b.HDZEnW', 'a.b.bR5Wft'].map((text) => ({ auth: { token: text } }) as VerifiedToken)
  if (one === undefined || other === undefined) throw new Error('There are two')
  for (const [added, lost] of [
    [one, other],
    [other, one],
  ] as const) {
    cache.add(added)
    expect(cache.find(added.auth.token)).toBe(added)
    expect(cache.find(lost.auth.token)).toBeUndefined()
  }
})

describe('of tokens that take more than maxBytes', () => {
  /** How many of the last tokens are remembered. */
  async function remembered(tokens: readonly string[], maxBytes: number): Promise<number> {
    const { verifier, verified } = countingVerifier({ tokenCache: { maxBytes } })
    for (const token of tokens) await verifier.verify(token)
    for (let count = 0; count < tokens.length; count++) {
      const before = verified()
      await verifier.verify(tokens.at(-1 - count) ?? '')
      if (verified() > before) return count
    }
    return tokens.length
  }

  const tokensOf = (length: number, count: number): readonly string[] =>
    Array.from({ length: count }, (_, sub) =>
      mint({ sub: `${sub}`, more: 'x'.repeat(Math.round((length - 350) * 0.75)) }),
    )

  it('as many are remembered as fit, with their claims beside their text', async () => {
    for (const length of [1_000, 2_000, 8_000]) {
      const count = await remembered(tokensOf(length, 100), 65_536)
      expect(count).toBeGreaterThanOrEqual(1)
      expect(count * 2 * length).toBeLessThan(65_536) // Text and claims are one byte a character each, at the least.
    }
  })

  it('four times as many are with four times as much', async () => {
    const tokens = tokensOf(1_000, 80)
    const [some, more] = [await remembered(tokens, 65_536), await remembered(tokens, 4 * 65_536)]
    expect(more / some).toBeGreaterThan(3)
    expect(more / some).toBeLessThan(5)
  })

  it('one that does not fit by itself is verified each time, and pushes out no other', async () => {
    const { verifier, verified } = countingVerifier({ tokenCache: { maxBytes: 65_536 } })
    const large = mint({ more: 'x'.repeat(11_000) })
    await verifier.verify(a)
    for (let request = 0; request < 2; request++) expect((await verifier.verify(large)).token).toBe(large)
    expect(verified()).toBe(3)
    await verifier.verify(a)
    expect(verified()).toBe(3)
  })
})

// What jose and WebCrypto take and let go of meanwhile is more than what is measured.
describe.runIf(engine === 'node')('the heap', () => {
  /** In a process of its own: how much the memory for tokens holds, in bytes, after 4,000 tokens. */
  const program = `
    import { createHmac } from 'node:crypto'
    import { setFlagsFromString } from 'node:v8'
    import { runInNewContext } from 'node:vm'
    import { createJwtVerifier } from '@jwtgate/core'
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc')
    const encoded = (part) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const { issuer, audience, tokenCache, header, claims, around } = input
    const secret = 'x'.repeat(32)
    const options = { issuer, audience, algorithms: ['HS256'], secret }
    const verifier = createJwtVerifier({ ...options, tokenCache })
    const tokenOf = (sub) => {
      const times = { nbf: 0, iat: 0, exp: 9_999_999_999 }
      const nonce = header && { nonce: sub, ...header }
      const text = encoded({ alg: 'HS256', ...nonce }) + '.' + encoded({ iss: issuer, aud: audience, sub, ...times, ...claims })
      return text + '.' + createHmac('sha256', secret).update(text).digest('base64url')
    }
    /** As a cookie has it: a piece of a header that has more. */
    const received = (token) => Buffer.from('s=' + token + '; ' + around).toString('latin1').slice(2, 2 + token.length)
    const heap = async () => {
      for (let collections = 0; collections < 4; collections++) {
        gc()
        await new Promise(setImmediate)
      }
      return process.memoryUsage().heapUsed
    }
    const run = async (verifier, count) => {
      for (let sub = 0; sub < count; sub++) await verifier.verify(received(tokenOf('user ' + sub)))
    }
    await run(createJwtVerifier({ ...options, tokenCache: false }), 1_000) // What all else takes.
    const before = await heap()
    await run(verifier, 4_000)
    console.log((await heap()) - before)
    await verifier.verify(tokenOf('user 0')) // Until here it is in use.`

  const limit = 1_048_576
  const some = { permissions: ['read', 'write'], scope: 'openid orders', tenant: { id: 't1', plan: 'paid' } }

  it.each([
    ['of many tokens', { claims: some, around: '' }],
    ['of many large tokens', { claims: { ...some, more: 'x'.repeat(6_000) }, around: '' }],
    ['of many tokens with hundreds of claims', { claims: { groups: groups(200) }, around: '' }],
    ['of many tokens in large cookies, of which nothing else is kept', { claims: some, around: 'y'.repeat(12_000) }],
  ])(
    'does not grow beyond maxBytes because %s',
    async (_what, given) => {
      const run = await runModule(program, { issuer, audience, tokenCache: { maxBytes: limit }, ...given }, {}, 60_000)
      expect(run).toMatchObject({ exitCode: 0, stderr: '' })
      const grown = Number(run.stdout)
      expect(grown).toBeLessThan(limit)
      expect(grown).toBeGreaterThan(limit / 20) // It is measured.
    },
    60_000,
  )

  it.each<[string, object, number]>([
    ['tokens', {}, limit / 2],
    [
      'headers, each in a large cookie of which nothing else is kept',
      { header: {}, around: 'y'.repeat(12_000) },
      limit,
    ],
    ['long headers', { header: { odd: Array.from({ length: 200 }, () => ({ 34: 0 })) } }, limit / 2],
  ])(
    'does not grow with %s where no token is remembered',
    async (_what, given, most) => {
      const input = { issuer, audience, tokenCache: false, claims: some, around: '', ...given }
      const run = await runModule(program, input, {}, 60_000)
      expect(run).toMatchObject({ exitCode: 0, stderr: '' })
      expect(Number(run.stdout)).toBeLessThan(most)
    },
    60_000,
  )

  function groups(count: number): readonly object[] {
    return Array.from({ length: count }, (_, id) => ({ id, name: `group ${id}` }))
  }
})
