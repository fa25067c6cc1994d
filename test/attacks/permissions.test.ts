// Claims that look like a permission and are none, and texts of a token that try to get into a header: over HTTP, on every framework.
import { ConfigError, permission, scope } from '@jwtgate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuardName } from '../contract/application.ts'
import { frameworks } from '../contract/frameworks.ts'
import { startServer, type RunningServer } from '../contract/servers.ts'
import { configErrorOf } from '../support/config-errors.ts'
import { goodClaims, mint, type Claims } from '../support/mint.ts'
import { exchange, parseAnswer, requestText, valuesOf } from '../support/raw-http.ts'
import { refuseUnhandledRejections } from '../support/unhandled-rejections.ts'
import { testVerifier } from '../support/verifiers.ts'

refuseUnhandledRejections()

interface Attack {
  /** What the token has in place of the right claim. */
  readonly claims: Claims
  readonly guard: GuardName
  readonly source: string
}

const type = 'RFC 9068 section 2.2.3.1'
const scopes = 'RFC 6749 section 3.3'
const inherited = 'CWE-1321'

/** What is no list of names. */
function noLists(name: string): readonly unknown[] {
  const scalars = [`${name},write`, `["${name}"]`, '', '*', 1, 0, true, false, null]
  const objects: readonly Claims[] = [
    {},
    { [name]: true },
    { [name]: name },
    { 0: name, length: 1 },
    { includes: name },
    { toString: name },
  ]
  const lists = [[], [[name]], [[[name]]], [{ [name]: true }], [{ name }], [name, 1], [1, name], [name, null], [true]]
  return [...scalars, ...objects, ...lists, [name, [name]]]
}

/** Names that nearly are this one. */
function nearNames(name: string): readonly string[] {
  const cases = [name.toUpperCase(), `${name.charAt(0).toUpperCase()}${name.slice(1)}`]
  const pieces = [name.charAt(0), name.slice(1), name.slice(0, -1), `${name}s`, `x${name}`, `${name}.${name}`]
  const lists = [`${name}:all`, `${name},`, `${name},write`, `"${name}"`, `["${name}"]`]
  const invisible = [`\t${name}`, `${name}\n`, `${name}\r\nwrite`, `${name}\0`, `${name}\u00A0`, `${name}\u200B`]
  const lookAlikes = [
    name.replace('e', '\u0435'),
    name.replace('r', '\uFF52'),
    name.replace('r', '%72'),
    `\uFEFF${name}`,
  ]
  const special = ['', '*', '.*', `^${name}$`, '__proto__', 'constructor', 'undefined', 'null', 'true', '0']
  return [...cases, ...pieces, ...lists, ...invisible, ...lookAlikes, ...special]
}

/** On what a guard asks for, in its claim. */
function attacksOn(guard: GuardName, claim: string, name: string): readonly Attack[] {
  const near = nearNames(name)
  const wrong: readonly (readonly [claims: Claims, source: string])[] = [
    ...[name, `${name} write`, ...noLists(name)].map((value) => [{ [claim]: value }, type] as const),
    ...[...near, ` ${name}`, `${name} `, `${name} write`].map((one) => [{ [claim]: [one] }, type] as const),
    [{ [claim]: near }, type],
    [{ [claim.toUpperCase()]: [name] }, type],
    [{ [`${claim} `]: [name] }, type],
    [{ [claim.slice(0, -1)]: [name] }, type],
    [{ ['__proto__']: { [claim]: [name] } }, inherited],
    [{ constructor: { prototype: { [claim]: [name] } } }, inherited],
    [{ prototype: { [claim]: [name] } }, inherited],
    [{ [claim]: { ['__proto__']: [name] } }, inherited],
  ]
  return wrong.map(([claims, source]) => ({ claims, guard, source }))
}

const attacks: readonly Attack[] = [
  ...attacksOn('permission', 'permissions', 'read'),
  ...attacksOn('role', 'roles', 'editor'),
  ...[...noLists('orders'), ['orders']].map((value): Attack => {
    return { claims: { scope: value }, guard: 'scope', source: scopes }
  }),
  // The claim that says it wrongly is not made good by the other one.
  ...[null, 1, true, {}, [], ['orders']].map((value): Attack => {
    return { claims: { scope: value, scp: ['orders'] }, guard: 'scope', source: 'RFC 8693 section 4.2' }
  }),
  ...nearNames('orders').map((near): Attack => {
    return { claims: { scope: `openid ${near}` }, guard: 'scope', source: scopes }
  }),
  ...['openid\torders', 'openid\norders', 'openid\u3000orders', 'openid,orders', 'openid+orders'].map(
    (text): Attack => {
      return { claims: { scope: text }, guard: 'scope', source: scopes }
    },
  ),
  { claims: { ['__proto__']: { scope: 'orders' } }, guard: 'scope', source: inherited },
  { claims: { permissions: ['orders'], roles: ['orders'] }, guard: 'scope', source: type },
  { claims: { scope: 'read', roles: ['read'] }, guard: 'permission', source: type },
  { claims: { scope: 'editor', permissions: ['editor'] }, guard: 'role', source: type },
]

