// A request and who sent it: let in or refused, remembered on the request, and asked for by guards.
import { describe, expect, it } from 'vitest'
import {
  createAccessAuthorizer,
  createAuthenticator,
  createAuthorizer,
  findAuth,
  fromCookie,
  InvalidRequestError,
  isJwtGateError,
  permission,
  PermissionDeniedError,
  requireAuth,
  scope,
  SetupError,
  type Auth,
  type AuthenticationOptions,
  type JwtVerifierOptions,
  type RequestLike,
  type TokenFinder,
} from '@jwtgate/core'
import { casesOf } from '../../../../test/support/cases.ts'
import { configErrorOf } from '../../../../test/support/config-errors.ts'
import { goodClaims, mint } from '../../../../test/support/mint.ts'
import { withPolluted } from '../../../../test/support/pollution.ts'
import {
  authenticatedRequest,
  passageOf,
  refusalAt,
  requestWith,
  type Guard,
} from '../../../../test/support/requests.ts'
import { testOptions, testVerifier } from '../../../../test/support/verifiers.ts'

const outcomeKey = Symbol.for('jwtgate.auth')
const bearer = `Bearer ${mint({ permissions: ['read'] })}`
const expired = `Bearer ${mint({ exp: 1 })}`
const required = createAuthenticator(testVerifier())
const optional = createAuthenticator(testVerifier(), {}, 'allowed')

/** What authentication says: `anonymous`, the subject, or the code of the refusal with its challenge. */
async function said(
  authenticate: (request: RequestLike) => Promise<Auth | undefined>,
  request: RequestLike,
): Promise<{ readonly who?: unknown; readonly code?: string; readonly challenge?: string | undefined }> {
  try {
    const auth = await authenticate(request)
    return { who: auth === undefined ? 'anonymous' : auth.claims.sub }
  } catch (error) {
    if (!isJwtGateError(error)) throw error
    return { code: error.code, challenge: error.headers['WWW-Authenticate'] }
  }
}

describe('a request', () => {
  it('with a good token is let in', async () => {
    expect(await said(required, requestWith(bearer))).toEqual({ who: 'alice' })
    expect(await said(optional, requestWith(bearer))).toEqual({ who: 'alice' })
  })

  it('without a token is refused where one is required, with a challenge that names no error', async () => {
    expect(await said(required, requestWith())).toEqual({ code: 'token_missing', challenge: 'Bearer realm="api"' })
  })

  it('without a token is anonymous where none is required', async () => {
    expect(await said(optional, requestWith())).toEqual({ who: 'anonymous' })
  })

  it.each(['Basic YTpi', 'DPoP x', `BearerX ${mint()}`, ''])(
    'with another scheme has no credentials: %j',
    async (field) => {
      expect(await said(required, requestWith(field))).toMatchObject({ code: 'token_missing' })
      expect(await said(optional, requestWith(field))).toEqual({ who: 'anonymous' })
    },
  )

  const twoFields = { headers: { authorization: bearer }, rawHeaders: ['Authorization', bearer, 'Authorization', 'x'] }

  it.each<[string, RequestLike, string, string]>([
    ['a bad token', requestWith(expired), 'token_expired', 'invalid_token'],
    ['a token that is none', requestWith('Bearer x'), 'token_malformed', 'invalid_token'],
    ['a token over the limit', requestWith(`Bearer ${'x'.repeat(16_385)}`), 'token_malformed', 'invalid_token'],
    ['the scheme alone', requestWith('Bearer'), 'request_malformed', 'invalid_request'],
    ['two fields', twoFields, 'multiple_tokens', 'invalid_request'],
  ])('with %s is refused, also where no token is required', async (_what, request, code, error) => {
    for (const authenticate of [required, optional]) {
      const answer = await said(authenticate, request)
      expect(answer.code).toBe(code)
      expect(answer.challenge).toMatch(new RegExp(`^Bearer realm="api", error="${error}", error_description="[^"]+"$`))
    }
  })

  it('is always answered with a promise', async () => {
    const broken = { headers: null } as unknown as RequestLike
    const outcome = required(broken)
    expect(outcome).toBeInstanceOf(Promise)
    await expect(outcome).rejects.toBeInstanceOf(TypeError)
  })
})

