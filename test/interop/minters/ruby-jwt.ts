// ruby-jwt, with RbNaCl for EdDSA. It writes no `typ`, UTF-8 as it is, and times as floats if it gets floats.
import type { Minter } from '../minter.ts'
import { algorithmsOfOld, answerOf, scriptOf } from '../program.ts'

export const rubyJwt: Minter = {
  name: 'ruby-jwt',
  debian: ['ruby', 'ruby-jwt', 'ruby-rbnacl'],
  algorithms: algorithmsOfOld,
  mint: (order) => answerOf(['ruby'], [scriptOf('ruby-jwt.rb')], order),
}
