// What a section was told on the command line.

/** Short runs, to see that things work: their figures say little. */
export const quick = process.argv.includes('--quick')

/** Whether the results are kept in RESULTS.md and the chart. */
export const write = process.argv.includes('--write')

export function sized<Value>(full: Value, short: Value): Value {
  return quick ? short : full
}
