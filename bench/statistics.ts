// What is told of several measurements.

export interface Spread {
  readonly low: number
  readonly median: number
  readonly high: number
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The median, and between what the middle half of the values is. */
export function spreadOf(values: readonly number[]): Spread {
  return { low: quantile(values, 0.25), median: median(values), high: quantile(values, 0.75) }
}

/** Value by value, of the same round: whatever slowed down the machine slowed down both. */
export function ratios(values: readonly number[], floor: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (floor[round] ?? Number.NaN))
}

/** Value by value, of the same round. */
export function differences(values: readonly number[], floor: readonly number[]): readonly number[] {
  return values.map((value, round) => value - (floor[round] ?? Number.NaN))
}

/** For example `1.34 (1.31 to 1.40)`. */
export function written({ low, median, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