describe('a request whose token is found elsewhere', () => {
  const found: readonly (readonly [string, TokenFinder])[] = [
    ['at once', () => mint()],
    ['later', async () => mint()],
  ]
  const missing: readonly (readonly [string, TokenFinder])[] = [
    ['at once', () => undefined],
    ['later', async () => undefined],
  ]

  it.each(found)('is let in by that token, %s, whatever it carries itself', async (_when, findToken) => {
    for (const authenticate of [required, optional]) {
      for (const request of [requestWith(), requestWith(expired), requestWith('Bearer')]) {
        expect(await said((one) => authenticate(one, findToken), request)).toEqual({ who: 'alice' })
        expect(findAuth(request)?.claims.sub).toBe('alice')
      }
    }
  })

  it.each(missing)('but nowhere, %s, is refused where one is required, else anonymous', async (_when, findToken) => {
    expect(await said((request) => required(request, findToken), requestWith(bearer))).toEqual({
      code: 'token_missing',
      challenge: 'Bearer realm="api"',
    })
    expect(await said((request) => optional(request, findToken), requestWith(bearer))).toEqual({ who: 'anonymous' })
  })

  it('but nowhere tells the operator that it was not to be in a header', async () => {
    const error = await refusalAt((request) => required(request, () => undefined), requestWith())
    expect(error?.hint).toBe('No token was found. Is it sent, and where it is looked for?')
  })

  it('and is bad is refused, also where no token is required', async () => {
    for (const authenticate of [required, optional]) {
      const answer = await said((request) => authenticate(request, () => mint({ exp: 1 })), requestWith(bearer))
      expect(answer.code).toBe('token_expired')
    }
  })

  it('and is malformed is refused with a challenge in the realm', async () => {
    const authenticate = createAuthenticator(testVerifier(), { realm: 'orders' }, 'allowed')
    const malformed = new InvalidRequestError('request_malformed', 'two of them')
    for (const findToken of [(): string => raise(malformed), () => Promise.reject(malformed)]) {
      const answer = await said((request) => authenticate(request, findToken), requestWith(bearer))
      expect(answer.code).toBe('request_malformed')
      expect(answer.challenge).toMatch(/^Bearer realm="orders", error="invalid_request"/)
    }
  })

  it('by what throws an error of its own: it goes on unchanged', async () => {
    const failure = new Error('no session store')
    for (const findToken of [(): string => raise(failure), () => Promise.reject(failure)]) {
      await expect(optional(requestWith(bearer), findToken)).rejects.toBe(failure)
    }
  })

  it.each(casesOf<unknown>([null, false, 0, 7, {}, [], Object(mint())]))(
    'by what gives $value: an error of the program, and nobody is let in',
    async ({ value }) => {
      for (const authenticate of [required, optional]) {
        for (const given of [value, Promise.resolve(value)]) {
          const request = requestWith(bearer)
          const pending = authenticate(request, () => given as string)
          await expect(pending).rejects.toThrow(new TypeError('What finds the token must give a string or undefined'))
          expect(findAuth(request)).toBeUndefined()
        }
      }
    },
  )

  it('is nobody while it is looked for', async () => {
    const request = await authenticatedRequest()
    const whoThen: unknown[] = []
    await required(request, () => {
      whoThen.push(findAuth(request))
      return mint()
    })
    expect(whoThen).toEqual([undefined])
  })

  function raise(error: Error): never {
    throw error
  }
})

