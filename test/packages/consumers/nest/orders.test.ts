// The tests that a user would write: tokens of a real issuer for the real guard, and no guard where it is not the point.
import { JwtAuthGuard, JwtExceptionFilter, JwtGateModule } from '@jwtgate/nestjs'
import { RpcJwtAuthGuard } from '@jwtgate/nestjs/microservices'
import { WsJwtAuthGuard } from '@jwtgate/nestjs/ws'
import { badTokens, createTestIssuer, type TestIssuer } from '@jwtgate/testing'
import type { INestApplication } from '@nestjs/common'
import { Test, type TestingModuleBuilder } from '@nestjs/testing'
import request from 'supertest'
import { OrdersModule } from './orders.module'
import { afterAll, beforeAll, describe, expect, it } from './test-framework'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer()
})
afterAll(() => issuer.close())

function application(): TestingModuleBuilder {
  const gate = JwtGateModule.forRoot({ ...issuer.options, guardAllRoutes: true })
  return Test.createTestingModule({ imports: [gate, OrdersModule] })
}

describe('orders behind the real guard', () => {
  let app: INestApplication

  beforeAll(async () => {
    app = (await application().compile()).createNestApplication()
    app.useGlobalFilters(new JwtExceptionFilter())
    await app.init()
  })
  afterAll(() => app.close())

  it('are listed for whoever may read', async () => {
    const token = issuer.sign({ sub: 'bob', permissions: ['orders:read'] })
    const { status, body } = await request(app.getHttpServer()).get('/orders').auth(token, { type: 'bearer' })
    expect([status, body]).toEqual([200, { sub: 'bob', orders: ['7', '8'] }])
  })

  it('are deleted only with both permissions', async () => {
    const send = async (...permissions: string[]): Promise<number> => {
      const token = issuer.sign({ permissions })
      return (await request(app.getHttpServer()).delete('/orders/7').auth(token, { type: 'bearer' })).status
    }
    expect([await send('orders:read'), await send('orders:delete')]).toEqual([403, 403])
    expect(await send('orders:delete', 'orders:read')).toBe(204)
  })

  it('are not there without a token', async () => {
    const { status, type, body } = await request(app.getHttpServer()).get('/orders')
    expect([status, type, body.code]).toEqual([401, 'application/problem+json', 'token_missing'])
  })

  it.each(badTokens)('refuse $name', async ({ mint, code }) => {
    const token = mint(issuer, { permissions: ['orders:read'] })
    const { status, body } = await request(app.getHttpServer()).get('/orders').auth(token, { type: 'bearer' })
    expect([status, body.code]).toEqual([401, code])
  })

  it('leave what is public to everybody', async () => {
    expect((await request(app.getHttpServer()).get('/health')).status).toBe(200)
  })
})

it('without the guard everybody may do everything', async () => {
  const builder = application()
    .overrideGuard(JwtAuthGuard)
    .useValue({ canActivate: () => true })
  const app = (await builder.compile()).createNestApplication()
  await app.init()
  const { status, body } = await request(app.getHttpServer()).get('/orders/7')
  expect([status, body]).toEqual([200, { id: '7' }])
  expect((await request(app.getHttpServer()).delete('/orders/7')).status).toBe(204)
  await app.close()
})

it('the further entries are of the same copy', () => {
  expect(Object.getPrototypeOf(WsJwtAuthGuard)).toBe(JwtAuthGuard)
  expect(Object.getPrototypeOf(RpcJwtAuthGuard)).toBe(JwtAuthGuard)
})
