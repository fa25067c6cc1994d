// Tokens that say they need no signature.
import { base64url, goodClaims, mint, partsOf } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const source = 'RFC 8725 section 2.1, CVE-2015-9235'
const payload = base64url(Buffer.from(JSON.stringify(goodClaims())))
const header = (alg: string): string => base64url(Buffer.from(JSON.stringify({ alg, typ: 'JWT' })))

/** Every way to write it in upper and lower case. */
const spellings = Array.from({ length: 16 }, (_, bits) =>
  Array.from('none', (letter, index) => ((bits >> index) % 2 === 0 ? letter : letter.toUpperCase())).join(''),
)

export const unsigned: Family = {
  about: 'tokens that say they need no signature',
  attacks: [
    ...[...spellings, 'none ', ' none', 'none\n', 'none\0'].flatMap((alg): readonly Attack[] => [
      {
        name: `alg ${JSON.stringify(alg)} and an empty signature`,
        source,
        token: () => `${header(alg)}.${payload}.`,
        code: 'algorithm_not_allowed',
      },
      {
        name: `alg ${JSON.stringify(alg)} and the signature of a good token`,
        source,
        token: () => `${header(alg)}.${payload}.${partsOf(mint())[2]}`,
        code: 'algorithm_not_allowed',
      },
    ]),
    {
      name: 'the algorithm of the API and an empty signature',
      source,
      token: () => `${partsOf(mint()).slice(0, 2).join('.')}.`,
      code: 'signature_invalid',
    },
    { name: 'a good token', source, token: () => mint(), code: 'accepted' },
  ],
}