describe('the options', () => {
  it('may be those of a verifier', async () => {
    expect(await said(createAuthenticator(testOptions()), requestWith(bearer))).toEqual({ who: 'alice' })
  })

  it('of a verifier are checked at creation', () => {
    const options = { ...testOptions(), audience: '' }
    expect(configErrorOf(() => createAuthenticator(options)).option).toBe('audience')
  })

  it.each(casesOf<unknown>([undefined, null, 'verifier', 7, {}, []]))('are not $value', ({ value }) => {
    expect(configErrorOf(() => createAuthenticator(value as JwtVerifierOptions)).name).toBe('ConfigError')
  })

  it('are not an object that only looks like a verifier', () => {
    const impostor = { ...testOptions(), verify: () => Promise.resolve({}), ready: () => Promise.resolve() }
    expect(configErrorOf(() => createAuthenticator(impostor)).name).toBe('ConfigError')
  })

  it('realm goes into every challenge', async () => {
    const authenticate = createAuthenticator(testVerifier(), { realm: 'orders & more' })
    for (const request of [requestWith(), requestWith(expired), requestWith('Bearer')]) {
      expect((await said(authenticate, request)).challenge).toMatch(/^Bearer realm="orders & more"/)
    }
  })

  it('realm goes into the challenges of guards behind it', async () => {
    const request = requestWith(bearer)
    await createAuthenticator(testVerifier(), { realm: 'orders' })(request)
    const guards: Guard[] = [createAuthorizer('scope', ['x']), createAccessAuthorizer(() => false)]
    for (const guard of guards) {
      expect((await refusalAt(guard, request))?.headers['WWW-Authenticate']).toMatch(/^Bearer realm="orders", error=/)
    }
    const anonymous = requestWith()
    await createAuthenticator(testVerifier(), { realm: 'orders' }, 'allowed')(anonymous)
    for (const guard of guards) {
      expect((await refusalAt(guard, anonymous))?.headers).toEqual({ 'WWW-Authenticate': 'Bearer realm="orders"' })
    }
  })

  it.each(casesOf<unknown>(['', 'a"b', 'a\\b', 'a\r\nSet-Cookie: x', 'é', '\u007f', null, 7, {}, ['api']]))(
    'realm is refused as $value',
    ({ value }) => {
      const options = { realm: value } as AuthenticationOptions
      const error = configErrorOf(() => createAuthenticator(testVerifier(), options))
      expect(error.option).toBe('realm')
      expect(error.message).toMatch(/printable ASCII/)
    },
  )

  it('with unknown names are refused', () => {
    const options = { relm: 'x' } as AuthenticationOptions
    const error = configErrorOf(() => createAuthenticator(testVerifier(), options))
    expect(error.option).toBe('relm')
    expect(error.message).toMatch(/realm, tokenFrom/)
  })

  it('are not inherited', async () => {
    const members = { realm: 'mallory', tokenFrom: () => 'x' }
    const authenticate = await withPolluted(members, () => createAuthenticator(testVerifier(), {}))
    expect(await said(authenticate, requestWith())).toMatchObject({ challenge: 'Bearer realm="api"' })
  })

  it('tokenFrom says where the token is', async () => {
    const tokenFrom = ({ headers }: RequestLike) => headers['x-token'] as string | undefined
    const authenticate = createAuthenticator(testVerifier(), { tokenFrom })
    expect(await said(authenticate, { headers: { 'x-token': mint() } })).toEqual({ who: 'alice' })
    expect(await said(authenticate, requestWith(bearer))).toMatchObject({ code: 'token_missing' })
  })

  it('tokenFrom must be a function', () => {
    const options = { tokenFrom: 'header' } as unknown as AuthenticationOptions
    expect(configErrorOf(() => createAuthenticator(testVerifier(), options)).option).toBe('tokenFrom')
  })

  it('tokenFrom that throws an error of its own: it goes on unchanged', async () => {
    const failure = new Error('no session store')
    const tokenFrom = () => {
      throw failure
    }
    await expect(createAuthenticator(testVerifier(), { tokenFrom })(requestWith())).rejects.toBe(failure)
  })
})

