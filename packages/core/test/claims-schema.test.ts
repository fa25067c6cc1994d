// The option `claims` with each schema library: its output over the payload, its issues as claim paths, its faults as ours.
import { describe, expect, it } from 'vitest'
import {
  ConfigError,
  createAuthenticator,
  findAuth,
  isJwtGateError,
  requireAuth,
  SetupError,
  type Auth,
  type ClaimsSchema,
  type JwtGateError,
  type JwtVerifierOptions,
} from '@jwtgate/core'
import { casesOf } from '../../../test/support/cases.ts'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { severalIssuers, testIssuer } from '../../../test/support/issuers.ts'
import { base64url, goodClaims, mint, signed, withSignature, type Claims } from '../../../test/support/mint.ts'
import { keyFor, newKey } from '../../../test/support/keys.ts'
import { recordEvents } from '../../../test/support/recorded-events.ts'
import { requestWith } from '../../../test/support/requests.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { codeOf, outcomeOf, refusalOf, testVerifier } from '../../../test/support/verifiers.ts'
import { visibleText } from '../../../test/support/visible-text.ts'
import { asyncLibraries, canary, handMade, libraries } from './schema-libraries.ts'

refuseUnhandledRejections()

async function verified(schema: ClaimsSchema, claims: Claims = {}): Promise<Auth> {
  return testVerifier({ claims: schema }).verify(mint(claims))
}

interface Failure {
  readonly error: unknown
  /** All that anybody could see of it, events too. */
  readonly text: string
}

async function failure(schema: ClaimsSchema, token: string): Promise<Failure> {
  const events = recordEvents()
  try {
    const auth = await testVerifier({ claims: schema }).verify(token)
    throw new Error(`accepted: ${JSON.stringify(auth)}`)
  } catch (error) {
    return { error, text: `${visibleText(error)}\n${JSON.stringify(events.all())}` }
  } finally {
    events.stop()
  }
}

/** The rejection of a token by a schema. Fails if anybody could see a value of a claim, or words of the schema. */
async function rejection(schema: ClaimsSchema, claims: Claims, ...secrets: readonly string[]): Promise<JwtGateError> {
  const token = mint({ email: canary, ...claims })
  const { error, text } = await failure(schema, token)
  if (!isJwtGateError(error)) throw error
  expect(error).toMatchObject({ code: 'claims_rejected', status: 401, expose: true })
  expect(error.message).toBe('The claims of the access token were rejected')
  for (const secret of [canary, ...secrets, ...token.split('.')]) expect(text).not.toContain(secret)
  expect(text).not.toMatch(/expected|received|must be|invalid (type|input)|zod|valibot|arktype/i)
  return error
}

/** What a schema that cannot be used comes to. Fails if it is a refusal, or if anybody could see a claim or its words. */
async function configFailure(schema: ClaimsSchema, claims: Claims = {}): Promise<ConfigError> {
  const token = mint({ email: canary, ...claims })
  const { error, text } = await failure(schema, token)
  expect(error).toBeInstanceOf(ConfigError)
  expect(isJwtGateError(error)).toBe(false)
  for (const secret of [canary, ...token.split('.')]) expect(text).not.toContain(secret)
  return error as ConfigError
}

