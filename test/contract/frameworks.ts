// The frameworks that keep the contract.
import * as jwtgateExpress from '@jwtgate/express'
import * as jwtgateKoa from '@jwtgate/koa'
import * as jwtgateNest from '@jwtgate/nestjs'
import nestManifest from '@nestjs/core/package.json' with { type: 'json' }
import express5, { type Express } from 'express'
// @ts-expect-error: there is one set of types, and what the contract uses is the same in both
import express4 from 'express4'
import Koa3 from 'koa'
// @ts-expect-error: the same for Koa
import Koa2 from 'koa2'
import { onExpress, type ExpressPackage } from './adapters/express.ts'
import { onKoa, type KoaPackage } from './adapters/koa.ts'
import { onNest, type NestPackage } from './adapters/nest.ts'
import type { Framework } from './application.ts'

/** What the applications under test are protected by. */
export interface Adapters {
  readonly express: ExpressPackage
  readonly koa: KoaPackage
  readonly nest: NestPackage
}

export const adapters: Adapters = { express: jwtgateExpress, koa: jwtgateKoa, nest: jwtgateNest }

/** All frameworks; in the project `nest11` of vitest.config.ts, the other NestJS only. */
export function frameworksWith({ express, koa, nest }: Adapters): readonly Framework[] {
  const [nestVersion] = nestManifest.version.split('.')
  const nests = [
    onNest(`Nest ${nestVersion} on Express`, 'Express', nest),
    onNest(`Nest ${nestVersion} on Fastify`, 'Fastify', nest),
  ]
  if (nestVersion === '11') return nests
  return [
    onExpress('Express 4', express4 as () => Express, express),
    onExpress('Express 5', express5, express),
    onKoa('Koa 2', () => new (Koa2 as typeof Koa3)(), koa),
    onKoa('Koa 3', () => new Koa3(), koa),
    ...nests,
  ]
}

export const frameworks: readonly Framework[] = frameworksWith(adapters)
