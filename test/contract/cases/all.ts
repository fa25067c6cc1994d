// All cases, by what they are about.
import type { Case } from '../case.ts'
import { headerGrammar } from './header-grammar.ts'
import { outages } from './outages.ts'
import { permissions } from './permissions.ts'
import { routes } from './routes.ts'
import { tokenPlaces } from './token-places.ts'
import { tokens } from './tokens.ts'

export interface CaseGroup {
  readonly about: string
  readonly cases: readonly Case[]
}

export const caseGroups: readonly CaseGroup[] = [
  { about: 'credentials in a request', cases: headerGrammar },
  { about: 'places for a token', cases: tokenPlaces },
  { about: 'tokens', cases: tokens },
  { about: 'permissions', cases: permissions },
  { about: 'outages', cases: outages },
  { about: 'routes', cases: routes },
]

export const allCases: readonly Case[] = caseGroups.flatMap(({ cases }) => cases)