describe.each(libraries)('a schema of $name', (schemas) => {
  it('lets its output lie over the payload, of which nothing is lost', async () => {
    const claims = { tenant: 'acme', level: 7, nested: { a: [1] } }
    const auth = await verified(schemas.tenant, claims)
    expect(auth.claims).toEqual(goodClaims(claims))
  })

  it('adds its defaults', async () => {
    const { claims } = await verified(schemas.defaults)
    expect(claims).toEqual(goodClaims({ plan: 'free', limits: { rps: 10 } }))
    const given = await verified(schemas.defaults, { plan: 'pro', limits: {} })
    expect(given.claims).toEqual(goodClaims({ plan: 'pro', limits: { rps: 10 } }))
  })

  it('makes what it likes of a claim, such as a Date or a Map', async () => {
    const { claims } = await verified(schemas.parsed, { since: '2026-11-22T00:00:00Z', quotas: { cpu: 4 } })
    expect(claims.since).toEqual(new Date('2026-11-22T00:00:00Z'))
    expect(claims.quotas).toEqual(new Map([['cpu', 4]]))
  })

  it('cannot change the registered claims, nor make one up', async () => {
    const { claims } = await verified(schemas.registered)
    expect(claims).toEqual(goodClaims())
    expect(Object.hasOwn(claims, 'jti')).toBe(false)
    expect((await verified(schemas.registered, { jti: 'j1' })).claims.jti).toBe('j1')
  })

  it.each<[string, Claims, RegExp]>([
    ['missing', {}, /`tenant`/],
    ['of the wrong type', { tenant: [canary] }, /`tenant`/],
    ['null', { tenant: null }, /`tenant`/],
  ])('rejects a token whose claim is %s, and the hint names the claim', async (_what, claims, path) => {
    const { hint } = await rejection(schemas.tenant, claims)
    expect(hint).toMatch(/`claims`/)
    expect(hint).toMatch(path)
  })

  it('rejects with the path of a nested claim', async () => {
    const teams = [
      { name: 'a', size: 1 },
      { name: 'b', size: canary },
    ]
    const { hint } = await rejection(schemas.nested, { org: { teams } })
    expect(hint).toMatch(/`org\.teams\.1\.size`/)
  })

  it('rejects with the paths of several claims', async () => {
    const { hint } = await rejection(schemas.nested, { org: { teams: [{ name: 1 }] } })
    expect(hint).toMatch(/`org\.teams\.0\.name`/)
    expect(hint).toMatch(/`org\.teams\.0\.size`/)
  })

  it('rejects with the path into a record', async () => {
    const { hint } = await rejection(schemas.record, { quotas: { cpu: 1, disk: canary } })
    expect(hint).toMatch(/`quotas\.disk`/)
    expect(hint).not.toMatch(/cpu/)
  })

  it('rejects with a short hint in printable ASCII, whatever a record’s names are', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `${index}\r\n\u001b[31m"\u2028\u00e9${'x'.repeat(200)}`)
    const { hint } = await rejection(schemas.record, { quotas: Object.fromEntries(names.map((name) => [name, 'no'])) })
    expect(hint).toMatch(/`quotas\./)
    expect(hint).toMatch(/^[ -~]+$/)
    expect(hint?.length).toBeLessThan(1000)
  })

  it('rejects the claims as a whole, in words', async () => {
    const { hint } = await rejection(schemas.whole, { low: 4_711_001, high: 2 }, '4711001')
    expect(hint).toMatch(/rejects: [a-z`]/)
    expect((await verified(schemas.whole, { low: 1, high: 2 })).claims).toMatchObject({ low: 1, high: 2 })
  })

  it('whose own messages quote a claim does not get them out', async () => {
    const { hint } = await rejection(schemas.wordy, { tenant: 'a secret tenant' }, 'a secret tenant')
    expect(hint).toMatch(/`tenant`/)
  })

  it('that throws is a fault of ours and not of the token, and its words stay inside', async () => {
    const { option } = await configFailure(schemas.throwing, { tenant: canary })
    expect(option).toBe('claims')
  })

  it.each(
    casesOf<unknown>(['text', '', 7, 0, true, false, null, undefined, [], [{ tenant: 'acme' }], 7n, Symbol('x')]),
  )('whose output is no object is never a pass: $value', async ({ value }) => {
    const { option, message } = await configFailure(schemas.giving(value))
    expect(option).toBe('claims')
    expect(message).toMatch(/object/)
  })

  it('leaves the claims that it only checks frozen in every depth', async () => {
    const payload = { org: { teams: [{ name: 'a', size: 1 }] }, more: [{}] }
    const { claims } = await verified(schemas.nested, payload)
    expect(claims).toEqual(goodClaims(payload))
    expect(unfrozenWithin(claims)).toEqual([])
  })

  it('gives results that are frozen: plain data in every depth, nothing else', async () => {
    const [date, map, instance] = [new Date(0), new Map([['a', {}]]), new URL('https://acme.example.com')]
    const output = { list: [{ a: [{}] }], bare: Object.assign(Object.create(null), { b: {} }), date, map, instance }
    const { claims } = await verified(schemas.giving(output))
    expect(claims).toMatchObject({ date, map })
    expect(claims.instance).toBe(instance)
    expect([date, map, instance].filter((value) => Object.isFrozen(value))).toEqual([])
    expect(unfrozenWithin(claims)).toEqual([date, map, instance])
  })

  it('that freezes its output itself gives results that are frozen in every depth, too', async () => {
    const { claims } = await verified(schemas.giving({ org: Object.freeze({ teams: [{ name: 'a' }] }) }))
    expect(claims).toMatchObject({ org: { teams: [{ name: 'a' }] } })
    expect(unfrozenWithin(claims)).toEqual([])
  })

  it('whose output goes in a circle ends nevertheless', async () => {
    const circle: Record<string, unknown> = { name: 'a' }
    circle.self = circle
    const { claims } = await verified(schemas.giving({ circle }))
    expect(claims.circle).toBe(circle)
    expect(Object.isFrozen(circle)).toBe(true)
  })

  it('has no say about permissions, scopes and roles', async () => {
    const output = { permissions: ['admin'], scope: 'admin', scp: ['admin'], roles: ['admin'], realm: { roles: ['x'] } }
    const payload = { permissions: ['read'], scope: 'orders', roles: ['clerk'], realm: { roles: ['own'] } }
    const granted = await verified(schemas.giving(output), payload)
    expect([granted.permissions, granted.scopes, granted.roles]).toEqual([['read'], ['orders'], ['clerk']])
    expect(granted.claims).toMatchObject(output)

    const none = await verified(schemas.giving(output))
    expect([none.permissions, none.scopes, none.roles]).toEqual([[], [], []])

    const options: Partial<JwtVerifierOptions> = {
      claims: schemas.giving(output),
      permissionsFrom: (claims) => claims.permissions as string[],
      rolesFrom: ['realm', 'roles'],
    }
    const read = await testVerifier(options).verify(mint(payload))
    expect([read.permissions, read.roles]).toEqual([['read'], ['own']])
  })

  it('cannot pollute anything with a member __proto__, of the payload or of its output', async () => {
    const polluting = '{"admin":true,"toString":"x"}'
    const json = JSON.stringify(goodClaims({ tenant: 'acme', quotas: { cpu: 1 } }))
    const payload = json.replace('{', `{"__proto__":${polluting},`).replace('"quotas":{', '"quotas":{"__proto__":1,')
    const token = mint({}, { payload })
    const output: unknown = JSON.parse(`{"__proto__":${polluting},"constructor":{"prototype":{"admin":true}}}`)
    for (const schema of [schemas.tenant, schemas.record, schemas.giving(output)]) {
      const { claims } = await testVerifier({ claims: schema }).verify(token)
      expect(Object.getPrototypeOf(claims)).toBe(Object.prototype)
      expect(claims.admin).toBeUndefined()
      expect(Reflect.get({}, 'admin')).toBeUndefined()
      expect(Object.prototype.toString.call({})).toBe('[object Object]')
    }
  })

  it('does not pass on what its output inherits', async () => {
    const output: unknown = Object.assign(Object.create({ admin: true }), { tenant: 'acme' })
    const { claims } = await verified(schemas.giving(output))
    expect(claims.tenant).toBe('acme')
    expect(claims.admin).toBeUndefined()
  })
})

