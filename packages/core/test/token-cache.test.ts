// Tokens that were verified before: what is not checked again, what is checked for each request, and who finds them.
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  createJwtVerifier,
  type Auth,
  type ClaimsSchema,
  type JwtVerifierOptions,
  type RevocationCheck,
  type TokenCacheOptions,
} from '@jwtgate/core'
import { z } from 'zod'
import { casesOf } from '../../../test/support/cases.ts'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { countingVerifier } from '../../../test/support/counting-verifier.ts'
import { severalIssuers, testIssuer } from '../../../test/support/issuers.ts'
import { algorithmNames, jwkOf, keyFor } from '../../../test/support/keys.ts'
import { goodClaims, issuer, mint, now, partsOf } from '../../../test/support/mint.ts'
import { recordEvents } from '../../../test/support/recorded-events.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { codeOf, outcomeOf, refusalOf, TestClock, testOptions, testVerifier } from '../../../test/support/verifiers.ts'
import { visibleText } from '../../../test/support/visible-text.ts'

refuseUnhandledRejections()

/** A schema of the test's own, which passes what `validate` makes of the claims. */
function schemaOf(validate: ClaimsSchema['~standard']['validate']): ClaimsSchema {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

describe('a token that was verified before', () => {
  it.each(algorithmNames)('is not verified again, with %s', async (alg) => {
    const key = keyFor(alg)
    const keys = alg.startsWith('HS') ? { secret: key.verifier } : { publicKey: key.verifier }
    const { verifier, verified } = countingVerifier({ algorithms: [alg], ...keys })
    const token = mint({}, { key })
    for (let request = 0; request < 3; request++) expect((await verifier.verify(token)).claims).toEqual(goodClaims())
    expect(verified()).toBe(1)
  })

  it('is known by its text, not by the string that has it', async () => {
    const { verifier, verified } = countingVerifier()
    const token = mint()
    await verifier.verify(token)
    await verifier.verify(Buffer.from(token).toString())
    expect(verified()).toBe(1)
  })

  it('gives every request the same Auth', async () => {
    for (const isRevoked of [undefined, () => false]) {
      const verifier = testVerifier(isRevoked && { isRevoked })
      const token = mint({ permissions: ['read'], scope: 'orders', roles: ['clerk'] })
      const first = await verifier.verify(token)
      const others = await Promise.all([verifier.verify(token), verifier.verify(token)])
      for (const other of others) expect(other).toBe(first)
      expect(first.token).toBe(token)
      expect([first.permissions, first.scopes, first.roles]).toEqual([['read'], ['orders'], ['clerk']])
    }
  })

  it('does not reach functions of the application again, but for the revocation', async () => {
    const asked: string[] = []
    const note = (what: string) => (): readonly string[] => {
      asked.push(what)
      return []
    }
    const verifier = testVerifier({
      permissionsFrom: note('permissions'),
      scopesFrom: note('scopes'),
      rolesFrom: note('roles'),
      claims: schemaOf((value) => {
        asked.push('schema')
        return { value: value as object }
      }),
      isRevoked: () => {
        asked.push('revocation')
        return false
      },
    })
    const token = mint()
    await verifier.verify(token)
    expect(asked.splice(0).toSorted()).toEqual(['permissions', 'revocation', 'roles', 'schema', 'scopes'])
    await verifier.verify(token)
    await verifier.verify(token)
    expect(asked).toEqual(['revocation', 'revocation'])
  })

  it('is remembered beside others, each with its own claims', async () => {
    const { verifier, verified } = countingVerifier()
    const tokens = Array.from({ length: 100 }, (_, index) => mint({ sub: `user ${index}` }))
    for (let round = 0; round < 2; round++) {
      const auths = await Promise.all(tokens.map((token) => verifier.verify(token)))
      expect(auths.map(({ claims }) => claims.sub)).toEqual(tokens.map((_, index) => `user ${index}`))
    }
    expect(verified()).toBe(100)
  })

  it('is remembered with one secret of several, whichever it was signed with', async () => {
    const keys = ['HS256', 'HS384', 'HS512'].map((alg) => keyFor(alg as 'HS256'))
    const { verifier, verified } = countingVerifier({
      algorithms: ['HS256'],
      secret: keys.map((key) => key.verifier),
    })
    for (const { signer, verifier: secret } of keys) {
      const token = mint({}, { key: { alg: 'HS256', signer, verifier: secret } })
      for (let request = 0; request < 2; request++) expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
    }
    expect(verified()).toBe(3)
  })
})

describe('a token that is like one that was verified before', () => {
  const token = mint({}, { header: { kid: 'known' } })
  const [header, payload, signature] = partsOf(token)
  const other = mint({ sub: 'mallory', roles: ['admin'] }, { header: { kid: 'known' } })
  const [, otherPayload] = partsOf(other)
  const [unsigned] = partsOf(mint({}, { header: { alg: 'none', kid: 'known' } }))
  const [stranger] = partsOf(mint({}, { header: { kid: 'unknown' } }))
  const [, ofAnother] = partsOf(mint({ iss: 'https://mallory.example.com' }))
  const tail = signature.slice(-22)
  const likenesses: readonly (readonly [string, string, string])[] = [
    ['has its signature, and another payload', `${header}.${otherPayload}.${signature}`, 'signature_invalid'],
    ['has the end of its signature only', `${header}.${otherPayload}.${'A'.repeat(64)}${tail}`, 'signature_invalid'],
    ['has another begin of the signature', `${header}.${payload}.${'A'.repeat(64)}${tail}`, 'signature_invalid'],
    ['differs in one character', `${header}.${payload}.${flipped(signature)}`, 'signature_invalid'],
    ['has its signature, and says that it has none', `${unsigned}.${payload}.${signature}`, 'algorithm_not_allowed'],
    ['has its signature, and names another key', `${stranger}.${payload}.${signature}`, 'key_unknown'],
    ['has its signature, and another issuer', `${header}.${ofAnother}.${signature}`, 'issuer_mismatch'],
    ['is the end of its signature', tail, 'token_malformed'],
    ['is its signature', signature, 'token_malformed'],
    ['has something before it', `x${token}`, 'token_malformed'],
    ['has a blank before it', ` ${token}`, 'token_malformed'],
    ['is twice that', `${token}.${token}`, 'token_malformed'],
    ['lacks its first character', token.slice(1), 'token_malformed'],
    ['has a blank behind it', `${token} `, 'token_malformed'],
    ['has padding behind it', `${token}==`, 'token_malformed'],
    ['lacks its last character', token.slice(0, -1), 'token_malformed'],
    ['is longer than allowed, and ends as it', `${'A'.repeat(20_000)}${token}`, 'token_malformed'],
    ['is an empty text', '', 'token_malformed'],
  ]
  const options = { jwks: { keys: [jwkOf(keyFor('ES256'), { kid: 'known' })] } }

  it.each(likenesses)('and %s is refused, and takes nothing from it', async (_what, like, code) => {
    const { verifier, verified } = countingVerifier(options)
    await verifier.verify(token)
    for (let request = 0; request < 2; request++) expect(await codeOf(verifier.verify(like))).toBe(code)
    expect((await verifier.verify(token)).claims.sub).toBe('alice')
    expect(verified()).toBe(1) // Still remembered: nobody can push it out.
  })

  it('and came first does not keep it from being remembered', async () => {
    const { verifier, verified } = countingVerifier(options)
    for (const [, like, code] of likenesses) expect(await codeOf(verifier.verify(like))).toBe(code)
    for (let request = 0; request < 2; request++) await verifier.verify(token)
    expect(verified()).toBe(1)
  })

  it('and is the second good signature of the same claims is verified by itself', async () => {
    const { verifier, verified } = countingVerifier(options)
    const again = mint({}, { header: { kid: 'known' } }) // ECDSA signs with a random number.
    expect(again).not.toBe(token)
    for (const one of [token, again, token, again]) expect((await verifier.verify(one)).token).toBe(one)
    expect(verified()).toBe(2)
  })

  function flipped(text: string): string {
    return text.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))
  }
})

