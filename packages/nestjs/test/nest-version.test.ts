// Each project of vitest.config.ts runs on its own NestJS, of which there is one copy: what Node itself finds, the tests get.
// That the package gets the same, the contract shows: to another copy, its exceptions would be unknown errors, 500.
import { createRequire } from 'node:module'
import { ApolloDriver } from '@nestjs/apollo'
import { HttpException } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { GraphQLModule } from '@nestjs/graphql'
import { RpcException } from '@nestjs/microservices'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { IoAdapter } from '@nestjs/platform-socket.io'
import { Test } from '@nestjs/testing'
import { WsException } from '@nestjs/websockets'
import { expect, it } from 'vitest'
import { isNest11 } from './application.ts'

const root = `${import.meta.dirname}/../../..`
const places = isNest11 ? ['test/nest11'] : ['packages/nestjs', 'test']
const imported = {
  '@nestjs/common': { HttpException },
  '@nestjs/core': { Reflector },
  '@nestjs/platform-express': { ExpressAdapter },
  '@nestjs/platform-fastify': { FastifyAdapter },
  '@nestjs/testing': { Test },
  '@nestjs/graphql': { GraphQLModule },
  '@nestjs/apollo': { ApolloDriver },
  '@nestjs/websockets': { WsException },
  '@nestjs/platform-socket.io': { IoAdapter },
  '@nestjs/microservices': { RpcException },
}

it.each(places)(`%s has NestJS ${isNest11 ? '11' : '12'}`, (place) => {
  const { version } = createRequire(`${root}/${place}/`)('@nestjs/core/package.json') as { version: string }
  expect(version).toMatch(isNest11 ? /^11\./ : /^12\./)
})

it.each(Object.entries(imported))('there is one copy of %s', (name, exported) => {
  expect(createRequire(`${root}/${places[0]}/`)(name)).toMatchObject(exported)
})

it.each(Object.entries(imported).slice(0, 4))('the contract has the same copy of %s', (name, exported) => {
  expect(createRequire(`${root}/${places.at(-1)}/`)(name)).toMatchObject(exported)
})
