// A program that has every package twice, by import and by require(): how many copies are these, and do they work together?
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { nestApi } from './nest-api.cjs'
import { protect } from './protect.cjs'

const require = createRequire(import.meta.url)
const imported = {}
const required = {}
const found = {}
for (const name of ['core', 'express', 'koa', 'nestjs', 'nestjs/microservices', 'nestjs/ws', 'testing']) {
  const specifier = `@jwtgate/${name}`
  imported[name] = await import(specifier)
  required[name] = require(specifier)
  const exports = Object.keys(imported[name])
  assert.deepEqual(Object.keys(required[name]).toSorted(), exports.toSorted())
  const shared = exports.filter((key) => imported[name][key] === required[name][key])
  found[name] = {
    files: [extname(import.meta.resolve(specifier)), extname(require.resolve(specifier))],
    shared: shared.length === exports.length ? 'all' : shared.join() || 'nothing',
  }
}
found.importedFirst = await protect(imported, required)
found.requiredFirst = await protect(required, imported)

// Guards are classes that Nest injects: those of another copy than the module's must not pass for its own, nor be left out.
const mixed = { ...required.nestjs, JwtGateModule: imported.nestjs.JwtGateModule }
const options = { issuer: 'https://id.example.com', audience: null, algorithms: ['RS256'] }
found.nestjsMixed = await nestApi(mixed, options).then(
  () => 'starts',
  (error) => error.name,
)
console.log(JSON.stringify(found))
