// `pnpm fuzz`: differential fuzzing for a bounded time, with other cases at each run.
import { parseArgs } from 'node:util'
import { bothEngines } from './engines.ts'
import { fuzz, newStatistics, type Statistics, type Times } from './fuzz.ts'

process.env.NODE_ENV = 'production' // Refusals are what this is about: no line on the console for each.

const { values } = parseArgs({
  options: { cases: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' } },
})
const mostCases = Number(values.cases ?? Number.POSITIVE_INFINITY)
const mostSeconds = Number(values.seconds ?? (values.cases === undefined ? 60 : Number.POSITIVE_INFINITY))
const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31)
const longestP99 = 5 // Milliseconds.

const engines = await bothEngines()
const statistics = newStatistics(engines)
const startedAt = performance.now()
const seconds = (): number => (performance.now() - startedAt) / 1000
console.log(`Seed ${firstSeed}. ${Number.isFinite(mostCases) ? `${number(mostCases)} cases` : `${mostSeconds} s`}`)

let toldAt = 0
for (let seed = firstSeed; statistics.cases < mostCases && seconds() < mostSeconds; seed++) {
  await fuzz(engines, statistics, { seed, verifiers: 100 })
  if (seconds() - toldAt < 10) continue
  toldAt = seconds()
  console.log(progress())
}
console.log(progress())
console.log(report(statistics))
if (Math.max(...p99s()) > longestP99) {
  console.error(`p99 is above ${longestP99} ms`)
  process.exitCode = 1
}

function progress(): string {
  return `${number(statistics.cases)} cases in ${seconds().toFixed(0)} s, ${number(statistics.cases / seconds())}/s`
}

function p99s(): readonly number[] {
  return [...statistics.times.values()].flatMap(({ all, long }) => [all, long].map((some) => some.percentile(99) / 1e6))
}

function report({ outcomes, stricter, explained, times }: Statistics): string {
  const rows = [...outcomes].toSorted(([, a], [, b]) => b - a)
  const lines = rows.map(([name, cases]) => {
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

function percentiles(times: Times['all']): string {
  const at = (part: number): string => (times.percentile(part) / 1e6).toFixed(3)
  return `p50 ${at(50)} ms, p99 ${at(99)} ms, longest ${(times.max / 1e6).toFixed(1)} ms over ${number(times.count)}`
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en')
}
