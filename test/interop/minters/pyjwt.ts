// PyJWT (Python). It escapes all that is not ASCII, and takes times as datetime or as floats.
import type { Minter } from '../minter.ts'
import { algorithmsOfOld, answerOf, pythons, scriptOf } from '../program.ts'

export const pyJwt: Minter = {
  name: 'PyJWT',
  debian: ['python3-jwt', 'python3-cryptography'],
  algorithms: algorithmsOfOld,
  mint: (order) => answerOf(pythons, [scriptOf('mint-pyjwt.py')], order),
}
