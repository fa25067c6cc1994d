// Permissions, scopes and roles: where they are read, and what rules make of them.
import { describe, expect, it } from 'vitest'
import {
  allOf,
  anyOf,
  createAccessAuthorizer,
  createAuthorizer,
  permission,
  role,
  scope,
  type AccessRule,
  type AccessRuleOrName,
  type ClaimSource,
  type GrantKind,
  type JwtVerifierOptions,
} from '@jwtgate/core'
import { casesOf } from '../../../test/support/cases.ts'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { issuer, mint, withSignature, type Claims } from '../../../test/support/mint.ts'
import { authenticatedRequest, passageOf, refusalAt } from '../../../test/support/requests.ts'
import { codeOf, testVerifier } from '../../../test/support/verifiers.ts'

type Options = Partial<JwtVerifierOptions>

interface Granted {
  readonly permissions: readonly string[]
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
}

async function grantsOf(claims: Claims, options: Options = {}): Promise<Granted> {
  const { permissions, scopes, roles } = await testVerifier(options).verify(mint(claims))
  return { permissions, scopes, roles }
}

const nothing: Granted = { permissions: [], scopes: [], roles: [] }
const noLists: readonly unknown[] = [null, true, 7, {}, { 0: 'a', length: 1 }, [7], ['a', 7], ['a', null], [['a']]]

describe('by default', () => {
  it('permissions, scopes and roles are read from the claims of these names', async () => {
    const claims = { permissions: ['a', 'b'], scope: 'c d', roles: ['e'] }
    expect(await grantsOf(claims)).toEqual({ permissions: ['a', 'b'], scopes: ['c', 'd'], roles: ['e'] })
  })

  it('a token without them grants nothing', async () => {
    expect(await grantsOf({})).toEqual(nothing)
  })

  it.each(casesOf(noLists))('a claim of the wrong type grants nothing: $value', async ({ value }) => {
    expect(await grantsOf({ permissions: value, scp: value, roles: value })).toEqual(nothing)
  })

  it('permissions and roles are lists, and text is none', async () => {
    expect(await grantsOf({ permissions: 'a b', roles: 'a b' })).toEqual(nothing)
  })

  it.each<[string, unknown, string[]]>([
    ['one', 'a', ['a']],
    ['several', 'a b c', ['a', 'b', 'c']],
    ['blanks in excess', '  a   b ', ['a', 'b']],
    ['nothing', '', []],
    ['blanks only', '   ', []],
    ['a tab, which does not separate', 'a\tb', ['a\tb']],
    ['a line feed, which does not separate', 'a\nb', ['a\nb']],
    ['a no-break space, which does not separate', 'a\u00a0b', ['a\u00a0b']],
    ['a comma, which does not separate', 'a,b', ['a,b']],
  ])('scope and scp are split at blanks: %s', async (_what, text, scopes) => {
    expect(await grantsOf({ scope: text })).toEqual({ ...nothing, scopes })
    expect(await grantsOf({ scp: text })).toEqual({ ...nothing, scopes })
  })

  it('scp may be a list', async () => {
    expect(await grantsOf({ scp: ['a', 'b'] })).toEqual({ ...nothing, scopes: ['a', 'b'] })
  })

  it.each(casesOf<unknown>(['b', '', 7, null, {}]))('scope is read before scp, even as $value', async ({ value }) => {
    const scopes = value === 'b' ? ['b'] : []
    expect(await grantsOf({ scope: value, scp: ['a'] })).toEqual({ ...nothing, scopes })
  })
})

