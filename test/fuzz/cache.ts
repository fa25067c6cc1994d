// The token cache against none: two verifiers that differ in nothing else, before one scripted provider and one clock, have to
// say the same of every token, whatever happens in between, and to ask the provider as often.
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import {
  createJwtVerifier,
  isJwtGateError,
  type Auth,
  type FetchFunction,
  type JwtVerifier,
  type JwtVerifierOptions,
} from '@jwtgate/core'
import { jwkOf, newKey, type SigningKey } from '../support/keys.ts'
import { audience, issuer, mint, now, partsOf } from '../support/mint.ts'
import { TestClock } from '../support/verifiers.ts'

export interface CacheStatistics {
  sequences: number
  /** Tokens that were given to both. */
  verified: number
  /** Of these, how many the one with the cache let in without verifying them again. */
  remembered: number
  readonly outcomes: Map<string, number>
}

export function newCacheStatistics(): CacheStatistics {
  return { sequences: 0, verified: 0, remembered: 0, outcomes: new Map() }
}

export interface CacheFuzzOptions {
  readonly seed: number
  readonly sequences: number
  readonly endOnFailure?: boolean
  /** Makes, in place of the verifier with the cache, one that is mistaken: to see that it is noticed. */
  readonly mistaken?: (options: JwtVerifierOptions) => JwtVerifier
}

/** @throws where they differ, with the shortest sequence that was found and the seed that leads there */
export async function fuzzCache(
  statistics: CacheStatistics,
  { seed, sequences, endOnFailure = false, mistaken = createJwtVerifier }: CacheFuzzOptions,
): Promise<void> {
  const property = fc.asyncProperty(setups, operationLists, async (setup, operations) => {
    await runSequence(setup, operations, mistaken, statistics)
  })
  // The pauses after failed fetches are of random length: of the same for both.
  const { random } = Math
  Math.random = () => 0.5
  try {
    await fc.assert(property, { seed, numRuns: sequences, endOnFailure, includeErrorInReport: true })
  } finally {
    Math.random = random
  }
}

async function runSequence(
  setup: CacheSetup,
  operations: readonly Operation[],
  mistaken: NonNullable<CacheFuzzOptions['mistaken']>,
  statistics: CacheStatistics,
): Promise<void> {
  const world = newWorld(setup)
  const cached = sideOf(world, setup, mistaken, setup.tokenCache)
  const plain = sideOf(world, setup, createJwtVerifier, false)
  statistics.sequences++
  for (const [index, operation] of operations.entries()) {
    if (operation.kind !== 'verify') {
      change(world, operation)
      continue
    }
    const tokens = operation.tokens.map((number) => tokenOf(setup.tokens[number % setup.tokens.length]))
    const [verifiedBefore, ...results] = [cached.verified(), await cached.results(tokens), await plain.results(tokens)]
    for (const { outcome } of results[1] ?? []) {
      statistics.verified++
      statistics.outcomes.set(outcome, (statistics.outcomes.get(outcome) ?? 0) + 1)
      if (outcome === 'accepted') statistics.remembered++
    }
    statistics.remembered -= Math.min(cached.verified() - verifiedBefore, countOf(results[1], 'accepted'))
    const seen = [cached, plain].map((side, which) => ({
      results: results[which],
      fetches: side.fetches(),
      status: side.verifier.status(),
    }))
    if (!isDeepStrictEqual(seen[0], seen[1])) {
      throw new Error(`At operation ${index}, with the cache and without:\n${seen.map(textOf).join('\n')}`)
    }
  }
}

function countOf(results: readonly Result[] = [], outcome: string): number {
  return results.filter((result) => result.outcome === outcome).length
}

/** Tokens are long, and known by their recipe. */
function textOf(seen: unknown): string {
  return JSON.stringify(seen, (name, value: unknown) => (name === 'token' ? undefined : value))
}

/** What both see. */
interface World {
  readonly clock: TestClock
  /** By their place in the published set. */
  readonly keys: Entry[]
  isDown: boolean
  readonly revoked: Set<unknown>
  readonly headers: Readonly<Record<string, string>>
}

interface Result {
  readonly outcome: string
  readonly details: unknown
}

interface Side {
  readonly verifier: JwtVerifier
  /** Of tokens that are verified at once, once all has settled that they started. */
  readonly results: (tokens: readonly string[]) => Promise<readonly Result[]>
  readonly fetches: () => number
  /** How many tokens have passed everything but the revocation, in full. */
  readonly verified: () => number
}

function newWorld({ cacheControl }: CacheSetup): World {
  return {
    clock: new TestClock(),
    keys: [
      { kid: 'a', key: 0, alg: undefined },
      { kid: 'b', key: 1, alg: undefined },
    ],
    isDown: false,
    revoked: new Set(),
    headers: cacheControl === undefined ? {} : { 'cache-control': cacheControl },
  }
}

