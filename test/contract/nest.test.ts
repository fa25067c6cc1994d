// What the contract promises of NestJS besides: rules protect without anything on the class, and copies of core get along.
import { JwtGateError, type createJwtVerifier } from '@jwtgate/core'
import { describe, expect, it, vi } from 'vitest'
import { keepPrinted } from '../support/printed.ts'
import type { Framework } from './application.ts'
import { brokenOn } from './broken.ts'
import { isAtGuard, type Case } from './case.ts'
import { allCases } from './cases/all.ts'
import { outages } from './cases/outages.ts'
import { permissions } from './cases/permissions.ts'
import { tokens } from './cases/tokens.ts'
import { frameworks } from './frameworks.ts'
import { promised, seen } from './judge.ts'
import { serversFor } from './servers.ts'

const printed = keepPrinted()

vi.resetModules()
const other = await import('@jwtgate/core')

const conducts = [
  { how: 'with JwtExceptionFilter', problems: true },
  { how: 'by its own error handler', problems: false },
]

const cases = [...tokens, ...permissions, ...outages]

describe.each(frameworks.filter(({ name }) => name.startsWith('Nest')))('on $name', (framework) => {
  it.each(conducts)('a rule is enough: it brings the authentication, $how', async ({ problems }) => {
    const atRules = allCases.filter((contractCase) => isAtGuard(contractCase) && contractCase.setup !== 'none')
    expect(atRules.length).toBeGreaterThan(50)
    expect(await brokenOn(withoutAuthentication(framework), atRules, problems)).toEqual([])
  })

  it('without JwtExceptionFilter, what a guard refuses has the same body, as plain JSON, and prints nothing', async () => {
    const before = printed.length
    const servers = serversFor(framework, false)
    for (const contractCase of cases.filter(isRefusedByGuard)) {
      const { headers, ...answer } = seen(await servers.answerTo(contractCase), contractCase, true)
      expect(promised(contractCase, true)).toMatchObject(answer)
      expect(headers?.['content-type']).toEqual(['application/json; charset=utf-8'])
    }
    await servers.close()
    expect(printed).toHaveLength(before)
  })

  it('a verifier of another copy of core is as good', async () => {
    expect(other.JwtGateError).not.toBe(JwtGateError)
    expect(await brokenOn(withVerifiersOf(other.createJwtVerifier, framework), cases, false)).toEqual([])
  })

  it.each(framework.differences ?? [])('differs from the others at some case: $why', ({ concerns }) => {
    expect(allCases.some((contractCase) => concerns(contractCase, true) || concerns(contractCase, false))).toBe(true)
  })
})

function isRefusedByGuard({ expected, setup, target }: Case): boolean {
  return 'code' in expected && setup !== 'none' && target !== '/claims' // That one's handler asks authOf().
}

/** Rules alone, in all setups. */
function withoutAuthentication({ listener, ...framework }: Framework): Framework {
  return { ...framework, listener: (setup) => listener({ ...setup, authentication: 'none' }) }
}

function withVerifiersOf(create: typeof createJwtVerifier, { listener, ...framework }: Framework): Framework {
  return {
    ...framework,
    listener: (setup) =>
      listener({ ...setup, verifier: 'verify' in setup.verifier ? setup.verifier : create(setup.verifier) }),
  }
}
