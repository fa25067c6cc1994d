// One size of what grows, and how those of one thing are compared.
import { FreshStrings } from '../fresh-strings.ts'
import { sized } from '../options.ts'
import type { Table } from '../report.ts'
import { measureInTurns, type Turn } from '../rounds.ts'
import { median, ratios, spreadOf, written } from '../statistics.ts'
import { hasTokenCache, type TokenCache } from '../targets/jwtgate.ts'
import { costPerToken } from '../timing.ts'

export interface Variant {
  readonly name: string
  readonly tokens: readonly string[]
  readonly verifierWith: (tokenCache: TokenCache) => { verify(token: string): Promise<object> }
}

const rounds = sized(25, 5)

/** Ratios to the first one: of tokens that are verified anew, and of tokens from the cache, where there is one. */
export async function compare(caption: string, variants: readonly Variant[]): Promise<Table> {
  const anew = await timesOf(`${caption}, new`, variants, false)
  const again = hasTokenCache ? await timesOf(`${caption}, again`, variants, { max: 1_000, maxBytes: 2 ** 28 }) : []

  const columns = ['', 'new, µs', '× first', ...(hasTokenCache ? ['again, ns', '× first'] : [])]
  const rows = variants.map(({ name }, index) => [
    name,
    ...cellsOf(anew, index, 1, 1),
    ...(hasTokenCache ? cellsOf(again, index, 1000, 0) : []),
  ])
  return { caption, columns, rows }
}

async function timesOf(
  title: string,
  variants: readonly Variant[],
  tokenCache: TokenCache,
): Promise<readonly (readonly number[])[]> {
  const turns = variants.map(({ name, tokens, verifierWith }): Turn<number> => {
    const strings = new FreshStrings(tokens)
    const verifier = verifierWith(tokenCache)
    const target = { name, verifyLater: (token: string) => verifier.verify(token) }
    return {
      name,
      measure: async () => {
        let sum = 0
        for (let pass = 0; pass < 5; pass++) sum += (await costPerToken(target, strings.take())).time
        return sum / 5
      },
    }
  })
  return measureInTurns(title, turns, rounds)
}

function cellsOf(times: readonly (readonly number[])[], index: number, unit: number, digits: number): string[] {
  const own = times[index] ?? []
  return [(median(own) * unit).toFixed(digits), written(spreadOf(ratios(own, times[0] ?? [])), 2)]
}
