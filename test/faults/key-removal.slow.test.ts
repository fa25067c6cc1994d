// A withdrawn key under steady use: refused in time whatever the provider's headers say, at few fetches.
import { expect, it } from 'vitest'
import type { Client } from './support/client.ts'
import { counted, figure, outcomesOf } from './support/figure.ts'
import { addOutcomes, type Outcomes } from './support/outcomes.ts'
import { kept, promised, publishBoth, removals, withdrawn, type Promised } from './support/removals.ts'
import { openStage } from './support/stage.ts'
import { fetchLog, settling } from './support/steps.ts'
import { tokenFrom, tokensFrom } from './support/tokens.ts'

/** Of the promised time: small enough to see by how much it is kept. */
const stepsInTime = 60

it.each<Promised>(promised)(
  'a key removed or replaced under its kid is refused in time while it is used: $name',
  async ({ name, headers, within }) => {
    const stage = await openStage({ manualClock: true })
    const { provider, api, client } = stage
    const [token, otherToken] = [tokenFrom(provider.origin, withdrawn), tokenFrom(provider.origin, kept)]
    const step = within / stepsInTime
    for (const removal of removals) {
      await publishBoth(provider, headers)
      await api.advance(86_400_000)
      expect((await client.get(token)).outcome).toBe('200') // After a fetch: the key is withdrawn at the worst moment.
      await removal.publish(provider, headers)
      const settled = await settling(stage)
      let elapsed = 0
      let outcome = await use(client, token, otherToken)
      while (outcome === '200' && elapsed <= within) {
        await settled()
        elapsed += step
        await api.advance(step)
        outcome = await use(client, token, otherToken)
      }
      figure(`key ${removal.name} while it is used (${name})`, `${outcome} after ${elapsed / 1_000} s`)
      expect(outcome).toBe(removal.refusal)
      expect(elapsed).toBeLessThanOrEqual(within)
    }
  },
)

/** What the withdrawn key gets; the other one goes on. */
async function use(client: Client, token: string, otherToken: string): Promise<string> {
  expect((await client.get(otherToken)).outcome).toBe('200')
  return (await client.get(token)).outcome
}

const minutes = 2
const perSecond = 100
const step = 100
const stepsInAMinute = 60_000 / step

it('no-store costs at most 2 fetches a minute at 100 requests a second', async () => {
  const { provider, api, client } = await openStage({ manualClock: true })
  await publishBoth(provider, { 'cache-control': 'no-store' })
  const tokens = tokensFrom(provider.origin, [kept], (perSecond * step) / 1_000)
  const log = await fetchLog(provider)
  const outcomes: Outcomes = {}
  for (let index = 0; index < minutes * stepsInAMinute; index++) {
    const tally = await client.together(tokens)
    addOutcomes(outcomes, tally)
    await api.advance(step)
    await log.step()
  }
  figure(
    `no-store at ${perSecond} requests/s for ${minutes} min`,
    `${counted(log.total(), 'key fetch', 'key fetches')}, at most ${log.most(stepsInAMinute)} in a minute, ${outcomesOf({ outcomes })}`,
  )
  expect(outcomes).toEqual({ '200': minutes * 60 * perSecond })
  expect(log.most(stepsInAMinute)).toBeLessThanOrEqual(2)
})
