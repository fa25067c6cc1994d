// What a token costs that was seen before: ours, fast-jwt's cache and a Map, by the number of tokens and of places for them.
import { acceptedBadTokens, refusalNote } from './bad-tokens.ts'
import { FreshStrings } from './fresh-strings.ts'
import { sized } from './options.ts'
import { progress } from './progress.ts'
import { report, type Table } from './report.ts'
import { measureInTurns } from './rounds.ts'
import { median, ratios, spreadOf, written } from './statistics.ts'
import { cachedFastJwtTarget } from './targets/fast-jwt.ts'
import { hasTokenCache, jwtgateTarget } from './targets/jwtgate.ts'
import { materialFor, subjectFoundBy, type Target } from './targets/target.ts'
import { costPerToken } from './timing.ts'
import { hitRate, Zipf } from './zipf.ts'

process.env.NODE_ENV = 'production' // No line on the console for each refusal.

const rounds = sized(21, 5)
/** So few at once that the fresh strings stay where the processor has them at hand. */
const batch = 1_000
const batches = sized(10, 3)
const most = sized(100_000, 5_000)

// Signed a hundred times as fast as RS256, and as long by their claims.
const material = await materialFor('ES256')
const { issuer } = material
const tokens = Array.from({ length: most }, (_, index) => tokenOf(index))
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

report({
  section: 'repeated-tokens',
  title: 'A token that was seen before',
  method:
    `ES256, ${length} characters. Some tokens come often, most seldom (Zipf: the k-th in proportion to 1 / k), each time as a ` +
    'fresh string, as HTTP gives it: V8 knows the hash of a string that it has seen before. Making these strings is not in the ' +
    `times. ${rounds} rounds of ${batch * batches}, all in turn, after ${most * 2} or the whole pool. "× Map" is the time over a ` +
    '`Map.get()` of the string in the same round, which checks nothing. "In a cache": how many of these tokens are in one of that ' +
    'size that drops what was not used for longest; the others are verified anew. "Heap": for each entry, the token among it ' +
    'where it is kept.' +
    (hasTokenCache ? '' : ' This jwtgate has no token cache yet: it verifies each token anew.'),
  tables,
  packages: ['fast-jwt'],
})

async function tableFor(pool: number, size: number): Promise<Table> {
  const caption = `${pool.toLocaleString('en')} tokens, a cache for ${size.toLocaleString('en')}`
  const strings = new FreshStrings(tokens.slice(0, pool))
  const zipf = new Zipf(pool)
  const before = pool <= size ? [...tokens.keys()].slice(0, pool) : zipf.take(most * 2)
  const makers: readonly (() => Target)[] = [
    mapTarget,
    () => jwtgateTarget('jwtgate', material, { max: size, maxBytes: 2 ** 30 }),
    () => cachedFastJwtTarget(material, size, 'hash'),
    () => cachedFastJwtTarget(material, size, 'token'),
  ]

  const targets: Target[] = []
  const notes: string[][] = []
  for (const make of makers) {
    const before = usedHeap()
    const target = make()
    progress(`${caption}: fill ${target.name}`)
    const filled = Math.min(pool, size)
    const keeps = 'verify' in target || hasTokenCache
    const end = keeps ? filled : 0
    for (let start = 0; start < end; start += batch) await see(target, strings, indexes(start, filled))
    const bytes = (usedHeap() - before) / filled
    targets.push(target)
    notes.push([keeps && filled >= 1_000 ? (bytes / 1024).toFixed(2) : '', await refusals(target)])
  }

  for (const target of targets) {
    if (pool <= size || ('verifyLater' in target && !hasTokenCache)) continue
    progress(`${caption}: ${target.name} sees ${before.length} tokens`)
    for (let start = 0; start < before.length; start += batch) {
      await see(target, strings, before.slice(start, start + batch))
    }
  }
  const wanted = Array.from({ length: rounds + 1 }, () => zipf.take(batch * batches))
  const turns = targets.map((target) => ({
    name: target.name,
    measure: async (round: number): Promise<number> => {
      let sum = 0
      for (let start = 0; start < batch * batches; start += batch) {
        sum += await see(target, strings, wanted[round]?.slice(start, start + batch) ?? [])
      }
      return sum / batches
    },
  }))
  const times = await measureInTurns(caption, turns, rounds)

  const hits = hitRate(wanted.flat(), size, before)
  const rows = targets.map(({ name }, index) => {
    const own = times[index] ?? []
    const [heap = '', refuses = ''] = notes[index] ?? []
    const perSecond = 1 / median(own)
    return [
      name,
      (median(own) * 1000).toFixed(0),
      written(spreadOf(ratios(own, times[0] ?? [])), 1),
      perSecond.toFixed(2),
      heap,
      refuses,
    ]
  })
  const columns = ['', 'ns', '× Map', 'million/s', 'heap, kB', 'refuses']
  return { caption: `${caption}: ${(hits * 100).toFixed(1)} % in a cache`, columns, rows }
}

/** @returns microseconds for each of these tokens, as fresh strings */
async function see(target: Target, strings: FreshStrings, indexes: readonly number[]): Promise<number> {
  const fresh = strings.take(indexes)
  const { time } = await costPerToken(target, fresh)
  return time
}

/** The floor of every cache: found by the string, and nothing is checked. It learns a token when it first sees it. */
function mapTarget(): Target {
  const known = new Map<string, object>()
  return {
    name: 'Map.get()',
    verify: (token) => {
      const found = known.get(token)
      if (found !== undefined) return found
      const payload = token.slice(token.indexOf('.') + 1, token.lastIndexOf('.'))
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
      known.set(token, claims)
      return claims
    },
  }
}

async function refusals(target: Target): Promise<string> {
  if (target.name === 'Map.get()') return 'nothing'
  const accepted = await acceptedBadTokens(target.name, issuer, (token) => subjectFoundBy(target, token))
  return refusalNote(accepted)
}

function usedHeap(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function indexes(start: number, end: number): readonly number[] {
  return Array.from({ length: Math.min(batch, end - start) }, (_, index) => start + index)
}

function tokenOf(index: number): string {
  if (index % 1_000 === 0) progress(`token ${index} of ${most}`)
  return issuer.sign({
    sub: `auth0|user-${index}`,
    jti: `b7d3cf1e-${index}`,
    client_id: 'b7d3cf1e-orders-frontend',
    scope: 'openid profile email orders:read orders:create orders:delete',
    permissions: ['orders:read', 'orders:create', 'orders:delete', 'invoices:read'],
  })
}