describe('the outcome', () => {
  it('is remembered on the request, where no listing shows it', async () => {
    const request = await authenticatedRequest()
    expect(Object.getOwnPropertyDescriptor(request, outcomeKey)).toMatchObject({ enumerable: false })
    expect(Reflect.ownKeys(request)).toContain(outcomeKey)
    expect(Object.getOwnPropertySymbols({ ...request })).toEqual([])
    expect(JSON.stringify(request)).not.toContain('alice')
  })

  it.each([{}, { writable: true }])('is changed by no assignment, with %o on Object.prototype', async (polluted) => {
    const request = await withPolluted(polluted, authenticatedRequest)
    expect(() => Object.assign(request, { [outcomeKey]: undefined })).toThrow(TypeError)
    expect(requireAuth(request).claims.sub).toBe('alice')
  })

  it('is what requireAuth() and findAuth() give', async () => {
    const request = requestWith(bearer)
    const auth = await required(request)
    expect(auth?.claims).toEqual(goodClaims({ permissions: ['read'] }))
    expect(requireAuth(request)).toBe(auth)
    expect(findAuth(request)).toBe(auth)
  })

  it('of one request is not that of another', async () => {
    const [first, second] = [requestWith(bearer), requestWith(`Bearer ${mint({ sub: 'bob' })}`)]
    await Promise.all([required(first), required(second)])
    expect([requireAuth(first).claims.sub, requireAuth(second).claims.sub]).toEqual(['alice', 'bob'])
  })

  it('is not inherited from another request', async () => {
    const derived: object = Object.create(await authenticatedRequest())
    expect(findAuth(derived)).toBeUndefined()
    expect(() => requireAuth(derived)).toThrow(SetupError)
  })

  it.each<[string, string | undefined]>([
    ['a bad token', expired],
    ['no token', undefined],
    ['malformed credentials', 'Bearer'],
  ])('of an earlier authentication is forgotten by a later one that refuses: %s', async (_what, field) => {
    const request = await authenticatedRequest()
    const later = { headers: field === undefined ? {} : { authorization: field } }
    Object.assign(request, later, { rawHeaders: [] })
    expect(await said(required, request)).toHaveProperty('code')
    expect(findAuth(request)).toBeUndefined()
    expect(await passageOf(createAuthorizer('permission', ['read']), request)).toBe('authentication_not_run')
  })

  it('of an earlier authentication is replaced by a later anonymous one', async () => {
    const request = await authenticatedRequest()
    Object.assign(request, { headers: {}, rawHeaders: [] })
    expect(await said(optional, request)).toEqual({ who: 'anonymous' })
    expect(findAuth(request)).toBeUndefined()
  })

  it('is not there while a later authentication is under way', async () => {
    const request = await authenticatedRequest({ permissions: ['read'] })
    const pending = required(request)
    expect(findAuth(request)).toBeUndefined()
    await pending
    expect(findAuth(request)?.claims.sub).toBe('alice')
  })
})

describe('where nobody authenticated', () => {
  const guards: readonly (readonly [string, Guard])[] = [
    ['a guard for permissions', createAuthorizer('permission', ['read'])],
    ['a guard for scopes', createAuthorizer('scope', ['read'])],
    ['a guard for roles', createAuthorizer('role', ['read'])],
    ['a guard over a rule', createAccessAuthorizer(permission('read'))],
    ['a guard over a function', createAccessAuthorizer(() => true)],
  ]

  it.each(guards)('%s fails with 500, and not with the fault of the client', async (_what, guard) => {
    const error = await refusalAt(guard, requestWith(bearer))
    expect(error).toBeInstanceOf(SetupError)
    expect(error).toMatchObject({ code: 'authentication_not_run', status: 500, expose: false, headers: {} })
    expect(error?.message).toMatch(/requireJwt\(\)/)
  })

  it.each(guards)('%s answers 401 to an anonymous request', async (_what, guard) => {
    const request = requestWith()
    await optional(request)
    const error = await refusalAt(guard, request)
    expect(error).toMatchObject({
      code: 'token_missing',
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer realm="api"' },
    })
  })

  it.each(guards)('%s does not look at req.auth, which other libraries write', async (_what, guard) => {
    const auth = { permissions: ['read'], scopes: ['read'], roles: ['read'], claims: {} }
    const request = Object.assign(requestWith(), { auth, user: auth })
    expect(await passageOf(guard, request)).toBe('authentication_not_run')
  })

  it('requireAuth() fails with 500, for an anonymous request too', async () => {
    const anonymous = requestWith()
    await optional(anonymous)
    for (const request of [requestWith(bearer), anonymous]) {
      const error = await refusalAt((one) => requireAuth(one), request)
      expect(error).toBeInstanceOf(SetupError)
      expect(error).toMatchObject({ code: 'authentication_not_run', status: 500, expose: false, headers: {} })
    }
  })

  it('findAuth() finds nothing', async () => {
    const request = requestWith()
    expect(findAuth(request)).toBeUndefined()
    await optional(request)
    expect(findAuth(request)).toBeUndefined()
  })
})

