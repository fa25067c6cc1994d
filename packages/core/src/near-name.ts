// Is one name a slip of the keyboard away from another?

/** Whether two names differ by case, or by at most two characters that are missing, added or changed. */
export function isNear(one: string, other: string): boolean {
  return distance(one.toLowerCase(), other.toLowerCase()) <= 2
}

/** Levenshtein's: how many characters have to be added, taken away or changed. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let index = 0; index < one.length; index++) {
    const next = [index + 1]
    for (let column = 0; column < other.length; column++) {
      const changed = (row[column] ?? 0) + (one[index] === other[column] ? 0 : 1)
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
