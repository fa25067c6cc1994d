// `pnpm mutation [part...] [file...]`: runs Stryker over each part, then over what is computed once when modules are loaded.
import { readFileSync } from 'node:fs'
import { Stryker } from '@stryker-mutator/core'
import { isPartName, parts, type PartName } from './parts.ts'

type Mutants = Awaited<ReturnType<Stryker['runMutationTest']>>

const source = 'packages/core/src'
const reports = 'mutation/.reports'
const given = process.argv.slice(2)
const names = Object.keys(parts).filter((name): name is PartName => isPartName(name))
const chosen = names.filter((name) => given.includes(name))
const files = given.filter((argument) => !isPartName(argument))

function pathOf(file: string): string {
  return file.startsWith('!') ? `!${source}/${file.slice(1)}` : `${source}/${file}`
}

function mutantsOf(part: PartName, pass: 'calls' | 'load', mutate: string[]): Promise<Mutants> {
  process.env.MUTATION_PART = part
  return new Stryker({
    mutate,
    plugins: ['@stryker-mutator/vitest-runner'],
    testRunner: 'vitest',
    vitest: { configFile: 'mutation/vitest.config.ts', related: true },
    coverageAnalysis: 'perTest',
    // What runs both in tests and while files are loaded is judged by the tests alone: it would have to meet all of them.
    ignoreStatic: pass === 'calls',
    concurrency: 2,
    incremental: true,
    incrementalFile: `${reports}/${part}-${pass}-incremental.json`,
    tempDirName: 'mutation/.tmp',
    ignorePatterns: [
      `/{api,bench,docs,examples,lint,tarballs,${reports}}`,
      '/packages/{express,koa,nestjs,*/dist}',
      '/test/{contract,e2e,faults,fuzz,interop,nest11,packages,smoke,types}',
    ],
    reporters: ['json', 'html', 'progress-append-only'],
    jsonReporter: { fileName: `${reports}/${part}-${pass}.json` },
    htmlReporter: { fileName: `${reports}/${part}-${pass}.html` },
    timeoutMS: 30_000,
    timeoutFactor: 5,
  }).runMutationTest()
}

function keyOf({ fileName, location, replacement }: Mutants[number]): string {
  return JSON.stringify([fileName, location, replacement])
}

function rangeOf({ fileName, location: { start, end } }: Mutants[number]): string {
  const file = fileName.slice(fileName.indexOf(source))
  return `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`
}

const all: Mutants = []
for (const part of chosen.length > 0 ? chosen : names) {
  const mutate = files.length > 0 ? files : [...parts[part].files]
  const calls = await mutantsOf(part, 'calls', mutate.map(pathOf))
  const isStatic = ({ status }: Mutants[number]): boolean => status === 'Ignored'
  const loads = new Set(calls.filter(isStatic).map(keyOf))
  const ranges = [...new Set(calls.filter(isStatic).map(rangeOf))]
  const load = ranges.length > 0 ? await mutantsOf(part, 'load', ranges) : []
  all.push(...calls.filter((mutant) => !isStatic(mutant)), ...load.filter((mutant) => loads.has(keyOf(mutant))))
}

interface Score {
  killed: number
  timeout: number
  error: number
  survived: number
  noCoverage: number
}

function scoreOf(mutants: Mutants): Score {
  const count = (status: string): number => mutants.filter((mutant) => mutant.status === status).length
  return {
    killed: count('Killed'),
    timeout: count('Timeout'),
    error: count('RuntimeError'),
    survived: count('Survived'),
    noCoverage: count('NoCoverage'),
  }
}

function line(name: string, { killed, timeout, error, survived, noCoverage }: Score): string {
  const detected = killed + timeout + error
  const score = (100 * detected) / (detected + survived + noCoverage)
  return `| ${name} | ${score.toFixed(1)} | ${[killed, timeout, error, survived, noCoverage].join(' | ')} |`
}

const shortName = ({ fileName }: Mutants[number]): string =>
  fileName.slice(fileName.indexOf(source) + source.length + 1)

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** As survivors.md names it: without its line, which changes. */
function described(mutant: Mutants[number]): string {
  const { start, end } = mutant.location
  const lines = readFileSync(`${source}/${shortName(mutant)}`, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line)
  const last = lines.length - 1
  const original = lines.map((line, index) =>
    line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
  )
  const text = `${oneLine(original.join(' '))} → ${oneLine(mutant.replacement ?? '')}`
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

const list = readFileSync('mutation/survivors.md', 'utf8')
/** By file: what is known to survive, and why. */
const known = new Map(
  list.split(/^### /m).map((section) => [section.slice(0, section.indexOf('\n')), oneLine(section)]),
)
const left = all.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
const unknown = left.filter((mutant) => known.get(shortName(mutant))?.includes(described(mutant)) !== true)
const told = [
  ...unknown.map(
    (mutant) => `${shortName(mutant)}:${mutant.location.start.line} ${mutant.status} ${described(mutant)}`,
  ),
  `${left.length} survive, ${unknown.length} of them without a reason in mutation/survivors.md`,
  '',
  '| File | Score | Killed | Timeout | Error | Survived | No coverage |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...[...new Set(all.map(shortName))].map((file) =>
    line(`\`${file}\``, scoreOf(all.filter((mutant) => shortName(mutant) === file))),
  ),
  line('all', scoreOf(all)),
]
process.stdout.write(`${told.join('\n')}\n`)
if (unknown.length > 0) process.exitCode = 1