describe('what is no text', () => {
  const inputs: readonly (readonly [string, (token: string) => unknown])[] = [
    ['null', () => null],
    ['undefined', () => undefined],
    ['a number', () => 1],
    ['a list with the token', (token) => [token]],
    ['a String object with the token', (token) => Object(token) as unknown],
    ['the bytes of the token', (token) => Buffer.from(token)],
    ['an object that becomes the token', (token) => ({ toString: () => token, slice: () => token.slice(-22) })],
    ['an object with a slice() that throws', () => ({ slice: () => neverCalled() })],
    ['a list that slices to the end of the token', (token) => Object.assign([], { slice: () => token.slice(-22) })],
    ['an object with that token', (token) => ({ token })],
    ['a function', (token) => () => token],
    ['a promise of the token', (token) => Promise.resolve(token)],
  ]

  it.each(inputs)('is refused after a good token as before it: %s', async (_what, inputOf) => {
    const verifier = testVerifier()
    const token = mint()
    const refuse = async (): Promise<void> =>
      expect(await codeOf(verifier.verify(inputOf(token) as string))).toBe('token_malformed')
    await refuse()
    await verifier.verify(token)
    await refuse()
    await refuse()
  })

  function neverCalled(): never {
    throw new Error('slice() was called')
  }
})

