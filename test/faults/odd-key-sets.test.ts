// A key set with entries that are bad, or that share a `kid`: the good keys work, and the bad ones are told and never used.
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { expect, it } from 'vitest'
import { counted, figure } from './support/figure.ts'
import { openStage, type Stage } from './support/stage.ts'
import { newIssuerKey, tokenFrom, type IssuerKey } from './support/tokens.ts'

const [old, next] = [newIssuerKey('old'), newIssuerKey('new')]
const algorithms = ['ES256', 'RS256'] as const

interface BadEntry {
  readonly name: string
  /** Whatever stands in the list. */
  readonly entry: unknown
  /** Signs tokens that must not be accepted, where the entry is a key. */
  readonly signer?: IssuerKey
}

function shortRsaKey(kid: string): IssuerKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid }
  return { kid, key: { alg: 'RS256', signer: privateKey, verifier: publicKey }, jwk }
}

const short = shortRsaKey('RSA-1024')
const encrypting = newIssuerKey('use: enc', 'RS256')
const leaked = newIssuerKey('private parts')
const secret = newIssuerKey('oct', 'HS256')
const badEntries: readonly BadEntry[] = [
  { name: 'null', entry: null },
  { name: 'a string', entry: 'key' },
  { name: 'an unknown kty', entry: { kty: 'XYZ', kid: 'unknown kty', x: 'AAAA' } },
  { name: 'use: enc', entry: { ...encrypting.jwk, use: 'enc' }, signer: encrypting },
  { name: 'use: enc under the kid of a good key', entry: { ...encrypting.jwk, kid: old.kid, use: 'enc' } },
  { name: 'RSA-1024', entry: short.jwk, signer: short },
  { name: 'oct', entry: { ...secret.key.verifier.export({ format: 'jwk' }), kid: secret.kid }, signer: secret },
  {
    name: 'private parts',
    entry: { ...leaked.key.signer.export({ format: 'jwk' }), kid: leaked.kid },
    signer: leaked,
  },
  { name: 'ML-DSA', entry: { kty: 'AKP', alg: 'ML-DSA-44', kid: 'ML-DSA', pub: 'A'.repeat(1750) } },
]

/** The type of a published key promises more than a provider keeps. */
function published(entries: readonly unknown[]): readonly JsonWebKey[] {
  return entries as readonly JsonWebKey[]
}

async function outcomesFor({ provider, client }: Stage, keys: readonly IssuerKey[]): Promise<readonly string[]> {
  const outcomes: string[] = []
  for (const key of keys) outcomes.push((await client.get(tokenFrom(provider.origin, key))).outcome)
  return outcomes
}

it('bad entries among good ones are left out: the good keys work, old and new', async () => {
  const stage = await openStage({ options: { algorithms } })
  const { provider, api } = stage
  const bad = badEntries.map(({ entry }) => entry)
  const half = Math.floor(bad.length / 2)
  await provider.publish(published([...bad.slice(0, half), old.jwk, ...bad.slice(half)]))
  expect(await outcomesFor(stage, [old])).toEqual(['200'])
  const skipped = (await api.events()).kept.filter(({ name }) => name === 'jwtgate:keys.entry_skipped')

  await provider.publish(published([...bad, next.jwk, old.jwk]))
  const good = await outcomesFor(stage, [next, old])
  const signers = badEntries.flatMap(({ signer }) => signer ?? [])
  const refused = await outcomesFor(stage, signers)

  figure(
    `${bad.length} bad entries among good ones (${badEntries.map(({ name }) => name).join(', ')})`,
    `old and new key ${good.join(' and ')}; ${counted(skipped.length, 'entry', 'entries')} told; signed with a bad one: ${refused.join(', ')}`,
  )
  expect(good).toEqual(['200', '200'])
  expect(skipped.map(({ payload }) => (payload as { readonly index: number }).index)).toEqual(
    bad.map((_entry, index) => (index < half ? index : index + 1)),
  )
  expect(signers.map(({ kid }, index) => `${kid}: ${refused[index]}`)).toEqual([
    'use: enc: 401 key_unknown',
    'RSA-1024: 401 key_unknown',
    'oct: 401 algorithm_not_allowed',
    'private parts: 401 key_unknown',
  ])
  expect(await api.status()).toMatchObject({ issuers: [{ state: 'fresh', keys: 2, lastFailure: null }] })
})

it('one kid twice: each of the keys is tried', async () => {
  const keys = [newIssuerKey('same'), newIssuerKey('same')]
  const stage = await openStage({ keys })
  const stranger = newIssuerKey('same')
  const outcomes = await outcomesFor(stage, [...keys, stranger])
  figure('one kid twice', `signed with the first ${outcomes[0]}, the second ${outcomes[1]}, neither ${outcomes[2]}`)
  expect(outcomes).toEqual(['200', '200', '401 signature_invalid'])
  expect(await stage.provider.fetches('jwks')).toBe(1)
})

it('the same kid on two key types: those that fit the pinned algorithm are tried', async () => {
  const [ec, rsa] = [newIssuerKey('same', 'ES256'), newIssuerKey('same', 'RS256')]
  const pinned = await openStage({ keys: [rsa, ec] })
  const both = await openStage({ keys: [rsa, ec], options: { algorithms } })
  const outcomes = {
    "['ES256']": await outcomesFor(pinned, [ec, rsa]),
    "['ES256', 'RS256']": await outcomesFor(both, [ec, rsa]),
  }
  for (const [pinned, [forEc, forRsa]] of Object.entries(outcomes)) {
    figure(`the same kid on two key types, pinned ${pinned}`, `EC ${forEc}, RSA ${forRsa}`)
  }
  expect(outcomes).toEqual({
    "['ES256']": ['200', '401 algorithm_not_allowed'],
    "['ES256', 'RS256']": ['200', '200'],
  })
})
