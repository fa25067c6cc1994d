// A NestJS API without the syntax of decorators, which Node does not read.
const { Controller, Get, Module } = require('@nestjs/common')
const { NestFactory } = require('@nestjs/core')

/** @returns what answers its requests */
exports.nestApi = async ({ CurrentClaims, JwtGateModule, RequirePermission }, verifier) => {
  class Api {
    read(sub) {
      return { sub }
    }
  }
  const read = Object.getOwnPropertyDescriptor(Api.prototype, 'read')
  for (const decorate of [Get(), RequirePermission('read')]) decorate(Api.prototype, 'read', read)
  CurrentClaims('sub')(Api.prototype, 'read', 0)
  Controller()(Api)

  function Application() {}
  Module({ imports: [JwtGateModule.forRoot({ verifier })], controllers: [Api] })(Application)
  const app = await NestFactory.create(Application, { logger: false, abortOnError: false })
  await app.init()
  return app.getHttpAdapter().getInstance()
}