describe.each(asyncLibraries)('an asynchronous schema of $name', ({ lookUp, giving }) => {
  it('is waited for', async () => {
    const schema = lookUp(async (tenant) => `the ${tenant}`)
    expect((await verified(schema, { tenant: 'acme' })).claims.tenant).toBe('the acme')
  })

  it('rejects with the path of the claim', async () => {
    const { hint } = await rejection(
      lookUp(async () => undefined),
      { tenant: 'a secret tenant' },
      'a secret tenant',
    )
    expect(hint).toMatch(/`tenant`/)
  })

  it.each(casesOf<unknown>(['text', null, undefined, [], 7]))(
    'whose output is no object is never a pass: $value',
    async ({ value }) => {
      expect((await configFailure(giving(value))).option).toBe('claims')
    },
  )

  it('does not mix up tokens that are checked at once', async () => {
    const answers = new Map<string, () => void>()
    const schema = lookUp((tenant) => new Promise((resolve) => answers.set(tenant, () => resolve(`the ${tenant}`))))
    const tenants = ['a', 'b', 'c', 'd']
    const verifier = testVerifier({ claims: schema })
    const pending = tenants.map((tenant) => verifier.verify(mint({ tenant, sub: tenant })))
    while (answers.size < tenants.length) await new Promise(setImmediate)
    for (const answer of [...answers.values()].toReversed()) answer()
    const auths = await Promise.all(pending)
    expect(auths.map(({ claims }) => [claims.sub, claims.tenant])).toEqual(tenants.map((one) => [one, `the ${one}`]))
  })
})

