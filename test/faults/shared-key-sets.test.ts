// Several requireJwt() of one application with the same URL: they share the fetch, the keys and the budget.
import { expect, it } from 'vitest'
import { issuerOptions, type Api, type ApiIssuer } from './support/api.ts'
import type { Client } from './support/client.ts'
import { counted, figure, outcomesOf } from './support/figure.ts'
import { forgedTokens } from './support/forged-tokens.ts'
import { addOutcomes, type Outcomes } from './support/outcomes.ts'
import type { Provider } from './support/provider.ts'
import { openStage } from './support/stage.ts'
import { fetchLog } from './support/steps.ts'
import { newIssuerKey, tokensFrom } from './support/tokens.ts'

const key = newIssuerKey('first')
/** What may differ between them: each checks its own tokens, and none looks at the keys in another way. */
const changes: readonly Partial<ApiIssuer>[] = [
  {},
  { algorithms: ['ES256', 'RS256'] },
  { audience: null },
  { clockTolerance: 60 },
  {},
]

/** @returns the paths of all routes */
async function addTheOthers(api: Api, provider: Provider, discovery: boolean): Promise<readonly string[]> {
  const jwksUri = discovery ? undefined : provider.jwksUri
  const routes = changes.map((change, index) => ({
    path: `/${index}`,
    issuers: issuerOptions(provider.origin, jwksUri, change),
  }))
  await api.addRoutes(routes)
  return ['/', ...routes.map(({ path }) => path)]
}

async function togetherOn(client: Client, paths: readonly string[], tokens: readonly string[]): Promise<Outcomes> {
  const outcomes: Outcomes = {}
  const tallies = await Promise.all(paths.map((path) => client.together(tokens, path)))
  for (const tally of tallies) addOutcomes(outcomes, tally)
  return outcomes
}

it.each([
  { name: 'by `jwksUri`', discovery: false },
  { name: 'by discovery', discovery: true },
])('six requireJwt() of one application with the same key set fetch it once: $name', async ({ name, discovery }) => {
  const { provider, api, client } = await openStage({ keys: [key], discovery })
  const paths = await addTheOthers(api, provider, discovery)
  const outcomes = await togetherOn(client, paths, tokensFrom(provider.origin, [key], 50))

  const [fetches, discoveries] = [await provider.fetches('jwks'), await provider.fetches('metadata')]
  figure(
    `six requireJwt() with one key set, ${name}, cold start`,
    `${counted(fetches, 'key fetch', 'key fetches')}, ${discoveries} discovery, ${outcomesOf({ outcomes })}`,
  )
  expect(outcomes).toEqual({ '200': 50 * paths.length })
  expect({ fetches, discoveries }).toEqual({ fetches: 1, discoveries: discovery ? 1 : 0 })
})

const perStep = 5
const seconds = 90

it('six requireJwt() of one application with the same key set have one budget for random kids', async () => {
  const { provider, api, client } = await openStage({ keys: [key], manualClock: true })
  const paths = await addTheOthers(api, provider, false)
  const good = tokensFrom(provider.origin, [key], 1)
  const forge = forgedTokens(provider.origin)
  await togetherOn(client, paths, good)
  const log = await fetchLog(provider)
  const [forgedOutcomes, goodOutcomes]: [Outcomes, Outcomes] = [{}, {}]
  for (let second = 0; second < seconds; second++) {
    const forged = Array.from({ length: perStep }, (_, index) => forge(index))
    addOutcomes(forgedOutcomes, { outcomes: await togetherOn(client, paths, forged) })
    addOutcomes(goodOutcomes, { outcomes: await togetherOn(client, paths, good) })
    await api.advance(1_000)
    await log.step()
  }

  const inTenSeconds = log.first(10)
  const inAnyMinuteAfter = log.most(60, 10)
  figure(
    'random kids through six requireJwt() with one key set',
    `${counted(inTenSeconds, 'key fetch', 'key fetches')} in the first 10 s, at most ${inAnyMinuteAfter} in a minute after, ` +
      `${outcomesOf({ outcomes: forgedOutcomes })}; good traffic ${outcomesOf({ outcomes: goodOutcomes })}`,
  )
  expect(forgedOutcomes).toEqual({ '401 key_unknown': seconds * perStep * paths.length })
  expect(goodOutcomes).toEqual({ '200': seconds * paths.length })
  expect(inTenSeconds).toBeLessThanOrEqual(5)
  expect(inAnyMinuteAfter).toBeLessThanOrEqual(8)
})
