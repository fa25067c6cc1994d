// The options of several issuers: what could fool such a verifier is refused at creation, and says where it stands.
import { describe, expect, it } from 'vitest'
import { createJwtVerifier, isJwtGateError, type ConfigError } from '@jwtgate/core'
import { casesOf } from '../../../test/support/cases.ts'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { testIssuer } from '../../../test/support/issuers.ts'
import { jwkOf } from '../../../test/support/keys.ts'
import { withPolluted } from '../../../test/support/pollution.ts'
import { outcomeOf, TestClock } from '../../../test/support/verifiers.ts'

/** Options that a type checker would not let through, too. */
type Untyped = Readonly<Record<string, unknown>>

const a = testIssuer('https://a.example.com')
const b = testIssuer('https://b.example.com')
const c = testIssuer('https://c.example.com')
const create = createJwtVerifier as (
  first: unknown,
  ...second: readonly unknown[]
) => ReturnType<typeof createJwtVerifier>

function refusalFor(first: unknown, ...second: readonly unknown[]): ConfigError {
  return configErrorOf(() => create(first, ...second))
}

/** One issuer's options without some of them. */
function without(options: object, ...names: readonly string[]): Untyped {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)))
}

describe('what is wrong with one of several issuers', () => {
  const wrong: readonly (readonly [string, Untyped, string])[] = [
    ['no audience', without(a.options(), 'audience'), 'audience'],
    ['no issuer', without(a.options(), 'issuer'), 'issuer'],
    ['no algorithms', without(a.options(), 'algorithms'), 'algorithms'],
    ['an empty audience', { ...a.options(), audience: '' }, 'audience'],
    ['the algorithm none', { ...a.options(), algorithms: ['none'] }, 'algorithms'],
    ['HMAC beside public keys', { ...a.options(), algorithms: ['ES256', 'HS256'] }, 'algorithms'],
    ['a misspelt option', { ...a.options(), audiance: 'x' }, 'audiance'],
    ['a misspelt option of remote', { ...without(a.options(), 'publicKey'), remote: { timeout: 1 } }, 'remote.timeout'],
    ['an option of claimValues', { ...a.options(), claimValues: { iss: 'x' } }, 'claimValues.iss'],
    ['plain http', { ...without(a.options(), 'publicKey'), jwksUri: 'http://id.example.com' }, 'jwksUri'],
    ['two sources of keys', { ...a.options(), jwks: { keys: [jwkOf(a.key)] } }, 'jwks'],
    ['spellings and no keys', { ...without(a.options(), 'publicKey'), issuer: ['x', 'y'] }, 'jwksUri'],
    ['a schema that is none', { ...a.options(), claims: {} }, 'claims'],
    ['a tolerance of an hour', { ...a.options(), clockTolerance: 3600 }, 'clockTolerance'],
  ]

  it.each(wrong)('names the first by its index: %s', (_what, options, option) => {
    const error = refusalFor([options, b.options()])
    expect(error).toMatchObject({ name: 'ConfigError', code: 'config_invalid', option: `[0].${option}` })
    expect(error.message).toContain('[0]')
  })

  it.each(wrong)('names a later one by its index: %s', (_what, options, option) => {
    const error = refusalFor([b.options(), c.options(), options])
    expect(error.option).toBe(`[2].${option}`)
    expect(error.message).toContain('[2]')
  })

  it('says what to write instead, as for a single issuer', () => {
    const { message } = refusalFor([b.options(), without(a.options(), 'audience')])
    expect(message).toContain("'https://api.example.com'")
    expect(refusalFor([{ ...a.options(), leeway: 5 }]).message).toContain('`clockTolerance`')
  })

  it('is branded, and no refusal of a request', () => {
    const error = refusalFor([{}])
    expect(error).toBeInstanceOf(TypeError)
    expect(Reflect.get(error, Symbol.for('jwtgate.error'))).toBe('ConfigError')
    expect(isJwtGateError(error)).toBe(false)
  })

  it.each(casesOf<unknown>([undefined, null, '', a.name, 7, true, [], [a.options()], () => a.options(), new Map()]))(
    'is told with its index where it is no object: $value',
    ({ value }) => {
      const error = refusalFor([a.options(), value])
      expect(error.option).toMatch(/^\[1\]/)
      expect(error.message).toMatch(/^\[1\].*must be an object/)
    },
  )

  it('is told with its index where it is a hole', () => {
    const list = [a.options()]
    list[2] = b.options()
    expect(refusalFor(list).option).toMatch(/^\[1\]/)
  })

  it('is left as it is where the application itself fails: what a getter throws is no wrong option', () => {
    const failure = new Error('canary')
    const options = {
      ...a.options(),
      get audience(): string {
        throw failure
      },
    }
    let thrown: unknown
    try {
      create([options])
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBe(failure)
  })

  it('quotes no secret', () => {
    const hmac = testIssuer('https://hmac.example.com', 'HS256')
    const error = refusalFor([{ ...hmac.options(), secret: 'canary' }])
    expect(error.option).toBe('[0].secret')
    expect(error.message).not.toContain('canary')
  })
})

describe('a list of issuers', () => {
  it('is not empty', () => {
    expect(refusalFor([]).message).toMatch(/empty/)
    expect(refusalFor([], {}).message).toMatch(/empty/)
  })

  it.each(casesOf<unknown>([new Set([a.options()]), [a.options()].values(), { 0: a.options(), length: 1 }]))(
    'is an array and nothing that only looks like one: $value',
    ({ value }) => {
      expect(refusalFor(value).name).toBe('ConfigError')
    },
  )

  it('may have one entry', async () => {
    const verifier = create([a.options()], { clock: new TestClock() })
    expect(await outcomeOf(verifier.verify(a.mint()))).toBe('accepted')
    expect(await outcomeOf(verifier.verify(b.mint()))).toBe('issuer_mismatch')
  })
})

describe('the same iss twice', () => {
  it.each<[string, readonly object[]]>([
    ['the same options', [a.options(), a.options()]],
    ['another audience', [a.options(), a.options({ audience: 'orders' })]],
    ['another key', [a.options(), b.options({ issuer: a.name })]],
    ['far apart', [a.options(), b.options(), c.options({ issuer: a.name })]],
    ['among the spellings of the second', [a.options(), b.options({ issuer: [b.name, a.name] })]],
    ['among the spellings of the first', [b.options({ issuer: [b.name, a.name] }), a.options()]],
    ['among the spellings of both', [b.options({ issuer: ['b', a.name] }), c.options({ issuer: [a.name, 'c'] })]],
  ])('is refused, and named: %s', (_what, issuers) => {
    const error = refusalFor(issuers)
    expect(error.option).toMatch(/(^|\.)issuer$/)
    expect(error.message).toContain(a.name)
  })

  it('is not meant by names that are compared exactly and differ', () => {
    const names = [a.name, `${a.name}/`, a.name.toUpperCase(), `${a.name}/tenant`]
    expect(() => create(names.map((issuer) => a.options({ issuer })))).not.toThrow()
  })
})

describe('a pattern is no issuer', () => {
  const patterns: readonly unknown[] = [
    /https:\/\/.*\.example\.com/,
    (iss: string) => iss.endsWith('.example.com'),
    async () => true,
    URL,
    { test: () => true },
    new URL(a.name),
  ]

  it.each(casesOf(patterns))('for a single issuer: $value', ({ value }) => {
    expect(refusalFor({ ...a.options(), issuer: value }).option).toBe('issuer')
    expect(refusalFor({ ...a.options(), issuer: [value] }).option).toBe('issuer')
    expect(refusalFor({ ...a.options(), issuer: [a.name, value] }).option).toBe('issuer')
  })

  it.each(casesOf(patterns))('for one of several: $value', ({ value }) => {
    expect(refusalFor([b.options(), { ...a.options(), issuer: value }]).option).toBe('[1].issuer')
    expect(refusalFor([b.options(), { ...a.options(), issuer: [a.name, value] }]).option).toBe('[1].issuer')
  })

  it.each(['https://*.example.com', '*', '.*', '^https://', 'https://{tenant}.example.com'])(
    'even where text looks like one, it is compared exactly: %s',
    async (issuer) => {
      const verifier = create([a.options({ issuer })], { clock: new TestClock() })
      expect(await outcomeOf(verifier.verify(a.mint()))).toBe('issuer_mismatch')
      expect(await outcomeOf(verifier.verify(a.mint({ iss: issuer })))).toBe('accepted')
    },
  )
})

describe('the second argument', () => {
  it.each<[string, Untyped]>([
    ['clock', { clock: new TestClock() }],
    ['maxTokenLength', { maxTokenLength: 1_000 }],
    ['isRevoked', { isRevoked: () => false }],
  ])('is the only place for %s where there are several issuers', (option, shared) => {
    expect(refusalFor([{ ...a.options(), ...shared }, b.options()]).option).toBe(`[0].${option}`)
    expect(() => create([a.options(), b.options()], shared)).not.toThrow()
  })

  it.each(Object.keys({ ...a.options(), remote: {}, claims: {}, permissionsFrom: [], jwksUri: '' }))(
    'does not take %s, which is for one issuer',
    (option) => {
      const { [option]: value = 'x' } = a.options() as unknown as Untyped
      expect(refusalFor([a.options()], { [option]: value }).option).toBe(option)
    },
  )

  it.each<[string, Untyped]>([
    ['clock', { clock: 7 }],
    ['clock.now', { clock: { now: 7 } }],
    ['maxTokenLength', { maxTokenLength: 0 }],
    ['isRevoked', { isRevoked: true }],
    ['leeway', { leeway: 5 }],
  ])('is checked, and named without an index: %s', (option, shared) => {
    expect(refusalFor([a.options(), b.options()], shared).option).toBe(option)
  })

  it.each(casesOf<unknown>(['x', 7, true, [], [b.options()], () => ({}), new Map()]))('is not $value', ({ value }) => {
    expect(refusalFor([a.options()], value).name).toBe('ConfigError')
  })

  it.each(casesOf<unknown>([{}, { maxTokenLength: 1_000 }, { clock: new TestClock() }, null, 'x', []]))(
    'is refused beside the options of a single issuer: $value',
    ({ value }) => {
      const error = refusalFor(a.options(), value)
      expect(error).toMatchObject({
        name: 'ConfigError',
        option: 'options',
        message: 'A second argument is only for a list of issuers: write all options into the first.',
      })
    },
  )

  it('may be undefined', () => {
    expect(() => create(a.options(), undefined)).not.toThrow()
    expect(() => create([a.options()], undefined)).not.toThrow()
  })

  it('is not inherited, and neither are the options of an issuer', async () => {
    const members = { isRevoked: () => true, maxTokenLength: 256, acceptBoundTokens: true, claims: {}, leeway: 5 }
    const clock = new TestClock()
    const verifier = await withPolluted(members, () => create([a.options(), b.options()], { clock }))
    expect(await outcomeOf(verifier.verify(a.mint({ more: 'x'.repeat(300) })))).toBe('accepted')
    expect(await outcomeOf(verifier.verify(b.mint({ cnf: {} })))).toBe('token_bound')
  })
})