describe('a token that was refused', () => {
  it('is not remembered: each time it is checked anew', async () => {
    const answers: readonly (readonly [boolean, string])[] = [
      [false, 'claims_rejected'],
      [false, 'claims_rejected'],
      [true, 'accepted'],
      [false, 'accepted'], // From here on it is.
    ]
    let passes = false
    const claims = schemaOf((value) => (passes ? { value: value as object } : { issues: [{ path: ['tenant'] }] }))
    const verifier = testVerifier({ claims })
    const token = mint()
    for (const [next, outcome] of answers) {
      passes = next
      expect(await outcomeOf(verifier.verify(token))).toBe(outcome)
    }
  })

  it('for its times is accepted once they fit', async () => {
    const clock = new TestClock()
    const { verifier, verified } = countingVerifier({ clock })
    const token = mint({ nbf: now + 10 })
    expect(await codeOf(verifier.verify(token))).toBe('token_not_yet_valid')
    expect(verified()).toBe(0)
    clock.seconds = now + 10
    expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
  })

  it('by a schema that is broken is not remembered either', async () => {
    let isBroken = true
    const verifier = testVerifier({
      claims: schemaOf((value) => (isBroken ? (undefined as never) : { value: value as object })),
    })
    const token = mint()
    await expect(verifier.verify(token)).rejects.toThrow(/schema/)
    await expect(verifier.verify(token)).rejects.toThrow(/schema/)
    isBroken = false
    expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
  })

  it('only by the revocation is: nothing else is checked again when that changes its mind', async () => {
    let revoked = true
    const { verifier, verified } = countingVerifier({ isRevoked: () => revoked })
    const token = mint()
    expect(await codeOf(verifier.verify(token))).toBe('token_revoked')
    revoked = false
    expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
    expect(verified()).toBe(1)
  })
})

describe('the time, for a token that is remembered', () => {
  interface Step {
    /** Seconds after {@link now}. */
    readonly at: number
    readonly outcome: string
  }
  interface Row {
    readonly what: string
    readonly claims?: Readonly<Record<string, unknown>>
    readonly options?: Partial<JwtVerifierOptions>
    readonly steps: readonly Step[]
  }
  const day = 86_400
  const rows: readonly Row[] = [
    {
      what: 'its exp',
      steps: [
        { at: 3_599, outcome: 'accepted' },
        { at: 3_600, outcome: 'token_expired' },
        { at: 10 * day, outcome: 'token_expired' },
        { at: 3_599, outcome: 'accepted' },
      ],
    },
    {
      what: 'its exp, with clockTolerance',
      options: { clockTolerance: 5 },
      steps: [
        { at: 3_604, outcome: 'accepted' },
        { at: 3_605, outcome: 'token_expired' },
      ],
    },
    {
      what: 'its nbf, when the clock is set back',
      claims: { iat: undefined },
      steps: [
        { at: -1, outcome: 'token_not_yet_valid' },
        { at: 0, outcome: 'accepted' },
      ],
    },
    {
      what: 'its iat, when the clock is set back',
      claims: { nbf: now - day },
      steps: [
        { at: -1, outcome: 'claim_invalid' },
        { at: 0, outcome: 'accepted' },
      ],
    },
    {
      what: 'maxTokenAge',
      claims: { exp: now + day },
      options: { maxTokenAge: 60 },
      steps: [
        { at: 60, outcome: 'accepted' },
        { at: 61, outcome: 'token_too_old' },
        { at: 60, outcome: 'accepted' },
      ],
    },
    {
      what: 'its own exp, whatever a schema makes of that',
      options: { claims: schemaOf(() => ({ value: { exp: now + 10 * day, nbf: 0 } })) },
      steps: [
        { at: 3_600, outcome: 'token_expired' },
        { at: -1, outcome: 'token_not_yet_valid' },
      ],
    },
    {
      what: 'its own times, although a schema leaves all claims out',
      options: { claims: schemaOf(() => ({ value: {} })), maxTokenAge: 60 },
      steps: [
        { at: 61, outcome: 'token_too_old' },
        { at: 3_600, outcome: 'token_expired' },
      ],
    },
  ]

  it.each(rows)('counts for every request: $what', async ({ claims, options, steps }) => {
    const clock = new TestClock()
    const { verifier, verified } = countingVerifier({ clock, ...options })
    const token = mint(claims)
    await verifier.verify(token)
    for (const { at, outcome } of steps) {
      clock.seconds = now + at
      expect(await outcomeOf(verifier.verify(token))).toBe(outcome)
    }
    expect(verified()).toBe(1)
  })

  it('counts before the revocation, which is not asked about an expired token', async () => {
    const clock = new TestClock()
    let asked = 0
    const verifier = testVerifier({ clock, isRevoked: () => ++asked < 0 })
    const token = mint()
    await verifier.verify(token)
    clock.seconds += 3_600
    expect(await codeOf(verifier.verify(token))).toBe('token_expired')
    expect(asked).toBe(1)
  })

  it('that no clock can tell refuses it, by a promise', async () => {
    let time = now * 1000
    const token = mint()
    for (const tokenCache of [{}, false] as const) {
      time = now * 1000
      const verifier = testVerifier({ clock: { now: () => time }, tokenCache })
      await verifier.verify(token)
      time = Number.NaN
      const outcome = verifier.verify(token)
      expect(outcome).toBeInstanceOf(Promise)
      await expect(outcome).rejects.toThrow(/clock\.now\(\) must return/)
    }
  })
})

