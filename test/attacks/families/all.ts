// All families.
import type { Family } from '../attack.ts'
import { audiences } from './audiences.ts'
import { issuers } from './issuers.ts'
import { keySets } from './key-sets.ts'
import { requiredClaims } from './required-claims.ts'
import { times } from './times.ts'
import { tokenConfusion } from './token-confusion.ts'
import { unsigned } from './unsigned.ts'

export const families: readonly Family[] = [
  unsigned,
  issuers,
  audiences,
  requiredClaims,
  times,
  tokenConfusion,
  keySets,
]
