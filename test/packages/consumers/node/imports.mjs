// A program of ES modules with all packages.
import * as core from '@jwtgate/core'
import * as express from '@jwtgate/express'
import '@jwtgate/express/augment'
import * as koa from '@jwtgate/koa'
import * as nestjs from '@jwtgate/nestjs'
import '@jwtgate/nestjs/microservices'
import '@jwtgate/nestjs/ws'
import * as testing from '@jwtgate/testing'
import { protect } from './protect.cjs'

const packages = { core, express, koa, nestjs, testing }
console.log(JSON.stringify(await protect(packages, packages)))
