// What becomes of the time of one token when there are more keys, more issuers, longer tokens, more permissions.
import { issuers } from './growth/issuers.ts'
import { keySets } from './growth/key-sets.ts'
import { permissions } from './growth/permissions.ts'
import { tokenSizes } from './growth/token-sizes.ts'
import { report } from './report.ts'

report({
  section: 'growth',
  title: 'When there is more of it',
  method:
    'One verifier for each size, tokens from all over the keys and issuers, as fresh strings, in turns. "× first" is the time ' +
    'over that of the first size in the same round.',
  tables: [await keySets(), await issuers('RS256'), await issuers('HS256'), await tokenSizes(), await permissions()],
  packages: [],
})
