// Crypt::JWT (Perl, on LibTomCrypt). It sorts the claims, and writes points compressed if asked.
import type { Minter } from '../minter.ts'
import { algorithmsOfOld, answerOf, scriptOf } from '../program.ts'

export const cryptJwt: Minter = {
  name: 'Crypt::JWT',
  debian: ['libcrypt-jwt-perl'],
  algorithms: algorithmsOfOld,
  mint: (order) => answerOf(['perl'], [scriptOf('crypt-jwt.pl')], order),
}