describe('a path', () => {
  it.each<[string, Claims, readonly string[], readonly string[]]>([
    ['to a claim', { groups: ['a'] }, ['groups'], ['a']],
    ['into objects', { realm_access: { roles: ['a', 'b'] } }, ['realm_access', 'roles'], ['a', 'b']],
    ['with a dot in a name', { 'a.b': { 'c/d': ['a'] } }, ['a.b', 'c/d'], ['a']],
    ['that looks like a URL', { 'https://example.com/roles': ['a'] }, ['https://example.com/roles'], ['a']],
    ['to nothing', {}, ['realm_access', 'roles'], []],
    ['that ends early', { realm_access: {} }, ['realm_access', 'roles'], []],
    ['through null', { realm_access: null }, ['realm_access', 'roles'], []],
    ['through text', { realm_access: 'text' }, ['realm_access', 'length'], []],
    ['through a list', { lists: [['a']] }, ['lists', '0'], []],
    ['to an object', { realm_access: { roles: { a: true } } }, ['realm_access', 'roles'], []],
    ['to a mixed list', { groups: ['a', 7] }, ['groups'], []],
    ['over what every object has', {}, ['constructor', 'name'], []],
    ['over a prototype', {}, ['__proto__', 'roles'], []],
    ['over what every list has', { groups: ['a'] }, ['groups', 'constructor'], []],
  ])('%s', async (_where, claims, path, expected) => {
    const options = { permissionsFrom: path, rolesFrom: path, scopesFrom: path }
    expect(await grantsOf(claims, options)).toEqual({ permissions: expected, scopes: expected, roles: expected })
  })

  it('takes the place of the default', async () => {
    const claims = { permissions: ['a'], scope: 'a', scp: 'a', roles: ['a'] }
    const options = { permissionsFrom: ['x'], scopesFrom: ['x'], rolesFrom: ['x'] }
    expect(await grantsOf(claims, options)).toEqual(nothing)
  })

  it('for scopes may come to text, which is split at blanks', async () => {
    const options = { permissionsFrom: ['x'], scopesFrom: ['x'], rolesFrom: ['x'] }
    expect(await grantsOf({ x: 'a b' }, options)).toEqual({ ...nothing, scopes: ['a', 'b'] })
  })
})

describe('a function of the claims', () => {
  const everywhere = (source: unknown): Options => {
    const from = source as ClaimSource
    return { permissionsFrom: from, scopesFrom: from, rolesFrom: from }
  }

  it('gives what it returns', async () => {
    const source = (claims: Claims) => (claims.iss === issuer ? [`${String(claims.sub)}:read`] : [])
    const grants = ['alice:read']
    expect(await grantsOf({}, everywhere(source))).toEqual({ permissions: grants, scopes: grants, roles: grants })
  })

  it.each<[string, (claims: Claims) => unknown]>([
    [
      'throws',
      () => {
        throw new Error('canary')
      },
    ],
    ['meets a shape that it did not expect', (claims) => (claims.x as { y: { z: string[] } }).y.z],
    ['returns undefined', () => undefined],
    ['returns null', () => null],
    ['returns a number', () => 7],
    ['returns a mixed list', () => ['a', 7]],
    ['returns a promise', () => Promise.resolve(['a'])],
    ['returns a set', () => new Set(['a'])],
  ])('grants nothing where it %s', async (_what, source) => {
    expect(await grantsOf({}, everywhere(source))).toEqual(nothing)
  })

  it('keeps the list that it returned to itself', async () => {
    const list = ['a']
    const auth = await testVerifier(everywhere(() => list)).verify(mint())
    list.push('b')
    expect(Object.isFrozen(list)).toBe(false)
    expect(auth.permissions).toEqual(['a'])
  })

  it('cannot change the claims that it reads', async () => {
    const written: boolean[] = []
    const source = (claims: Claims): string[] => {
      written.push(Reflect.set(claims, 'sub', 'mallory'), Reflect.set(claims.realm as object, 'roles', ['admin']))
      return []
    }
    const claims = { realm: { roles: ['clerk'] } }
    const auth = await testVerifier({ permissionsFrom: source, rolesFrom: ['realm', 'roles'] }).verify(mint(claims))
    expect(written).toEqual([false, false])
    expect([auth.claims.sub, auth.claims.realm, auth.roles]).toEqual(['alice', claims.realm, ['clerk']])
  })

  it('is never called for a token that is refused', async () => {
    let calls = 0
    const verifier = testVerifier(everywhere(() => void calls++))
    const forged = withSignature(mint(), Buffer.alloc(64))
    for (const token of [forged, mint({ exp: 1 }), mint({ aud: 'x' }), '']) await codeOf(verifier.verify(token))
    expect(calls).toBe(0)
  })
})