// Not zod: it calls an asynchronous function twice, and the rejection of the first call is heard by nobody.
describe.each(asyncLibraries.filter(({ name }) => name !== 'zod'))('an asynchronous schema of $name', ({ lookUp }) => {
  it('that rejects with an error is a fault of ours, and its words stay inside', async () => {
    const schema = lookUp(async (tenant) => {
      throw new Error(`${canary} ${tenant}`)
    })
    expect((await configFailure(schema, { tenant: canary })).option).toBe('claims')
  })
})

describe('a schema that breaks the promises of Standard Schema', () => {
  const results: readonly unknown[] = [
    {},
    undefined,
    null,
    true,
    'x',
    7,
    [],
    [{ value: {} }],
    () => ({ value: {} }),
    { value: undefined },
    { value: 'x', issues: undefined },
    { issues: undefined },
    { issues: null },
    { issues: 'x' },
    { issues: {} },
    { success: true, data: {} },
  ]

  it.each(casesOf(results))('is a fault of ours where it gives $value', async ({ value }) => {
    expect((await configFailure(handMade(() => value))).option).toBe('claims')
    expect((await configFailure(handMade(async () => value))).option).toBe('claims')
  })

  it.each(
    casesOf<unknown>([[], [{}], [null], [undefined], ['x'], [{ path: 'x' }], [{ path: [] }], [{ path: [null] }]]),
  )('rejects the token where it gives the issues $value, whatever they are', async ({ value: issues }) => {
    for (const result of [{ issues }, { issues, value: {} }]) {
      expect(
        (
          await rejection(
            handMade(() => result),
            {},
          )
        ).hint,
      ).toMatch(/`claims`/)
      expect(
        (
          await rejection(
            handMade(async () => result),
            {},
          )
        ).hint,
      ).toMatch(/`claims`/)
    }
  })

  it.each(casesOf<unknown>(['x', true, 1, {}, { 0: {}, length: 1 }, new Set([{}]), () => []]))(
    'never passes where it gives issues beside a value, as $value',
    async ({ value: issues }) => {
      const schema = handMade(() => ({ issues, value: { tenant: 'acme' } }))
      const outcome = testVerifier({ claims: schema }).verify(mint())
      const passed = await outcome.then(
        () => true,
        () => false,
      )
      expect(passed).toBe(false)
    },
  )

  it.each<[string, readonly unknown[], RegExp]>([
    ['names', ['org', 'name'], /`org\.name`/],
    ['numbers', ['teams', 0, 'name'], /`teams\.0\.name`/],
    ['objects with a key', [{ key: 'org' }, { key: 3 }], /`org\.3`/],
    ['a symbol', [Symbol('org'), 'name'], /name/],
    ['an object with a symbol as key', [{ key: Symbol('org') }, 'name'], /name/],
    ['control characters', ['a\r\nb\u001b[31m'], /`a\\u000d\\u000ab\\u001b\[31m`/],
  ])('whose paths are made of %s rejects with a hint that shows them', async (_what, path, shown) => {
    const { hint } = await rejection(
      handMade(() => ({ issues: [{ message: canary, path }] })),
      {},
    )
    expect(hint).toMatch(shown)
  })

  const throwing = (reason: unknown = new RangeError(canary)): never => {
    throw reason as Error
  }

  it.each<[string, () => unknown]>([
    ['an error', throwing],
    ['a string', async () => throwing(canary)],
    ['nothing', async () => throwing(undefined)],
    ['a refusal of ours', async () => createAuthenticator(testVerifier())(requestWith(`Bearer ${canary}`))],
    ['an error whose name is no text', () => Promise.reject(Object.assign(new Error(canary), { name: 7 }))],
    ['an error where its result is read', () => Object.defineProperty({}, 'issues', { get: throwing })],
    ['an error where its value is read', () => Object.defineProperty({}, 'value', { get: throwing })],
    [
      'an error where a member of its value is read',
      () => ({
        value: {
          tenant: 1,
          get other() {
            return throwing()
          },
        },
      }),
    ],
  ])('by throwing %s is a fault of ours', async (_what, validate) => {
    expect((await configFailure(handMade(validate))).option).toBe('claims')
  })

  it.each<[string, unknown]>([
    ['throws where it is read', Object.defineProperty({}, 'path', { get: throwing })],
    ['cannot be text', { path: [{ key: Object.create(null) as unknown }] }],
  ])('by a path that %s fails without its words', async (_what, issue) => {
    const { error, text } = await failure(
      handMade(() => ({ issues: [issue] })),
      mint(),
    )
    expect(isJwtGateError(error) || error instanceof ConfigError).toBe(true)
    expect(text).not.toContain(canary)
  })

  it('by writing into what it is given changes nothing of what was verified', async () => {
    const schema = handMade((claims) => {
      const { nested } = claims as { nested: { list: unknown[] } }
      for (const name of ['sub', 'permissions', 'tenant']) Reflect.set(claims as object, name, ['admin'])
      Reflect.set(nested.list, '0', 'admin')
      Reflect.deleteProperty(nested, 'list')
      Reflect.deleteProperty(claims as object, 'exp')
      return { value: {} }
    })
    const payload = { nested: { list: ['clerk'] }, permissions: ['read'] }
    const { claims, permissions, roles } = await testVerifier({
      claims: schema,
      rolesFrom: ['nested', 'list'],
    }).verify(mint(payload))
    expect(claims).toEqual(goodClaims(payload))
    expect([permissions, roles]).toEqual([['read'], ['clerk']])
  })

  it('by giving the payload back changes nothing', async () => {
    const { claims } = await verified(
      handMade((value) => ({ value })),
      { tenant: 'acme' },
    )
    expect(claims).toEqual(goodClaims({ tenant: 'acme' }))
  })

  it('by giving one object twice does not mix up two tokens', async () => {
    const shared = { tenant: 'acme' }
    const verifier = testVerifier({ claims: handMade(() => ({ value: shared })) })
    const auths = await Promise.all(['a', 'b'].map((sub) => verifier.verify(mint({ sub }))))
    expect(auths.map(({ claims }) => [claims.sub, claims.tenant])).toEqual([
      ['a', 'acme'],
      ['b', 'acme'],
    ])
    expect(Object.keys(shared)).toEqual(['tenant'])
  })
})

