// Where a framework differs from the others by its nature: which cases, what is promised there instead, and why.
import type { Framework } from './application.ts'
import type { Case, Expected } from './case.ts'

export interface Difference {
  readonly why: string
  /** @param problems - whether the package's error handler is mounted */
  readonly concerns: (contractCase: Case, problems: boolean) => boolean
  /** Not given: there is no such case. */
  readonly instead?: Expected
}

/** The case as this framework has to answer it; `undefined` where it has no such case. */
export function caseOn({ differences = [] }: Framework, contractCase: Case, problems: boolean): Case | undefined {
  const difference = differences.find(({ concerns }) => concerns(contractCase, problems))
  if (difference === undefined) return contractCase
  return difference.instead && { ...contractCase, expected: difference.instead }
}