describe('the operator is told why', () => {
  const rule = permission('read')
  const notRun =
    'No requireJwt(), optionalJwt() or JwtAuthGuard ran before this guard, authOf() or @CurrentAuth(): is the route public?'
  const anonymous = 'The route needs a token; optionalJwt() let the request in without.'

  it.each<[string, Guard, string]>([
    [
      'a token is missing',
      (request) => createAuthenticator(testVerifier())(request),
      'The request has no `Authorization: Bearer ...` header. Is it sent, does a proxy drop it, is another scheme used?',
    ],
    [
      'a token is missing elsewhere',
      (request) => createAuthenticator(testVerifier(), { tokenFrom: fromCookie('session') })(request),
      'The option `tokenFrom` found no token.',
    ],
    ['requireAuth() has nothing to give', (request) => requireAuth(request), notRun],
    ['a guard over a rule has nobody to judge', createAccessAuthorizer(rule), notRun],
    ['a guard over a function has nobody to judge', createAccessAuthorizer(() => true), notRun],
    [
      'requireAuth() has an anonymous request',
      afterwards((request) => requireAuth(request)),
      'optionalJwt() let this request in without a token: where that is so, use optionalAuthOf().',
    ],
    ['a guard over a rule refuses an anonymous request', afterwards(createAccessAuthorizer(rule)), anonymous],
    ['a guard over a function refuses an anonymous request', afterwards(createAccessAuthorizer(() => true)), anonymous],
  ])('%s', async (_what, guard, hint) => {
    expect((await refusalAt(guard, requestWith()))?.hint).toBe(hint)
  })

  /** A guard behind an authentication that lets anonymous requests in. */
  function afterwards(guard: Guard): Guard {
    return async (request) => {
      await optional(request)
      return guard(request, request)
    }
  }
})

describe('a guard over a function', () => {
  it('is asked with the Auth and what its framework calls a request', async () => {
    const request = await authenticatedRequest({ sub: 'bob' })
    const seen: unknown[] = []
    await createAccessAuthorizer((auth, one) => seen.push(auth.claims.sub, one) > 0)(request, 'context')
    expect(seen).toEqual(['bob', 'context'])
  })

  it.each<[string, unknown]>([
    ['true', true],
    ['a promise of true', Promise.resolve(true)],
  ])('lets pass with %s', async (_what, answer) => {
    const guard = createAccessAuthorizer(() => answer as boolean)
    expect(await passageOf(guard, await authenticatedRequest())).toBe('passed')
  })

  it.each(casesOf<unknown>([false, undefined, null, 0, 1, 'true', '', {}, [], Promise.resolve(1), () => true]))(
    'refuses with $value, for only true allows',
    async ({ value }) => {
      const guard = createAccessAuthorizer(() => value as boolean)
      const error = await refusalAt(guard, await authenticatedRequest())
      expect(error).toBeInstanceOf(PermissionDeniedError)
      expect(error?.hint).toBe('The function given to requireAccess() did not return true.')
      expect(error?.headers['WWW-Authenticate']).toMatch(/error="insufficient_scope"/)
      expect(error?.headers['WWW-Authenticate']).not.toMatch(/scope=/)
    },
  )

  it.each<[string, () => boolean | Promise<boolean>]>([
    ['throws', () => fail()],
    ['rejects', () => Promise.reject(new RangeError('no such order'))],
  ])('that %s fails with that error, and lets nobody pass', async (_what, predicate) => {
    const request = await authenticatedRequest()
    await expect((async () => createAccessAuthorizer(predicate)(request, request))()).rejects.toThrow(RangeError)
  })

  it('that throws an error of the application leaves it as it was, though it has a status too', async () => {
    const failure = Object.assign(new Error('not yours'), { status: 401, code: 'not_yours', headers: {} })
    const request = await authenticatedRequest()
    await expect(createAccessAuthorizer(() => Promise.reject(failure))(request, request)).rejects.toBe(failure)
    expect(failure.headers).toEqual({})
  })

  it.each(casesOf<unknown>([undefined, null, true, 7, 'admin', {}, [], [scope('a')]]))(
    'is made of nothing but a function or a rule: $value',
    ({ value }) => {
      expect(configErrorOf(() => createAccessAuthorizer(value as () => boolean)).option).toBe('rule')
    },
  )

  function fail(): never {
    throw new RangeError('no such order')
  }
})

describe('a guard over names', () => {
  it('answers at once: there is nothing to wait for', async () => {
    const request = await authenticatedRequest({ permissions: ['read'] })
    expect(createAuthorizer('permission', ['read'])(request)).toBeUndefined()
    expect(() => createAuthorizer('permission', ['write'])(request)).toThrow(PermissionDeniedError)
  })
})
