// Measures many things in turns: what disturbs the machine for a while disturbs all of them.
import { progress } from './progress.ts'

/** Something to measure. */
export interface Turn<Value> {
  readonly name: string
  readonly measure: (round: number) => Value | Promise<Value>
}

/**
 * Round by round, each of them once, and another one first in each. What comes of the first round is thrown away: it was not
 * compiled yet.
 *
 * @returns for each of them one value a round
 */
export async function measureInTurns<Value>(
  title: string,
  turns: readonly Turn<Value>[],
  rounds: number,
): Promise<readonly (readonly Value[])[]> {
  const values = turns.map((): Value[] => [])
  for (let round = 0; round <= rounds; round++) {
    for (let position = 0; position < turns.length; position++) {
      const index = (position + round) % turns.length
      const turn = turns[index]
      if (turn === undefined) continue
      progress(`${title}: round ${round} of ${rounds}, ${turn.name}`)
      globalThis.gc?.({ type: 'minor', execution: 'sync' }) // What the one before it left.
      const value = await turn.measure(round)
      if (round > 0) values[index]?.push(value)
    }
  }
  progress('')
  return values
}
