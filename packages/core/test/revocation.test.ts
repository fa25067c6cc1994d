// The revocation hook: the last word on a token, for every request, where only true and false count and failure is 503.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createAuthenticator,
  InvalidTokenError,
  RevocationCheckError,
  type Auth,
  type JwtVerifierOptions,
  type RevocationCheck,
} from '@jwtgate/core'
import { withDeadline } from '../src/deadline.ts'
import { casesOf } from '../../../test/support/cases.ts'
import { runModule } from '../../../test/support/child-process.ts'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { keyFor, newKey } from '../../../test/support/keys.ts'
import { audience, goodClaims, issuer, mint, withSignature } from '../../../test/support/mint.ts'
import { recordEvents } from '../../../test/support/recorded-events.ts'
import { remoteVerifier } from '../../../test/support/remote-verifier.ts'
import { refusalAt, requestWith } from '../../../test/support/requests.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { codeOf, outcomeOf, refusalOf, TestClock, testVerifier } from '../../../test/support/verifiers.ts'
import { visibleText } from '../../../test/support/visible-text.ts'

refuseUnhandledRejections()

const canary = 'Canary7f3a'

/** A hook whose type may be wrong. */
function asking(isRevoked: (...args: Parameters<RevocationCheck>) => unknown) {
  return testVerifier({ isRevoked: isRevoked as RevocationCheck })
}

describe('the answer of the hook', () => {
  it.each<[string, () => unknown, string]>([
    ['false', () => false, 'accepted'],
    ['a promise of false', async () => false, 'accepted'],
    ['true', () => true, 'token_revoked'],
    ['a promise of true', async () => true, 'token_revoked'],
  ])('counts as %s', async (_what, isRevoked, outcome) => {
    expect(await outcomeOf(asking(isRevoked).verify(mint()))).toBe(outcome)
  })

  it('true is 401 with the error that a token is refused with', async () => {
    const error = await refusalOf(asking(() => true).verify(mint()))
    expect(error).toBeInstanceOf(InvalidTokenError)
    expect(error).toMatchObject({ status: 401, expose: true, message: 'The access token was revoked' })
    expect(error.hint).toMatch(/`isRevoked`/)
  })

  const noAnswers: readonly unknown[] = [
    undefined,
    null,
    0,
    1,
    '',
    'yes',
    'true',
    'false',
    Number.NaN,
    0n,
    Symbol('false'),
    {},
    [],
    [false],
    { revoked: false },
    Object(false),
    () => false,
    async () => false,
    new Error(canary),
  ]

  it.each(casesOf(noAnswers))('is none where it is $value: nobody can say, so nobody passes', async ({ value }) => {
    for (const isRevoked of [() => value, async () => value]) {
      const error = await refusalOf(asking(isRevoked).verify(mint()))
      expect(error).toBeInstanceOf(RevocationCheckError)
      expect(error).toMatchObject({ code: 'revocation_unavailable', status: 503, statusCode: 503, expose: false })
      expect(error.headers).toEqual({ 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) })
      expect(error.hint).toMatch(/`isRevoked`.*true.*false/)
    }
  })

  const failures: readonly (readonly [string, () => unknown])[] = [
    ['throws an error', () => fail(new Error(canary))],
    ['throws text', () => fail(canary)],
    ['throws nothing', () => fail(undefined)],
    ['throws null', () => fail(null)],
    ['rejects with an error', () => Promise.reject(new Error(canary))],
    ['rejects with text', async () => fail(canary)],
    ['rejects with nothing', async () => fail(undefined)],
    ['rejects with an error and its cause', () => Promise.reject(new Error(canary, { cause: new Error(canary) }))],
    ['rejects with an error whose name is text of its own', () => fail(named(`no answer of ${canary} at db:5432`))],
    ['rejects with an error whose name is no text', () => fail(named(7))],
    ['throws a refusal of ours', () => fail(new InvalidTokenError('token_revoked', canary))],
    ['looks up what is not there', () => (undefined as unknown as Map<string, boolean>).has(canary)],
  ]

  it.each(failures)('is none where it %s, and no word of that gets out', async (_what, isRevoked) => {
    const events = recordEvents()
    const token = mint({ jti: canary })
    try {
      const error = await refusalOf(asking(isRevoked).verify(token))
      expect(error).toBeInstanceOf(RevocationCheckError)
      expect(error).toMatchObject({ code: 'revocation_unavailable', status: 503, expose: false })
      expect(error.headers).toHaveProperty('Retry-After')
      expect(error.hint).toMatch(/`isRevoked`/)
      expect(error.cause).toBeUndefined()
      expect(events.all()).toHaveLength(1)
      const text = `${visibleText(error)}${JSON.stringify(events.all())}`
      for (const secret of [canary, ...token.split('.')]) expect(text).not.toContain(secret)
    } finally {
      events.stop()
    }
  })

  it('refuses without a challenge where there is none: other credentials would not help', async () => {
    for (const isRevoked of [() => undefined, () => fail(new Error(canary))]) {
      const authenticate = createAuthenticator(asking(isRevoked), { realm: 'orders' })
      const error = await refusalAt(
        async (request) => void (await authenticate(request)),
        requestWith(`Bearer ${mint()}`),
      )
      expect(error?.code).toBe('revocation_unavailable')
      expect(Object.keys(error?.headers ?? {})).toEqual(['Retry-After'])
    }
  })

  it('refuses with a challenge where it is true', async () => {
    const authenticate = createAuthenticator(asking(() => true))
    const error = await refusalAt(
      async (request) => void (await authenticate(request)),
      requestWith(`Bearer ${mint()}`),
    )
    expect(error?.headers['WWW-Authenticate']).toMatch(/^Bearer realm="api", error="invalid_token", /)
  })

  it.each<[string, string, () => unknown]>([
    ['token_revoked', 'a revoked token', () => true],
    ['revocation_unavailable', 'a failed check', () => undefined],
  ])('is told to operators once: %s for %s', async (code, _what, isRevoked) => {
    const events = recordEvents()
    try {
      await refusalOf(asking(isRevoked).verify(mint()))
      expect(events.all()).toEqual([
        ['jwtgate:token.refused', expect.objectContaining({ code, hint: expect.stringContaining('isRevoked') })],
      ])
    } finally {
      events.stop()
    }
  })

  function fail(reason: unknown): never {
    throw reason as Error
  }

  function named(name: unknown): Error {
    return Object.assign(new Error(canary), { name })
  }
})

