// Differential fuzzing: each token goes to core on both engines, to a second and obvious implementation of the design, and to
// jose's jwtVerify(). Core has to say what the design says, on both engines, and to accept nothing that jose refuses unless a
// listed rule explains it.
import { isDeepStrictEqual } from 'node:util'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import * as fc from 'fast-check'
import { isJwtGateError, type Auth, type JwtVerifier } from '@jwtgate/core'
import type { Engine } from './engines.ts'
import { expectedOf, grantsOf, isRefusedAtCreation } from './expected.ts'
import { explanationOf, joseFor, type Jose } from './jose-verdict.ts'
import { tokenOf } from './mint-recipe.ts'
import { recipes, type Recipe } from './recipes.ts'
import { optionsOf, setups, type Setup } from './setups.ts'

export interface Statistics {
  /** Tokens, and verifiers that could not be made. */
  cases: number
  /** How many ended how. */
  readonly outcomes: Map<string, number>
  /** How many of those that we refuse jose accepts. */
  readonly stricter: Map<string, number>
  /** How often a rule explained what jose refuses. */
  readonly explained: Map<string, number>
  /** Nanoseconds of each verification, by engine: of all tokens, which have up to 64 kB, and of the longest among them. */
  readonly times: ReadonlyMap<string, Times>
}

export interface Times {
  readonly all: RecordableHistogram
  /** Of tokens above 16 kB. */
  readonly long: RecordableHistogram
}

export function newStatistics(engines: readonly Engine[]): Statistics {
  const times = new Map(engines.map(({ name }) => [name, { all: createHistogram(), long: createHistogram() }]))
  return { cases: 0, outcomes: new Map(), stricter: new Map(), explained: new Map(), times }
}

export interface FuzzOptions {
  readonly seed: number
  /** Verifiers, each with up to a dozen tokens. */
  readonly verifiers: number
  /** Whether the first case that fails is enough, however large. */
  readonly endOnFailure?: boolean
}

/** @throws where somebody disagrees, with the smallest case that was found and the seed that leads there */
export async function fuzz(
  engines: readonly Engine[],
  statistics: Statistics,
  { seed, verifiers, endOnFailure = false }: FuzzOptions,
): Promise<void> {
  const property = fc.asyncProperty(setups, fc.array(recipes, { minLength: 6, maxLength: 12 }), async (setup, some) => {
    await checkVerifier(engines, statistics, setup, some)
  })
  await fc.assert(property, { seed, numRuns: verifiers, endOnFailure, includeErrorInReport: true })
}

async function checkVerifier(
  engines: readonly Engine[],
  statistics: Statistics,
  setup: Setup,
  some: readonly Recipe[],
): Promise<void> {
  const made = engines.map(({ createJwtVerifier }) => attempt(() => createJwtVerifier(optionsOf(setup))))
  const refusals = made.map((result) => ('error' in result ? configErrorOf(result.error) : undefined))
  const isRefused = isRefusedAtCreation(setup)
  if (refusals.some((refusal) => (refusal !== undefined) !== isRefused || refusal !== refusals[0])) {
    throw new Error(`Verifiers are made, or refused, otherwise than expected (${isRefused}): ${refusals.join(' | ')}`)
  }
  if (isRefused) {
    statistics.cases++
    count(statistics.outcomes, 'config_invalid')
    return
  }
  const verifiers = made.flatMap((result) => ('value' in result ? [result.value] : []))
  const jose = joseFor(setup)
  for (const recipe of some) {
    const token = tokenOf(recipe, setup)
    statistics.cases++
    try {
      await checkToken(token, setup, verifiers, jose, statistics)
    } catch (error) {
      throw new Error(`${token.slice(0, 2000)}\n${String(error)}`, { cause: error })
    }
  }
}

async function checkToken(
  token: string,
  setup: Setup,
  verifiers: readonly JwtVerifier[],
  jose: Jose,
  statistics: Statistics,
): Promise<void> {
  const expected = await expectedOf(token, setup)
  count(statistics.outcomes, expected.outcome)

  const times = [...statistics.times.values()]
  const hints = new Set<string | undefined>()
  for (const [index, verifier] of verifiers.entries()) {
    const startedAt = process.hrtime.bigint()
    const result = await verifier.verify(token).catch((error: unknown) => error)
    const nanoseconds = process.hrtime.bigint() - startedAt
    times[index]?.all.record(nanoseconds)
    if (token.length > 16_384) times[index]?.long.record(nanoseconds)
    hints.add(checkResult(result, token, expected))
  }
  if (hints.size > 1) throw new Error(`The engines give different reasons: ${[...hints].join(' | ')}`)

  const verdict = await jose.verdict(token)
  if (expected.outcome !== 'accepted') {
    if ('payload' in verdict) count(statistics.stricter, expected.outcome)
    return
  }
  if ('payload' in verdict) {
    if (!isDeepStrictEqual(verdict.payload, expected.claims)) throw new Error('jose reads other claims')
    return
  }
  const explanation = await explanationOf(token, setup)
  if (explanation === undefined) throw new Error(`Accepted, but refused by jose: ${verdict.refusal}`)
  count(statistics.explained, explanation)
}

type ExpectedResult = Awaited<ReturnType<typeof expectedOf>>

/** @returns the hint of a refusal */
function checkResult(result: unknown, token: string, expected: ExpectedResult): string | undefined {
  if (isJwtGateError(result)) {
    if (result.code !== expected.outcome) throw new Error(`${result.code} in place of ${expected.outcome}`)
    if (result.status !== 401) throw new Error(`The status ${result.status}`)
    const said = `${result.message} ${result.hint} ${JSON.stringify(result.headers)}`
    const quoted = token.split('.').find((part) => part.length > 30 && said.includes(part))
    if (quoted !== undefined) throw new Error('A part of the token is quoted')
    return result.hint
  }
  if (result instanceof Error) throw new Error(`No error of ours: ${result.name}`, { cause: result })
  if (expected.outcome !== 'accepted') throw new Error(`accepted in place of ${expected.outcome}`)
  const { claims, header, permissions, scopes, roles, token: verified } = result as Auth
  if (!isDeepStrictEqual(claims, expected.claims)) throw new Error('Other claims than the token has')
  if (!isDeepStrictEqual(header, expected.header)) throw new Error('Another header than the token has')
  if (!isDeepStrictEqual({ permissions, scopes, roles }, grantsOf(expected.claims)))
    throw new Error('Other grants than the token has')
  if (verified !== token) throw new Error('Another token')
  return undefined
}

function configErrorOf(error: unknown): string {
  if (!(error instanceof Error) || error.name !== 'ConfigError') throw error
  return error.message
}

function attempt<Value>(action: () => Value): { readonly value: Value } | { readonly error: unknown } {
  try {
    return { value: action() }
  } catch (error) {
    return { error }
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
