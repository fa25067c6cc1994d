// What importing a package costs: time, and memory that stays, in a process that does nothing else.
import { execFileSync } from 'node:child_process'
import { sized } from '../options.ts'
import { home } from '../places.ts'
import type { Table } from '../report.ts'
import { measureInTurns } from '../rounds.ts'
import { peers } from './peers.ts'
import { median, spreadOf, written } from '../statistics.ts'

interface Import {
  /** Milliseconds. */
  readonly time: number
  /** Bytes. */
  readonly heap: number
  readonly resident: number
}

export async function importCosts(): Promise<Table> {
  const turns = peers.map((names) => ({ name: names.join(' + '), measure: () => imported(names) }))
  const samples = await measureInTurns('import', turns, sized(21, 3))
  const rows = turns.map(({ name }, index) => {
    const own = samples[index] ?? []
    const megabytes = (pick: (sample: Import) => number): string => (median(own.map(pick)) / 2 ** 20).toFixed(1)
    const time = spreadOf(own.map((sample) => sample.time))
    return [name, written(time, 1), megabytes(({ heap }) => heap), megabytes(({ resident }) => resident)]
  })
  return {
    caption: 'Import, in a process that has loaded node:http and node:crypto',
    columns: ['', 'ms', 'heap, MB', 'resident, MB'],
    rows,
  }
}

function imported(names: readonly string[]): Import {
  const program = `
    import 'node:http'
    import 'node:crypto'
    gc()
    const before = process.memoryUsage()
    const startedAt = performance.now()
    ${names.map((name) => `await import(${JSON.stringify(name)})`).join('\n')}
    const time = performance.now() - startedAt
    gc()
    const { heapUsed, rss } = process.memoryUsage()
    console.log(JSON.stringify({ time, heap: heapUsed - before.heapUsed, resident: rss - before.rss }))`
  const args = ['--expose-gc', '--input-type=module', '--eval', program]
  return JSON.parse(execFileSync(process.execPath, args, { cwd: home, encoding: 'utf8' })) as Import
}
