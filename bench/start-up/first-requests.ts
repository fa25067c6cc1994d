// How long the first token takes after a start: the library is loaded, the keys are fetched from a server on this machine.
import { createTestIssuer } from '@jwtgate/testing'
import { startChild } from '../child.ts'
import { sized } from '../options.ts'
import type { Table } from '../report.ts'
import { measureInTurns } from '../rounds.ts'
import { median, spreadOf, written } from '../statistics.ts'
import type { First } from './first-request.ts'
import { ways } from './ways.ts'

export async function firstRequests(): Promise<Table> {
  const issuer = await createTestIssuer({ algorithms: ['RS256'] })
  const { url, audience, jwksUri } = issuer
  const turns = Object.keys(ways).map((way) => ({
    name: way,
    measure: async () => {
      const child = await startChild('start-up/first-request', [])
      const first = await child.ask({ way, token: issuer.sign(), issuer: url, audience, jwksUri })
      child.end()
      return first as First
    },
  }))
  const samples = await measureInTurns('first request', turns, sized(21, 3))
  await issuer.close()

  const rows = turns.map(({ name }, index) => {
    const own = samples[index] ?? []
    const made = spreadOf(own.map((first) => first.made))
    const verified = spreadOf(own.map((first) => first.verified))
    const both = median(own.map((first) => first.made + first.verified))
    return [name, written(made, 1), written(verified, 1), both.toFixed(1)]
  })
  return {
    caption: 'The first token after a start (RS256; by discovery where no jwksUri is given)',
    columns: ['', 'loaded and made, ms', 'then verified, ms', 'both'],
    rows,
  }
}
