// Permissions, scopes and roles: out of the claims, and rules over them.
import type { Auth } from './auth.ts'
import { ConfigError } from './errors.ts'
import { ignoreRejection } from './ignore-rejection.ts'
import { isJsonObject, type JsonObject } from './strict-json.ts'

/** Where permissions, scopes or roles stand: a path of member names, or a function of the verified claims. */
export type ClaimSource<Claims = Readonly<Record<string, unknown>>> =
  | readonly string[]
  | ((claims: Claims) => readonly string[] | undefined)

export interface GrantSources {
  readonly permissionsFrom: ClaimSource
  /** `undefined`: the claim `scope`, or else `scp`. */
  readonly scopesFrom: ClaimSource | undefined
  readonly rolesFrom: ClaimSource
}

export type Grants = Pick<Auth, 'permissions' | 'scopes' | 'roles'>

/** A claim of the wrong type grants nothing: it is no reason to fail, and none to guess. */
export function grantsOf(claims: JsonObject, { permissionsFrom, scopesFrom, rolesFrom }: GrantSources): Grants {
  return {
    permissions: strings(read(claims, permissionsFrom)),
    scopes: scopesFrom === undefined ? standardScopes(claims) : strings(splitScopes(read(claims, scopesFrom))),
    roles: strings(read(claims, rolesFrom)),
  }
}

const scopeClaim = ['scope']
const scpClaim = ['scp']

/** `scope` is RFC 8693 section 4.2 and RFC 9068: a string. `scp` is what Okta (a list) and Entra (a string) call it. */
function standardScopes(claims: JsonObject): readonly string[] {
  const scope = read(claims, scopeClaim)
  if (scope === undefined) return strings(splitScopes(read(claims, scpClaim)))
  return typeof scope === 'string' ? strings(splitScopes(scope)) : none
}

function read(claims: JsonObject, source: ClaimSource): unknown {
  if (typeof source === 'function') {
    try {
      const value = source(claims)
      ignoreRejection(value)
      return Array.isArray(value) ? [...value] : value // What is checked is what is kept.
    } catch {
      return undefined // The function met a shape that it did not expect: the same as a claim of the wrong type.
    }
  }
  let value: unknown = claims
  for (const name of source) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

/** RFC 6749 section 3.3: delimited by U+0020 and nothing else. */
function splitScopes(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const scopes = value.split(' ')
  return scopes.includes('') ? scopes.filter((scope) => scope !== '') : scopes
}

const none: readonly string[] = Object.freeze([])

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : none
}

/** What a name in a rule is. */
export type GrantKind = 'permission' | 'scope' | 'role'

/** The token has one permission, scope or role. */
export interface NamedRule {
  /** What the name is. */
  readonly kind: GrantKind
  /** Which one the token has to have. */
  readonly name: string
}

/** All or any of several rules. */
export interface RuleGroup<Member> {
  /** Whether all of them have to hold, or one is enough. */
  readonly kind: 'allOf' | 'anyOf'
  /** At least one. */
  readonly rules: readonly Member[]
}

/** A rule over permissions, scopes and roles, made by {@link permission}, {@link scope}, {@link role}, {@link allOf}, {@link anyOf}. */
export type AccessRule = NamedRule | RuleGroup<AccessRule>

/** The same, where a bare name takes its kind from the guard that it is given to. */
export type AccessRuleOrName = string | NamedRule | RuleGroup<AccessRuleOrName>

/** Names or rules, at least one; all of them have to hold. */
export type AccessRules = AtLeastOne<AccessRuleOrName>

type AtLeastOne<Member> = readonly [Member, ...Member[]]

/**
 * The token has all of these permissions.
 *
 * @throws ConfigError for a name that is empty or has characters a scope cannot have (RFC 6749 section 3.3)
 */
export function permission(...names: AtLeastOne<string>): AccessRule {
  return ruleOf('permission', names)
}

/** The token has all of these scopes. @throws ConfigError as {@link permission} */
export function scope(...names: AtLeastOne<string>): AccessRule {
  return ruleOf('scope', names)
}

/** The token has all of these roles. @throws ConfigError as {@link permission} */
export function role(...names: AtLeastOne<string>): AccessRule {
  return ruleOf('role', names)
}

/**
 * All of these rules hold. Bare names take the kind of the guard: `requirePermission(allOf('read', 'write'))`.
 *
 * @throws ConfigError for an empty list, and for what is no rule and no name
 */
export function allOf<const Rules extends AtLeastOne<AccessRuleOrName>>(...rules: Rules): RuleGroup<Rules[number]> {
  return groupOf('allOf', rules)
}

/**
 * At least one of these rules holds: `requirePermission(anyOf('write', 'admin'))`,
 * `requireAccess(anyOf(permission('write'), role('admin')))`.
 *
 * @throws ConfigError for an empty list, and for what is no rule and no name
 */
