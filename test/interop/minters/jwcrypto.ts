// jwcrypto (Python). It writes header and claims itself, or takes them as text, with any blanks.
import type { Minter } from '../minter.ts'
import { algorithmsOfOld, answerOf, pythons, scriptOf } from '../program.ts'

export const jwcrypto: Minter = {
  name: 'jwcrypto',
  debian: ['python3-jwcrypto'],
  algorithms: algorithmsOfOld,
  mint: (order) => answerOf(pythons, [scriptOf('mint-jwcrypto.py')], order),
}
