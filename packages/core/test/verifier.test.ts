// The straight line of one token: always a promise, the first check that fails decides, one signature check.
import nodeCrypto, { webcrypto } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { engine } from '../../../test/support/engine.ts'
import { algorithmNames, jwkOf, keyFor } from '../../../test/support/keys.ts'
import { goodClaims, issuer, mint, now, signed, withSignature, type Claims } from '../../../test/support/mint.ts'
import { codeOf, testVerifier, verifierFor } from '../../../test/support/verifiers.ts'

describe('verify()', () => {
  const hostile = {
    toString: () => {
      throw new Error('toString() was called')
    },
  }
  const inputs: readonly (readonly [string, unknown])[] = [
    ['undefined', undefined],
    ['null', null],
    ['true', true],
    ['zero', 0],
    ['NaN', Number.NaN],
    ['a big integer', 10n],
    ['a symbol', Symbol('token')],
    ['an object', {}],
    ['an object without prototype', Object.create(null)],
    ['an object that throws when it is made a string', hostile],
    ['an array with a good token', [mint()]],
    ['a String object with a good token', Object(mint())],
    ['the bytes of a good token', Buffer.from(mint())],
    ['a function', () => mint()],
    ['a promise of a good token', Promise.resolve(mint())],
    ['an empty string', ''],
    ['text', 'no token'],
  ]

  it.each(inputs)('gives a promise that is rejected with token_malformed for %s', async (_what, input) => {
    const outcome = testVerifier().verify(input as string)
    expect(outcome).toBeInstanceOf(Promise)
    expect(await codeOf(outcome)).toBe('token_malformed')
  })

  it('gives a promise for a good token', async () => {
    const outcome = testVerifier().verify(mint())
    expect(outcome).toBeInstanceOf(Promise)
    expect((await outcome).claims).toEqual(goodClaims())
  })

  it('gives many answers at once, each for its own token', async () => {
    const verifier = testVerifier()
    const subjects = Array.from({ length: 50 }, (_, index) => `user ${index}`)
    const auths = await Promise.all(subjects.map((sub) => verifier.verify(mint({ sub }))))
    expect(auths.map(({ claims }) => claims.sub)).toEqual(subjects)
  })

  it('refuses and accepts the same token as the clock moves', async () => {
    const clock = { now: () => (now - 1) * 1000 }
    const verifier = testVerifier({ clock })
    const token = mint({ iat: undefined })
    expect(await codeOf(verifier.verify(token))).toBe('token_not_yet_valid')
    clock.now = () => now * 1000
    await expect(verifier.verify(token)).resolves.toBeDefined()
    clock.now = () => (now + 3600) * 1000
    expect(await codeOf(verifier.verify(token))).toBe('token_expired')
  })

  it('is ready at once where the keys are at hand', async () => {
    await expect(testVerifier().ready()).resolves.toBeUndefined()
  })
})

