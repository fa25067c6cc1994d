// The contract in a process that has two copies of jwtgate, run by two-copies.test.ts: tells its parent what differed.
import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import * as modules from '@jwtgate/core'
import * as modulesExpress from '@jwtgate/express'
import * as modulesKoa from '@jwtgate/koa'
import express from 'express'
import Koa from 'koa'
import { z } from 'zod'
import { onExpress } from './adapters/express.ts'
import { onKoa } from './adapters/koa.ts'
import type { Framework } from './application.ts'
import { brokenOn } from './broken.ts'
import { allCases } from './cases/all.ts'
import { issuer } from './issuers.ts'

export interface Report {
  /** How many cases were run on each mix. */
  readonly cases: number
  readonly mixes: readonly Mix[]
  /** What each copy makes of what the other made, by a sentence that has to be true. */
  readonly facts: Readonly<Record<string, boolean>>
}

interface Mix {
  readonly name: string
  readonly differences: readonly unknown[]
}

const require = createRequire(import.meta.url)
const common = require('@jwtgate/core') as typeof modules
const commonExpress = require('@jwtgate/express') as typeof modulesExpress
const commonKoa = require('@jwtgate/koa') as typeof modulesKoa

console.error = () => {} // Frameworks print errors that nobody handled.

/** Who sent a request is found out by one copy, everything else is up to the other. */
function mixed<Package extends { requireJwt: unknown; optionalJwt: unknown }>(one: Package, other: Package): Package {
  return { ...other, requireJwt: one.requireJwt, optionalJwt: one.optionalJwt }
}

/** Errors are answered by another copy than the one that made them. */
function handling<Package extends { jwtErrorHandler: unknown }>(one: Package, other: Package): Package {
  return { ...one, jwtErrorHandler: other.jwtErrorHandler }
}

const createKoa = (): Koa => new Koa()
const frameworks: readonly Framework[] = [
  onExpress('Express, authenticated by the ES module', express, mixed(modulesExpress, commonExpress)),
  onExpress('Express, authenticated by CommonJS', express, mixed(commonExpress, modulesExpress)),
  onExpress(
    'Express, refusals of CommonJS answered by the ES module',
    express,
    handling(commonExpress, modulesExpress),
  ),
  onKoa('Koa, authenticated by the ES module', createKoa, mixed(modulesKoa, commonKoa)),
  onKoa('Koa, authenticated by CommonJS', createKoa, mixed(commonKoa, modulesKoa)),
  onKoa('Koa, refusals of CommonJS answered by the ES module', createKoa, handling(commonKoa, modulesKoa)),
]

async function run(framework: Framework): Promise<Mix> {
  const differences: unknown[] = []
  for (const problems of [true, false]) differences.push(...(await brokenOn(framework, allCases, problems)))
  return { name: framework.name, differences }
}

async function judgeEachOther(): Promise<Report['facts']> {
  const refusalBy = async ({ createJwtVerifier }: typeof modules): Promise<unknown> =>
    createJwtVerifier(issuer.options)
      .verify(issuer.bad.expired())
      .catch((error: unknown) => error)
  const [ofModules, ofCommon] = [await refusalBy(modules), await refusalBy(common)]
  const schema = z.object({ tenant: z.string() })
  const token = issuer.sign({ tenant: 'acme' })
  /** Authenticates by one copy, with a verifier of another, and reads the claims of the schema by a third one. */
  const reads = async (
    { requireJwt }: typeof modulesKoa,
    { createJwtVerifier }: typeof modules,
    { authOf }: typeof modulesKoa,
  ): Promise<boolean> => {
    const req = { headers: { authorization: `Bearer ${token}` }, rawHeaders: [] } as unknown as IncomingMessage
    const ctx = { req, state: {} }
    const verifier = createJwtVerifier({ ...issuer.options, claims: schema })
    await requireJwt(verifier)(ctx, async () => undefined)
    return authOf(ctx, schema).claims.tenant === 'acme' && authOf(ctx, verifier).claims.sub === 'alice'
  }
  return {
    'there are two copies of core': modules.JwtGateError !== common.JwtGateError,
    'there are two copies of the adapters': modulesKoa.requireJwt !== commonKoa.requireJwt,
    'their classes differ':
      !(ofCommon instanceof modules.InvalidTokenError) && !(ofModules instanceof common.InvalidTokenError),
    'the ES module knows errors of CommonJS': modules.isJwtGateError(ofCommon, 'token_expired'),
    'CommonJS knows errors of the ES module': common.isJwtGateError(ofModules, 'token_expired'),
    'neither takes a ConfigError for a refusal': !modules.isJwtGateError(new common.ConfigError('a', 'b')),
    'the ES module takes a verifier of CommonJS': await reads(modulesKoa, common, modulesKoa),
    'the ES module knows the schema of claims that CommonJS made': await reads(commonKoa, common, modulesKoa),
    'CommonJS knows the schema of claims that the ES module made': await reads(modulesKoa, modules, commonKoa),
    'CommonJS takes a verifier of the ES module': await reads(commonKoa, modules, commonKoa),
  }
}

const mixes: Mix[] = []
for (const framework of frameworks) mixes.push(await run(framework))
const report: Report = { cases: allCases.length, mixes, facts: await judgeEachOther() }
process.send?.(report, () => process.disconnect())
