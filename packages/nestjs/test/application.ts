// Nest applications that listen on a port of this machine for one test, and the issuer whose tokens they take.
import { createTestIssuer, type TestIssuer } from '@jwtgate/testing'
import {
  Module,
  type INestApplication,
  type INestApplicationContext,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common'
import { ExternalContextCreator, NestFactory, type AbstractHttpAdapter } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { afterAll, onTestFinished } from 'vitest'

/** Whether these tests run on NestJS 11: see vitest.config.ts. */
export const isNest11: boolean = process.env['TEST_ENGINE'] === 'nest11'

export interface Platform {
  readonly name: string
  readonly createAdapter: () => AbstractHttpAdapter
}

const express: Platform = { name: 'Express', createAdapter: () => new ExpressAdapter() }
const fastify: Platform = { name: 'Fastify', createAdapter: () => new FastifyAdapter() }
export const platforms: readonly Platform[] = [express, fastify]

/** An issuer for a test file; it ends with the file. */
export async function issuerOfThisFile(audience?: string): Promise<TestIssuer> {
  const issuer = await createTestIssuer({ algorithms: ['ES256'], ...(audience === undefined ? {} : { audience }) })
  afterAll(() => issuer.close())
  return issuer
}

export interface StartOptions {
  readonly platform?: Platform
  /** How modules are told from each other, as `NestFactory.create()` takes it. */
  readonly moduleIdGeneratorAlgorithm?: 'deep-hash' | 'reference'
  /** What `main.ts` would do before it listens. */
  readonly configure?: (app: INestApplication) => unknown
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON, or as text if it is none. */
  readonly body: unknown
  /** Its member `code`. */
  readonly code: unknown
}

export interface Call extends Omit<RequestInit, 'headers'> {
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export interface Running {
  readonly app: INestApplication
  readonly port: number
  readonly ask: (path: string, call?: Call) => Promise<Answer>
}

/** Starts an application of this one module; it ends with the test. */
export async function start(metadata: ModuleMetadata, options: StartOptions = {}): Promise<Running> {
  const { platform = express, configure, ...more } = options
  const app = await NestFactory.create(moduleOf(metadata), platform.createAdapter(), {
    logger: false,
    abortOnError: false,
    ...more,
  })
  onTestFinished(() => app.close())
  await configure?.(app)
  return listening(app)
}

/** For applications made otherwise, which are closed otherwise. */
export async function listening(app: INestApplication): Promise<Running> {
  await app.listen(0, '127.0.0.1')
  const port = Number(new URL(await app.getUrl()).port)
  return { app, port, ask: (path, call) => ask(`http://127.0.0.1:${port}${path}`, call) }
}

type Method = (...args: readonly unknown[]) => unknown

/** What a package makes of a method that it calls: guards and interceptors run, with a context of this type (HTTP by default). */
export function calledBy(app: INestApplicationContext, provider: Type, name: string, type?: string): Method {
  const instance = app.get<Record<string, Method>>(provider)
  const method = Reflect.get(provider.prototype as object, name) as Method
  const creator = app.get(ExternalContextCreator)
  if (type === undefined) return creator.create(instance, method, name)
  return creator.create(instance, method, name, undefined, undefined, undefined, undefined, undefined, type)
}

/** A module as `@Module()` makes it. */
export function moduleOf(metadata: ModuleMetadata): new () => object {
  @Module(metadata)
  class ModuleOfTest {}
  return ModuleOfTest
}

async function ask(url: string, { token, headers = {}, ...init }: Call = {}): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(url, { ...init, headers: { ...authorization, ...headers } })
  const text = await response.text()
  const body = parsed(text)
  const code = typeof body === 'object' && body !== null ? Reflect.get(body, 'code') : undefined
  return { status: response.status, headers: response.headers, text, body, code }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