describe('of several things that are wrong', () => {
  interface Draft {
    header: Claims
    claims: Claims
    /** Text of further members of the payload. */
    payloadEnd: string
    headerEnd: string
    signature: 'good' | 'spoiled'
    /** What stands behind the signature. */
    end: string
  }
  interface Fault {
    readonly what: string
    readonly code: string
    readonly apply: (draft: Draft) => void
  }

  // In the order of the checks.
  const faults: readonly Fault[] = [
    inClaims('more characters than allowed', 'token_malformed', { more: 'x'.repeat(16_384) }),
    fault('padding behind the signature', 'token_malformed', (draft) => (draft.end = '=')),
    fault('a member twice in the header', 'token_malformed', (draft) => (draft.headerEnd = ',"x":1,"x":2')),
    inHeader('an algorithm that is not pinned', 'algorithm_not_allowed', { alg: 'ES384' }),
    inHeader('a critical extension', 'critical_header', { crit: ['x'], x: 1 }),
    inHeader('a wrong type', 'type_not_allowed', { typ: 'logout+jwt' }),
    inHeader('a kid that is no string', 'token_malformed', { kid: 7 }),
    fault('a member twice in the payload', 'token_malformed', (draft) => (draft.payloadEnd = ',"x":1,"x":2')),
    inClaims('another issuer', 'issuer_mismatch', { iss: 'https://mallory.example.com' }),
    fault('an unknown kid', 'key_unknown', (draft) => {
      if (draft.header.kid === 'known') draft.header = { ...draft.header, kid: 'unknown' }
    }),
    fault('a bad signature', 'signature_invalid', (draft) => (draft.signature = 'spoiled')),
    inClaims('a missing claim', 'claim_missing', { jti: undefined }),
    inClaims('a claim of the wrong type', 'claim_invalid', { sub: 7 }),
    inClaims('another audience', 'audience_mismatch', { aud: 'https://other.example.com' }),
    inClaims('a claim with another value', 'claim_invalid', { token_use: 'id' }),
    inClaims('a binding to a key', 'token_bound', { cnf: { jkt: 'x' } }),
    inClaims('a past exp', 'token_expired', { exp: now - 1 }),
    inClaims('a future nbf', 'token_not_yet_valid', { nbf: now + 1 }),
    inClaims('an iat too long ago', 'token_too_old', { iat: now - 3601 }),
  ]
  const pairs = faults.flatMap((first, index) => faults.slice(index + 1).map((second) => ({ first, second })))
  const verifier = testVerifier({
    jwks: { keys: [jwkOf(keyFor('ES256'), { kid: 'known' })] },
    requiredClaims: ['jti'],
    claimValues: { token_use: 'access' },
    maxTokenAge: 3600,
  })

  it('nothing is: the token without a fault is accepted', async () => {
    await expect(verifier.verify(tokenWith([]))).resolves.toBeDefined()
  })

  it.each(faults)('$what alone is $code', async (only) => {
    expect(await codeOf(verifier.verify(tokenWith([only])))).toBe(only.code)
  })

  it.each(pairs)('$first.what is told before $second.what', async ({ first, second }) => {
    expect(await codeOf(verifier.verify(tokenWith([first, second])))).toBe(first.code)
  })

  it.each(faults.map((first, index) => ({ ...first, index })))(
    '$what is told before all that comes later',
    async ({ code, index }) => {
      expect(await codeOf(verifier.verify(tokenWith(faults.slice(index))))).toBe(code)
    },
  )

  function tokenWith(chosen: readonly Fault[]): string {
    const draft: Draft = {
      header: { alg: 'ES256', typ: 'JWT', kid: 'known' },
      claims: goodClaims({ jti: '1', token_use: 'access' }),
      payloadEnd: '',
      headerEnd: '',
      signature: 'good',
      end: '',
    }
    for (const { apply } of chosen) apply(draft)
    const header = JSON.stringify(draft.header).replace(/\}$/, `${draft.headerEnd}}`)
    const payload = JSON.stringify(draft.claims).replace(/\}$/, `${draft.payloadEnd}}`)
    const token = signed(header, payload, keyFor('ES256'))
    return (draft.signature === 'good' ? token : withSignature(token, Buffer.alloc(64))) + draft.end
  }

  function fault(what: string, code: string, apply: (draft: Draft) => void): Fault {
    return { what, code, apply }
  }

  function inHeader(what: string, code: string, members: Claims): Fault {
    return fault(what, code, (draft) => (draft.header = { ...draft.header, ...members }))
  }

  function inClaims(what: string, code: string, members: Claims): Fault {
    return fault(what, code, (draft) => (draft.claims = { ...draft.claims, ...members }))
  }
})

