// The contract sees it when a route has lost its guard: each refusal that a guard causes turns red.
import type { Middleware as ExpressMiddleware } from '@jwtgate/express'
import type { Middleware as KoaMiddleware } from '@jwtgate/koa'
import { describe, expect, it } from 'vitest'
import { brokenOn } from './broken.ts'
import { isAtGuard, type Case } from './case.ts'
import { allCases } from './cases/all.ts'
import { caseOn } from './differences.ts'
import { adapters, frameworksWith } from './frameworks.ts'

const openExpress: ExpressMiddleware = (_request, _response, next) => next()
const openKoa: KoaMiddleware = async (_context, next) => void (await next())
const noDecorator = (): void => {}

const frameworks = frameworksWith({
  express: { ...adapters.express, ...guardMakers(() => openExpress) },
  koa: { ...adapters.koa, ...guardMakers(() => openKoa) },
  nest: { ...adapters.nest, ...decoratorMakers(() => noDecorator) },
})

function guardMakers<Make>(make: Make) {
  return { requirePermission: make, requireScope: make, requireRole: make, requireAccess: make }
}

function decoratorMakers<Make>(make: Make) {
  return { RequirePermission: make, RequireScope: make, RequireRole: make, RequireAccess: make }
}

/** Refused by a guard, for authentication lets them through. */
const refusedByGuards = allCases.filter(isAtGuard).filter(({ setup, expected }) => {
  const code = 'code' in expected ? expected.code : undefined
  if (code === 'token_missing') return setup.startsWith('optional')
  return code === 'permission_denied' || code === 'authentication_not_run'
})

const titlesOf = (cases: readonly Case[]): readonly string[] => cases.map(({ title, setup }) => `${title} (${setup})`)

describe.each(frameworks)('on $name', (framework) => {
  it('each refusal by a guard turns red without the guard', async () => {
    const posed = refusedByGuards.filter((contractCase) => caseOn(framework, contractCase, true) !== undefined)
    expect(posed.length).toBeGreaterThan(40)
    const broken = await brokenOn(framework, posed, true)
    expect(titlesOf(broken.map(({ contractCase }) => contractCase))).toEqual(titlesOf(posed))
  })
})
