// `pnpm fuzz`: differential fuzzing for a bounded time, with other cases at each run; `pnpm fuzz cache` compares the token cache
// with none, `pnpm fuzz signatures` our DER of ECDSA signatures with Node's.
import { parseArgs } from 'node:util'
import { fuzzCache, newCacheStatistics } from './cache.ts'
import { bothEngines } from './engines.ts'
import { fuzz, newStatistics, type Statistics, type Times } from './fuzz.ts'
import { compareSignatures, newSignatureStatistics } from './signatures.ts'

process.env.NODE_ENV = 'production' // Refusals are what this is about: no line on the console for each.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cases: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' } },
})
const mostCases = Number(values.cases ?? Number.POSITIVE_INFINITY)
const mostSeconds = Number(values.seconds ?? (values.cases === undefined ? 60 : Number.POSITIVE_INFINITY))
const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31)
const longestP99 = 5 // Milliseconds.

const startedAt = performance.now()
const seconds = (): number => (performance.now() - startedAt) / 1000
console.log(`Seed ${firstSeed}. ${Number.isFinite(mostCases) ? `${number(mostCases)} cases` : `${mostSeconds} s`}`)

const [what = 'tokens', ...others] = positionals
const ways = new Map([
  ['tokens', tokensOnBothEngines],
  ['cache', cacheAndNone],
  ['signatures', ourDerAndNodes],
])
const way = ways.get(what)
if (way === undefined || others.length > 0)
  throw new Error(`It is \`pnpm fuzz\`, or with one of ${[...ways.keys()].join(', ')}`)
await way()

async function tokensOnBothEngines(): Promise<void> {
  const engines = await bothEngines()
  const statistics = newStatistics(engines)
  await repeat(
    (seed) => fuzz(engines, statistics, { seed, verifiers: 100 }),
    () => statistics.cases,
  )
  console.log(report(statistics))
  if (Math.max(...p99s(statistics)) <= longestP99) return
  console.error(`p99 is above ${longestP99} ms`)
  process.exitCode = 1
}

async function cacheAndNone(): Promise<void> {
  const statistics = newCacheStatistics()
  await repeat(
    (seed) => fuzzCache(statistics, { seed, sequences: 100 }),
    () => statistics.sequences,
  )
  const { verified, remembered, outcomes } = statistics
  console.log(
    `With the cache and without never differed. ${number(verified)} tokens, ${number(remembered)} from memory:`,
  )
  for (const [outcome, cases] of byNumber(outcomes)) console.log(`${number(cases).padStart(10)}  ${outcome}`)
}

async function ourDerAndNodes(): Promise<void> {
  const statistics = newSignatureStatistics()
  await repeat(
    () => Promise.resolve(compareSignatures(statistics, { signatures: 1000 })),
    () => statistics.compared,
  )
  const { good, leadingZeros, twoLeadingZeros, byCurve } = statistics
  const curves = [...byCurve].map(([curve, compared]) => `${number(compared)} on ${curve}`).join(', ')
  const zeros = `${number(leadingZeros)} with a leading zero byte, ${number(twoLeadingZeros)} with two`
  console.log(`Our DER and Node's never differed: ${curves}. ${number(good)} were good, of these ${zeros}.`)
}

/** Cases, until there are enough or the time is over. */
async function repeat(some: (seed: number) => Promise<void>, cases: () => number): Promise<void> {
  const tell = (): void =>
    console.log(`${number(cases())} cases in ${seconds().toFixed(0)} s, ${number(cases() / seconds())}/s`)
  let toldAt = 0
  for (let seed = firstSeed; cases() < mostCases && seconds() < mostSeconds; seed++) {
    await some(seed)
    if (seconds() - toldAt < 10) continue
    toldAt = seconds()
    tell()
  }
  tell()
}

function p99s({ times }: Statistics): readonly number[] {
  return [...times.values()].flatMap(({ all, long }) => [all, long].map((some) => some.percentile(99) / 1e6))
}

function report({ outcomes, stricter, explained, times }: Statistics): string {
  const lines = byNumber(outcomes).map(([name, cases]) => {
    const accepted = stricter.get(name)
    const aside = accepted === undefined ? '' : `, of which jose accepts ${number(accepted)}`
    return `${number(cases).padStart(10)}  ${name}${aside}`
  })
  const timed = [...times].flatMap(([name, { all, long }]) => [
    `${name}: ${percentiles(all)}`,
    `${name}, tokens of 16 to 64 kB: ${percentiles(long)}`,
  ])
  const rules = [...explained].map(([name, cases]) => `Accepted, but refused by jose: ${number(cases)}, since ${name}`)
  return ['Nobody disagreed. The outcomes:', ...lines, ...rules, ...timed].join('\n')
}

function byNumber(outcomes: Statistics['outcomes']): readonly (readonly [outcome: string, cases: number])[] {
  return [...outcomes].toSorted(([, a], [, b]) => b - a)
}

function percentiles(times: Times['all']): string {
  const at = (part: number): string => (times.percentile(part) / 1e6).toFixed(3)
  return `p50 ${at(50)} ms, p99 ${at(99)} ms, longest ${(times.max / 1e6).toFixed(1)} ms over ${number(times.count)}`
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en')
}
