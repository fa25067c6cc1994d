// The registered claims (RFC 7519 section 4.1) against the options and the clock.
import { InvalidTokenError, type InvalidTokenCode } from './errors.ts'
import { escapeForLog } from './escape-for-log.ts'
import type { JsonObject } from './strict-json.ts'

/** The claims of a verified token (RFC 7519 section 4.1). */
export interface JwtClaims {
  /** Who issued the token; one of the verifier's `issuer`. */
  readonly iss: string
  /** Whom the token is about. Required only with `requiredClaims: ['sub']`. */
  readonly sub?: string
  /** For whom it is meant; has one of the verifier's `audience`. Absent only where the option is `null`. */
  readonly aud?: string | readonly string[]
  /** When it expires, in seconds since 1970 (NumericDate). */
  readonly exp: number
  /** From when on it is valid, in seconds since 1970. Absent only with `optionalClaims: ['nbf']`. */
  readonly nbf?: number
  /** When it was issued, in seconds since 1970. */
  readonly iat?: number
  /** Its unique name. */
  readonly jti?: string
  readonly [claim: string]: unknown
}

export interface ClaimRules {
  readonly issuers: readonly string[]
  /** `null`: neither required nor checked. */
  readonly audiences: readonly string[] | null
  readonly requiredClaims: readonly string[]
  readonly claimValues: ReadonlyMap<string, readonly string[]>
  readonly acceptBoundTokens: boolean
  /** Seconds. */
  readonly clockTolerance: number
  /** Seconds since `iat`. */
  readonly maxTokenAge: number | undefined
}

/**
 * What does not depend on the time: types, presence, values. The signature is proven, so hints may quote.
 *
 * @throws InvalidTokenError
 */
export function checkStaticClaims(claims: JsonObject, rules: ClaimRules): asserts claims is JsonObject & JwtClaims {
  refuseOtherTokenKinds(claims)
  checkPresence(claims, rules.requiredClaims)
  checkTypes(claims)
  checkIssuer(claims, rules.issuers)
  checkAudience(claims, rules.audiences)
  for (const [name, accepted] of rules.claimValues) checkValue(claims, name, accepted)
  checkBinding(claims, rules.acceptBoundTokens)
}

/**
 * What depends on the time. Runs anew for every request, also where all else is remembered.
 *
 * @param claims - of which {@link checkStaticClaims} has seen that times are numbers
 * @param now - seconds since 1970, a whole number
 * @throws InvalidTokenError
 */
export function checkTimes(claims: JwtClaims, { clockTolerance, maxTokenAge }: ClaimRules, now: number): void {
  const exp = Object.hasOwn(claims, 'exp') ? claims.exp : Number.NaN
  const nbf = Object.hasOwn(claims, 'nbf') ? claims.nbf : undefined
  const iat = Object.hasOwn(claims, 'iat') ? claims.iat : undefined
  // Each written so that NaN refuses: a clock may say it.
  if (!(now < exp + clockTolerance)) {
    throw refusal(
      'token_expired',
      `\`exp\` is ${exp}, the clock says ${now}, \`clockTolerance\` is ${clockTolerance} s.`,
    )
  }
  if (nbf !== undefined && !(now >= nbf - clockTolerance)) {
    throw refusal(
      'token_not_yet_valid',
      `\`nbf\` is ${nbf}, the clock says ${now}, \`clockTolerance\` is ${clockTolerance} s.`,
    )
  }
  if (iat === undefined) return
  if (!(iat <= now + clockTolerance)) {
    const hint = `\`iat\` is in the future: ${iat}, the clock says ${now}. If the clocks differ, raise \`clockTolerance\`.`
    throw refusal('claim_invalid', hint)
  }
  if (maxTokenAge !== undefined && now - iat > maxTokenAge + clockTolerance) {
    throw refusal('token_too_old', `\`iat\` is ${iat}, the clock says ${now}, \`maxTokenAge\` is ${maxTokenAge} s.`)
  }
}

/** ID tokens have `at_hash` or `c_hash` (OpenID Connect Core 1.0), logout tokens and other events have `events` (RFC 8417). */
function refuseOtherTokenKinds(claims: JsonObject): void {
  for (const name of ['at_hash', 'c_hash', 'events']) {
    if (!Object.hasOwn(claims, name)) continue
    const hint = `The token has \`${name}\`: it is an ID token or a logout token. Send the access token to the API.`
    throw refusal('type_not_allowed', hint)
  }
}

