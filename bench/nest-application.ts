// One application in a process of its own: a route of NestJS, bare or guarded. It tells what it used since it was last asked.
import 'reflect-metadata'
import { Session } from 'node:inspector/promises'
import { JwtGateModule, RequirePermission } from '@jwtgate/nestjs'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { answer } from './child.ts'

/** What an application used while it was measured. */
export interface Usage {
  /** Of its processor, in microseconds. */
  readonly cpu: number
  /** What it allocated, in bytes, by the sampling of V8; only where this was asked for, since it costs time. */
  readonly allocated: number
  /** What is left after a full collection, in bytes; only where allocations are sampled, since it forgets compiled code. */
  readonly heap: number
}

interface Samples {
  readonly samples: readonly { readonly size: number }[]
}

/** What the parent tells it. */
export interface Command {
  readonly do: 'start' | 'stop'
  readonly sampling: boolean
}

const [platform = '', guard = '', optionsText = '{}'] = process.argv.slice(2)

// Decorators as functions: Node runs this file as it is, and does not know their syntax.
class Orders {
  list(): object {
    return { orders: [] }
  }
}
const list = Object.getOwnPropertyDescriptor(Orders.prototype, 'list') ?? {}
Controller('orders')(Orders)
Get()(Orders.prototype, 'list', list)
if (guard === 'guarded') RequirePermission('orders:read')(Orders.prototype, 'list', list)

// oxlint-disable-next-line typescript/no-extraneous-class -- what NestJS takes for a module
class Application {}
const imports = guard === 'guarded' ? [JwtGateModule.forRoot({ ...JSON.parse(optionsText), isGlobal: true })] : []
Module({ imports, controllers: [Orders] })(Application)

const adapter = platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter()
const app = await NestFactory.create(Application, adapter, { logger: ['error'] })
await app.listen(0, '127.0.0.1')

const session = new Session()
session.connect()
let before = process.cpuUsage()

answer(await app.getUrl(), obey)

async function obey({ do: what, sampling }: Command): Promise<Usage | 'ready'> {
  if (what === 'start') {
    globalThis.gc?.({ type: 'minor', execution: 'sync' }) // A full one forgets compiled code, and the first requests pay for it.
    if (sampling) {
      await session.post('HeapProfiler.startSampling', {
        samplingInterval: 8192,
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
      })
    }
    before = process.cpuUsage()
    return 'ready'
  }
  const { user, system } = process.cpuUsage(before)
  const cpu = user + system
  if (!sampling) return { cpu, allocated: 0, heap: 0 }
  const allocated = await sampled()
  globalThis.gc?.()
  return { cpu, allocated, heap: process.memoryUsage().heapUsed }
}

async function sampled(): Promise<number> {
  const { profile } = await session.post('HeapProfiler.stopSampling')
  const { samples } = profile as unknown as Samples // The types of Node 20 do not have them yet.
  return samples.reduce((sum, { size }) => sum + size, 0)
}
