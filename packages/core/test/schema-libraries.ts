// The same schemas in each library that speaks Standard Schema.
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import type { ClaimsSchema } from '@jwtgate/core'

/** In every message and error that a schema of these makes itself. */
export const canary = 'Canary7f3a'

export interface SchemaLibrary {
  readonly name: string
  /** `tenant` is a string. */
  readonly tenant: ClaimsSchema
  /** `plan` is `'free'` where it is missing, and `limits` is `{ rps: 10 }`. */
  readonly defaults: ClaimsSchema
  /** Makes other values of all registered claims, and up a `jti` where there is none. */
  readonly registered: ClaimsSchema
  /** `since` becomes a Date, `quotas` a Map. */
  readonly parsed: ClaimsSchema
  /** `org.teams` is a list of `{ name: string, size: number }`. */
  readonly nested: ClaimsSchema
  /** `quotas` is a record of numbers. */
  readonly record: ClaimsSchema
  /** `low` is less than `high`; else there is an issue of the whole, with the canary. */
  readonly whole: ClaimsSchema
  /** Rejects every `tenant`, with its value and the canary in the message. */
  readonly wordy: ClaimsSchema
  /** Throws an error with the value of `tenant` and the canary in its message. */
  readonly throwing: ClaimsSchema
  /** Its output is this value. */
  readonly giving: (output: unknown) => ClaimsSchema
}

export interface AsyncSchemaLibrary {
  readonly name: string
  /** `tenant` is looked up: what this gives for it is its value, and where that is `undefined`, there is an issue. */
  readonly lookUp: (find: (tenant: string) => Promise<string | undefined>) => ClaimsSchema
  /** Its output is this value, later. */
  readonly giving: (output: unknown) => ClaimsSchema
}

const mallory = 'https://mallory.example.com'

function wordsFor(input: unknown): string {
  return `${canary}: ${JSON.stringify(input)} is not acceptable`
}

const withZod: SchemaLibrary = {
  name: 'zod',
  tenant: z.object({ tenant: z.string() }),
  defaults: z.object({
    plan: z.string().default('free'),
    limits: z.object({ rps: z.number().default(10) }).default({ rps: 10 }),
  }),
  registered: z.object({
    iss: z.string().transform(() => mallory),
    sub: z.string().transform(() => 'mallory'),
    aud: z.string().transform(() => ['everything']),
    exp: z.number().transform(() => Number.MAX_SAFE_INTEGER),
    nbf: z.number().transform((seconds) => new Date(seconds * 1000)),
    iat: z.number().transform(() => 0),
    jti: z.string().default('made up'),
  }),
  parsed: z.object({
    since: z.string().transform((text) => new Date(text)),
    quotas: z.record(z.string(), z.number()).transform((quotas) => new Map(Object.entries(quotas))),
  }),
  nested: z.object({ org: z.object({ teams: z.array(z.object({ name: z.string(), size: z.number() })) }) }),
  record: z.object({ quotas: z.record(z.string(), z.number()) }),
  whole: z.object({ low: z.number(), high: z.number() }).refine(({ low, high }) => low < high, {
    error: ({ input }) => wordsFor(input),
  }),
  wordy: z.object({ tenant: z.string().refine(() => false, { error: ({ input }) => wordsFor(input) }) }),
  throwing: z.object({
    tenant: z.string().transform((tenant): string => {
      throw new RangeError(wordsFor(tenant))
    }),
  }),
  giving: (output) => z.unknown().transform(() => output) as unknown as ClaimsSchema,
}

