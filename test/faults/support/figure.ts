// The figure of a row: what was measured, in one line of the report.
import type { Tally } from './client.ts'

/** Prints the line, two blanks in. */
export function figure(what: string, measured: string): void {
  process.stdout.write(`  ${what}: ${measured}\n`)
}

/** For instance `1 key fetch`, `2 key fetches`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`
}

/** For instance `500 x 200, 3 x 401 key_unknown`. */
export function outcomesOf({ outcomes }: Pick<Tally, 'outcomes'>): string {
  return Object.entries(outcomes)
    .map(([outcome, count]) => `${count} x ${outcome}`)
    .join(', ')
}

/** For instance `12 ms`. */
export function milliseconds(duration: number): string {
  return `${duration < 10 ? duration.toFixed(1) : Math.round(duration)} ms`
}

/** For instance `1.4 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