describe('the hook', () => {
  it('is asked with the Auth that the caller gets, and a signal', async () => {
    const asked: (readonly unknown[])[] = []
    const verifier = asking((...args) => {
      asked.push(args)
      return false
    })
    const token = mint({ jti: 'j1', permissions: ['read'], scope: 'orders', roles: ['clerk'] })
    const auth = await verifier.verify(token)
    const [seen, options] = (asked[0] ?? []) as [Auth?, { readonly signal: AbortSignal }?]
    expect(asked).toHaveLength(1)
    expect(asked[0]).toHaveLength(2)
    expect(seen).toBe(auth)
    expect(seen?.token).toBe(token)
    expect(seen?.claims).toMatchObject({ sub: 'alice', jti: 'j1' })
    expect([seen?.permissions, seen?.scopes, seen?.roles]).toEqual([['read'], ['orders'], ['clerk']])
    expect(Object.keys(options ?? {})).toEqual(['signal'])
    expect(options?.signal).toBeInstanceOf(AbortSignal)
  })

  it('cannot change what the caller gets', async () => {
    const written: boolean[] = []
    const verifier = asking((auth) => {
      written.push(
        Reflect.set(auth, 'permissions', ['admin']),
        Reflect.set(auth.claims, 'sub', 'mallory'),
        Reflect.set(auth.permissions, '0', 'admin'),
      )
      return false
    })
    const { claims, permissions } = await verifier.verify(mint({ permissions: ['read'] }))
    expect(written).toEqual([false, false, false])
    expect([claims.sub, permissions]).toEqual(['alice', ['read']])
  })

  it('is asked with a signal that is not aborted yet', async () => {
    let aborted: boolean | undefined
    const verifier = asking(async (_auth, { signal }) => {
      await Promise.resolve()
      aborted = signal.aborted
      return false
    })
    await verifier.verify(mint())
    expect(aborted).toBe(false)
  })

  it('is asked for every request, with the same token too', async () => {
    let asked = 0
    const verifier = asking(() => {
      asked++
      return false
    })
    const token = mint()
    for (let request = 1; request <= 3; request++) {
      await verifier.verify(token)
      expect(asked).toBe(request)
    }
    await Promise.all([verifier.verify(token), verifier.verify(token)])
    expect(asked).toBe(5)
  })

  it('refuses a token from the moment on when it is revoked', async () => {
    const revoked = new Set<unknown>()
    const verifier = asking(({ claims }) => revoked.has(claims.jti))
    const [first, second] = [mint({ jti: 'a' }), mint({ jti: 'b' })]
    expect(await outcomeOf(verifier.verify(first))).toBe('accepted')
    revoked.add('a')
    expect(await outcomeOf(verifier.verify(first))).toBe('token_revoked')
    expect(await outcomeOf(verifier.verify(second))).toBe('accepted')
    revoked.clear()
    expect(await outcomeOf(verifier.verify(first))).toBe('accepted')
  })

  it('that failed is asked again for the next request', async () => {
    const answers = [undefined, false]
    const verifier = asking(() => answers.shift())
    const token = mint()
    expect(await codeOf(verifier.verify(token))).toBe('revocation_unavailable')
    expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
  })

  it('keeps the answers of requests at once apart', async () => {
    const answers = new Map<unknown, (revoked: boolean) => void>()
    const verifier = asking(({ claims }) => new Promise((resolve) => answers.set(claims.sub, resolve)))
    const pending = ['a', 'b', 'c'].map((sub) =>
      verifier.verify(mint({ sub })).then(({ claims }) => claims.sub, codeFrom),
    )
    while (answers.size < 3) await new Promise(setImmediate)
    answers.get('c')?.(false)
    answers.get('a')?.(true)
    answers.get('b')?.(false)
    expect(await Promise.all(pending)).toEqual(['token_revoked', 'b', 'c'])
  })

  const { verifier: publicKey } = keyFor('ES256')
  const rejecting = {
    '~standard': { version: 1, vendor: 'x', validate: () => ({ issues: [{ path: ['tenant'] }] }) },
  } as const

  it.each<[string, string, Partial<JwtVerifierOptions>]>([
    ['token_malformed', 'x.y.z', {}],
    ['token_malformed', mint({ more: 'x'.repeat(20_000) }), {}],
    ['algorithm_not_allowed', mint({}, { key: newKey('EdDSA') }), {}],
    ['type_not_allowed', mint({}, { header: { typ: 'logout+jwt' } }), {}],
    ['issuer_mismatch', mint({ iss: 'https://mallory.example.com' }), {}],
    ['signature_invalid', withSignature(mint(), Buffer.alloc(64)), {}],
    ['claim_missing', mint({ nbf: undefined }), {}],
    ['audience_mismatch', mint({ aud: 'x' }), {}],
    ['token_bound', mint({ cnf: {} }), {}],
    ['token_expired', mint({ exp: 1 }), {}],
    ['token_not_yet_valid', mint({ nbf: 9_999_999_999 }), {}],
    ['token_too_old', mint({ iat: 1 }), { maxTokenAge: 60 }],
    ['claims_rejected', mint(), { claims: rejecting }],
  ])('is not asked about a token that is refused without it: %s', async (code, token, options) => {
    let asked = 0
    const verifier = testVerifier({ publicKey, ...options, isRevoked: () => ++asked > 0 })
    expect(await codeOf(verifier.verify(token))).toBe(code)
    expect(asked).toBe(0)
  })

  it('is not asked while the keys cannot be had', async () => {
    let asked = 0
    const { verifier } = remoteVerifier({
      jwksUri: 'https://id.example.com/jwks',
      remote: { fetch: () => Promise.reject(new Error('down')) },
      isRevoked: () => ++asked > 0,
    })
    expect(await codeOf(verifier.verify(mint()))).toBe('keys_unavailable')
    expect(asked).toBe(0)
  })

  it.each(casesOf<unknown>([null, true, false, 'jti', 7, {}, [], new Set(), Promise.resolve(false)]))(
    'is refused at creation as $value, which is no function',
    ({ value }) => {
      const error = configErrorOf(() => testVerifier({ isRevoked: value as RevocationCheck }))
      expect(error.option).toBe('isRevoked')
      expect(error.message).toMatch(/isRevoked must be a function/)
    },
  )

  it('undefined counts as not given', async () => {
    const options = { isRevoked: undefined } as unknown as Partial<JwtVerifierOptions>
    expect(await outcomeOf(testVerifier(options).verify(mint()))).toBe('accepted')
  })
})

