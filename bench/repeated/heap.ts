// What memory the caches take for each token, every one in a process of its own.
import { startChild } from '../child.ts'
import { progress } from '../progress.ts'
import type { Table } from '../report.ts'
import { caches } from './caches.ts'
import type { Filling } from './heap-program.ts'

export async function heapPerEntry(sizes: readonly number[], length: number): Promise<Table> {
  const rows: string[][] = []
  for (const { name, keeps } of caches) {
    const row = [name]
    for (const entries of sizes) row.push(keeps ? await kilobytes({ cache: name, entries }) : 'keeps nothing')
    rows.push(row)
  }
  return {
    caption: `Memory for each entry, kB, the claims and (but for "by hash") the token of ${length} characters among it`,
    columns: ['', ...sizes.map((size) => `${size.toLocaleString('en')} entries`)],
    rows,
  }
}

async function kilobytes(filling: Filling): Promise<string> {
  progress(`memory: ${filling.cache}, ${filling.entries} entries`)
  const child = await startChild('repeated/heap-program', [])
  const bytes = (await child.ask(filling)) as number
  child.end()
  return (bytes / 1024).toFixed(2)
}
