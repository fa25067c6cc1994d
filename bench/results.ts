// Results that are kept: a section replaces its own, and RESULTS.md and the chart are made anew from all of them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chartOf } from './chart.ts'
import { home } from './places.ts'
import type { Result, Table } from './report.ts'

type Results = Readonly<Record<string, Result>>

const [data, page, picture] = ['results.json', 'RESULTS.md', 'chart.svg'].map((name) => join(home, name)) as [
  string,
  string,
  string,
]

/** The order on the page. */
const sections = ['new-tokens', 'repeated-tokens', 'http', 'start-up', 'growth', 'forged-tokens', 'nest']

export function keep(result: Result): void {
  const known = existsSync(data) ? (JSON.parse(readFileSync(data, 'utf8')) as Results) : {}
  const results = { ...known, [keyOf(result)]: result }
  const sorted = Object.fromEntries(Object.entries(results).toSorted(([, a], [, b]) => placeOf(a) - placeOf(b)))
  writeFileSync(data, `${JSON.stringify(sorted, undefined, 2)}\n`)
  const all = Object.values(sorted)
  writeFileSync(page, pageOf(all))
  const chart = chartOf(all)
  if (chart !== undefined) writeFileSync(picture, chart)
}

/** One result for each section and line of Node. */
function keyOf({ section, node }: Result): string {
  return `${section}, Node ${majorOf(node)}`
}

function majorOf(node: string): number {
  return Number.parseInt(node, 10)
}

/** By section, and the newest Node first. */
function placeOf({ section, node }: Result): number {
  return sections.indexOf(section) * 1000 - majorOf(node)
}

function pageOf(results: readonly Result[]): string {
  const head = [
    '# What was measured',
    '',
    'Written by `pnpm bench --write`; each section replaces its own part. Ratios and differences are of one run, taken round by',
    'round, so that they hold on other machines; the times are those of the machine that is named. Medians, and in parentheses',
    'between what the middle half of the rounds lay. `pnpm bench <section>` measures again; CONTRIBUTING.md tells how.',
    '',
  ]
  return [...head, ...results.map(partOf)].join('\n')
}

function partOf(result: Result): string {
  const { title, method, tables, date, machine, versions } = result
  const packages = versions.length === 0 ? '' : `\n\nWith ${versions.join(', ')}.`
  const text = `## ${title}, Node ${majorOf(result.node)}\n\n${date}, ${machine}.${packages}\n\n${method}\n`
  return [text, ...tables.map(tableOf)].join('\n')
}

function tableOf({ caption, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = columns.map((_, column) => (column === 0 ? '---' : '--:'))
  return [`### ${caption}`, '', line(columns), line(rule), ...rows.map(line), ''].join('\n')
}
