// The frameworks that keep the contract.
import * as jwtgateExpress from '@jwtgate/express'
import * as jwtgateKoa from '@jwtgate/koa'
import express5, { type Express } from 'express'
// @ts-expect-error: there is one set of types, and what the contract uses is the same in both
import express4 from 'express4'
import Koa3 from 'koa'
// @ts-expect-error: the same for Koa
import Koa2 from 'koa2'
import { onExpress } from './adapters/express.ts'
import { onKoa } from './adapters/koa.ts'
import type { Framework } from './application.ts'

export const frameworks: readonly Framework[] = [
  onExpress('Express 4', express4 as () => Express, jwtgateExpress),
  onExpress('Express 5', express5, jwtgateExpress),
  onKoa('Koa 2', () => new (Koa2 as typeof Koa3)(), jwtgateKoa),
  onKoa('Koa 3', () => new Koa3(), jwtgateKoa),
]
