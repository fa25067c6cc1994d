// The README is a promise: its code compiles against the built packages, its quick start runs, its tables name what is there.
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer, startKeyServer, type KeyServer } from './support/key-server.ts'
import { jwkOf, keyFor } from './support/keys.ts'
import { mint } from './support/mint.ts'
import { codeBlocks, codeOf, runServer, until, type RunningServer } from './support/readme-code.ts'

const root = join(import.meta.dirname, '..')
const directory = join(import.meta.dirname, '.readme')
const readme = await readFile(join(root, 'README.md'), 'utf8')
const blocks = codeBlocks(readme)

/** Without the condition that leads to our sources: the code meets what is published. */
const asUsersCompile = {
  extends: '../../tsconfig.base.json',
  include: ['*.ts'],
  compilerOptions: {
    customConditions: [],
    noUnusedParameters: false,
    noUnusedLocals: false,
    // As NestJS has it compiled, with injected services as parameter properties.
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    erasableSyntaxOnly: false,
  },
}

beforeAll(async () => {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory)
})

afterAll(async () => rm(directory, { recursive: true }))

describe('the code of the READMEs', () => {
  it('compiles against the built packages', async () => {
    const packages = ['core', 'express', 'koa', 'nestjs', 'testing'].map((name) => `packages/${name}/README.md`)
    const others = [...packages, 'docs/migrating.md', 'docs/nestjs.md']
    const texts = await Promise.all(others.map(async (path) => readFile(join(root, path), 'utf8')))
    const sources = [...blocks, ...texts.flatMap(codeBlocks)].filter(({ language }) => language === 'ts')
    expect(sources.length).toBeGreaterThan(5)
    await Promise.all(sources.map(async ({ code }, index) => writeFile(join(directory, `block-${index}.ts`), code)))
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(asUsersCompile))
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    // As in an API, and with the types of a browser, which `tsc` adds where nobody says otherwise.
    for (const lib of ['es2023', 'es2023,dom,dom.iterable']) {
      const compile = promisify(execFile)(process.execPath, [tsc, '-p', directory, '--lib', lib])
      const { stdout } = await compile.catch((error: { readonly stdout: string }) => error)
      expect(stdout).toBe('')
    }
  })
})

describe('the quick start of the README', () => {
  let provider: KeyServer
  let program: RunningServer
  let url = ''

  beforeAll(async () => {
    provider = await startKeyServer([jwkOf(keyFor('RS256'), { kid: 'a' })])
    program = await runServer(directory, codeOf(readme, 'quick-start'), {
      'https://your-tenant.example.com': provider.origin,
    })
    url = program.url
  })

  afterAll(async () => {
    program.stop()
    await provider.close()
  })

  const token = (changes: Readonly<Record<string, unknown>> = {}): string => {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: provider.origin,
      aud: 'https://api.example.com/orders',
      iat: now,
      exp: now + 60,
      nbf: undefined,
      ...changes,
    }
    return mint(claims, { key: keyFor('RS256'), header: { kid: 'a' } })
  }

  it('accepts a good token, without nbf as it says', async () => {
    const response = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${token()}` } })
    expect([response.status, await response.json()]).toEqual([200, { sub: 'alice' }])
  })

  it('guards by permission', async () => {
    const send = async (permissions: readonly string[]): Promise<number> => {
      const headers = { authorization: `Bearer ${token({ permissions })}` }
      return (await fetch(`${url}/orders/7`, { method: 'DELETE', headers })).status
    }
    expect([await send([]), await send(['orders:delete'])]).toEqual([403, 200])
  })

  it('answers a refusal as the README shows, and tells the console why', async () => {
    const response = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${token({ exp: 1 })}` } })
    const problem = await response.text()
    expect(readme).toContain(`\`${problem}\``)
    await until('the hint is printed', () =>
      expect(program.printed()).toContain('\n[jwtgate] token_expired: `exp` is 1, '),
    )
  })
})

