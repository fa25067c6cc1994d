// The quick start of each package's README runs as it stands, against the built packages.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript59'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKeyServer, type KeyServer } from './support/key-server.ts'
import { jwkOf, keyFor } from './support/keys.ts'
import { mint } from './support/mint.ts'
import { codeBlocks, runServer, runToEnd } from './support/readme-code.ts'

const directory = join(import.meta.dirname, '.package-readmes')
let provider: KeyServer

beforeAll(async () => {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory)
  provider = await startKeyServer([jwkOf(keyFor('RS256'), { kid: 'a' })])
})

afterAll(async () => {
  await provider.close()
  await rm(directory, { recursive: true })
})

/** The first block in TypeScript, as a program for Node. */
async function quickStartOf(name: string): Promise<string> {
  const markdown = await readFile(join(import.meta.dirname, '../packages', name, 'README.md'), 'utf8')
  const code = codeBlocks(markdown).find(({ language }) => language === 'ts')?.code ?? ''
  return ts.transpile(code, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  })
}

function tokenFor(audience: string, permissions: readonly string[] = []): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: provider.origin, aud: audience, iat: now, nbf: now, exp: now + 60, permissions }
  return mint(claims, { key: keyFor('RS256'), header: { kid: 'a' } })
}

describe.each(['express', 'koa', 'nestjs'])('the quick start of @jwtgate/%s', (name) => {
  it('protects its routes', async () => {
    const program = await runServer(directory, await quickStartOf(name), { 'https://id.example.com': provider.origin })
    try {
      const answer = async (method: string, path: string, token?: string): Promise<readonly unknown[]> => {
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
        const response = await fetch(`${program.url}${path}`, { method, headers })
        return [response.status, await response.json()]
      }
      const token = tokenFor('https://api.example.com')
      expect(await answer('GET', '/me')).toMatchObject([401, { code: 'token_missing' }])
      expect(await answer('GET', '/me', tokenFor('another'))).toMatchObject([401, { code: 'audience_mismatch' }])
      expect(await answer('GET', '/me', token)).toEqual([200, { sub: 'alice' }])
      expect(await answer('DELETE', '/orders/7', token)).toMatchObject([403, { code: 'permission_denied' }])
      const deleter = tokenFor('https://api.example.com', ['orders:delete'])
      expect(await answer('DELETE', '/orders/7', deleter)).toEqual([200, { deleted: '7' }])
    } finally {
      program.stop()
    }
  })
})

it('the quick start of @jwtgate/core says who sent a token', async () => {
  const token = tokenFor('https://api.example.com/orders')
  const program = `${await quickStartOf('core')}\nconsole.log(await whoIs('${token}'))`
  expect(await runToEnd(directory, program, { 'https://id.example.com': provider.origin })).toBe('alice\n')
})

it('the quick start of @jwtgate/testing makes a token that its middleware accepts', async () => {
  const program = (await quickStartOf('testing')).replace(
    'await issuer.close()',
    "middleware({ headers: { authorization: `Bearer ${token}` } }, {}, async (error) => {\n  console.log(error ?? 'accepted')\n  await issuer.close()\n})",
  )
  expect(await runToEnd(directory, program, {})).toBe('accepted\n')
})
