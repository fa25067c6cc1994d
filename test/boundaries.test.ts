// The boundaries between packages and files are rules of the linter; here each is broken once, and has to fire.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

const forbidden: readonly (readonly [string, string, string])[] = [
  ['core imports a framework', 'packages/core/src/thing.ts', "import express from 'express'"],
  ['core imports an adapter', 'packages/core/src/thing.ts', "import { requireJwt } from '@jwtgate/express'"],
  ['core imports a module of Node', 'packages/core/src/thing.ts', "import { readFileSync } from 'node:fs'"],
  ['core imports node:crypto beside the engine', 'packages/core/src/jws.ts', "import { verify } from 'node:crypto'"],
  ['core imports jose beside the engine', 'packages/core/src/jws.ts', "import { jwtVerify } from 'jose'"],
  ['core chooses an engine itself', 'packages/core/src/jws.ts', "import { verifySignature } from './crypto/node.ts'"],
  ['core imports lru-cache beside its cache', 'packages/core/src/jws.ts', "import { LRUCache } from 'lru-cache'"],
  ['the cache imports another package', 'packages/core/src/token-cache.ts', "import { jwtVerify } from 'jose'"],
  [
    'the cache imports a module of Node',
    'packages/core/src/token-cache.ts',
    "import { createHash } from 'node:crypto'",
  ],
  ['the cache imports the index', 'packages/core/src/token-cache.ts', "import { createJwtVerifier } from './index.ts'"],
  [
    'the cache chooses an engine',
    'packages/core/src/token-cache.ts',
    "import { verifySignature } from './crypto/node.ts'",
  ],
  ['core imports its own index', 'packages/core/src/jws.ts', "import { createJwtVerifier } from './index.ts'"],
  ['the options import the index', 'packages/core/src/options.ts', "import { createJwtVerifier } from './index.ts'"],
  [
    'the options choose an engine',
    'packages/core/src/options.ts',
    "import { verifySignature } from './crypto/node.ts'",
  ],
  [
    'an engine imports the index',
    'packages/core/src/crypto/node.ts',
    "import { createJwtVerifier } from '../index.ts'",
  ],
  ['an adapter imports its own index', 'packages/express/src/thing.ts', "import { requireJwt } from './index.ts'"],
  ['the options import more than types', 'packages/core/src/options.ts', "import { KeyObject } from 'node:crypto'"],
  ['the node engine imports jose', 'packages/core/src/crypto/node.ts', "import { jwtVerify } from 'jose'"],
  ['core imports jose beside its engine', 'packages/core/src/crypto/der.ts', "import { base64url } from 'jose'"],
  ['the jose engine imports node:crypto', 'packages/core/src/crypto/jose.ts', "import { verify } from 'node:crypto'"],
  ['errors.ts imports something of ours', 'packages/core/src/errors.ts', "import { publish } from './events.ts'"],
  ['events.ts imports something of ours', 'packages/core/src/events.ts', "import { ConfigError } from './errors.ts'"],
  ['events.ts imports a module of Node', 'packages/core/src/events.ts', "import { on } from 'node:events'"],
  [
    'events.ts chooses its channels itself',
    'packages/core/src/events.ts',
    "import { channel } from './channels/node.ts'",
  ],
  ['core chooses channels itself', 'packages/core/src/jws.ts', "import { channel } from './channels/node.ts'"],
  [
    'the channels import another module of Node',
    'packages/core/src/channels/node.ts',
    "import { on } from 'node:events'",
  ],
  [
    'an adapter reaches into core',
    'packages/express/src/thing.ts',
    "import { parseJws } from '@jwtgate/core/src/jws.ts'",
  ],
  [
    'an adapter leaves its package',
    'packages/express/src/thing.ts',
    "import { parseJws } from '../../core/src/jws.ts'",
  ],
  ['an adapter imports another framework', 'packages/express/src/thing.ts', "import Koa from 'koa'"],
  ['the Koa adapter imports Express', 'packages/koa/src/thing.ts', "import express from 'express'"],
  ['the Nest adapter imports Passport', 'packages/nestjs/src/thing.ts', "import passport from 'passport'"],
  [
    'the Nest adapter imports that of Passport',
    'packages/nestjs/src/thing.ts',
    "import { AuthGuard } from '@nestjs/passport'",
  ],
  ['the Nest adapter imports GraphQL', 'packages/nestjs/src/thing.ts', "import { Resolver } from '@nestjs/graphql'"],
  ['the Nest adapter imports Express', 'packages/nestjs/src/thing.ts', "import express from 'express'"],
  ['an adapter imports node:crypto', 'packages/express/src/thing.ts', "import { verify } from 'node:crypto'"],
  [
    'the test issuer runs code of core',
    'packages/testing/src/thing.ts',
    "import { isJwtGateError } from '@jwtgate/core'",
  ],
  ['the test issuer imports jose', 'packages/testing/src/thing.ts', "import { SignJWT } from 'jose'"],
  ['an adapter imports jose', 'packages/express/src/thing.ts', "import { jwtVerify } from 'jose'"],
]

