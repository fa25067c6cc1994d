// The options of a verifier, as data: out of these the verifiers, jose's options and the expectations are made.
import * as fc from 'fast-check'
import type { AlgorithmName, JwtVerifierOptions } from '@jwtgate/core'
import { audience, issuer, now } from '../support/mint.ts'
import {
  hmacAlgorithms,
  keyNamed,
  publicKeyAlgorithms,
  publicKeys,
  secrets,
  unfitKeys,
  type PoolKey,
} from './key-pool.ts'

/** An entry of a key set. */
export interface Entry {
  /** The name of a key, as below. */
  readonly key: string
  readonly labels: Readonly<Record<string, unknown>>
  /** Why nobody may use it, whatever its labels say. */
  readonly flaw: keyof typeof flaws | undefined
}

export type GivenKeys =
  | { readonly kind: 'secret'; readonly keys: readonly string[] }
  | { readonly kind: 'publicKey'; readonly key: string; readonly form: 'pem' | 'jwk' | 'KeyObject' }
  | { readonly kind: 'jwks'; readonly entries: readonly Entry[] }

/** As `JwtVerifierOptions`, where each member is always in its longest form. */
export interface Setup {
  readonly given: GivenKeys
  readonly algorithms: readonly AlgorithmName[]
  readonly issuers: readonly string[]
  readonly audiences: readonly string[] | null
  readonly clockTolerance: number
  readonly maxTokenAge: number | undefined
  readonly nbfIsOptional: boolean
  readonly requiredClaims: readonly string[]
  readonly tokenUses: readonly string[]
  readonly types: readonly string[]
  readonly acceptBoundTokens: boolean
  readonly maxTokenLength: number
  /** Options that no verifier can be made with. */
  readonly impossible: readonly [option: string, value: unknown] | undefined
}

const flaws = {
  'has private members': ({ privateJwk }: PoolKey) => privateJwk,
  'is a secret': () => ({ kty: 'oct', k: 'c2VjcmV0' }),
  'is null': () => null,
  'is text': () => 'a key',
  'is a list': () => [],
  'is empty': () => ({}),
  'lies about its type': ({ jwk }: PoolKey) => ({ ...jwk, kty: jwk.kty === 'EC' ? 'RSA' : 'EC' }),
  'has a type in lower case': ({ jwk }: PoolKey) => ({ ...jwk, kty: String(jwk.kty).toLowerCase() }),
  'has a number for a member': ({ jwk }: PoolKey) => ({ ...jwk, n: 1, x: 1 }),
  'lies about its curve': ({ jwk }: PoolKey) => ({ ...jwk, ...(jwk.crv !== undefined && { crv: 'P-1' }), e: 'AQ' }),
  'has a member cut short': ({ jwk: { n = '', x = '', ...others } }: PoolKey) => ({
    ...others,
    ...(n === '' ? { x: x.slice(0, -2) } : { n: n.slice(0, -2) }),
  }),
  'has no members': ({ jwk }: PoolKey) => ({ kty: jwk.kty }),
} as const

export function jwkOfEntry({ key, labels, flaw }: Entry): unknown {
  const jwk: unknown = flaw === undefined ? keyNamed(key).jwk : flaws[flaw](keyNamed(key))
  return typeof jwk === 'object' && jwk !== null && !Array.isArray(jwk) ? { ...jwk, ...labels } : jwk
}

/** What createJwtVerifier() is told. */
export function optionsOf(setup: Setup): JwtVerifierOptions {
  const options: JwtVerifierOptions = {
    issuer: setup.issuers,
    audience: setup.audiences,
    algorithms: setup.algorithms,
    ...keyOptions(setup.given),
    // What is the default is left out.
    ...(setup.clockTolerance !== 5 && { clockTolerance: setup.clockTolerance }),
    ...(setup.maxTokenAge !== undefined && { maxTokenAge: setup.maxTokenAge }),
    ...(setup.nbfIsOptional && { optionalClaims: ['nbf'] }),
    ...(setup.requiredClaims.length > 0 && { requiredClaims: setup.requiredClaims }),
    ...(setup.tokenUses.length > 0 && { claimValues: { token_use: setup.tokenUses } }),
    ...(setup.types.length > 0 && { typ: setup.types }),
    ...(setup.acceptBoundTokens && { acceptBoundTokens: true }),
    ...(setup.maxTokenLength !== 16_384 && { maxTokenLength: setup.maxTokenLength }),
    // The last millisecond of the second: times are compared in whole ones.
    clock: { now: () => now * 1000 + 999 },
  }
  return setup.impossible === undefined ? options : { ...options, [setup.impossible[0]]: setup.impossible[1] }
}

function keyOptions(given: GivenKeys): Partial<JwtVerifierOptions> {
  switch (given.kind) {
    case 'secret':
      return { secret: given.keys.map((name) => keyNamed(name).verifier) }
    case 'publicKey': {
      const { verifier, jwk } = keyNamed(given.key)
      const forms = {
        pem: String(verifier.export({ format: 'pem', type: 'spki' })),
        jwk: { ...jwk },
        KeyObject: verifier,
      }
      return { publicKey: forms[given.form] }
    }
    case 'jwks':
      return { jwks: { keys: given.entries.map(jwkOfEntry) as readonly object[] } }
  }
}

