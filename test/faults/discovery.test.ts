// The metadata are wrong, gone, moved or unsafe: no key comes from where it must not come from, and all heals by itself.
import { expect, it } from 'vitest'
import { issuerOptions } from './support/api.ts'
import { counted, figure, outcomesOf } from './support/figure.ts'
import { openProvider, openStage, type Stage } from './support/stage.ts'
import { newIssuerKey, tokenFrom, tokensFrom } from './support/tokens.ts'

const [key, next] = [newIssuerKey('first'), newIssuerKey('next')]
const lifetime = 600_000
const day = 86_400_000
const step = 100
const longestHealing = 10_000
const requests = 50
const refused = { '503 discovery_failed': requests }
const missing = { state: 'missing', keys: 0, age: null, lastFailure: { code: 'discovery_failed' } }

/** Seconds on the API's clock until a token is accepted; asked ten times in each. */
async function healing({ api, client }: Stage, token: string, path = '/'): Promise<number> {
  for (let elapsed = 0; elapsed <= longestHealing; elapsed += step) {
    if ((await client.get(token, path)).outcome === '200') return elapsed / 1_000
    await api.advance(step)
  }
  return Number.POSITIVE_INFINITY
}

it('metadata of another issuer bring no keys at a cold start, until they are right', async () => {
  const stage = await openStage({ keys: [key], discovery: true, manualClock: true })
  const { provider, api, client } = stage
  await provider.describe({ issuer: 'https://other.example.com', jwks_uri: provider.jwksUri })
  const tally = await client.together(tokensFrom(provider.origin, [key], requests))
  const fetches = await provider.fetches('jwks')
  expect(await api.status()).toMatchObject({ issuers: [missing] })

  await provider.describe({ issuer: provider.origin, jwks_uri: provider.jwksUri })
  const seconds = await healing(stage, tokenFrom(provider.origin, key))
  figure(
    'metadata of another issuer at a cold start',
    `${outcomesOf(tally)}, ${counted(fetches, 'key fetch', 'key fetches')}, healed after ${seconds} s`,
  )
  expect(tally.outcomes).toEqual(refused)
  expect(fetches).toBe(0)
  expect(seconds).toBeLessThanOrEqual(longestHealing / 1_000)
})

it('metadata of another issuer later on replace no keys: the known ones go on', async () => {
  const { provider, api, client } = await openStage({ keys: [key], discovery: true, manualClock: true })
  const stranger = newIssuerKey('of a stranger')
  const other = await openProvider([stranger])
  await client.get(tokenFrom(provider.origin, key))
  await provider.describe({ issuer: other.origin, jwks_uri: other.jwksUri })
  await provider.break('jwks', { name: 'status', status: 500 })
  for (const failures of [1, 2]) {
    await api.advance(lifetime) // The key fetch fails, and so the metadata are asked again.
    await client.get(tokenFrom(provider.origin, key))
    await api.untilEvent('jwtgate:keys.refresh_failed', failures)
  }

  const tally = await client.together(tokensFrom(provider.origin, [key], requests))
  const { outcome } = await client.get(tokenFrom(provider.origin, stranger))
  const fetches = await other.fetches('jwks')
  figure(
    'metadata of another issuer when warm',
    `known key ${outcomesOf(tally)}, the other issuer's key ${outcome}, ${counted(fetches, 'key fetch', 'key fetches')} there`,
  )
  expect(tally.outcomes).toEqual({ '200': requests })
  expect(outcome).toBe('503 discovery_failed')
  expect(fetches).toBe(0)
  expect(await api.status()).toMatchObject({
    issuers: [{ state: 'stale', keys: 1, lastFailure: { code: 'discovery_failed' } }],
  })
})