function sideOf(
  world: World,
  setup: CacheSetup,
  create: (options: JwtVerifierOptions) => JwtVerifier,
  tokenCache: NonNullable<JwtVerifierOptions['tokenCache']>,
): Side {
  let [fetches, verified] = [0, 0]
  // Each has its own, so that they do not share a key set.
  const fetch: FetchFunction = async (url) => {
    fetches++
    if (world.isDown) throw new TypeError('fetch failed')
    const isMetadata = url.includes('.well-known')
    const document = isMetadata ? { issuer, jwks_uri: `${issuer}/jwks` } : { keys: world.keys.map(jwkOfEntry) }
    return Response.json(document, { headers: world.headers })
  }
  const { maxTokenAge, revocation } = setup
  const isRevoked = ({ claims }: Auth): boolean => world.revoked.has(claims.sub)
  const options: JwtVerifierOptions = {
    issuer,
    audience,
    algorithms: ['RS256'],
    clockTolerance: setup.clockTolerance,
    clock: world.clock,
    ...(!setup.discovery && { jwksUri: `${issuer}/jwks` }),
    ...(maxTokenAge !== undefined && { maxTokenAge }),
    ...(revocation === 'at once' && { isRevoked }),
    ...(revocation === 'later' && { isRevoked: async (auth: Auth) => Promise.resolve(isRevoked(auth)) }),
    ...(setup.schema && { claims: schema }),
    permissionsFrom: ({ sub }) => {
      verified++
      return [`of ${String(sub)}`]
    },
    remote: { fetch, cacheMaxAge: setup.cacheMaxAge, maxStale: setup.maxStale },
    tokenCache,
  }
  const verifier = create(options)
  return {
    verifier,
    results: async (tokens) => {
      const results = await Promise.all(tokens.map(async (token) => resultOf(verifier.verify(token))))
      for (let turns = 0; turns < 2; turns++) await new Promise(setImmediate) // A fetch here takes no time, only turns.
      return results
    },
    fetches: () => fetches,
    verified: () => verified,
  }
}

async function resultOf(verified: Promise<Auth>): Promise<Result> {
  try {
    const auth = await verified
    return { outcome: 'accepted', details: { ...auth, token: auth.token } }
  } catch (error) {
    if (!isJwtGateError(error)) throw error
    const { code, status, hint, headers, message } = error
    return { outcome: code, details: { status, hint, headers, message } }
  }
}

/** Lays something over the claims, and tries what it may not. */
const schema: NonNullable<JwtVerifierOptions['claims']> = {
  '~standard': {
    version: 1,
    vendor: 'fuzz',
    validate: (claims) => ({ value: { tenant: `of ${String(Reflect.get(Object(claims), 'sub'))}`, exp: 9e9 } }),
  },
}

interface Entry {
  readonly kid: string
  /** Its number in the pool. */
  readonly key: number
  readonly alg: 'RS256' | 'PS256' | undefined
}

const pool: readonly SigningKey[] = Array.from({ length: 4 }, () => newKey('RS256'))

function keyNumber(index: number): SigningKey {
  const key = pool[index]
  if (key === undefined) throw new Error(`There is no key ${index}`)
  return key
}

const exported = pool.map((key) => jwkOf(key))

function jwkOfEntry({ kid, key, alg }: Entry): object {
  return { ...exported[key], kid, ...(alg !== undefined && { alg }) }
}

interface TokenRecipe {
  readonly kid: string | undefined
  readonly key: number
  readonly sub: string
  /** Seconds. */
  readonly lifetime: number
  readonly notBefore: number
  readonly form: 'good' | 'signature of a stranger' | 'signature of another' | 'end of the signature' | 'cut'
}

const minted = new Map<string, string>()

function tokenOf(recipe: TokenRecipe | undefined): string {
  if (recipe === undefined) throw new Error('There is no such token')
  const name = JSON.stringify(recipe)
  const token = minted.get(name) ?? mintRecipe(recipe)
  minted.set(name, token)
  return token
}

/** All but the good ones end as a good one does: that is how tokens are found. */
function mintRecipe(recipe: TokenRecipe): string {
  const { kid, key, sub, lifetime, notBefore, form } = recipe
  if (form === 'good') {
    const claims = { sub, nbf: now + notBefore, exp: now + lifetime }
    return mint(claims, { key: keyNumber(key), header: { kid } })
  }
  const good = tokenOf({ ...recipe, form: 'good' })
  const [header, payload, signature] = partsOf(good)
  switch (form) {
    case 'signature of a stranger':
      return `${header}.${payload}.${partsOf(tokenOf({ ...recipe, form: 'good', key: (key + 1) % pool.length }))[2]}`
    case 'signature of another':
      return `${header}.${partsOf(tokenOf({ ...recipe, form: 'good', sub: 'mallory' }))[1]}.${signature}`
    case 'end of the signature':
      return `${header}.${payload}.${'A'.repeat(signature.length - 22)}${signature.slice(-22)}`
    case 'cut':
      return good.slice(1)
  }
}

