// A program of ES modules with all packages.
import * as core from '@jwtgate/core'
import * as express from '@jwtgate/express'
import '@jwtgate/express/augment'
import * as koa from '@jwtgate/koa'
import * as testing from '@jwtgate/testing'
import { protect } from './protect.cjs'

const packages = { core, express, koa, testing }
console.log(JSON.stringify(await protect(packages, packages)))
