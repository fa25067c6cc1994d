// Where NestJS differs from the other frameworks, by its nature.
import { isAtGuard } from '../case.ts'
import type { Difference } from '../differences.ts'

export const nestDifferences: readonly Difference[] = [
  {
    why: 'A rule brings its authentication: none can stand without. What they do alone is in nest.test.ts.',
    concerns: (contractCase) => contractCase.setup === 'none' && isAtGuard(contractCase),
  },
  {
    why: '@CurrentAuth() is both authOf() and optionalAuthOf(): nobody known is no fault only where that was allowed.',
    concerns: ({ setup, target }) => setup === 'none' && target === undefined,
    instead: { code: 'authentication_not_run' },
  },
  {
    why: 'Guards stand at routes, not at paths: where no route is, none is asked.',
    concerns: ({ target, expected }) => target === '/nowhere' && 'code' in expected,
    instead: { status: 404 },
  },
  {
    why: 'Of an error that a handler throws, Nest sends no headers. A refusal by a guard has them.',
    concerns: ({ target }, problems) => target === '/verifies' && !problems,
    instead: { status: 401 },
  },
  {
    why: 'Nest takes a status from its own exceptions and from http-errors, which these are not.',
    concerns: ({ target }) => target === '/teapot' || target === '/unauthorised',
    instead: { status: 500 },
  },
]