interface CacheSetup {
  /** What the operations of a sequence choose from. */
  readonly tokens: readonly TokenRecipe[]
  readonly tokenCache: { readonly max?: number; readonly maxBytes?: number }
  readonly clockTolerance: number
  readonly maxTokenAge: number | undefined
  readonly revocation: 'none' | 'at once' | 'later'
  readonly schema: boolean
  readonly discovery: boolean
  readonly cacheMaxAge: number
  readonly maxStale: number
  readonly cacheControl: string | undefined
}

type Operation = { readonly kind: 'verify'; readonly tokens: readonly number[] } | Change

type Change =
  | { readonly kind: 'advance'; readonly milliseconds: number }
  | { readonly kind: 'set the wall clock'; readonly by: number }
  | { readonly kind: 'add' | 'replace'; readonly entry: Entry }
  | { readonly kind: 'remove'; readonly kid: string }
  | { readonly kind: 'outage'; readonly isDown: boolean }
  | { readonly kind: 'revoke' | 'take back'; readonly sub: string }

function change(world: World, operation: Change): void {
  const { clock, keys, revoked } = world
  switch (operation.kind) {
    case 'advance':
      return clock.advance(operation.milliseconds)
    case 'set the wall clock':
      return void (clock.seconds += operation.by)
    case 'add':
      return void keys.push(operation.entry)
    case 'replace':
      keys.splice(0, keys.length, ...keys.filter(({ kid }) => kid !== operation.entry.kid), operation.entry)
      return
    case 'remove':
      keys.splice(0, keys.length, ...keys.filter(({ kid }) => kid !== operation.kid))
      return
    case 'outage':
      return void (world.isDown = operation.isDown)
    case 'revoke':
      return void revoked.add(operation.sub)
    case 'take back':
      return void revoked.delete(operation.sub)
  }
}

const minute = 60_000
const day = 86_400_000

const kid = fc.constantFrom('a', 'a', 'b', 'c')
const key = fc.nat({ max: pool.length - 1 })
const sub = fc.constantFrom('alice', 'bob')
const entry: fc.Arbitrary<Entry> = fc.record({
  kid,
  key,
  alg: fc.constantFrom(undefined, undefined, 'RS256' as const, 'PS256' as const),
})

const tokenRecipe: fc.Arbitrary<TokenRecipe> = fc
  .tuple(
    // Mostly of the keys that are there at first.
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom({ kid: 'a', key: 0 }, { kid: 'b', key: 1 }) },
      fc.record({ kid: fc.constantFrom('a', 'b', 'c', undefined), key }),
    ),
    fc.record({
      sub,
      lifetime: fc.constantFrom(60, 3_600, ...Array<number>(6).fill(5 * 86_400)),
      notBefore: fc.constantFrom(0, 0, 0, 0, 0, 30),
      form: fc.constantFrom<TokenRecipe['form']>(
        ...Array<'good'>(16).fill('good'),
        ...(['signature of a stranger', 'signature of another', 'end of the signature', 'cut'] as const),
      ),
    }),
  )
  .map(([of, others]) => Object.assign(others, of))

/** Beside each that is not good, the good one that it is made of. */
const tokenRecipes = fc
  .array(tokenRecipe, { minLength: 1, maxLength: 3 })
  .map((recipes) =>
    recipes.flatMap((recipe) => (recipe.form === 'good' ? [recipe] : [{ ...recipe, form: 'good' as const }, recipe])),
  )

const setups: fc.Arbitrary<CacheSetup> = fc.record({
  tokens: tokenRecipes,
  tokenCache: fc.constantFrom<CacheSetup['tokenCache']>(
    {},
    { max: 50 },
    { max: 50 },
    { max: 1 },
    { max: 2 },
    { maxBytes: 65_536 },
  ),
  clockTolerance: fc.constantFrom(0, 5),
  maxTokenAge: fc.constantFrom(undefined, undefined, undefined, 1_200),
  revocation: fc.constantFrom('none', 'at once', 'later'),
  schema: fc.boolean(),
  discovery: fc.constantFrom(false, false, true),
  cacheMaxAge: fc.constantFrom(10 * minute, 10 * minute, minute),
  maxStale: fc.constantFrom(day, 10 * minute, 0),
  cacheControl: fc.constantFrom(undefined, undefined, 'no-store', 'max-age=120'),
})

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('verify' as const),
      tokens: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      milliseconds: fc.oneof(
        fc.constantFrom(1, 999, 1_000, 3_000, 8_000, 24_000, 30_000, minute, 8 * minute, 10 * minute, 15 * minute),
        fc.constantFrom(60 * minute, day, day + 10 * minute, day + 10 * minute + 1),
        fc.nat({ max: 20 * minute }),
      ),
    }),
  },
  fc.record({
    kind: fc.constant('set the wall clock' as const),
    by: fc.constantFrom(-3_600, -60, -1, -1, 1, 60),
  }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('add' as const, 'replace' as const), entry }) },
  fc.record({ kind: fc.constant('remove' as const), kid }),
  fc.record({ kind: fc.constant('outage' as const), isDown: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('revoke' as const, 'take back' as const), sub }) },
)

const operationLists = fc.array(operation, { minLength: 5, maxLength: 40, size: 'max' })