const good: readonly Attack[] = [
  { claims: { permissions: ['read'] }, guard: 'permission', source: type },
  { claims: { roles: ['editor'] }, guard: 'role', source: type },
  { claims: { scope: 'orders' }, guard: 'scope', source: scopes },
  { claims: { scp: ['orders'] }, guard: 'scope', source: scopes },
]

const canary = 'Canary7f3a'
const split = `${canary}\r\nSet-Cookie: a=${canary}\r\n\r\n<script>${canary}</script>", error="${canary}`

/** Refused for what is in their claims, each at another check. */
const splitting: readonly (readonly [claims: Claims, code: string])[] = [
  [{ iss: split }, 'issuer_mismatch'],
  [{ aud: split }, 'audience_mismatch'],
  [{ aud: [split, `${split}\n`] }, 'audience_mismatch'],
  [{ exp: split }, 'claim_invalid'],
  [{ sub: split, exp: 1 }, 'token_expired'],
  [{ events: { [split]: split } }, 'type_not_allowed'],
  [{ cnf: { jkt: split } }, 'token_bound'],
  [{ scope: split, permissions: [split], roles: [split], sub: split }, 'permission_denied'],
  [{ realm: split, error: split, error_description: split, [split]: split }, 'permission_denied'],
  [{ scope: `openid admin"\r\n${canary}` }, 'permission_denied'],
]
const splittingHeaders: readonly (readonly [header: Claims, code: string])[] = [
  [{ typ: split }, 'type_not_allowed'],
  [{ alg: split }, 'algorithm_not_allowed'],
  [{ crit: [split], [split]: split }, 'critical_header'],
  [{ kid: split.repeat(3) }, 'token_malformed'],
]

/** Each with the names of the members that try it. */
const splittingTokens = [
  ...splitting.map(([claims, code]) => ({ what: 'claims', names: Object.keys(claims), token: mint(claims), code })),
  ...splittingHeaders.map(([header, code]) => {
    return { what: 'header', names: Object.keys(header), token: mint({}, { header }), code }
  }),
]

const name = ({ guard, claims, source }: Attack): string => `${guard}: ${JSON.stringify(claims)} (${source})`
/** As it is: with `__proto__` as a member of its own. */
const tokenWith = (claims: Claims): string => mint({}, { payload: JSON.stringify(goodClaims(claims)) })

describe.each(frameworks)('on $name', ({ listener }) => {
  let server: RunningServer
  beforeAll(async () => {
    const verifier = testVerifier()
    server = await startServer(listener({ authentication: 'required', verifier, problems: true }))
  })
  afterAll(async () => server.close())

  const answerTo = async (guard: GuardName, token: string): Promise<string> =>
    exchange(server.port, requestText('GET', `/guarded/${guard}/alice`, [`Authorization: Bearer ${token}`]))

  it.each(attacks.map((attack) => [name(attack), attack] as const))('%s is denied', async (_name, attack) => {
    const { status, body } = parseAnswer(await answerTo(attack.guard, tokenWith(attack.claims)))
    expect([status, (JSON.parse(body) as { readonly code: string }).code]).toEqual([403, 'permission_denied'])
  })

  it.each(good.map((attack) => [name(attack), attack] as const))('%s is let in', async (_name, attack) => {
    const { status, body } = parseAnswer(await answerTo(attack.guard, tokenWith(attack.claims)))
    expect([status, JSON.parse(body)]).toEqual([200, { id: 'alice' }])
  })

  // RFC 9110 section 5.5, RFC 6750 section 3, CWE-113.
  it.each(splittingTokens)('line ends in the $what $names get into no header -> $code', async ({ token, code }) => {
    const answer = await answerTo('a-scope-too-many', token)
    const { lines, body } = parseAnswer(answer)
    expect((JSON.parse(body) as { readonly code: string }).code).toBe(code)
    expect(answer).not.toContain(canary)
    expect(valuesOf(lines, 'set-cookie')).toEqual([])
    expect(valuesOf(lines, 'www-authenticate')).toEqual([
      expect.stringMatching(
        code === 'permission_denied'
          ? /^Bearer realm="api", error="insufficient_scope", error_description="[ \w]+", scope="admin orders"$/
          : /^Bearer realm="api", error="invalid_token", error_description="[ \w]+"$/,
      ),
    ])
  })

  it.each(['a\r\nSet-Cookie: a=b', 'a\nb', 'a"b', 'a\\b', 'a\0b', '\u00E4', ''])(
    'the realm %j is refused when the application is made (RFC 9110 section 5.5)',
    async (realm) => {
      const options = { realm }
      const made = async (): Promise<unknown> =>
        listener({ authentication: 'required', verifier: testVerifier(), problems: true, options })
      await expect(made()).rejects.toThrow(ConfigError)
    },
  )
})

describe('names of rules', () => {
  it.each(['', ' ', 'a b', 'a\r\nSet-Cookie: a=b', 'a"b', 'a\\b', 'a\0', '\u00E4'])('%j is refused', (name) => {
    expect(configErrorOf(() => scope(name)).option).toBe('rule')
    expect(configErrorOf(() => permission(name)).option).toBe('rule')
  })

  it('rules without a name are refused', () => {
    expect(configErrorOf(() => scope(...([] as unknown as [string]))).option).toBe('rule')
  })
})