describe('the option claims', () => {
  const validate = (): unknown => ({ value: {} })
  const noSchemas: readonly unknown[] = [
    null,
    'tenant',
    '',
    7,
    true,
    {},
    [],
    ['tenant'],
    { tenant: 'string' },
    () => ({ value: {} }),
    { parse: () => ({}) },
    { validate, version: 1, vendor: 'x' },
    { '~standard': null },
    { '~standard': true },
    { '~standard': [] },
    { '~standard': {} },
    { '~standard': { version: 1, vendor: 'x' } },
    { '~standard': { version: 1, vendor: 'x', validate: true } },
    { '~standard': { version: 2, vendor: 'x', validate } },
    { '~standard': { version: '1', vendor: 'x', validate } },
    { '~standard': { vendor: 'x', validate } },
  ]

  it.each(casesOf(noSchemas))('is refused as $value, which is no schema', ({ value }) => {
    const error = configErrorOf(() => testVerifier({ claims: value as ClaimsSchema }))
    expect(error.option).toBe('claims')
    expect(error.message).toMatch(/zod.*valibot.*arktype/)
  })

  it('may be a function or an instance that speaks Standard Schema', async () => {
    const standard = { version: 1, vendor: 'x', validate: () => ({ value: { tenant: 'acme' } }) }
    class Schema {
      get '~standard'(): unknown {
        return standard
      }
    }
    for (const schema of [Object.assign(() => {}, { '~standard': standard }), new Schema()]) {
      expect((await verified(schema as ClaimsSchema)).claims.tenant).toBe('acme')
    }
  })

  it('undefined counts as not given', async () => {
    const options = { claims: undefined } as unknown as Partial<JwtVerifierOptions>
    expect((await testVerifier(options).verify(mint({ tenant: 7 }))).claims.tenant).toBe(7)
  })
})