function namesOf(keys: readonly PoolKey[]): readonly string[] {
  return keys.map(({ name }) => name)
}

const kid = fc.constantFrom('k1', 'k1', 'k1', 'k2', 'k2', '', '__proto__')
const rarely = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 15, arbitrary: fc.constant(undefined) }, value)

/** A label is mostly absent or right. */
const labels = fc.record(
  {
    kid: fc.oneof({ weight: 12, arbitrary: kid }, fc.constantFrom<unknown>(1, null, [])),
    alg: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...publicKeyAlgorithms) },
      fc.constantFrom<unknown>('none', 'HS256', 1, null, ''),
    ),
    use: fc.oneof(
      { weight: 8, arbitrary: fc.constant('sig') },
      fc.constantFrom<unknown>('enc', 'SIG', '', null, ['sig']),
    ),
    key_ops: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(['verify'], ['sign', 'verify']) },
      fc.constantFrom<unknown>(['sign'], [], 'verify', null, {}),
    ),
  },
  { requiredKeys: ['kid'] },
)

const entry: fc.Arbitrary<Entry> = fc.record({
  key: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...namesOf(publicKeys)) },
    fc.constantFrom(...namesOf(unfitKeys)),
  ),
  labels: fc.oneof({ weight: 2, arbitrary: fc.record({ kid }) }, fc.constant({}), labels),
  flaw: rarely(fc.constantFrom(...(Object.keys(flaws) as (keyof typeof flaws)[]))),
})

const givenKeys: fc.Arbitrary<Pick<Setup, 'given' | 'algorithms'>> = fc.oneof(
  fc.record({
    given: fc.record({
      kind: fc.constant('secret' as const),
      keys: fc.shuffledSubarray([...namesOf(secrets)], { minLength: 1 }),
    }),
    algorithms: fc.shuffledSubarray([...hmacAlgorithms], { minLength: 1 }),
  }),
  fc.constantFrom(...publicKeys).chain((key) =>
    fc.record({
      given: fc.record({
        kind: fc.constant('publicKey' as const),
        key: fc.constant(key.name),
        form: fc.constantFrom('pem' as const, 'jwk' as const, 'KeyObject' as const),
      }),
      algorithms: fc.shuffledSubarray([...key.algorithms], { minLength: 1 }),
    }),
  ),
  fc.record({
    given: fc.record({ kind: fc.constant('jwks' as const), entries: fc.array(entry, { minLength: 1, maxLength: 6 }) }),
    algorithms: fc.shuffledSubarray([...publicKeyAlgorithms], { minLength: 3 }),
  }),
)

const impossible: readonly (readonly [string, unknown])[] = [
  ['issuer', []],
  ['issuer', ''],
  ['issuer', 1],
  ['audience', []],
  ['audience', undefined],
  ['algorithms', ['none']],
  ['algorithms', ['HS256', 'RS256']],
  ['algorithms', 'RS256'],
  ['algorithms', []],
  ['clockTolerance', -1],
  ['clockTolerance', 301],
  ['clockTolerance', Number.NaN],
  ['clockTolerance', '5'],
  ['maxTokenAge', 0],
  ['optionalClaims', ['exp']],
  ['requiredClaims', 'sub'],
  ['requiredClaims', [1]],
  ['claimValues', []],
  ['typ', []],
  ['acceptBoundTokens', 1],
  ['maxTokenLength', 1],
  ['maxTokenLength', Number.POSITIVE_INFINITY],
]

const rest = fc.record({
  issuers: fc.constantFrom([issuer], [issuer, `${issuer}/`], ['https://other.example', issuer]),
  audiences: fc.constantFrom<(readonly string[] | null)[]>([audience], [audience], ['another', audience], null),
  clockTolerance: fc.constantFrom(0, 0, 5, 0.5, 300),
  maxTokenAge: fc.constantFrom(undefined, undefined, 1, 60, 3600),
  nbfIsOptional: fc.boolean(),
  requiredClaims: fc.constantFrom<(readonly string[])[]>([], [], ['sub'], ['jti'], ['constructor'], ['nbf2', 'sub']),
  tokenUses: fc.constantFrom<(readonly string[])[]>([], [], [], ['access'], ['access', 'other']),
  types: fc.constantFrom<(readonly string[])[]>([], [], [], ['at+jwt'], ['application/at+jwt', 'JWT'], ['x/y']),
  acceptBoundTokens: fc.boolean(),
  maxTokenLength: fc.constantFrom(65_536, 65_536, 65_536, 16_384, 512),
  impossible: rarely(fc.constantFrom(...impossible)),
})

export const setups: fc.Arbitrary<Setup> = fc
  .tuple(givenKeys, rest)
  .map(([keys, others]) => Object.assign(keys, others))