describe('a rule', () => {
  const rights = { permissions: ['p1', 'p2'], scope: 's1 s2', roles: ['r1', 'r2'] }
  const cases: readonly (readonly [string, AccessRule, boolean])[] = [
    ['a permission it has', permission('p1'), true],
    ['a permission it has not', permission('p3'), false],
    ['all of several permissions', permission('p1', 'p2'), true],
    ['one of several permissions only', permission('p1', 'p3'), false],
    ['a scope it has', scope('s1'), true],
    ['several scopes', scope('s2', 's1'), true],
    ['one of several scopes only', scope('s1', 's3'), false],
    ['a role it has', role('r1'), true],
    ['one of several roles only', role('r1', 'r3'), false],
    ['a scope as permission', permission('s1'), false],
    ['a permission as role', role('p1'), false],
    ['a role as scope', scope('r1'), false],
    ['a prefix', permission('p'), false],
    ['another case', permission('P1'), false],
    ['all of two kinds', allOf(permission('p1'), role('r1')), true],
    ['all of two kinds, one missing', allOf(permission('p1'), role('r3')), false],
    ['any of two kinds', anyOf(permission('p3'), role('r1')), true],
    ['any of two kinds, both missing', anyOf(permission('p3'), role('r3')), false],
    ['any of one', anyOf(scope('s1')), true],
    ['all of one that is missing', allOf(scope('s3')), false],
    ['any within all', allOf(anyOf(permission('p3'), permission('p2')), scope('s1')), true],
    ['any within all, that is missing', allOf(anyOf(permission('p3'), permission('p4')), scope('s1')), false],
    ['all within any', anyOf(allOf(permission('p1'), role('r3')), allOf(scope('s1'), role('r1'))), true],
    [
      'all within any, each half missing',
      anyOf(allOf(permission('p1'), role('r3')), allOf(scope('s3'), role('r1'))),
      false,
    ],
    ['several within any', anyOf(permission('p1', 'p3'), role('r2')), true],
    ['several within any, each half missing', anyOf(permission('p1', 'p3'), role('r1', 'r3')), false],
    ['a rule made by hand', { kind: 'anyOf', rules: [{ kind: 'role', name: 'r1' }] }, true],
  ]

  it.each(cases)('about %s', async (_what, rule, allowed) => {
    const request = await authenticatedRequest(rights)
    expect(await passageOf(createAccessAuthorizer(rule), request)).toBe(allowed ? 'passed' : 'permission_denied')
  })

  it.each(cases)('about %s means the same within another and at a guard of any kind', async (_what, rule, allowed) => {
    const request = await authenticatedRequest(rights)
    for (const kind of ['permission', 'scope', 'role', undefined] as const) {
      for (const rules of [[rule], [rule, rule], [allOf(rule)], [anyOf(rule, rule)]]) {
        const outcome = await passageOf(createAuthorizer(kind, rules), request)
        expect(outcome).toBe(allowed ? 'passed' : 'permission_denied')
      }
    }
  })

  it.each<[GrantKind, string]>([
    ['permission', 'p'],
    ['scope', 's'],
    ['role', 'r'],
  ])('with bare names takes the kind of the guard: %s', async (kind, letter) => {
    const request = await authenticatedRequest(rights)
    const names = (...numbers: number[]) => numbers.map((number) => `${letter}${number}`)
    const [one = '', two = '', three = ''] = names(1, 2, 3)
    const passed: AccessRuleOrName[][] = [[one], [one, two], [anyOf(one, three)], [allOf(one, anyOf(three, two))]]
    const refused: AccessRuleOrName[][] = [
      [three],
      [one, three],
      [allOf(one, three)],
      [anyOf(three, allOf(one, three))],
    ]
    for (const rules of passed) expect(await passageOf(createAuthorizer(kind, rules), request)).toBe('passed')
    for (const rules of refused)
      expect(await passageOf(createAuthorizer(kind, rules), request)).toBe('permission_denied')
  })

  it('made by hand is copied: a later change changes nothing', async () => {
    const rules = [{ kind: 'role' as const, name: 'r3' }]
    const guard = createAccessAuthorizer({ kind: 'anyOf', rules })
    rules.push({ kind: 'role', name: 'r1' })
    expect(await passageOf(guard, await authenticatedRequest(rights))).toBe('permission_denied')
  })
})

