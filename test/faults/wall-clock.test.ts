// The wall clock jumps by hours: key sets are as old as they are, and only tokens see the other time.
import { expect, it } from 'vitest'
import { counted, figure, outcomesOf } from './support/figure.ts'
import { addOutcomes, type Outcomes } from './support/outcomes.ts'
import { openStage } from './support/stage.ts'
import { settling } from './support/steps.ts'
import { newIssuerKey, tokenFrom } from './support/tokens.ts'

const hour = 3_600_000
const step = 500
const requestsPerStep = 10
const minute = 60_000
const longestRemoval = 900_000
const removalStep = 15_000

it.each([
  { name: '1 h forward', moves: [hour] },
  { name: '2 h back', moves: [-2 * hour] },
  { name: '1 h forward, then 2 h back', moves: [hour, -2 * hour] },
])('a wall clock that jumps causes no storm and no lock-out, and removals are seen: $name', async ({ name, moves }) => {
  const [old, kept, next] = [newIssuerKey('old'), newIssuerKey('kept'), newIssuerKey('next')]
  const stage = await openStage({ keys: [old, kept], manualClock: true })
  const { provider, api, client } = stage
  let moved = 0
  const tokenOfThen = (key: typeof old): string => {
    const now = Math.floor((Date.now() + moved) / 1_000)
    return tokenFrom(provider.origin, key, { iat: now, nbf: now, exp: now + 300 })
  }
  const before = tokenOfThen(old)
  expect((await client.get(before)).outcome).toBe('200')
  for (const move of moves) {
    await api.moveWallClock(move)
    moved += move
  }
  const settled = await settling(stage)

  const warm = await provider.fetches('jwks')
  const tokens = Array.from({ length: requestsPerStep }, (_, index) => tokenOfThen(index % 2 === 0 ? old : kept))
  const outcomes: Outcomes = {}
  for (let elapsed = 0; elapsed < minute; elapsed += step) {
    const tally = await client.together(tokens)
    addOutcomes(outcomes, tally)
    await api.advance(step)
  }
  await settled()
  const fetches = (await provider.fetches('jwks')) - warm
  const beforeTheJump = (await client.get(before)).outcome

  // Unknown kids are not locked out either.
  await provider.publish([old.jwk, kept.jwk, next.jwk])
  const rotated = (await client.get(tokenOfThen(next))).outcome

  await provider.publish([kept.jwk, next.jwk])
  let [removal, outcome] = [0, '200']
  while (removal <= longestRemoval) {
    outcome = (await client.get(tokenOfThen(old))).outcome
    if (outcome !== '200') break
    await settled()
    removal += removalStep
    await api.advance(removalStep)
  }

  figure(
    `wall clock ${name}`,
    `${counted(fetches, 'key fetch', 'key fetches')} in the next minute, ${outcomesOf({ outcomes })}, ` +
      `rotation ${rotated}, removed key ${outcome} after ${removal / 1_000} s`,
  )
  expect(outcomes).toEqual({ '200': (minute / step) * requestsPerStep })
  expect(fetches).toBeLessThanOrEqual(1)
  // It did jump: tokens of before are not those of now.
  expect(beforeTheJump).toBe(moved > 0 ? '401 token_expired' : '401 token_not_yet_valid')
  expect(rotated).toBe('200')
  expect(outcome).toBe('401 key_unknown')
  expect(removal).toBeLessThanOrEqual(longestRemoval)
})
