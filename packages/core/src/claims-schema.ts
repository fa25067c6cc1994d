// A user's schema for the claims: any that speaks Standard Schema, such as those of zod, valibot and arktype.
import type { JwtClaims } from './claims.ts'
import { ConfigError, InvalidTokenError } from './errors.ts'
import { escapeForLog } from './escape-for-log.ts'
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
 * The claims with the schema's output laid over them. A promise only if the schema gives one.
 *
 * @throws InvalidTokenError `claims_rejected`; its hint names the claims, never their values
 * @throws ConfigError if the schema throws, or makes something else than an object: that is no fault of the token
 */
export async function applySchema(
  claims: JsonObject & JwtClaims,
  schema: ClaimsSchema,
): Promise<JsonObject & JwtClaims> {
  const result = await validate(claims, schema)
  if (!isJsonObject(result)) throw unusable('gave no result')
  if (Array.isArray(result.issues)) throw rejected(result.issues)
  if (!isJsonObject(result.value)) throw unusable('made something else than an object of the claims')

  const merged: Record<string, unknown> = { ...claims, ...result.value }
  for (const name of registeredClaims) {
    if (Object.hasOwn(claims, name)) merged[name] = claims[name]
    else delete merged[name]
  }
  return merged as JsonObject & JwtClaims
}

async function validate(claims: JsonObject, schema: ClaimsSchema): Promise<unknown> {
  try {
    return await schema['~standard'].validate(claims)
  } catch (error) {
    // Only the error's name: its message may quote a claim.
    throw unusable(
      `threw ${error instanceof Error ? escapeForLog(error.name) : 'something'} instead of reporting issues`,
    )
  }
}

function unusable(what: string): ConfigError {
  return new ConfigError('claims', `The schema given as claims ${what}.`)
}

function rejected(issues: readonly unknown[]): InvalidTokenError {
  const paths = new Set(issues.slice(0, 5).map(pathOf))
  return new InvalidTokenError(
    'claims_rejected',
    `The schema of the option \`claims\` rejects: ${[...paths].join(', ')}.`,
  )
}

function pathOf(issue: unknown): string {
  const path: unknown = isJsonObject(issue) ? issue.path : undefined
  if (!Array.isArray(path) || path.length === 0) return 'the claims as a whole'
  const names = path.map((segment: unknown) => String(isJsonObject(segment) ? segment.key : segment))
  return `\`${escapeForLog(names.join('.'))}\``
}
