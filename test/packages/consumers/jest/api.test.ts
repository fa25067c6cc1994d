// An Express API and its test, in TypeScript that ts-jest makes CommonJS of.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createJwtVerifier, isJwtGateError } from '@jwtgate/core'
import { authOf, jwtErrorHandler, requireJwt } from '@jwtgate/express'
import { createTestIssuer, type TestIssuer } from '@jwtgate/testing'
import express from 'express'

const app = express()
const server = createServer(app)
let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer()
  app.use(requireJwt(issuer.options))
  app.get('/me', (req, res) => {
    res.json({ sub: authOf(req).claims.sub })
  })
  app.use(jwtErrorHandler())
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

afterAll(async () => {
  server.close()
  await issuer.close()
})

async function answerTo(token: string): Promise<readonly [number, unknown]> {
  const { port } = server.address() as AddressInfo
  const headers = { authorization: `Bearer ${token}`, connection: 'close' }
  const response = await fetch(`http://127.0.0.1:${port}/me`, { headers })
  return [response.status, await response.json()]
}

test('the packages are the CommonJS build, as they are', () => {
  const files = ['core', 'express', 'testing'].map((name) => basename(require.resolve(`@jwtgate/${name}`)))
  expect(files).toEqual(['index.cjs', 'index.cjs', 'index.cjs'])
})

test('a good token gets its answer', async () => {
  expect(await answerTo(issuer.sign({ sub: 'bob' }))).toEqual([200, { sub: 'bob' }])
})

test('a bad token is refused', async () => {
  expect(await answerTo(issuer.bad.expired())).toEqual([401, expect.objectContaining({ code: 'token_expired' })])
})

test('core says why', async () => {
  const refusal: unknown = await createJwtVerifier(issuer.options)
    .verify(issuer.bad.wrongAudience())
    .catch((error: unknown) => error)
  expect(isJwtGateError(refusal, 'audience_mismatch')).toBe(true)
})