function checkPresence(claims: JsonObject, required: readonly string[]): void {
  for (const name of required) {
    if (Object.hasOwn(claims, name)) {
      if (claims[name] === null) throw refusal('claim_invalid', `\`${name}\` is null.`)
      continue
    }
    if (name === 'nbf') {
      const hint = "The token has no `nbf`. If its issuer never sends one (many do not), set `optionalClaims: ['nbf']`."
      throw refusal('claim_missing', hint)
    }
    throw refusal('claim_missing', `The token has no \`${name}\`, ${whyRequired(name)}.`)
  }
}

function whyRequired(name: string): string {
  switch (name) {
    case 'exp':
      return 'which every token must have'
    case 'aud':
      return 'which every token must have; `audience: null` would accept tokens that are meant for anybody'
    default:
      return 'which the options require (`requiredClaims`, `claimValues` or `maxTokenAge`)'
  }
}

/** Each registered claim that is there, needed or not: a token that lies about one is not believed in the others. */
function checkTypes(claims: JsonObject): void {
  for (const name of ['iss', 'sub', 'jti']) {
    if (Object.hasOwn(claims, name) && typeof claims[name] !== 'string') throw wrongType(name, 'a string')
  }
  for (const name of ['exp', 'nbf', 'iat']) {
    if (Object.hasOwn(claims, name) && !isTime(claims[name])) throw wrongType(name, timeType)
  }
  if (Object.hasOwn(claims, 'aud') && !isStringOrStrings(claims.aud))
    throw wrongType('aud', 'a string or a list of strings')
}

function checkIssuer({ iss }: JsonObject, issuers: readonly string[]): void {
  if (typeof iss === 'string' && issuers.includes(iss)) return
  throw refusal(
    'issuer_mismatch',
    `\`iss\` is ${quote(iss)}, the option \`issuer\` ${quote(issuers)} (compared exactly).`,
  )
}

function checkAudience({ aud }: JsonObject, audiences: readonly string[] | null): void {
  if (audiences === null) return
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (named.some((one) => typeof one === 'string' && audiences.includes(one))) return
  throw refusal(
    'audience_mismatch',
    `\`aud\` is ${quote(aud)}, the option \`audience\` ${quote(audiences)} (compared exactly).`,
  )
}

function checkValue(claims: JsonObject, name: string, accepted: readonly string[]): void {
  const value = claims[name]
  if (typeof value === 'string' && accepted.includes(value)) return
  throw refusal('claim_invalid', `\`${name}\` is none of what the option \`claimValues\` accepts: ${quote(accepted)}.`)
}

/** RFC 9449 section 7.2, RFC 8705 section 3: a bound token counts only with the proof of its sender, which we do not check. */
function checkBinding(claims: JsonObject, acceptBoundTokens: boolean): void {
  if (acceptBoundTokens || !Object.hasOwn(claims, 'cnf')) return
  const hint =
    'The token has `cnf`: it is bound to a key (DPoP or mTLS). If something before this API checks the proof, set `acceptBoundTokens: true`.'
  throw refusal('token_bound', hint)
}

const timeType = 'a number of seconds since 1970, up to the year 9999 (milliseconds would be far beyond)'
const endOf9999 = 253_402_300_799

/** NumericDate (RFC 7519 section 2). A token "until" the year 57,000 comes of milliseconds, and would never expire. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value <= endOf9999
}

function isStringOrStrings(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'))
}

function wrongType(name: string, expected: string): InvalidTokenError {
  return refusal('claim_invalid', `\`${name}\` is not ${expected}.`)
}

function refusal(code: InvalidTokenCode, hint: string): InvalidTokenError {
  return new InvalidTokenError(code, hint)
}

/** Of the token only `iss` and `aud` reach this: their values help to set the options right. */
function quote(value: unknown): string {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value]
  const shown = texts.slice(0, 5).map((text) => `"${escapeForLog(String(text))}"`)
  return shown.join(', ') + (texts.length > shown.length ? ' and more' : '')
}