describe('the revocation, for a token that is remembered', () => {
  it('is asked for every request, with the Auth that the request gets', async () => {
    const asked: Auth[] = []
    const isRevoked: RevocationCheck = (auth) => {
      asked.push(auth)
      return false
    }
    const { verifier, verified } = countingVerifier({ isRevoked })
    const token = mint()
    const auths = [await verifier.verify(token), await verifier.verify(token), await verifier.verify(token)]
    expect(asked).toHaveLength(3)
    for (const [index, auth] of auths.entries()) expect(asked[index]).toBe(auth)
    expect(verified()).toBe(1)
  })

  it.each<[string, () => unknown, string]>([
    ['true', () => true, 'token_revoked'],
    ['a promise of true', async () => true, 'token_revoked'],
    ['nothing', () => undefined, 'revocation_unavailable'],
    ['a rejection', async () => Promise.reject(new Error('down')), 'revocation_unavailable'],
  ])('is its last word: %s', async (_what, answer, code) => {
    let isRevoked: () => unknown = () => false
    const { verifier, verified } = countingVerifier({ isRevoked: (() => isRevoked()) as RevocationCheck })
    const token = mint()
    await verifier.verify(token)
    isRevoked = answer
    expect(await codeOf(verifier.verify(token))).toBe(code)
    isRevoked = () => false
    expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
    expect(verified()).toBe(1)
  })
})

describe('a refusal of a token that is remembered', () => {
  const rows: readonly (readonly [string, (clock: TestClock) => Partial<JwtVerifierOptions>])[] = [
    ['token_expired', (clock) => ({ isRevoked: () => lateNow(clock) })],
    ['token_revoked', () => ({ isRevoked: onceFalse(true) })],
    ['revocation_unavailable', () => ({ isRevoked: onceFalse(undefined as unknown as boolean) })],
  ]

  it.each(rows)('reads as any other, and is told once: %s', async (code, optionsOf) => {
    const token = mint({ jti: 'Canary7f3a' })
    const seen = []
    for (const tokenCache of [{}, false] as const) {
      const clock = new TestClock()
      const verifier = testVerifier({ clock, tokenCache, ...optionsOf(clock) })
      await verifier.verify(token)
      const events = recordEvents()
      const error = await refusalOf(verifier.verify(token))
      events.stop()
      expect(error.code).toBe(code)
      expect(events.all()).toHaveLength(1)
      const text = visibleText(error) + inspect(events.all())
      for (const secret of ['Canary7f3a', ...token.split('.')]) expect(text).not.toContain(secret)
      seen.push([text, error.name, error.message, error.hint, error.headers, error.stack, events.all()])
    }
    expect(seen[0]).toEqual(seen[1])
  })

  it('is another error each time: whoever handles one may change its headers', async () => {
    const verifier = testVerifier({ isRevoked: onceFalse(true) })
    const token = mint()
    await verifier.verify(token)
    const [first, second] = [await refusalOf(verifier.verify(token)), await refusalOf(verifier.verify(token))]
    expect(first).not.toBe(second)
    expect(first.headers).not.toBe(second.headers)
  })

  /** Not revoked, but the answer took an hour. */
  function lateNow(clock: TestClock): boolean {
    clock.seconds = now + 3_600
    return false
  }

  function onceFalse(then: boolean): RevocationCheck {
    let asked = 0
    return () => (asked++ === 0 ? false : then)
  }
})

