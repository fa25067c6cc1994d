// A user's schema for the claims: any that speaks Standard Schema, such as those of zod, valibot and arktype.
import type { JwtClaims } from './claims.ts'
import { ConfigError, InvalidTokenError } from './errors.ts'
import { deepFreeze } from './deep-freeze.ts'
import { escapeForLog } from './escape-for-log.ts'
import { ignoreRejection } from './ignore-rejection.ts'
import { isJsonObject, type JsonObject } from './strict-json.ts'

/** The part of Standard Schema 1 (https://standardschema.dev) that is used. */
export interface ClaimsSchema<Output extends object = object> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

interface SchemaIssue {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** These keep the value that was verified, whatever a schema makes of them. */
const registeredClaims = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'] as const

/**
 * The claims of a token that passed a schema. A schema may narrow the registered claims (`sub: z.string()`), but what it makes
 * of them (a default, a transform) is in the type and not in the value, which stays as it was verified.
 */
export type ClaimsWith<Output extends object> = JwtClaims & Output

export function isClaimsSchema(value: unknown): value is ClaimsSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !('~standard' in value))
    return false
  const standard = value['~standard']
  return isJsonObject(standard) && standard.version === 1 && typeof standard.validate === 'function'
}

/**
 * The claims with the schema's output laid over them, frozen.
 *
 * @throws InvalidTokenError `claims_rejected`; its hint names the claims, never their values
 * @throws ConfigError if the schema throws, or makes something else than an object: that is no fault of the token
 */
export async function applySchema(
  claims: JsonObject & JwtClaims,
  schema: ClaimsSchema,
): Promise<JsonObject & JwtClaims> {
  const outcome = await outcomeOf(claims, schema)
  if (outcome instanceof Error) throw outcome
  return outcome
}

/** Whatever is thrown in here, errors of ours too, is thrown by the schema or by what it made. */
async function outcomeOf(
  claims: JsonObject & JwtClaims,
  schema: ClaimsSchema,
): Promise<(JsonObject & JwtClaims) | ConfigError | InvalidTokenError> {
  try {
    // A copy: some libraries write their defaults into what they are given.
    const output = outputOf(await schema['~standard'].validate(structuredClone(claims)))
    return output instanceof Error ? output : deepFreeze(layOver(claims, output))
  } catch (error) {
    // Only the error's name: its message may quote a claim.
    const name = error instanceof Error && typeof error.name === 'string' ? escapeForLog(error.name) : 'something'
    return unusable(`threw ${name} instead of reporting issues`)
  }
}

/** A failed result may be any object with `issues`: arktype's is an array. */
function outputOf(result: unknown): JsonObject | ConfigError | InvalidTokenError {
  if (typeof result !== 'object' || result === null) return unusable('gave no result')
  const { issues, value } = result as { readonly issues?: unknown; readonly value?: unknown }
  if (Array.isArray(issues)) return rejected(issues)
  if (issues !== undefined) return unusable('gave issues that are no list')
  if (isRecord(value)) return value
  ignoreRejection(value) // Of a synchronous schema with an asynchronous transform.
  return unusable('made something else than an object of the claims, once all of it was done')
}

/** An object to lay over: a promise, a Date or a Map has nothing to lay, and would let the payload pass as it is. */
function isRecord(value: unknown): value is JsonObject {
  if (!isJsonObject(value) || Object.prototype.toString.call(value) !== '[object Object]') return false
  return typeof value.then !== 'function' // A promise of another make.
}

function layOver(claims: JsonObject & JwtClaims, output: JsonObject): JsonObject & JwtClaims {
  const merged: Record<string, unknown> = { ...claims, ...output }
  for (const name of registeredClaims) {
    if (Object.hasOwn(claims, name)) merged[name] = claims[name]
    else delete merged[name]
  }
  return merged as JsonObject & JwtClaims // The registered ones are those that were verified.
}

function unusable(what: string): ConfigError {
  return new ConfigError('claims', `The schema given as claims ${what}.`)
}

function rejected(issues: readonly unknown[]): InvalidTokenError {
  const paths = new Set(issues.length === 0 ? [wholeClaims] : issues.slice(0, 5).map(pathOf))
  const more = issues.length > 5 ? ' and more' : ''
  const hint = `The schema of the option \`claims\` rejects: ${[...paths].join(', ')}${more}.`
  return new InvalidTokenError('claims_rejected', hint)
}

const wholeClaims = 'the claims as a whole'

function pathOf(issue: unknown): string {
  const path: unknown = isJsonObject(issue) ? issue.path : undefined
  if (!Array.isArray(path) || path.length === 0) return wholeClaims
  const names = path.map((segment: unknown) => String(isJsonObject(segment) ? segment.key : segment))
  return `\`${escapeForLog(names.join('.'))}\``
}
