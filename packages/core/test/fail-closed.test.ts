// What once let somebody in, or held something up: attempts that have to stay in vain.
import {
  allOf,
  anyOf,
  createAccessAuthorizer,
  createAuthenticator,
  createAuthorizer,
  permission,
  refuseArguments,
  requireAuth,
  RevocationCheckError,
  type ClaimsSchema,
  type JwtGateError,
  type RequestLike,
} from '@jwtgate/core'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { cacheLifetime } from '../src/keys/cache-lifetime.ts'
import { importJwk } from '../src/keys/jwk.ts'
import { algorithms } from '../src/algorithms.ts'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { recordEvents } from '../../../test/support/recorded-events.ts'
import { withPolluted } from '../../../test/support/pollution.ts'
import { testOptions, testVerifier } from '../../../test/support/verifiers.ts'

const withToken = (token: string = mint()): RequestLike => ({ headers: { authorization: `Bearer ${token}` } })
const nothing: readonly unknown[] = [undefined, null, '', 0, false, 'route', 'router']

/** What becomes of something thrown that is no error. */
function madeOf(thrown: unknown): TypeError {
  return new TypeError(`What was thrown is no error: ${thrown === null ? 'null' : typeof thrown}`)
}

async function rejectionOf(promise: unknown): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it went through')
}

describe('what is thrown without being an error', () => {
  // Express takes next(undefined) for "go on", and next('route') for "skip what is left".
  it.each(nothing)('by a function of requireAccess() is made one: %s', async (thrown) => {
    const request = withToken()
    await createAuthenticator(testVerifier())(request)
    const authorize = createAccessAuthorizer(async () => Promise.reject(thrown as Error))
    expect(await rejectionOf(authorize(request, request))).toEqual(madeOf(thrown))
  })

  it.each(nothing)('by a source of tokens is made one: %s', async (thrown) => {
    const tokenFrom = (): string => {
      throw thrown
    }
    const authenticate = createAuthenticator(testVerifier(), { tokenFrom }, 'allowed')
    expect(await rejectionOf(authenticate(withToken()))).toEqual(madeOf(thrown))
  })
})

describe('a verifier that the application wrapped', () => {
  it.each([...nothing, 1, 'alice', true])('and that gives %s for a token lets nobody in', async (given) => {
    const wrapped = { ...testVerifier(), verify: async () => given as never }
    for (const anonymous of ['refused', 'allowed'] as const) {
      const request = withToken()
      const error = await rejectionOf(createAuthenticator(wrapped, {}, anonymous)(request))
      expect(error).toEqual(new TypeError('The verifier gave no Auth for a token'))
      expect(() => requireAuth(request)).toThrow(expect.objectContaining({ code: 'authentication_not_run' }))
    }
  })

  it.each(nothing)('and that throws %s, at once or later, gives an error', async (thrown) => {
    const atOnce = (): never => {
      throw thrown
    }
    const later = async (): Promise<never> => atOnce()
    for (const verify of [atOnce, later]) {
      const authenticate = createAuthenticator({ ...testVerifier(), verify }, {}, 'allowed')
      expect(await rejectionOf(authenticate(withToken()))).toEqual(madeOf(thrown))
    }
  })
})

describe('a refusal inside of a function of requireAccess()', () => {
  it('is told once, and challenges in the realm of the request', async () => {
    const request = withToken()
    await createAuthenticator(testVerifier(), { realm: 'orders' })(request)
    const events = recordEvents()
    const authorize = createAccessAuthorizer(async () =>
      testVerifier()
        .verify(mint({ exp: 1 }))
        .then(() => true),
    )
    const error = await rejectionOf(authorize(request, request))
    events.stop()
    expect(error).toMatchObject({ code: 'token_expired' })
    expect((error as JwtGateError).headers['WWW-Authenticate']).toMatch(/^Bearer realm="orders", error="invalid_token"/)
    expect(events.on('jwtgate:token.refused')).toHaveLength(1)
  })
})

describe('a rule over nothing', () => {
  it.each([
    ['a list of holes', Array.from({ length: 0 })],
    ['holes', Array(1)],
    ['holes in a rule', [{ kind: 'allOf', rules: Array(2) }]],
    ['an empty rule', [{ kind: 'allOf', rules: [] }]],
  ])('is refused: %s', (_what, rules: readonly unknown[]) => {
    expect(() => createAuthorizer('permission', rules)).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  })

  it('that contains itself is refused', () => {
    const rule: { kind: string; rules: unknown[] } = { kind: 'anyOf', rules: [] }
    rule.rules.push(rule)
    expect(() => createAuthorizer('permission', [rule])).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  })
})