describe('the stage of the schema', () => {
  function counted(): { readonly schema: ClaimsSchema; readonly seen: unknown[] } {
    const seen: unknown[] = []
    const schema = handMade((claims) => {
      seen.push(claims)
      return { issues: [{ message: 'no', path: ['tenant'] }] }
    })
    return { schema, seen }
  }

  it.each([
    ['token_malformed', 'x.y.z'],
    ['issuer_mismatch', mint({ iss: 'https://mallory.example.com' })],
    ['signature_invalid', withSignature(mint(), Buffer.alloc(64))],
    ['signature_invalid', mint({}, { key: newKey('ES256') })],
    ['audience_mismatch', mint({ aud: 'x' })],
    ['claim_invalid', mint({ sub: 7 })],
    ['token_bound', mint({ cnf: {} })],
    ['token_expired', mint({ exp: 1 })],
    ['token_not_yet_valid', mint({ nbf: 9_999_999_999 })],
  ])('is not reached by a token that is refused before: %s', async (code, token) => {
    const { schema, seen } = counted()
    expect(await codeOf(testVerifier({ claims: schema }).verify(token))).toBe(code)
    expect(seen).toEqual([])
  })

  it('comes before the revocation hook, which sees what the schema made', async () => {
    const asked: unknown[] = []
    const isRevoked = ({ claims }: Auth): boolean => asked.push(claims.tenant) > 9
    const { schema } = counted()
    expect(await codeOf(testVerifier({ claims: schema, isRevoked }).verify(mint()))).toBe('claims_rejected')
    expect(asked).toEqual([])
    const good = handMade(async () => ({ value: { tenant: 'acme' } }))
    await testVerifier({ claims: good, isRevoked }).verify(mint())
    expect(asked).toEqual(['acme'])
  })

  it('is given the verified payload, once', async () => {
    const { schema, seen } = counted()
    await codeOf(testVerifier({ claims: schema }).verify(mint({ tenant: 'acme' })))
    expect(seen).toEqual([goodClaims({ tenant: 'acme' })])
  })

  it('is told to operators once, with claim paths', async () => {
    const events = recordEvents()
    try {
      await refusalOf(testVerifier({ claims: counted().schema }).verify(mint()))
      expect(events.all()).toEqual([
        [
          'jwtgate:token.refused',
          {
            code: 'claims_rejected',
            status: 401,
            message: 'The claims of the access token were rejected',
            hint: expect.stringContaining('`tenant`'),
          },
        ],
      ])
    } finally {
      events.stop()
    }
  })

  it('gives the client a challenge without any claim', async () => {
    const authenticate = createAuthenticator(testVerifier({ claims: counted().schema }))
    const error = await authenticate(requestWith(`Bearer ${mint()}`)).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect((error as JwtGateError).headers).toEqual({
      'WWW-Authenticate':
        'Bearer realm="api", error="invalid_token", error_description="The claims of the access token were rejected"',
    })
  })

  it('is not reached by a payload whose members stand twice', async () => {
    const { schema, seen } = counted()
    const payload = JSON.stringify(goodClaims()).replace('{', '{"tenant":1,"tenant":2,')
    const token = signed(JSON.stringify({ alg: 'ES256' }), payload, keyFor('ES256'))
    expect(token).toContain(base64url(payload))
    expect(await codeOf(testVerifier({ claims: schema }).verify(token))).toBe('token_malformed')
    expect(seen).toEqual([])
  })
})