const withValibot: SchemaLibrary = {
  name: 'valibot',
  tenant: v.object({ tenant: v.string() }),
  defaults: v.object({
    plan: v.optional(v.string(), 'free'),
    limits: v.optional(v.object({ rps: v.optional(v.number(), 10) }), { rps: 10 }),
  }),
  registered: v.object({
    iss: v.pipe(
      v.string(),
      v.transform(() => mallory),
    ),
    sub: v.pipe(
      v.string(),
      v.transform(() => 'mallory'),
    ),
    aud: v.pipe(
      v.string(),
      v.transform(() => ['everything']),
    ),
    exp: v.pipe(
      v.number(),
      v.transform(() => Number.MAX_SAFE_INTEGER),
    ),
    nbf: v.pipe(
      v.number(),
      v.transform((seconds) => new Date(seconds * 1000)),
    ),
    iat: v.pipe(
      v.number(),
      v.transform(() => 0),
    ),
    jti: v.optional(v.string(), 'made up'),
  }),
  parsed: v.object({
    since: v.pipe(
      v.string(),
      v.transform((text) => new Date(text)),
    ),
    quotas: v.pipe(
      v.record(v.string(), v.number()),
      v.transform((quotas) => new Map(Object.entries(quotas))),
    ),
  }),
  nested: v.object({ org: v.object({ teams: v.array(v.object({ name: v.string(), size: v.number() })) }) }),
  record: v.object({ quotas: v.record(v.string(), v.number()) }),
  whole: v.pipe(
    v.object({ low: v.number(), high: v.number() }),
    v.check(
      ({ low, high }) => low < high,
      ({ input }) => wordsFor(input),
    ),
  ),
  wordy: v.object({
    tenant: v.pipe(
      v.string(),
      v.check(
        () => false,
        ({ input }) => wordsFor(input),
      ),
    ),
  }),
  throwing: v.object({
    tenant: v.pipe(
      v.string(),
      v.transform((tenant): string => {
        throw new RangeError(wordsFor(tenant))
      }),
    ),
  }),
  giving: (output) =>
    v.pipe(
      v.unknown(),
      v.transform(() => output),
    ) as unknown as ClaimsSchema,
}

const withArktype: SchemaLibrary = {
  name: 'arktype',
  tenant: type({ tenant: 'string' }),
  defaults: type({ plan: "string = 'free'", limits: type({ rps: 'number = 10' }).default(() => ({ rps: 10 })) }),
  registered: type({
    iss: type('string').pipe(() => mallory),
    sub: type('string').pipe(() => 'mallory'),
    aud: type('string').pipe(() => ['everything']),
    exp: type('number').pipe(() => Number.MAX_SAFE_INTEGER),
    nbf: type('number').pipe((seconds) => new Date(seconds * 1000)),
    iat: type('number').pipe(() => 0),
    jti: "string = 'made up'",
  }),
  parsed: type({
    since: type('string').pipe((text) => new Date(text)),
    quotas: type({ '[string]': 'number' }).pipe((quotas) => new Map(Object.entries(quotas))),
  }),
  nested: type({ org: { teams: type({ name: 'string', size: 'number' }).array() } }),
  record: type({ quotas: { '[string]': 'number' } }),
  whole: type({ low: 'number', high: 'number' }).narrow(
    (claims, ctx) => claims.low < claims.high || ctx.mustBe(wordsFor(claims)),
  ),
  wordy: type({ tenant: type('string').narrow((tenant, ctx) => ctx.mustBe(wordsFor(tenant))) }),
  throwing: type({
    tenant: type('string').pipe((tenant): string => {
      throw new RangeError(wordsFor(tenant))
    }),
  }),
  giving: (output) => type('unknown').pipe(() => output) as unknown as ClaimsSchema,
}

export const libraries: readonly SchemaLibrary[] = [withZod, withValibot, withArktype]

/** arktype has no asynchronous schemas. */
export const asyncLibraries: readonly AsyncSchemaLibrary[] = [
  {
    name: 'zod',
    lookUp: (find) =>
      z.object({
        tenant: z.string().transform(async (tenant, context) => {
          const found = await find(tenant)
          if (found === undefined) context.addIssue({ code: 'custom', message: wordsFor(tenant) })
          return found
        }),
      }),
    giving: (output) => z.unknown().transform(async () => output) as unknown as ClaimsSchema,
  },
  {
    name: 'valibot',
    lookUp: (find) =>
      v.objectAsync({
        tenant: v.pipeAsync(
          v.string(),
          v.transformAsync(find),
          v.check(
            (found) => found !== undefined,
            ({ input }) => wordsFor(input),
          ),
        ),
      }),
    giving: (output) =>
      v.pipeAsync(
        v.unknown(),
        v.transformAsync(async () => output),
      ) as unknown as ClaimsSchema,
  },
  {
    name: 'a schema made by hand',
    lookUp: (find) =>
      handMade(async (claims) => {
        const tenant = await find(String((claims as { tenant?: unknown }).tenant))
        return tenant === undefined ? { issues: [{ message: canary, path: ['tenant'] }] } : { value: { tenant } }
      }),
    giving: (output) => handMade(async () => ({ value: output })),
  },
]

/** A schema that gives whatever this gives, right or wrong. */
export function handMade(validate: (claims: unknown) => unknown): ClaimsSchema {
  return { '~standard': { version: 1, vendor: 'by hand', validate } } as ClaimsSchema
}