export function anyOf<const Rules extends AtLeastOne<AccessRuleOrName>>(...rules: Rules): RuleGroup<Rules[number]> {
  return groupOf('anyOf', rules)
}

/**
 * One rule out of what a guard was given: all of it has to hold. Checked again in full, whoever made the parts.
 *
 * @param kind - what bare names are; `undefined` where they are not allowed
 */
export function ruleOf(kind: GrantKind | undefined, rules: readonly unknown[]): AccessRule {
  const [only, ...others] = resolveAll(rules, kind, guardName(kind), 0)
  return others.length === 0 ? only : Object.freeze({ kind: 'allOf', rules: Object.freeze([only, ...others]) })
}

export function isAllowed(rule: AccessRule, auth: Grants): boolean {
  switch (rule.kind) {
    case 'permission':
      return auth.permissions.includes(rule.name)
    case 'scope':
      return auth.scopes.includes(rule.name)
    case 'role':
      return auth.roles.includes(rule.name)
    case 'allOf':
      return rule.rules.every((part) => isAllowed(part, auth))
    case 'anyOf':
      return rule.rules.some((part) => isAllowed(part, auth))
  }
}

/** The rule in words for the operator: `permission "delete"`, `any of (role "admin", role "owner")`. */
export function describeRule(rule: AccessRule): string {
  if ('name' in rule) return `${rule.kind} "${rule.name}"`
  const parts = rule.rules.map(describeRule).join(', ')
  return rule.kind === 'allOf' ? `all of (${parts})` : `any of (${parts})`
}

/** The scopes that a rule names, if it is about scopes only: they go into the challenge (RFC 6750 section 3). */
export function scopesOf(rule: AccessRule): readonly string[] | undefined {
  const names = namesOf(rule)
  return names.every(({ kind }) => kind === 'scope') ? [...new Set(names.map(({ name }) => name))] : undefined
}

/** The kinds of names in a rule, each once. */
export function kindsOf(rule: AccessRule): readonly GrantKind[] {
  return [...new Set(namesOf(rule).map(({ kind }) => kind))]
}

function namesOf(rule: AccessRule): readonly NamedRule[] {
  return 'name' in rule ? [rule] : rule.rules.flatMap(namesOf)
}

function groupOf<Member>(kind: 'allOf' | 'anyOf', rules: readonly Member[]): RuleGroup<Member> {
  // Which kind bare names are is not known yet; any will do for the check.
  resolveAll(rules, 'permission', `${kind}()`, 0)
  return Object.freeze({ kind, rules: Object.freeze([...rules]) })
}

const deepestRule = 16

/** Copied first, with holes as members: what is checked here is what is kept. */
function resolveAll(
  rules: readonly unknown[],
  kind: GrantKind | undefined,
  where: string,
  depth: number,
): readonly [AccessRule, ...AccessRule[]] {
  const [first, ...others] = [...rules]
  if (first === undefined && others.length === 0)
    throw new ConfigError('rule', `${where} was given nothing: name what the token must have.`)
  if (depth > deepestRule)
    throw new ConfigError('rule', `${where} was given rules in rules, deeper than ${deepestRule}.`)
  return [resolve(first, kind, where, depth), ...others.map((rule) => resolve(rule, kind, where, depth))]
}

function resolve(rule: unknown, kind: GrantKind | undefined, where: string, depth: number): AccessRule {
  if (typeof rule === 'string') {
    if (kind !== undefined) return namedRule(kind, rule)
    const message = `requireAccess() does not know what "${rule}" is: write permission(), scope() or role() around it.`
    throw new ConfigError('rule', message)
  }
  if (isJsonObject(rule)) {
    const { kind: ruleKind, name, rules } = rule
    if (ruleKind === 'permission' || ruleKind === 'scope' || ruleKind === 'role') return namedRule(ruleKind, name)
    if ((ruleKind === 'allOf' || ruleKind === 'anyOf') && Array.isArray(rules)) {
      const parts = resolveAll(rules, kind, `${ruleKind}()`, depth + 1)
      return Object.freeze({ kind: ruleKind, rules: Object.freeze(parts) })
    }
  }
  const message = `${where} takes names and rules: strings, permission(), scope(), role(), allOf(), anyOf().`
  throw new ConfigError('rule', message)
}

function namedRule(kind: GrantKind, name: unknown): NamedRule {
  // Only what a scope can be (RFC 6749 section 3.3): a name with a blank in it would be two in a `scope` claim.
  if (typeof name === 'string' && /^[!#-[\]-~]+$/.test(name)) return Object.freeze({ kind, name })
  throw new ConfigError(
    'rule',
    `The name of a ${kind} is a string of printable ASCII without blanks, quotes and backslashes.`,
  )
}

function guardName(kind: GrantKind | undefined): string {
  return kind === undefined ? 'requireAccess()' : `require${kind.charAt(0).toUpperCase()}${kind.slice(1)}()`
}
