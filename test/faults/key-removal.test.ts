// A withdrawn key that nobody used for a while: the first request after the promised time is already refused.
import { expect, it } from 'vitest'
import { figure } from './support/figure.ts'
import { promised, publishBoth, removals, withdrawn, kept } from './support/removals.ts'
import { openStage } from './support/stage.ts'
import { tokenFrom } from './support/tokens.ts'

const day = 86_400_000

it.each([...promised, { name: 'an idle day', headers: {}, within: day }])(
  'a key removed or replaced under its kid is refused by the first request after the promised time: $name',
  async ({ name, headers, within }) => {
    const { provider, api, client } = await openStage({ manualClock: true })
    const token = tokenFrom(provider.origin, withdrawn)
    for (const removal of removals) {
      await publishBoth(provider, headers)
      await api.advance(day)
      expect((await client.get(token)).outcome).toBe('200')
      await removal.publish(provider, headers)
      await api.advance(within)

      const { outcome } = await client.get(token)
      const other = await client.get(tokenFrom(provider.origin, kept))
      const after = within === day ? 'an idle day' : `${within / 1_000} s without a request (${name})`
      figure(`key ${removal.name}, first request after ${after}`, `${outcome}, other key ${other.outcome}`)
      expect({ outcome, other: other.outcome }).toEqual({ outcome: removal.refusal, other: '200' })
    }
  },
)
