// Values as cases of it.each(), which would take an array for a list of arguments.

export interface Case<Value> {
  readonly value: Value
}

/** One case for each value; `$value` shows it in the name of the test. */
export function casesOf<Value>(values: readonly Value[]): readonly Case<Value>[] {
  return values.map((value) => ({ value }))
}
