// A cold start under load: however many requests come at once, the provider is asked once.
import { expect, it } from 'vitest'
import { counted, figure, milliseconds, outcomesOf } from './support/figure.ts'
import { openStage } from './support/stage.ts'
import { newIssuerKey, tokensFrom, type IssuerKey } from './support/tokens.ts'

interface ColdStart {
  readonly name: string
  readonly keys: readonly [IssuerKey, ...IssuerKey[]]
  readonly discovery: boolean
}

const [first, second] = [newIssuerKey('first'), newIssuerKey('second')]
const requests = 500

it.each<ColdStart>([
  { name: 'one kid', keys: [first], discovery: false },
  { name: 'two kids', keys: [first, second], discovery: false },
  { name: 'one kid, with discovery', keys: [first], discovery: true },
  { name: 'two kids, with discovery', keys: [first, second], discovery: true },
])('500 requests at a cold start cost one fetch and are all accepted: $name', async ({ name, keys, discovery }) => {
  const { provider, api, client } = await openStage({ keys, discovery })
  const tally = await client.together(tokensFrom(provider.origin, keys, requests))

  const [fetches, discoveries] = [await provider.fetches('jwks'), await provider.fetches('metadata')]
  figure(
    `500 requests at a cold start, ${name}`,
    `${counted(fetches, 'key fetch', 'key fetches')}, ${discoveries} discovery, ${outcomesOf(tally)} in ${milliseconds(tally.milliseconds)}`,
  )
  expect(tally.outcomes).toEqual({ '200': requests })
  expect({ fetches, discoveries }).toEqual({ fetches: 1, discoveries: discovery ? 1 : 0 })
  expect((await api.events()).counts).toEqual({ 'jwtgate:keys.loaded': 1 })
})
