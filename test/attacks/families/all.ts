// All families.
import type { Family } from '../attack.ts'
import { algorithmNames } from './algorithm-names.ts'
import { audiences } from './audiences.ts'
import { compactForm } from './compact-form.ts'
import { criticalHeader } from './critical-header.ts'
import { duplicateMembers } from './duplicate-members.ts'
import { ecdsa } from './ecdsa.ts'
import { eddsa } from './eddsa.ts'
import { headerKeys } from './header-keys.ts'
import { hmac } from './hmac.ts'
import { hmacConfusion } from './hmac-confusion.ts'
import { issuers } from './issuers.ts'
import { keySets } from './key-sets.ts'
import { kid } from './kid.ts'
import { payloads } from './payloads.ts'
import { requiredClaims } from './required-claims.ts'
import { rsa } from './rsa.ts'
import { severalIssuers } from './several-issuers.ts'
import { times } from './times.ts'
import { tokenConfusion } from './token-confusion.ts'
import { unsigned } from './unsigned.ts'

export const families: readonly Family[] = [
  unsigned,
  headerKeys,
  kid,
  criticalHeader,
  duplicateMembers,
  compactForm,
  payloads,
  hmacConfusion,
  algorithmNames,
  hmac,
  ecdsa,
  rsa,
  eddsa,
  issuers,
  severalIssuers,
  audiences,
  requiredClaims,
  times,
  tokenConfusion,
  keySets,
]