describe('a rule that could never mean what it says', () => {
  const noStrings = [undefined, null, 0, 7, true, Symbol('a'), () => 'a', {}, { name: 'a' }, Object('a'), ['a'], []]
  const blanks = ['', ' ', 'a b', ' a', 'a ', 'a\tb', 'a\n', 'a\u00a0b']
  const badNames: readonly unknown[] = [...noStrings, ...blanks, 'a\0', 'a"b', 'a\\b', 'é', '\u007f', '\u{1f511}']
  const makers = { permission, scope, role, allOf, anyOf } as unknown as Readonly<
    Record<string, (...names: readonly unknown[]) => unknown>
  >
  const kinds: readonly GrantKind[] = ['permission', 'scope', 'role']

  it.each(casesOf(badNames))('has the name $value', ({ value }) => {
    for (const make of Object.values(makers)) {
      for (const names of [[value], ['good', value], [value, 'good']]) {
        expect(configErrorOf(() => make(...names)).option).toBe('rule')
      }
    }
    for (const kind of kinds) {
      expect(configErrorOf(() => createAuthorizer(kind, ['good', value])).option).toBe('rule')
      const named = { kind, name: value }
      expect(configErrorOf(() => createAuthorizer(kind, [named])).option).toBe('rule')
      expect(configErrorOf(() => createAuthorizer(kind, [{ kind: 'anyOf', rules: ['good', named] }])).option).toBe(
        'rule',
      )
    }
  })

  it.each(Object.entries(makers))('names nothing: %s()', (_name, make) => {
    expect(configErrorOf(() => make()).message).toMatch(/nothing|name/)
  })

  it.each<[string, unknown]>([
    ['an empty allOf', { kind: 'allOf', rules: [] }],
    ['an empty anyOf', { kind: 'anyOf', rules: [] }],
    ['an empty allOf within', { kind: 'anyOf', rules: [{ kind: 'allOf', rules: [] }] }],
    ['an allOf without rules', { kind: 'allOf' }],
    ['an allOf with rules that are no list', { kind: 'allOf', rules: { length: 1, 0: 'a' } }],
    ['an allOf with undefined in it', { kind: 'allOf', rules: ['a', undefined] }],
    ['an allOf with a hole', { kind: 'allOf', rules: Object.assign(holes(2), ['a']) }],
    ['an allOf that is all holes', { kind: 'allOf', rules: holes(2) }],
    ['an anyOf that is all holes', { kind: 'anyOf', rules: holes(2) }],
    ['a kind that does not exist', { kind: 'noneOf', rules: ['a'] }],
    ['no kind', { rules: ['a'] }],
    ['a kind of every object', { kind: 'constructor', name: 'a' }],
    ['an empty object', {}],
    ['a list', ['a']],
    ['null', null],
    ['a promise of a rule', Promise.resolve(permission('a'))],
  ])('is made by hand: %s', (_what, rule) => {
    for (const kind of kinds) {
      for (const rules of [[rule], ['good', rule], [{ kind: 'anyOf', rules: ['good', rule] }]]) {
        expect(configErrorOf(() => createAuthorizer(kind, rules)).option).toBe('rule')
      }
    }
    expect(configErrorOf(() => createAccessAuthorizer(rule as AccessRule)).option).toBe('rule')
  })

  it.each(casesOf<readonly unknown[]>([[], holes(1), holes(2), [undefined]]))('names nothing: $value', ({ value }) => {
    for (const kind of [...kinds, undefined]) {
      expect(configErrorOf(() => createAuthorizer(kind, value)).option).toBe('rule')
    }
  })

  it('has a bare name where no kind is known, and the message says what to write', () => {
    const { message } = configErrorOf(() => createAccessAuthorizer('admin' as unknown as AccessRule))
    expect(message).toMatch(/permission\(\), scope\(\) or role\(\)/)
    expect(configErrorOf(() => createAccessAuthorizer(anyOf('admin') as unknown as AccessRule)).option).toBe('rule')
  })

  it('is told by the name of the guard', () => {
    const messages = kinds.map((kind) => configErrorOf(() => createAuthorizer(kind, [])).message)
    expect(messages.map((message) => message.split('(')[0])).toEqual([
      'requirePermission',
      'requireScope',
      'requireRole',
    ])
  })

  const named = 'is a string of printable ASCII without blanks, quotes and backslashes.'
  const takes = 'takes names and rules: strings, permission(), scope(), role(), allOf(), anyOf().'
  const given = 'was given nothing: name what the token must have.'

  it.each<[string, () => unknown, string]>([
    ['allOf()', () => makers.allOf?.(), `allOf() ${given}`],
    ['anyOf()', () => makers.anyOf?.(), `anyOf() ${given}`],
    ['role()', () => makers.role?.(), `requireRole() ${given}`],
    ['a guard of nothing', () => createAuthorizer('scope', []), `requireScope() ${given}`],
    ['a guard of undefined', () => createAuthorizer('scope', [undefined]), `requireScope() ${given}`],
    ['a guard of a hole', () => createAuthorizer('scope', holes(1)), `requireScope() ${given}`],
    ['a guard of undefined and more', () => createAuthorizer('scope', [undefined, 'a']), `requireScope() ${takes}`],
    ['a guard of any rule', () => createAuthorizer(undefined, []), `requireAccess() ${given}`],
    ['a number', () => createAuthorizer('permission', [7]), `requirePermission() ${takes}`],
    ['a number in allOf()', () => makers.allOf?.(7), `allOf() ${takes}`],
    ['a number in anyOf()', () => makers.anyOf?.('a', 7), `anyOf() ${takes}`],
    [
      'an empty group made by hand',
      () => createAuthorizer('scope', [{ kind: 'anyOf', rules: [] }]),
      `anyOf() ${given}`,
    ],
    [
      'a number in a group made by hand',
      () => createAuthorizer('scope', [{ kind: 'anyOf', rules: [7] }]),
      `anyOf() ${takes}`,
    ],
    ['a name with a blank', () => makers.role?.('a b'), `The name of a role ${named}`],
    ['a name with a blank in a guard', () => createAuthorizer('scope', ['a b']), `The name of a scope ${named}`],
    ['a name with a blank in a group', () => makers.allOf?.('a b'), `The name of a permission ${named}`],
    [
      'a bare name without a kind',
      () => createAuthorizer(undefined, ['a']),
      'requireAccess() does not know what "a" is: write permission(), scope() or role() around it.',
    ],
  ])('is told what it takes instead: %s', (_what, make, message) => {
    expect(configErrorOf(make)).toMatchObject({ option: 'rule', message })
  })

  it('has rules in rules, deeper than anybody can read', async () => {
    const nested = (depth: number): AccessRule =>
      Array.from({ length: depth }).reduce<AccessRule>((rule) => ({ kind: 'allOf', rules: [rule] }), role('r'))
    const request = await authenticatedRequest({ roles: ['r'] })
    expect(await passageOf(createAccessAuthorizer(nested(16)), request)).toBe('passed')
    expect(configErrorOf(() => createAccessAuthorizer(nested(17)))).toMatchObject({
      option: 'rule',
      message: 'allOf() was given rules in rules, deeper than 16.',
    })
  })

  function holes(length: number): unknown[] {
    const list: unknown[] = []
    list.length = length
    return list
  }
})