describe('what requests share', () => {
  const nested = { a: [{ b: { c: [1, { d: [] }] } }], permissions: ['read'], scope: 'a b', roles: ['x'] }
  const rows: readonly (readonly [string, Partial<JwtVerifierOptions>])[] = [
    ['as it is', {}],
    [
      'with a schema of zod',
      { claims: z.looseObject({ tenant: z.object({ ids: z.array(z.number()) }).default({ ids: [1] }) }) },
    ],
    [
      'with a schema that adds lists in objects',
      { claims: schemaOf(() => ({ value: { more: { list: [{ x: [{}] }] } } })) },
    ],
    ['with a schema whose output has a cycle', { claims: schemaOf(() => ({ value: cyclic() })) }],
    ['with functions that read the claims', { permissionsFrom: ({ permissions }) => permissions as readonly string[] }],
    [
      'with functions that keep their list',
      { rolesFrom: () => kept, permissionsFrom: () => kept, scopesFrom: () => kept },
    ],
  ]
  const kept = ['kept']

  it.each(rows)('is frozen all the way down, %s', async (_how, options) => {
    const verifier = testVerifier(options)
    const token = mint(nested, { header: { x: { y: [{}] } } })
    const auth = await verifier.verify(token)
    expect(openParts(auth)).toEqual([])
    expect(await verifier.verify(token)).toBe(auth)
  })

  it('cannot be changed by one of them for the next', async () => {
    const verifier = testVerifier()
    const token = mint(nested)
    const before = inspect(await verifier.verify(token), { depth: Infinity, showHidden: true })
    const { claims, header, permissions } = await verifier.verify(token)
    const attempts: readonly (() => unknown)[] = [
      () => Object.assign(claims, { sub: 'mallory' }),
      () => Object.assign((claims.a as object[])[0] ?? {}, { b: 1 }),
      () => (claims.a as unknown[]).push(1),
      () => Object.assign(header, { alg: 'none' }),
      () => (permissions as string[]).push('admin'),
      () => Object.setPrototypeOf(claims, { admin: true }),
      () => Object.defineProperty(claims, 'admin', { value: true }),
    ]
    for (const attempt of attempts) expect(attempt).toThrow(TypeError)
    expect(inspect(await verifier.verify(token), { depth: Infinity, showHidden: true })).toBe(before)
  })

  it('is no list of the application: what that does with its own later changes nothing', async () => {
    const list = ['read']
    const verifier = testVerifier({ permissionsFrom: () => list })
    const token = mint()
    await verifier.verify(token)
    list.push('admin')
    expect((await verifier.verify(token)).permissions).toEqual(['read'])
  })

  /** Where something that can be changed stands: objects and lists, also in what is not enumerable. */
  function openParts(root: object): readonly string[] {
    const open: string[] = []
    const seen = new Set<object>()
    const walk = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null || seen.has(value)) return
      seen.add(value)
      if (!Object.isFrozen(value)) open.push(path)
      for (const name of Object.getOwnPropertyNames(value)) walk(Reflect.get(value, name), `${path}.${name}`)
    }
    walk(root, 'auth')
    return open
  }

  function cyclic(): object {
    const value: Record<string, unknown> = { list: [{}] }
    value.self = value
    value.list = [value]
    return { value }
  }
})

