// Protects APIs with packages that may have come in two copies: `one` authenticates, reads and
// renders; `other` made the verifier and guards.
const assert = require('node:assert/strict')
const { subscribe, unsubscribe } = require('node:diagnostics_channel')
const express = require('express')
const Koa = require('koa')
const { answers } = require('./answers.cjs')
const { nestApi } = require('./nest-api.cjs')

/** Of Standard Schema: takes every token. Who reads the claims has to name the schema that made them. */
const schema = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }

/** @returns what came out, for the test to compare */
exports.protect = async (one, other) => {
  for (const adapter of [one.express, one.koa, one.nestjs]) assert.equal(adapter.ConfigError, one.core.ConfigError)
  assert.throws(() => other.core.createJwtVerifier({}), { name: 'ConfigError', code: 'config_invalid' })

  const issuer = await one.testing.createTestIssuer()
  const { options } = issuer // Read once: each reading makes verifiers with keys of their own.
  const told = []
  const listener = ({ code }) => told.push(code)
  subscribe('jwtgate:token.refused', listener)
  try {
    const verifier = other.core.createJwtVerifier({ ...options, claims: schema })
    const refusal = await verifier.verify(issuer.bad.expired()).catch((error) => error)
    return {
      verified: (await verifier.verify(issuer.sign())).claims.sub,
      recognised: one.core.isJwtGateError(refusal, 'token_expired'),
      instanceOf: refusal instanceof one.core.JwtGateError,
      told,
      express: await answers(issuer, expressApi(one, other, verifier)),
      koa: await answers(issuer, koaApi(one, other, verifier)),
      // Module and decorators have to be of one copy.
      nestjs: await answers(issuer, await nestApi(one.nestjs, verifier)),
      // A second verifier for the same issuer: its keys are fetched again only if it is of another copy.
      keysFetched: await one.core
        .createJwtVerifier(options)
        .verify(issuer.sign())
        .then(() => issuer.fetches.jwks),
    }
  } finally {
    unsubscribe('jwtgate:token.refused', listener)
    await issuer.close()
  }
}

function expressApi(one, other, verifier) {
  const app = express()
  app.use(one.express.requireJwt(verifier))
  app.get('/', other.express.requirePermission('read'), (req, res) => {
    res.json({ sub: one.express.authOf(req, schema).claims.sub })
  })
  app.use(one.express.jwtErrorHandler())
  return app
}

function koaApi(one, other, verifier) {
  const app = new Koa()
  app.use(one.koa.jwtErrorHandler())
  app.use(one.koa.requireJwt(verifier))
  app.use(other.koa.requirePermission('read'))
  app.use((ctx) => (ctx.body = { sub: one.koa.authOf(ctx, schema).claims.sub }))
  return app.callback()
}