const allowed: readonly (readonly [string, string])[] = [
  ['packages/nestjs/src/thing.ts', "import { Injectable } from '@nestjs/common'"],
  ['packages/nestjs/src/thing.ts', "import { requireAuth } from '@jwtgate/core'"],
  ['packages/core/src/jws.ts', "import { verifySignature } from '#crypto'"],
  ['packages/core/src/jws.ts', "import { ConfigError } from './errors.ts'"],
  ['packages/core/src/options.ts', "import type { KeyObject } from 'node:crypto'"],
  ['packages/core/src/token-cache.ts', "import { LRUCache } from 'lru-cache'"],
  ['packages/core/src/token-cache.ts', "import type { Auth } from './auth.ts'"],
  ['packages/core/src/crypto/node.ts', "import { verify } from 'node:crypto'"],
  ['packages/core/src/crypto/node.ts', "import { algorithms } from '../algorithms.ts'"],
  ['packages/core/src/crypto/jose.ts', "import { compactVerify } from 'jose'"],
  ['packages/core/src/crypto/jose.ts', "import { readPem } from './public-key-formats.ts'"],
  ['packages/core/src/events.ts', "import { channel } from '#channels'"],
  ['packages/core/src/channels/node.ts', "import { channel } from 'node:diagnostics_channel'"],
  ['packages/testing/src/signer.ts', "import type { AlgorithmName } from '@jwtgate/core'"],
  ['packages/testing/src/signer.ts', "import { sign } from 'node:crypto'"],
  ['packages/express/src/guards.ts', "import { createAuthorizer } from '@jwtgate/core'"],
  ['packages/express/src/guards.ts', "import type { IncomingMessage } from 'node:http'"],
  ['packages/express/src/guards.ts', "import { runThenNext } from './middleware.ts'"],
]

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'boundaries-'))
  const config = JSON.parse(await readFile(join(root, '.oxlintrc.json'), 'utf8')) as Record<string, unknown>
  // The rules as they are; only types are not there to be asked.
  const jsPlugins = [join(root, 'lint/adapters.js')]
  await writeFile(join(directory, '.oxlintrc.json'), JSON.stringify({ ...config, jsPlugins, options: {} }))
})

afterAll(async () => rm(directory, { recursive: true }))

describe('the linter', () => {
  it.each(forbidden)('fires when %s', async (_what, path, line) => {
    expect(await restrictedImports(path, line)).toBe(1)
  })

  it.each(allowed)('lets %s say %s', async (path, line) => {
    expect(await restrictedImports(path, line)).toBe(0)
  })

  it('fires when a package prints', async () => {
    expect(await findings('packages/core/src/jws.ts', "console.log('here')")).toContain('eslint(no-console)')
  })

  it.each([
    ['chooses a status', 'response.statusCode = 401'],
    ['chooses a status as text', "response.statusCode = Number('403')"],
    ['chooses a status as a large number', 'response.statusCode = Number(503n)'],
    ['reads a header', 'const isToken = /^Bearer /.test(header)'],
    ['words a challenge', 'const challenge = \'Bearer realm="api"\''],
    ['words a challenge in a template', 'const challenge = `bearer realm="${realm}"`'],
  ])('fires when an adapter %s', async (_what, line) => {
    for (const adapter of ['express', 'koa']) {
      expect(await findings(`packages/${adapter}/src/thing.ts`, line)).toContain('adapters(only-hand-on)')
    }
  })

  it('fires when two files import each other', async () => {
    await write('packages/core/src/jws.ts', "export { b } from './header.ts'\nexport const a = 1\n")
    expect(await findings('packages/core/src/header.ts', "export { a } from './jws.ts'\nexport const b = 2")).toContain(
      'import(no-cycle)',
    )
  })
})

describe('an adapter', () => {
  it.each(['express', 'koa'])('has at most 120 lines of code: %s', async (name) => {
    const source = join(root, 'packages', name, 'src')
    const files = await readdir(source)
    const texts = await Promise.all(files.map(async (file) => readFile(join(source, file), 'utf8')))
    const code = texts
      .join('\n')
      .replaceAll(/\/\*.*?\*\//gs, '')
      .replaceAll(/^\s*\/\/.*$/gm, '')
    const lines = code.split('\n').filter((line) => line.trim() !== '')
    expect(files.length).toBeGreaterThan(4)
    expect(lines.length).toBeLessThanOrEqual(120)
  })
})

async function restrictedImports(path: string, line: string): Promise<number> {
  const rules = await findings(path, line)
  return rules.filter((rule) => rule === 'eslint(no-restricted-imports)').length
}

/** The rules that fire for a file of this content at this path. */
async function findings(path: string, content: string): Promise<readonly string[]> {
  await write(path, content)
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const args = [oxlint, '--config', '.oxlintrc.json', '--format', 'json', path]
  const output = await new Promise<string>((resolve) => {
    // Findings make it end with 1: the report is what counts.
    execFile(process.execPath, args, { cwd: directory }, (_error, stdout) => resolve(stdout))
  })
  const { diagnostics } = JSON.parse(output) as { diagnostics: readonly { readonly code: string }[] }
  return diagnostics.map(({ code }) => code)
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true })
  await writeFile(join(directory, path), `${content}\n`)
}