it('while the provider of the metadata is down, requests get 503, and are accepted soon after it is back', async () => {
  const stage = await openStage({ keys: [key], discovery: true, manualClock: true })
  const { provider, api, client } = stage
  await provider.stopListening()
  const tally = await client.together(tokensFrom(provider.origin, [key], requests))
  const retryAfter = tally.examples['503 discovery_failed']?.headers['retry-after']
  expect(await api.status()).toMatchObject({ issuers: [missing] })

  await provider.listenAgain()
  const seconds = await healing(stage, tokenFrom(provider.origin, key))
  figure('provider down, with discovery', `${outcomesOf(tally)}, Retry-After: ${retryAfter}, healed after ${seconds} s`)
  expect(tally.outcomes).toEqual(refused)
  expect(retryAfter).toMatch(/^[1-9]$/)
  expect(seconds).toBeLessThanOrEqual(longestHealing / 1_000)
})

it('after the key set moved, its new keys are accepted within ten seconds, and the known key all the time', async () => {
  const stage = await openStage({ keys: [key], discovery: true, manualClock: true })
  const { provider, api, client } = stage
  await client.get(tokenFrom(provider.origin, key))
  const moved = await openProvider([key, next])
  await provider.break('jwks', { name: 'status', status: 404 })
  await provider.describe({ issuer: provider.origin, jwks_uri: moved.jwksUri })

  const known = client.together(tokensFrom(provider.origin, [key], requests))
  const seconds = await healing(stage, tokenFrom(provider.origin, next))
  const tally = await known
  const discoveries = await provider.fetches('metadata')
  figure(
    'jwks_uri moved',
    `healed after ${seconds} s with ${discoveries - 1} discovery; known key ${outcomesOf(tally)}`,
  )
  expect(seconds).toBeLessThanOrEqual(longestHealing / 1_000)
  expect(tally.outcomes).toEqual({ '200': requests })
  expect(discoveries).toBe(2)
  expect(await moved.fetches('jwks')).toBe(1)
  expect(await api.status()).toMatchObject({ issuers: [{ state: 'fresh', keys: 2 }] })
})

it('a key set that moved while the old one still answers is found within a day', async () => {
  const { provider, api, client } = await openStage({ keys: [key], discovery: true, manualClock: true })
  await client.get(tokenFrom(provider.origin, key))
  const moved = await openProvider([key])
  await provider.describe({ issuer: provider.origin, jwks_uri: moved.jwksUri })
  const quarters = 5
  let loads = 1
  for (let quarter = 0; quarter < quarters; quarter++) {
    await api.advance(day / 4)
    await client.get(tokenFrom(provider.origin, key))
    await api.untilEvent('jwtgate:keys.loaded', ++loads)
  }
  const [before, after] = [await provider.fetches('jwks'), await moved.fetches('jwks')]
  figure('jwks_uri moved, the old one still answers', `${before} fetches there in a day, then ${after} at the new one`)
  expect({ before, after }).toEqual({ before: quarters, after: 1 })
})

it.each([
  { name: 'http on this machine', unsafe: (origin: string) => `${origin}/jwks` },
  { name: 'http at the issuer', unsafe: () => 'http://id.example.com/jwks' },
])('an http jwks_uri of an https issuer is refused and never asked: $name', async ({ name, unsafe }) => {
  const stage = await openStage({ keys: [key], manualClock: true })
  const { provider, api, client } = stage
  const issuer = 'https://id.example.com'
  // Both origins lead to the provider, so that nothing but the refusal keeps the keys away.
  const proxied = { [issuer]: provider.origin, 'http://id.example.com': provider.origin }
  await api.addRoutes([{ path: '/https', issuers: { ...issuerOptions(issuer, undefined), proxied } }])
  await provider.describe({ issuer, jwks_uri: unsafe(provider.origin) })
  const tally = await client.together(tokensFrom(issuer, [key], requests), '/https')
  const fetches = await provider.fetches('jwks')
  expect(await api.status('/https')).toMatchObject({ issuers: [missing] })

  await provider.describe({ issuer, jwks_uri: `${issuer}/jwks` })
  const seconds = await healing(stage, tokenFrom(issuer, key), '/https')
  figure(
    `https issuer with a jwks_uri of ${name}`,
    `${outcomesOf(tally)}, ${counted(fetches, 'key fetch', 'key fetches')}, healed by https after ${seconds} s`,
  )
  expect(tally.outcomes).toEqual(refused)
  expect(fetches).toBe(0)
  expect(seconds).toBeLessThanOrEqual(longestHealing / 1_000)
})
