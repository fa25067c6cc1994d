// The built packages as a plain program gets them: no TypeScript, no custom condition, whatever Node runs this.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import express from 'express'
import * as core from '@jwtgate/core'
import * as adapter from '@jwtgate/express'
import { badTokens, createTestIssuer } from '@jwtgate/testing'
import * as coreByPath from '../../packages/core/dist/index.js'

const require = createRequire(import.meta.url)
const issuer = await createTestIssuer({ algorithms: ['ES256'] })
after(async () => issuer.close())

test('a program imports the core by name and by path and gets the same module', () => {
  assert.equal(core.createJwtVerifier, coreByPath.createJwtVerifier)
})

test('a token is verified, and each bad one is refused with its code', async () => {
  const verifier = core.createJwtVerifier(issuer.options)
  assert.equal((await verifier.verify(issuer.sign())).claims.sub, 'alice')
  for (const { code, mint } of badTokens) {
    await assert.rejects(verifier.verify(mint(issuer)), (error) => core.isJwtGateError(error, code))
  }
})

test('the CommonJS build works, and each build recognises the errors of the other', async () => {
  const commonJs = require('../../packages/core/dist/index.cjs')
  const verifier = commonJs.createJwtVerifier(issuer.options)
  assert.equal((await verifier.verify(issuer.sign())).claims.sub, 'alice')
  const bad = verifier.verify(issuer.bad.wrongAudience())
  await assert.rejects(bad, (error) => core.isJwtGateError(error, 'audience_mismatch'))
})

test('a CommonJS program requires the packages by name', () => {
  assert.equal(typeof require('@jwtgate/core').createJwtVerifier, 'function')
  assert.equal(typeof require('@jwtgate/express').requireJwt, 'function')
  assert.equal(typeof require('@jwtgate/testing').createTestIssuer, 'function')
})

test('what core imports of its own is there for every runtime, and without Node only where Node is not asked for', async () => {
  const directory = new URL('../../packages/core/', import.meta.url)
  const { imports } = JSON.parse(await readFile(new URL('package.json', directory), 'utf8'))
  for (const { 'jwtgate-source': _sources, ...conditions } of Object.values(imports)) {
    const onNode = Object.keys(await import(new URL(conditions.node.default, directory).href)).toSorted()
    const elsewhere = Object.keys(await import(new URL(conditions.default, directory).href)).toSorted()
    assert.deepEqual(elsewhere, onNode)
    assert.deepEqual(Object.keys(require(join(fileURLToPath(directory), conditions.node.require))).toSorted(), onNode)
    assert.doesNotMatch(
      await readFile(new URL(conditions.default, directory), 'utf8'),
      /\bnode:|\brequire\(|\bBuffer\b/,
    )
  }
})

test('an Express API answers 200, 401 and 403', async (context) => {
  const app = express()
  app.use(adapter.requireJwt(issuer.options))
  app.get('/', adapter.requirePermission('read'), (req, res) => res.json({ sub: adapter.authOf(req).claims.sub }))
  app.delete('/', adapter.requirePermission('delete'), (_req, res) => res.end())
  app.use(adapter.jwtErrorHandler())
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())

  const good = { authorization: `Bearer ${issuer.sign({ permissions: ['read'] })}` }
  assert.deepEqual(await answer(server, 'GET', good), [200, { sub: 'alice' }])
  assert.equal((await answer(server, 'GET', {}))[1].code, 'token_missing')
  assert.equal((await answer(server, 'DELETE', good))[1].code, 'permission_denied')
})

async function answer(server, method, headers) {
  const sent = request({ port: server.address().port, host: '127.0.0.1', method, headers }).end()
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return [response.statusCode, JSON.parse(text)]
}
