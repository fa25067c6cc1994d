// Who may do what: guards behind every kind of authentication.
import { authorization, good, granted, guarded, type Case } from '../case.ts'
import type { GuardName } from '../application.ts'
import { issuer } from '../issuers.ts'

const passing: readonly GuardName[] = [
  'permission',
  'two-permissions',
  'one-of-two-permissions',
  'scope',
  'role',
  'mixed',
  'own',
  'slow',
]

const refusing: readonly (readonly [GuardName, scope?: string])[] = [
  ['a-permission-too-many'],
  ['neither-permission'],
  ['a-role-taken-for-a-permission'],
  ['a-scope-too-many', 'admin orders'],
  ['neither-scope', 'admin audit'],
  ['another-role'],
  ['mixed-with-a-scope-too-many'],
  ['never'],
  ['truthy'],
]

const all: readonly GuardName[] = [...passing, ...refusing.map(([name]) => name), 'throwing', 'rejecting-with-nothing']
const fields = [authorization(granted)]
const wellDone = { status: 200, json: { id: 'alice' } }

export const permissions: readonly Case[] = [
  ...judged('required'),
  ...judged('optional'),
  {
    title: 'a token without any grants',
    setup: 'required',
    target: guarded('permission'),
    fields: [authorization(good)],
    expected: { code: 'permission_denied' },
  },
  {
    title: 'grants of the wrong type',
    setup: 'required',
    target: guarded('permission'),
    fields: [authorization(issuer.sign({ permissions: 'read' }))],
    expected: { code: 'permission_denied' },
  },
  {
    title: 'a guard that compares with the parameters of the route',
    setup: 'required',
    target: guarded('own', 'Canary7f3a'),
    fields,
    expected: { code: 'permission_denied' },
  },
  {
    title: 'a scope that is lacking, in a realm of its own',
    setup: 'required, realm orders',
    target: guarded('a-scope-too-many'),
    fields,
    expected: { code: 'permission_denied', realm: 'orders', scope: 'admin orders' },
  },
  ...all.flatMap((name): Case[] => [
    {
      title: `a guard without authentication: ${name}`,
      setup: 'none',
      target: guarded(name),
      fields,
      expected: { code: 'authentication_not_run' },
    },
    {
      title: `an anonymous request at the guard ${name}`,
      setup: 'optional',
      target: guarded(name),
      expected: { code: 'token_missing' },
    },
  ]),
  {
    title: 'an anonymous request at a guard, in a realm of its own',
    setup: 'optional, realm orders',
    target: guarded('permission'),
    expected: { code: 'token_missing', realm: 'orders' },
  },
  {
    title: 'authOf() without authentication',
    setup: 'none',
    target: '/claims',
    fields,
    expected: { code: 'authentication_not_run' },
  },
  {
    title: 'authOf() for an anonymous request',
    setup: 'optional',
    target: '/claims',
    expected: { code: 'authentication_not_run' },
  },
  { title: 'optionalAuthOf() without authentication', setup: 'none', fields, expected: { auth: null } },
  { title: 'a guard that throws', setup: 'required', target: guarded('throwing'), fields, expected: { status: 500 } },
  {
    title: 'a guard that rejects with nothing',
    setup: 'required',
    target: guarded('rejecting-with-nothing'),
    fields,
    expected: { status: 500 },
  },
]

function judged(setup: 'required' | 'optional'): readonly Case[] {
  const passes = passing.map((name): Case => {
    const title = `a token with what it takes, at the guard ${name}`
    return { title, setup, target: guarded(name), fields, expected: wellDone }
  })
  const isRefused = refusing.map(([name, scope]): Case => {
    const title = `a token with too little, at the guard ${name}`
    return { title, setup, target: guarded(name), fields, expected: { code: 'permission_denied', scope } }
  })
  return [...passes, ...isRefused]
}