it('the Koa API of the README protects its routes', async () => {
  const provider = await startKeyServer([jwkOf(keyFor('RS256'), { kid: 'a' })])
  const changes = { 'https://your-tenant.example.com': provider.origin }
  const program = await runServer(directory, codeOf(readme, 'koa'), changes)
  try {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: provider.origin,
      aud: 'https://api.example.com/orders',
      iat: now,
      exp: now + 60,
      nbf: undefined,
    }
    const send = async (method: string, path: string, permissions: readonly string[] = []): Promise<number> => {
      const token = mint({ ...claims, permissions }, { key: keyFor('RS256'), header: { kid: 'a' } })
      return (await fetch(`${program.url}${path}`, { method, headers: { authorization: `Bearer ${token}` } })).status
    }
    expect(await send('GET', '/me')).toBe(200)
    expect([await send('DELETE', '/orders/7'), await send('DELETE', '/orders/7', ['orders:delete'])]).toEqual([
      403, 204,
    ])
    expect((await fetch(`${program.url}/me`)).status).toBe(401)
  } finally {
    program.stop()
    await provider.close()
  }
})

describe('the health endpoint of the README', () => {
  let provider: KeyServer
  let program: RunningServer

  async function health(): Promise<unknown> {
    const response = await fetch(`${program.url}/health`)
    return { status: response.status, body: await response.json() }
  }

  beforeAll(async () => {
    provider = await startKeyServer([jwkOf(keyFor('ES256'), { kid: 'a' })])
    program = await runServer(directory, codeOf(readme, 'health'), { 'https://id.example.com': provider.origin })
  })

  afterAll(async () => {
    program.stop()
    await provider.close()
  })

  it('is 503 while there are no keys, and 200 with them, also after their provider went down', async () => {
    const { origin: issuer } = provider
    const metadata = '/.well-known/openid-configuration'
    provider.on(metadata, answer('', {}, 500))
    const failed = { code: 'discovery_failed', at: expect.any(Number) }
    const missing = { issuer, state: 'missing', keys: 0, age: null, lastSuccess: null, lastFailure: failed }
    expect(await health()).toEqual({ status: 503, body: { issuers: [missing] } })

    provider.on(metadata, answer(JSON.stringify({ issuer, jwks_uri: provider.jwksUri })))
    const fetched = { age: expect.any(Number), lastSuccess: expect.any(Number), lastFailure: failed }
    const healthy = { status: 200, body: { issuers: [{ issuer, state: 'fresh', keys: 1, ...fetched }] } }
    await until('the back-off is over', async () => expect(await health()).toEqual(healthy))

    provider.on('/jwks', answer('', {}, 500))
    expect(await health()).toEqual(healthy)
  })
})

describe('what the README says', () => {
  it('names every option', async () => {
    const options = await readFile(join(root, 'packages/core/src/options.ts'), 'utf8')
    const interfaces = [...options.matchAll(/^export interface \w*Options[^{]*\{\n(.*?)^\}/gms)].map(([text]) => text)
    const names = [...interfaces.join('').matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(20)
    for (const name of names) expect(readme).toMatch(new RegExp(`\`\\.?${name}\``))
  })

  it('names every code and every channel', async () => {
    const errors = await readFile(join(root, 'packages/core/src/errors.ts'), 'utf8')
    const events = await readFile(join(root, 'packages/core/src/events.ts'), 'utf8')
    const codes = [...errors.matchAll(/^ {2}(\w+): \{/gm)].map(([, name]) => name)
    const channels = [...events.matchAll(/^ {2}readonly '(jwtgate:[\w.]+)'/gm)].map(([, name]) => name)
    expect([codes.length > 20, channels.length]).toEqual([true, 8])
    for (const name of [...codes, ...channels]) expect(readme).toContain(`\`${name}\``)
  })

  it('quotes the hint about nbf as it is', async () => {
    const claims = await readFile(join(root, 'packages/core/src/claims.ts'), 'utf8')
    const hint = /"(The token has no `nbf`[^"]+)"/.exec(claims)?.[1] ?? 'no hint'
    expect(readme).toContain(`[jwtgate] claim_missing: ${hint}`)
  })
})