describe('whether anonymous requests are let in', () => {
  it.each([true, null, 0, '', 'Refused', 'required'])('is said exactly, and not by %s', (anonymous) => {
    const error = configErrorOf(() => createAuthenticator(testVerifier(), {}, anonymous as 'refused'))
    expect(error).toMatchObject({ option: 'anonymous', message: "anonymous must be 'refused' or 'allowed'." })
  })
})

describe('a verify among the options', () => {
  it('makes no verifier of them', () => {
    const options = { ...testOptions(), verify: async () => Promise.resolve({}) }
    expect(() => createAuthenticator(options)).toThrow(expect.objectContaining({ option: 'verify' }))
  })

  it('that every object inherits makes none either', async () => {
    await withPolluted({ verify: () => ({}) }, async () => {
      const authenticate = createAuthenticator(testOptions())
      expect(await rejectionOf(authenticate(withToken('garbage')))).toMatchObject({ code: 'token_malformed' })
    })
  })
})

describe('what stands beside what is read', () => {
  it('is refused by requireAccess(), which takes one rule', () => {
    const [one, two] = [permission('a'), permission('b')]
    const error = configErrorOf(() => createAccessAuthorizer(one, ...([two] as never[])))
    expect(error.option).toBe('rule')
    expect(error.message).toBe('requireAccess() takes one rule or one function: for several rules write allOf(a, b).')
  })

  it('is refused by a function without arguments: mounted without parentheses it would answer nothing', () => {
    expect(configErrorOf(() => refuseArguments('jwtErrorHandler', [{}]))).toMatchObject({
      option: 'jwtErrorHandler',
      message: 'jwtErrorHandler() takes no arguments: write jwtErrorHandler(), with the parentheses.',
    })
    expect(() => refuseArguments('jwtErrorHandler', [])).not.toThrow()
  })

  // What Express calls the forgotten middleware with: request, response, next.
  it.each<[string, readonly unknown[]]>([
    ['a request', [{ method: 'GET', url: '/', headers: {} }]],
    ['a request and its response', [{ method: 'GET', url: '/', headers: {} }, { statusCode: 200 }]],
    ['a context that has the members of its request from its prototype', [koaContext()]],
  ])('is told, where %s is given in place of options', (_what, given) => {
    const error = configErrorOf(() => createAuthenticator(...(given as [never])))
    expect(error.option).toBe('options')
    expect(error.message).toBe(
      'A request was given in place of options: was it mounted without being called? Write app.use(requireJwt({ issuer, … })).',
    )
  })

  function koaContext(): object {
    return Object.create({ method: 'GET', url: '/', headers: {} }) as object
  }
})

describe('a promise where none may be', () => {
  it('as a token is refused, and its rejection does not end the process', async () => {
    const tokenFrom = (() => Promise.reject(new Error('no session'))) as unknown as () => string
    const error = await rejectionOf(createAuthenticator(testVerifier(), { tokenFrom })(withToken()))
    expect(error).toEqual(new TypeError('tokenFrom must return a string or undefined, at once'))
  })

  it('as roles grants none, and its rejection does not end the process', async () => {
    const rolesFrom = (() => Promise.reject(new Error('no roles'))) as unknown as () => readonly string[]
    expect((await testVerifier({ rolesFrom }).verify(mint())).roles).toEqual([])
  })

  it('a middleware is no function of requireAccess()', () => {
    const middleware = (_request: unknown, _response: unknown, next: () => void): void => next()
    const error = configErrorOf(() => createAccessAuthorizer(middleware as never))
    expect(error.option).toBe('rule')
    expect(error.message).toBe('requireAccess() takes a rule or a function (auth, request) => boolean, no middleware.')
  })
})

describe('a claim of scopes', () => {
  it('is a string in `scope`, and a list only in `scp`', async () => {
    expect((await testVerifier().verify(mint({ scope: ['admin'], scp: 'read' }))).scopes).toEqual([])
    expect((await testVerifier().verify(mint({ scp: ['read', 'write'] }))).scopes).toEqual(['read', 'write'])
  })
})

describe('a rule that mixes names and rules', () => {
  it('compiles and counts', async () => {
    const request = withToken(mint({ permissions: ['a', 'c'] }))
    await createAuthenticator(testVerifier())(request)
    expect(createAuthorizer('permission', [allOf('a', anyOf('b', 'c'))])(request)).toBeUndefined()
    expect(() => createAuthorizer('permission', [allOf('a', permission('b'))])(request)).toThrow(/does not grant/)
  })
})

