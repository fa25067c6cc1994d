// What a section found: printed, and kept where that is asked for.
import { machineFacts, versionOf } from './machine.ts'
import { quick, write } from './options.ts'
import { progress } from './progress.ts'
import { keep } from './results.ts'

export interface Table {
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** One bar of the chart. */
export interface Bar {
  readonly group: string
  readonly name: string
  readonly value: number
}

export interface Findings {
  readonly section: string
  readonly title: string
  /** How it was measured, for those who read the figures. */
  readonly method: string
  readonly tables: readonly Table[]
  /** The packages whose versions matter. */
  readonly packages: readonly string[]
  readonly bars?: readonly Bar[]
}

/** Findings with all that one has to know to compare them with others. */
export interface Result extends Findings {
  readonly date: string
  readonly node: string
  readonly machine: string
  readonly versions: readonly string[]
}

export function report(findings: Findings): void {
  progress('')
  const result: Result = {
    ...findings,
    method: quick ? `${findings.method} A short run: its figures say little.` : findings.method,
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    machine: machineFacts(),
    versions: findings.packages.map(versionOf),
  }
  console.log(asText(result))
  if (write) keep(result)
}

function asText({ title, method, tables, machine, versions }: Result): string {
  const parts = tables.map(({ caption, columns, rows }) => `${caption}\n${grid([columns, ...rows])}`)
  const packages = versions.length === 0 ? [] : [versions.join(', ')]
  return ['', `== ${title}`, machine, ...packages, method, '', parts.join('\n\n'), ''].join('\n')
}

/** The first column to the left, figures to the right. */
function grid(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return lines.map((line) => `  ${line.map(pad).join('  ').trimEnd()}`).join('\n')
}