describe('two verifiers', () => {
  it('with the same keys never share what they remember, whatever differs', async () => {
    const keys = { publicKey: keyFor('ES256').verifier, clock: new TestClock() }
    const token = mint()
    const others: readonly (readonly [Partial<JwtVerifierOptions>, string])[] = [
      [{ audience: 'https://other.example.com' }, 'audience_mismatch'],
      [{ issuer: 'https://other.example.com' }, 'issuer_mismatch'],
      [{ requiredClaims: ['tenant'] }, 'claim_missing'],
      [{ claimValues: { sub: 'bob' } }, 'claim_invalid'],
      [{ typ: 'at+jwt' }, 'type_not_allowed'],
      [{ algorithms: ['ES384'], publicKey: keyFor('ES384').verifier }, 'algorithm_not_allowed'],
      [{ publicKey: keyFor('ES256').verifier, maxTokenLength: 256 }, 'token_malformed'],
      [{ isRevoked: () => true }, 'token_revoked'],
      [{ claims: schemaOf(() => ({ issues: [] })) }, 'claims_rejected'],
    ]
    const verifier = testVerifier(keys)
    for (const [changes, code] of others) {
      const other = testVerifier({ ...keys, ...changes })
      for (let round = 0; round < 2; round++) {
        expect(await outcomeOf(verifier.verify(token))).toBe('accepted')
        expect(await codeOf(other.verify(token))).toBe(code)
      }
    }
  })

  it('that take the same token give it each its own permissions', async () => {
    const token = mint({ a: ['of a'], b: ['of b'] })
    const verifiers = ['a', 'b'].map((from) => testVerifier({ permissionsFrom: [from] }))
    for (let round = 0; round < 2; round++) {
      const auths = await Promise.all(verifiers.map((verifier) => verifier.verify(token)))
      expect(auths.map(({ permissions }) => permissions)).toEqual([['of a'], ['of b']])
    }
  })
})

describe('one verifier for several issuers', () => {
  it('remembers the tokens of each by its own rules', async () => {
    const clock = new TestClock()
    const one = testIssuer('https://one.example.com')
    const two = testIssuer('https://two.example.com', 'ES256', one.key) // The same key: only `iss` tells them apart.
    let verified = 0
    const counted = (name: string) => (): readonly string[] => {
      verified++
      return [name]
    }
    const verifier = severalIssuers(
      [
        one.options({ audience: 'a', maxTokenAge: 60, permissionsFrom: counted('one') }),
        two.options({ audience: 'b', permissionsFrom: counted('two') }),
      ],
      { clock },
    )
    const [first, second] = [one.mint({ aud: 'a' }), two.mint({ aud: 'b' })]
    for (let round = 0; round < 2; round++) {
      expect((await verifier.verify(first)).permissions).toEqual(['one'])
      expect((await verifier.verify(second)).permissions).toEqual(['two'])
    }
    clock.seconds += 61
    expect(await codeOf(verifier.verify(first))).toBe('token_too_old')
    expect(await outcomeOf(verifier.verify(second))).toBe('accepted')
    expect(verified).toBe(2)
  })

  it('takes tokenCache in its second argument', async () => {
    for (const [tokenCache, times] of [[{ max: 1 }, 1] as const, [false, 3] as const]) {
      const one = testIssuer('https://one.example.com')
      let verified = 0
      const permissionsFrom = (): readonly string[] => {
        verified++
        return []
      }
      const verifier = severalIssuers([one.options({ permissionsFrom })], { tokenCache })
      const token = one.mint()
      for (let request = 0; request < 3; request++) await verifier.verify(token)
      expect(verified).toBe(times)
    }
  })

  it('does not take it among the options of one of them', () => {
    const one = testIssuer('https://one.example.com')
    const options = { ...one.options(), tokenCache: false }
    expect(configErrorOf(() => createJwtVerifier([options])).option).toBe('[0].tokenCache')
  })
})

describe('whoever listens to the channels of lru-cache', () => {
  it('sees no token and no claim', async () => {
    const seen: unknown[] = []
    const listener = (message: unknown): void => void seen.push(message)
    const tracing = tracingChannel('lru-cache')
    const traced = { start: listener, end: listener, asyncStart: listener, asyncEnd: listener, error: listener }
    subscribe('lru-cache:metrics', listener)
    tracing.subscribe(traced)
    const token = mint({ sub: 'Canary7f3a', jti: 'Canary7f3b', permissions: ['Canary7f3c'] })
    const verifier = testVerifier({ tokenCache: { max: 2 } })
    try {
      for (const one of [token, token, mint({ sub: 'Canary7f3d' }), mint(), mint(), token]) await verifier.verify(one)
    } finally {
      unsubscribe('lru-cache:metrics', listener)
      tracing.unsubscribe(traced)
    }
    const operations = seen.map((message) => (message as { readonly op: string }).op)
    expect(operations).toEqual(expect.arrayContaining(['get', 'set'])) // It is heard.
    const everything = { depth: Infinity, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null }
    const text = inspect(seen, everything) + inspect(verifier, everything)
    for (const secret of ['Canary', 'alice', issuer, ...token.split('.')]) expect(text).not.toContain(secret)
  })
})