describe('a denylist by jti, as a Map with expiry', () => {
  it('refuses a revoked token and no other, and may forget it once it is expired', async () => {
    const clock = new TestClock()
    const denied = new Map<string, number>()
    const isRevoked: RevocationCheck = ({ claims: { jti } }) => jti !== undefined && denied.has(jti)
    const verifier = testVerifier({ clock, isRevoked, requiredClaims: ['jti'] })
    const [mine, other] = [mint({ jti: 'a' }), mint({ jti: 'b' })]
    const { exp } = (await verifier.verify(mine)).claims
    denied.set('a', exp)
    expect(await outcomeOf(verifier.verify(mine))).toBe('token_revoked')
    expect(await outcomeOf(verifier.verify(other))).toBe('accepted')
    clock.seconds = exp
    for (const [jti, until] of denied) if (until <= clock.seconds) denied.delete(jti)
    expect(denied.size).toBe(0)
    expect(await outcomeOf(verifier.verify(mine))).toBe('token_expired')
  })
})

describe('the deadline of the hook', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  /** A request whose hook gives no answer until it is told to. */
  async function hanging() {
    let ask: (signal: AbortSignal) => void
    const asked = new Promise<AbortSignal>((resolve) => (ask = resolve))
    let settle = { resolve: (_answer: boolean): void => {}, reject: (_reason: unknown): void => {} }
    const verifier = asking(
      (_auth, { signal }) =>
        new Promise<boolean>((resolve, reject) => {
          settle = { resolve, reject }
          ask(signal)
        }),
    )
    let outcome: string | undefined
    const verified = verifier.verify(mint()).then(() => 'accepted', codeFrom)
    void verified.then((known) => (outcome = known))
    const signal = await asked
    return { signal, settle, verified, outcome: () => outcome }
  }

  it('is 5 seconds: then the request is refused and the signal aborted', async () => {
    const { signal, verified, outcome } = await hanging()
    await vi.advanceTimersByTimeAsync(4_999)
    expect([outcome(), signal.aborted]).toEqual([undefined, false])
    await vi.advanceTimersByTimeAsync(1)
    expect([outcome(), signal.aborted]).toEqual(['revocation_unavailable', true])
    await verified
  })

  it.each([
    [false, 'accepted'],
    [true, 'token_revoked'],
  ])('does not matter to an answer just before it: %s', async (answer, expected) => {
    const { settle, verified } = await hanging()
    await vi.advanceTimersByTimeAsync(4_999)
    settle.resolve(answer)
    expect(await verified).toBe(expected)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is not undone by what comes later: neither by an answer nor by a rejection', async () => {
    for (const late of ['resolve', 'reject'] as const) {
      const { settle, verified, outcome } = await hanging()
      await vi.advanceTimersByTimeAsync(5_000)
      expect(await verified).toBe('revocation_unavailable')
      if (late === 'resolve') settle.resolve(false)
      else settle.reject(new Error(canary))
      await new Promise(setImmediate)
      expect(outcome()).toBe('revocation_unavailable')
    }
  })

  it('is heard by a hook that listens to its signal', async () => {
    let tellAsked = (): void => {}
    const asked = new Promise<void>((resolve) => (tellAsked = resolve))
    const verifier = asking((_auth, { signal }) => {
      tellAsked()
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error(canary))))
    })
    const verified = refusalOf(verifier.verify(mint()))
    await asked
    await vi.advanceTimersByTimeAsync(5_000)
    const error = await verified
    expect(error.code).toBe('revocation_unavailable')
    expect(error.hint).toMatch(/within 5000 ms/)
    expect(visibleText(error)).not.toContain(canary)
  })

  it('leaves no timer behind once there is an answer, whatever it is', async () => {
    for (const isRevoked of [() => false, () => true, () => undefined, () => Promise.reject(new Error(canary))]) {
      await outcomeOfHook(isRevoked)
      expect(vi.getTimerCount()).toBe(0)
    }
  })

  async function outcomeOfHook(isRevoked: () => unknown): Promise<string> {
    return asking(isRevoked)
      .verify(mint())
      .then(() => 'accepted', codeFrom)
  }
})