describe('a refused permission', () => {
  it('is 403, and its message does not say what the route needs', async () => {
    const guard = createAccessAuthorizer(anyOf(permission('delete'), allOf(role('admin'), scope('x'))))
    const error = await refusalAt(guard, await authenticatedRequest({ permissions: ['canary'] }))
    expect(error).toMatchObject({ name: 'PermissionDeniedError', code: 'permission_denied', status: 403, expose: true })
    expect(error?.message).not.toMatch(/delete|admin/)
  })

  it.each<[AccessRule, string]>([
    [role('a'), 'role "a". If the issuer puts it elsewhere, the option `rolesFrom` can say where.'],
    [
      scope('a', 'b'),
      'all of (scope "a", scope "b"). If the issuer puts it elsewhere, the option `scopesFrom` can say where.',
    ],
    [
      anyOf(permission('delete'), allOf(role('admin'), scope('x'))),
      'any of (permission "delete", all of (role "admin", scope "x")). ' +
        'If the issuer puts it elsewhere, the options `permissionsFrom`, `rolesFrom`, `scopesFrom` can say where.',
    ],
  ])('has a hint that puts the rule in words, and nothing of the token: %j', async (rule, words) => {
    const error = await refusalAt(createAccessAuthorizer(rule), await authenticatedRequest({ permissions: ['canary'] }))
    expect(error?.hint).toBe(`The route needs ${words}`)
  })

  const plain =
    'Bearer realm="api", error="insufficient_scope", ' +
    'error_description="The access token does not grant what this request needs"'

  it.each<[string, AccessRule, string]>([
    ['a scope', scope('orders:read'), `${plain}, scope="orders:read"`],
    ['several scopes', scope('a', 'b'), `${plain}, scope="a b"`],
    ['a scope twice', allOf(scope('a', 'b'), scope('b')), `${plain}, scope="a b"`],
    ['scopes in groups', allOf(scope('a'), allOf(scope('b'), scope('c'))), `${plain}, scope="a b c"`],
    ['a permission', permission('a'), plain],
    ['a role', role('a'), plain],
    ['a scope and a role', allOf(scope('a'), role('b')), plain],
    ['a scope or a permission', anyOf(scope('a'), permission('b')), plain],
  ])('has the challenge for %s', async (_what, rule, challenge) => {
    const error = await refusalAt(createAccessAuthorizer(rule), await authenticatedRequest())
    expect(error?.headers).toEqual({ 'WWW-Authenticate': challenge })
  })

  it('names the scopes of a guard for scopes', async () => {
    const error = await refusalAt(createAuthorizer('scope', ['a', 'b']), await authenticatedRequest({ scope: 'a' }))
    expect(error?.headers['WWW-Authenticate']).toBe(`${plain}, scope="a b"`)
  })
})
