// Outcomes of many tallies in one.
import type { Tally } from './client.ts'

/** How many requests had each outcome so far. */
export type Outcomes = Record<string, number>

export function addOutcomes(total: Outcomes, { outcomes }: Pick<Tally, 'outcomes'>): void {
  for (const [outcome, count] of Object.entries(outcomes)) total[outcome] = (total[outcome] ?? 0) + count
}