describe('several issuers', () => {
  const [zod, valibot, arktype] = libraries
  const a = testIssuer('https://a.example.com')
  const b = testIssuer('https://b.example.com')
  const c = testIssuer('https://c.example.com')
  const d = testIssuer('https://d.example.com')
  const verifier = severalIssuers([
    a.options(zod && { claims: zod.tenant }),
    b.options(valibot && { claims: valibot.defaults }),
    c.options(arktype && { claims: arktype.record }),
    d.options(),
  ])

  it('have each their own schema', async () => {
    expect((await verifier.verify(a.mint({ tenant: 'acme' }))).claims).not.toHaveProperty('plan')
    expect((await verifier.verify(b.mint({ tenant: 7 }))).claims).toMatchObject({ tenant: 7, plan: 'free' })
    expect((await verifier.verify(c.mint({ quotas: { cpu: 1 } }))).claims).toMatchObject({ quotas: { cpu: 1 } })
    expect((await verifier.verify(d.mint({ tenant: 7, quotas: 'none' }))).claims).toMatchObject({ tenant: 7 })
  })

  it.each([
    ['the first', a.mint({ quotas: { cpu: 1 } }), '`tenant`'],
    ['the second', b.mint({ plan: 7 }), '`plan`'],
    ['the third', c.mint({ tenant: 'acme', quotas: { cpu: 'x' } }), '`quotas.cpu`'],
  ])('are rejected by their own schema: %s', async (_which, token, path) => {
    const error = await refusalOf(verifier.verify(token))
    expect(error.code).toBe('claims_rejected')
    expect(error.hint).toContain(path)
  })
})

