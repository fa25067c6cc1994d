// What happens once: import, install, and the first request after a start.
import { quick } from './options.ts'
import { report } from './report.ts'
import { firstRequests } from './start-up/first-requests.ts'
import { importCosts } from './start-up/imports.ts'
import { installSizes } from './start-up/installs.ts'

report({
  section: 'start-up',
  title: 'Before and at the first request',
  method:
    'Each import and each first token in a process of its own, in turns. Installs come from the registry, ours from tarballs as ' +
    'they are published; packed is without dependencies.',
  tables: [await importCosts(), await firstRequests(), ...(quick ? [] : [installSizes()])],
  packages: [
    'fast-jwt',
    'jose',
    'aws-jwt-verify',
    'jsonwebtoken',
    'express-oauth2-jwt-bearer',
    'express-jwt',
    'jwks-rsa',
    'koa-jwt',
    '@nestjs/jwt',
  ],
})
