// All families.
import type { Family } from '../attack.ts'
import { compactForm } from './compact-form.ts'
import { criticalHeader } from './critical-header.ts'
import { duplicateMembers } from './duplicate-members.ts'
import { headerKeys } from './header-keys.ts'
import { kid } from './kid.ts'
import { payloads } from './payloads.ts'
import { unsigned } from './unsigned.ts'

export const families: readonly Family[] = [
  unsigned,
  headerKeys,
  kid,
  criticalHeader,
  duplicateMembers,
  compactForm,
  payloads,
]