describe('the option tokenCache', () => {
  const tooFew = [0, -1, 0.5, Number.NaN, Number.NEGATIVE_INFINITY, null, '10', true, {}, [], 10n]

  it.each(
    casesOf<unknown>([true, null, 0, 1, 10_000, Number.NaN, '', 'off', 'false', [], [10], new Map(), Symbol('x')]),
  )('is refused as $value', ({ value }) => {
    const error = refusalFor(value)
    expect(error.option).toBe('tokenCache')
    expect(error.message).toMatch(/tokenCache/)
  })

  it.each(casesOf<unknown>([...tooFew, 1_000_001, Number.POSITIVE_INFINITY]))(
    'max is refused as $value',
    ({ value }) => {
      const error = refusalFor({ max: value })
      expect(error.option).toBe('tokenCache.max')
      expect(error.message).toMatch(/tokenCache\.max must be a number of tokens from 1 to 1000000/)
    },
  )

  it.each(casesOf<unknown>([...tooFew, 65_535, 1_073_741_825, Number.POSITIVE_INFINITY]))(
    'maxBytes is refused as $value',
    ({ value }) => {
      const error = refusalFor({ maxBytes: value })
      expect(error.option).toBe('tokenCache.maxBytes')
      expect(error.message).toMatch(/tokenCache\.maxBytes must be a number of bytes from 65536 to 1073741824/)
    },
  )

  it.each([
    ['maxSize', 'The options are: max, maxBytes'],
    ['maxbytes', 'Did you mean `maxBytes`?'],
    ['Max', 'Did you mean `max`?'],
    ['ttl', 'The options are: max, maxBytes'],
  ])('has no member %s, and says so: %s', (name, said) => {
    const error = refusalFor({ [name]: 1 })
    expect(error.option).toBe(`tokenCache.${name}`)
    expect(error.message).toContain(said)
  })

  it('is meant by `cache`', () => {
    const error = configErrorOf(() => testVerifier({ cache: false } as Partial<JwtVerifierOptions>))
    expect(error).toMatchObject({ option: 'cache', message: expect.stringContaining('`tokenCache`') })
  })

  it.each(
    casesOf<TokenCacheOptions>([
      {},
      { max: 1 },
      { max: 1_000_000 },
      { max: 1.5 },
      { maxBytes: 65_536 },
      { maxBytes: 1_073_741_824 },
      { max: 10, maxBytes: 100_000.5 },
      { max: undefined as unknown as number },
    ]),
  )('may be $value', async ({ value }) => {
    const { verifier, verified } = countingVerifier({ tokenCache: value })
    const token = mint()
    for (let request = 0; request < 2; request++) await verifier.verify(token)
    expect(verified()).toBe(1)
  })

  it('undefined counts as not given: tokens are remembered', async () => {
    const { verifier, verified } = countingVerifier({ tokenCache: undefined } as unknown as Partial<JwtVerifierOptions>)
    const token = mint()
    for (let request = 0; request < 2; request++) await verifier.verify(token)
    expect(verified()).toBe(1)
  })

  it('is copied: what becomes of the object later changes nothing', async () => {
    const tokenCache = { max: 5 }
    const { verifier, verified } = countingVerifier({ tokenCache })
    tokenCache.max = 1
    const tokens = ['a', 'b', 'c'].map((sub) => mint({ sub }))
    for (const token of [...tokens, ...tokens]) await verifier.verify(token)
    expect(verified()).toBe(3)
  })

  it('false remembers nothing', async () => {
    const { verifier, verified } = countingVerifier({ tokenCache: false })
    const token = mint()
    const auths = [await verifier.verify(token), await verifier.verify(token), await verifier.verify(token)]
    expect(verified()).toBe(3)
    expect(new Set(auths).size).toBe(3)
  })

  function refusalFor(tokenCache: unknown) {
    return configErrorOf(() => createJwtVerifier({ ...testOptions(), tokenCache } as JwtVerifierOptions))
  }
})