describe('a token of a stranger', () => {
  it.each([
    ['without iss', undefined, 'claim_missing'],
    ['of another issuer', 'https://mallory.example.com', 'issuer_mismatch'],
    ['whose iss is a list with ours', [issuer], 'claim_invalid'],
  ])('%s is refused before its signature is looked at', async (_what, iss, code) => {
    const unsigned = withSignature(mint({ iss }), Buffer.alloc(0))
    expect(await codeOf(testVerifier().verify(unsigned))).toBe(code)
  })
})

// jose goes through WebCrypto, and checks more than once what it has parsed.
describe.runIf(engine === 'node')('the cost of one token', () => {
  type Callable = (...args: readonly unknown[]) => unknown
  const counts = { checks: 0, keys: 0, webCrypto: 0 }
  const undo: (() => void)[] = []

  beforeEach(() => {
    for (const name of ['verify', 'createHmac', 'createVerify', 'hash', 'createHash', 'sign']) {
      count(nodeCrypto, name, 'checks')
    }
    for (const name of ['createPublicKey', 'createSecretKey', 'createPrivateKey', 'generateKeyPairSync']) {
      count(nodeCrypto, name, 'keys')
    }
    const { prototype } = webcrypto.subtle.constructor
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name !== 'constructor') count(prototype, name, 'webCrypto')
    }
  })

  afterEach(() => {
    for (const action of undo.splice(0)) action()
    syncBuiltinESMExports()
  })

  it('the counters count', async () => {
    nodeCrypto.createHmac('sha256', 'x')
    nodeCrypto.createSecretKey(Buffer.alloc(1))
    await globalThis.crypto.subtle.digest('SHA-256', Buffer.alloc(1))
    expect(counts).toEqual({ checks: 1, keys: 1, webCrypto: 1 })
  })

  it.each(algorithmNames)('is one signature check with a prepared key and no WebCrypto call, for %s', async (alg) => {
    const key = keyFor(alg)
    const verifier = verifierFor(key)
    await verifier.verify(mint({ jti: 'first' }, { key }))
    const token = mint({}, { key })
    resetCounts()
    await verifier.verify(token)
    expect(counts).toEqual({ checks: 1, keys: 0, webCrypto: 0 })
  })

  it('is no signature check for a token that was verified before', async () => {
    const verifier = testVerifier()
    const token = mint()
    await verifier.verify(token)
    resetCounts()
    await verifier.verify(token)
    expect(counts).toEqual({ checks: 0, keys: 0, webCrypto: 0 })
  })

  it('is one signature check for a forged token too', async () => {
    const verifier = testVerifier()
    const forged = withSignature(mint(), Buffer.alloc(64))
    resetCounts()
    expect(await codeOf(verifier.verify(forged))).toBe('signature_invalid')
    expect(counts).toEqual({ checks: 1, keys: 0, webCrypto: 0 })
  })

  it.each([
    ['the issuer', mint({ iss: 'https://mallory.example.com' })],
    ['the header', mint({}, { header: { alg: 'ES384' } })],
    ['the payload', mint({}, { payload: '[]' })],
  ])('is no signature check where %s is refused', async (_what, token) => {
    const verifier = testVerifier()
    resetCounts()
    await codeOf(verifier.verify(token))
    expect(counts).toEqual({ checks: 0, keys: 0, webCrypto: 0 })
  })

  function resetCounts(): void {
    Object.assign(counts, { checks: 0, keys: 0, webCrypto: 0 })
  }

  /** Calls pass through to the real function. */
  function count(holder: object, name: string, counter: keyof typeof counts): void {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name)
    const original = descriptor?.value as Callable | undefined
    if (descriptor === undefined || original === undefined) return
    const counting = function (this: unknown, ...args: readonly unknown[]): unknown {
      counts[counter]++
      return Reflect.apply(original, this, args)
    }
    Object.defineProperty(holder, name, { ...descriptor, value: counting })
    undo.push(() => Object.defineProperty(holder, name, descriptor))
    syncBuiltinESMExports()
    resetCounts()
  }
})