describe('withDeadline()', () => {
  const expired = (): Error => new RangeError('too late')
  const never = (): Promise<never> => new Promise(() => {})

  it('gives what the action gives', async () => {
    expect(await withDeadline(1_000, async () => 7, expired)).toBe(7)
    await expect(withDeadline(1_000, () => Promise.reject(new TypeError('no')), expired)).rejects.toThrow(TypeError)
  })

  it('rejects once the time is over, with the error it was given', async () => {
    await expect(withDeadline(5, never, expired)).rejects.toThrow('too late')
  })

  it('aborts the signal once the time is over, and not before', async () => {
    const states: boolean[] = []
    const outcome = withDeadline(
      5,
      (signal) => {
        states.push(signal.aborted)
        signal.addEventListener('abort', () => states.push(signal.aborted))
        return never()
      },
      expired,
    )
    await expect(outcome).rejects.toThrow('too late')
    expect(states).toEqual([false, true])
  })

  it('leaves no late rejection unheard', async () => {
    let reject: (reason: unknown) => void = () => {}
    const late = new Promise<never>((_resolve, refuse) => (reject = refuse))
    await expect(withDeadline(5, () => late, expired)).rejects.toThrow('too late')
    reject(new Error('late'))
    await new Promise(setImmediate)
  })
})

describe('a process', () => {
  const input = { issuer, audience, jwk: keyFor('ES256').verifier.export({ format: 'jwk' }) }
  const token = mint({ nbf: 0, iat: 0, exp: 9_999_999_999 })
  const prelude = `
    import { createJwtVerifier } from '@jwtgate/core'
    const { token, issuer, audience, jwk } = input
    const verifying = (isRevoked) =>
      createJwtVerifier({ issuer, audience, algorithms: ['ES256'], publicKey: jwk, isRevoked }).verify(token)
    process.on('unhandledRejection', (reason) => console.log('unhandled', reason))
    `

  it('ends at once when the hook has answered: its deadline keeps nothing alive', async () => {
    const run = await runModule(`${prelude} console.log((await verifying(async () => false)).claims.sub)`, {
      ...input,
      token,
    })
    expect(run).toMatchObject({ exitCode: 0, stdout: 'alice\n', stderr: '' })
    expect(run.milliseconds).toBeLessThan(4_000)
  })
})

function codeFrom(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : `no refusal: ${String(error)}`
}

describe('without a hook', () => {
  it('no token is revoked', async () => {
    expect((await testVerifier().verify(mint())).claims).toEqual(goodClaims())
  })
})
