// Which cases of the contract a framework does not keep.
import { isDeepStrictEqual } from 'node:util'
import type { Framework } from './application.ts'
import type { Case } from './case.ts'
import { caseOn } from './differences.ts'
import { promised, seen, type Visible } from './judge.ts'
import { serversFor } from './servers.ts'

export interface Broken {
  readonly contractCase: Case
  readonly problems: boolean
  readonly actual: Visible
  readonly expected: Visible
}

/** @param problems - whether the package's error handler is mounted */
export async function brokenOn(
  framework: Framework,
  cases: readonly Case[],
  problems: boolean,
): Promise<readonly Broken[]> {
  const broken: Broken[] = []
  const servers = serversFor(framework, problems)
  for (const original of cases) {
    const contractCase = caseOn(framework, original, problems)
    if (contractCase === undefined) continue
    const actual = seen(await servers.answerTo(contractCase), contractCase, problems)
    const expected = promised(contractCase, problems)
    if (!isDeepStrictEqual(actual, expected)) broken.push({ contractCase, problems, actual, expected })
  }
  await servers.close()
  return broken
}