describe('requireAuth()', () => {
  const schema = handMade(() => ({ value: { tenant: 'acme' } }))
  const other = handMade(() => ({ value: { tenant: 'acme' } }))
  const verifier = testVerifier({ claims: schema })

  async function authenticated(): Promise<object> {
    const request = requestWith(`Bearer ${mint()}`)
    await createAuthenticator(verifier)(request)
    return request
  }

  it('gives the claims to whoever has the schema or the verifier that made them', async () => {
    const request = await authenticated()
    const auth = findAuth(request)
    expect(auth?.claims.tenant).toBe('acme')
    expect(requireAuth(request)).toBe(auth)
    expect(requireAuth(request, schema)).toBe(auth)
    expect(requireAuth(request, verifier)).toBe(auth)
  })

  const strangers: readonly (readonly [string, unknown])[] = [
    ['another schema', other],
    ['a schema of a library', libraries[0]?.tenant],
    ['another verifier', testVerifier()],
    ['another verifier with the same schema', testVerifier({ claims: schema })],
    ['null', null],
    ['a name', 'tenant'],
    ['a bare object', {}],
    ['the standard part of the schema', schema['~standard']],
  ]

  it.each(strangers)('does not give them to %s', async (_what, madeBy) => {
    const request = await authenticated()
    const error = thrownBy(() => requireAuth(request, madeBy as ClaimsSchema))
    expect(error).toBeInstanceOf(SetupError)
    expect(error).toMatchObject({ code: 'authentication_not_run', status: 500, expose: false })
    expect((error as JwtGateError).hint).toBe(
      'authOf() was given another verifier or schema than the one that made these claims.',
    )
  })

  it('does not give claims without a schema to whoever has one', async () => {
    const request = requestWith(`Bearer ${mint()}`)
    await createAuthenticator(testVerifier())(request)
    expect(thrownBy(() => requireAuth(request, schema))).toBeInstanceOf(SetupError)
  })

  it('does not give them by no schema at all: undefined, of a misspelt import', async () => {
    const request = requestWith(`Bearer ${mint()}`)
    await createAuthenticator(testVerifier())(request)
    expect(thrownBy(() => requireAuth(request, undefined as unknown as ClaimsSchema))).toBeInstanceOf(SetupError)
  })

  it('gives them where a verifier was made of options, by their schema', async () => {
    const request = requestWith(`Bearer ${mint()}`)
    await createAuthenticator(testVerifier({ claims: schema }))(request)
    expect(requireAuth(request, schema).claims.sub).toBe('alice')
  })

  it('tells of several issuers whose schema made them', async () => {
    const a = testIssuer('https://a.example.com')
    const b = testIssuer('https://b.example.com')
    const both = severalIssuers([a.options({ claims: schema }), b.options({ claims: other })])
    const request = requestWith(`Bearer ${b.mint()}`)
    await createAuthenticator(both)(request)
    expect(requireAuth(request, both).claims.iss).toBe(b.name)
    expect(requireAuth(request, other).claims.iss).toBe(b.name)
    expect(thrownBy(() => requireAuth(request, schema))).toBeInstanceOf(SetupError)
  })

  it('does not say which schema it was in any listing of the Auth', async () => {
    const auth = await verifier.verify(mint())
    expect(Object.keys(auth).sort()).toEqual(['claims', 'header', 'permissions', 'roles', 'scopes'])
    expect(Object.getOwnPropertySymbols({ ...auth })).toEqual([])
    expect(JSON.stringify(auth)).not.toContain('standard')
  })

  function thrownBy(action: () => unknown): unknown {
    try {
      action()
    } catch (error) {
      return error
    }
    throw new Error('not refused')
  }
})

describe('outcomes', () => {
  it('of one verifier are independent of each other', async () => {
    const verifier = testVerifier({ claims: libraries[0]?.tenant ?? handMade(() => ({})) })
    const tokens = [mint({ tenant: 'a' }), mint({ tenant: 7 }), mint({ tenant: 'b' }), mint({ exp: 1 })]
    expect(await Promise.all(tokens.map((token) => outcomeOf(verifier.verify(token))))).toEqual([
      'accepted',
      'claims_rejected',
      'accepted',
      'token_expired',
    ])
  })
})

/** What could still be changed. */
function unfrozenWithin(value: unknown, seen = new Set<unknown>()): readonly object[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  const own = Object.isFrozen(value) ? [] : [value]
  return [...own, ...Object.values(value).flatMap((member) => unfrozenWithin(member, seen))]
}
