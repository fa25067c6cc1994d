// A program of ES modules with NestJS, whichever is installed.
import * as nestjs from '@jwtgate/nestjs'
import '@jwtgate/nestjs/microservices'
import '@jwtgate/nestjs/ws'
import { createTestIssuer } from '@jwtgate/testing'
import { answers } from './answers.cjs'
import { nestApi } from './nest-api.cjs'

const issuer = await createTestIssuer()
console.log(JSON.stringify(await answers(issuer, await nestApi(nestjs, issuer.options))))
await issuer.close()
