// What a token costs that was seen before: ours, fast-jwt's cache and a Map, by the number of tokens and of places for them.
import { acceptedBadTokens, refusalNote } from './bad-tokens.ts'
import { FreshStrings } from './fresh-strings.ts'
import { sized } from './options.ts'
import { progress } from './progress.ts'
import { caches } from './repeated/caches.ts'
import { heapPerEntry } from './repeated/heap.ts'
import { tokensOfUsers } from './repeated/tokens.ts'
import { hitRate, Zipf } from './repeated/zipf.ts'
import { report, type Table } from './report.ts'
import { measureInTurns } from './rounds.ts'
import { median, ratios, spreadOf, written } from './statistics.ts'
import { hasTokenCache } from './targets/jwtgate.ts'
import { materialFor, subjectFoundBy, type Target } from './targets/target.ts'
import { costPerToken } from './timing.ts'

process.env.NODE_ENV = 'production' // No line on the console for each refusal.

const rounds = sized(15, 5)
/** So few at once that the fresh strings stay where the processor has them at hand. */
const batch = 1_000
const batches = sized(6, 3)
const most = sized(100_000, 5_000)

// Signed a hundred times as fast as RS256, and as long by their claims.
const material = await materialFor('ES256')
const { issuer } = material
const tokens = tokensOfUsers(material, most)
const length = tokens[0]?.length ?? 0

const tables: Table[] = []
for (const [pool, size] of [
  [1, 1_000],
  [1_000, 1_000],
  [1_000, most],
  [most, 1_000],
  [most, most / 10],
  [most, most],
] as const) {
  tables.push(await tableFor(pool, size))
}
await issuer.close()
tables.push(await heapPerEntry([1_000, most / 10, most], length))

report({
  section: 'repeated-tokens',
  title: 'A token that was seen before',
  method:
    `ES256, ${length} characters. Some tokens come often, most seldom (Zipf: the k-th in proportion to 1 / k), each time as a ` +
    'fresh string, as HTTP gives it: V8 knows the hash of a string that it has seen before. Making these strings is not in the ' +
    `times. ${rounds} rounds of ${batch * batches}, all in turn, after the caches were filled. "× Map" is the time over a ` +
    '`Map.get()` of the string in the same round, which checks nothing and forgets nothing. "In a cache": how many of these tokens ' +
    'are in one of that size that drops what was not used for longest; the others are verified anew. fast-jwt finds entries by a ' +
    'hash, or, with a setting that it warns of, by the token.' +
    (hasTokenCache ? '' : ' This jwtgate has no token cache yet: it verifies each token anew.'),
  tables,
  packages: ['fast-jwt'],
})

async function tableFor(pool: number, size: number): Promise<Table> {
  const caption = `${pool.toLocaleString('en')} tokens, a cache for ${size.toLocaleString('en')}`
  const strings = new FreshStrings(tokens.slice(0, pool))
  const zipf = new Zipf(pool)
  const before = pool <= size ? [...tokens.keys()].slice(0, pool) : zipf.take(size * 5)

  const targets: Target[] = []
  const refusals: string[] = []
  for (const { name, checks, keeps, make } of caches) {
    const target = make(material, size)
    targets.push(target)
    refusals.push(checks ? await refusalsOf(target) : 'nothing')
    progress(`${caption}: fill ${name}`)
    if (keeps) await seeAll(target, strings, before)
  }

  const wanted = Array.from({ length: rounds + 1 }, () => zipf.take(batch * batches))
  const turns = targets.map((target) => ({
    name: target.name,
    measure: (round: number) => seeAll(target, strings, wanted[round] ?? []),
  }))
  const times = await measureInTurns(caption, turns, rounds)

  const hits = hitRate(wanted.flat(), size, before)
  const rows = targets.map(({ name }, index) => {
    const own = times[index] ?? []
    const time = median(own)
    const ratio = written(spreadOf(ratios(own, times[0] ?? [])), 1)
    return [name, (time * 1000).toFixed(0), ratio, (1 / time).toFixed(2), refusals[index] ?? '']
  })
  const columns = ['', 'ns', '× Map', 'million/s', 'refuses']
  return { caption: `${caption}: ${(hits * 100).toFixed(1)} % in a cache`, columns, rows }
}

/** @returns microseconds for each of these tokens, as fresh strings whose making is not timed */
async function seeAll(target: Target, strings: FreshStrings, indexes: readonly number[]): Promise<number> {
  let sum = 0
  for (let start = 0; start < indexes.length; start += batch) {
    const fresh = strings.take(indexes.slice(start, start + batch))
    const { time } = await costPerToken(target, fresh)
    sum += time * fresh.length
  }
  return sum / indexes.length
}

async function refusalsOf(target: Target): Promise<string> {
  return refusalNote(await acceptedBadTokens(target.name, issuer, (token) => subjectFoundBy(target, token)))
}