describe('a key that would take long to import', () => {
  const rsa = [algorithms.get('RS256')].filter((algorithm) => algorithm !== undefined)

  it.each([
    ['an exponent of 100 kB', { e: 'A'.repeat(133_334) }, /`e` is longer/],
    ['a modulus of 16 384 bits', { n: 'z'.repeat(2731) }, /`n` is longer/],
  ])('is left out unseen: %s', (_what, members, reason) => {
    expect(importJwk({ ...jwkOf(keyFor('RS256')), ...members }, rsa)).toMatch(reason)
  })

  it('is left out unseen where no pinned algorithm uses its curve', () => {
    expect(importJwk(jwkOf(newKey('ES512')), rsa)).toMatch(/RS256 needs an RSA key/)
  })
})

describe('an absurd Cache-Control', () => {
  it.each([
    [{ 'cache-control': `max-age=${'9'.repeat(310)}`, age: '9'.repeat(310) }, 30_000],
    [{ 'cache-control': `max-age=${'9'.repeat(310)}` }, 600_000],
    [{ 'cache-control': 'max-age=60', age: '9'.repeat(310) }, 30_000],
  ])('still is a time: %#', (headers, lifetime) => {
    expect(cacheLifetime(new Headers(headers), 600_000)).toBe(lifetime)
  })
})

describe('options that would be lost', () => {
  it.each([
    ['claimValues in a Map', { claimValues: new Map([['token_use', 'access']]) }],
    ['inherited claimValues', { claimValues: Object.create({ token_use: 'access' }) as object }],
    ['remote as null', { remote: null }],
    ['requiredClaims as null', { requiredClaims: null }],
    ['a clock with a misspelt name', { clock: { Now: () => 0 } }],
    ['a key that is undefined', { publicKey: undefined }],
  ])('are refused: %s', (_what, options) => {
    expect(() => testVerifier(options as never)).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  })

  it('are refused where the options inherit them', () => {
    const options = Object.assign(Object.create({ maxTokenAge: 60 }) as object, testOptions())
    expect(() => testVerifier(options as never)).not.toThrow() // Spread by the helper: a copy has own members only.
    expect(() => createAuthenticator(options as never)).toThrow(/maxTokenAge inherited/)
  })
})

describe('a schema whose output is no plain object', () => {
  const making = (value: () => unknown): ClaimsSchema => ({
    '~standard': { version: 1, vendor: 'by hand', validate: () => ({ value: value() as object }) },
  })

  it.each([
    ['a promise', () => Promise.resolve({ tenant: 'mine' })],
    // What a synchronous schema gives for an asynchronous transform: its rejection must not end the process.
    ['a promise that is rejected', () => Promise.reject(new Error('evil'))],
    ['a Date', () => new Date(0)],
    ['a Map', () => new Map([['tenant', 'mine']])],
  ])('never lets the payload pass as it is: %s', async (_what, value) => {
    const verifying = testVerifier({ claims: making(value) }).verify(mint({ tenant: 'evil' }))
    expect(await rejectionOf(verifying)).toMatchObject({ code: 'config_invalid', option: 'claims' })
  })

  it('of valibot with an asynchronous transform in a synchronous pipe is refused', async () => {
    const schema = v.pipe(
      v.object({ tenant: v.string() }),
      v.transform(async (claims) => Promise.reject<typeof claims>(new Error('evil'))),
    )
    const verifying = testVerifier({ claims: schema }).verify(mint({ tenant: 'evil' }))
    expect(await rejectionOf(verifying)).toMatchObject({ option: 'claims' })
  })
})

describe('a schema that is undefined', () => {
  it('is not taken for none: the claims are not what it would have made', async () => {
    const request = withToken()
    await createAuthenticator(testVerifier())(request)
    expect(requireAuth(request).claims.sub).toBe('alice')
    const misspelt = undefined as unknown as ClaimsSchema
    expect(() => requireAuth(request, misspelt)).toThrow(expect.objectContaining({ code: 'authentication_not_run' }))
  })
})

describe('an error of ours that the hook of revocation throws', () => {
  it('brings no text of its own', async () => {
    const isRevoked = (): never => {
      throw new RevocationCheckError('canary')
    }
    const error = await rejectionOf(testVerifier({ isRevoked }).verify(mint()))
    expect(error).toMatchObject({
      code: 'revocation_unavailable',
      hint: expect.not.stringContaining('canary') as string,
    })
  })
})
