// A CommonJS program with NestJS, whichever is installed.
const nestjs = require('@jwtgate/nestjs')
require('@jwtgate/nestjs/microservices')
require('@jwtgate/nestjs/ws')
const { createTestIssuer } = require('@jwtgate/testing')
const { answers } = require('./answers.cjs')
const { nestApi } = require('./nest-api.cjs')

async function main() {
  const issuer = await createTestIssuer()
  console.log(JSON.stringify(await answers(issuer, await nestApi(nestjs, issuer.options))))
  await issuer.close()
}
void main()
