// What JwtGateModule is given reaches the verifiers as it is, in every way to give it.
import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign, type JsonWebKey } from 'node:crypto'
import {
  authOf,
  createJwtVerifier,
  CurrentAuth,
  fromBearer,
  fromCookie,
  JwtAuthGuard,
  JwtGate,
  JwtGateModule,
  OptionalJwt,
  UseVerifier,
  type Auth,
  type AuthenticationOptions,
} from '@jwtgate/nestjs'
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type DynamicModule,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common'
import { ConfigModule, ConfigService } from '@nestjs/config'
import { map, type Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { issuerOfThisFile, moduleOf, start, type Running } from './application.ts'

const issuer = await issuerOfThisFile()
const admins = await issuerOfThisFile('https://admin.example.com')

@UseGuards(JwtAuthGuard)
@Controller('me')
class Me {
  @Get()
  me(@CurrentAuth() auth: Auth): unknown {
    return auth
  }
}

const serve = (gate: DynamicModule): Promise<Running> => start({ imports: [gate], controllers: [Me] })

/** What comes of a token of this issuer, of one of the other, and of none. */
async function answersOf(gate: DynamicModule): Promise<readonly unknown[]> {
  const { ask } = await serve(gate)
  const answers = [issuer.sign(), admins.sign(), undefined].map((token) => ask('/me', { token }))
  return (await Promise.all(answers)).map(({ status, code }) => (status === 200 ? 'in' : code))
}
const onlyIssuer = ['in', 'issuer_mismatch', 'token_missing']

describe('forRoot()', () => {
  it.each<readonly [string, () => DynamicModule]>([
    ['options', () => JwtGateModule.forRoot(issuer.options)],
    ['a verifier', () => JwtGateModule.forRoot({ verifier: createJwtVerifier(issuer.options) })],
    ["a verifier's options", () => JwtGateModule.forRoot({ verifier: issuer.options })],
    ['verifiers', () => JwtGateModule.forRoot({ verifiers: { default: issuer.options, admin: admins.options } })],
    [
      'verifiers of both kinds',
      () => JwtGateModule.forRoot({ verifiers: { default: createJwtVerifier(issuer.options), admin: admins.options } }),
    ],
  ])('takes %s', async (_what, gate) => {
    expect(await answersOf(gate())).toEqual(onlyIssuer)
  })

  it('takes a verifier that the application wrapped', async () => {
    const inner = createJwtVerifier(issuer.options)
    expect(
      await answersOf(JwtGateModule.forRoot({ verifier: { ...inner, verify: (token) => inner.verify(token) } })),
    ).toEqual(onlyIssuer)
  })

  it('takes a verifier of several issuers', async () => {
    const issuers = [issuer, admins].map(({ url, audience }) => ({
      issuer: url,
      audience,
      algorithms: ['ES256'] as const,
    }))
    const verifier = createJwtVerifier(issuers, { clock: issuer.clock })
    const { ask } = await serve(JwtGateModule.forRoot({ verifier }))
    expect((await ask('/me', { token: issuer.sign() })).status).toBe(200)
    expect((await ask('/me', { token: admins.sign() })).status).toBe(200)
  })

  it.each<readonly [string, (options: AuthenticationOptions) => DynamicModule]>([
    ['options', (more) => JwtGateModule.forRoot({ ...issuer.options, ...more })],
    ['a verifier', (more) => JwtGateModule.forRoot({ verifier: issuer.options, ...more })],
    ['verifiers', (more) => JwtGateModule.forRoot({ verifiers: { default: issuer.options }, ...more })],
    ['a factory', (more) => JwtGateModule.forRootAsync({ useFactory: () => ({ ...issuer.options, ...more }) })],
  ])('realm and tokenFrom stand beside %s', async (_what, gate) => {
    const tokenFrom = [fromBearer(), fromCookie('session')]
    const { ask } = await serve(gate({ realm: 'orders', tokenFrom }))
    expect((await ask('/me')).headers.get('www-authenticate')).toBe('Bearer realm="orders"')
    const cookie = `session=${issuer.sign()}`
    expect((await ask('/me', { headers: { cookie } })).status).toBe(200)
    expect((await ask('/me', { headers: { cookie }, token: issuer.sign() })).code).toBe('multiple_tokens')
  })
})

describe('forRootAsync()', () => {
  const load = (): object => ({ jwt: { issuer: issuer.url, audience: issuer.audience } })

  it('waits for ConfigService', async () => {
    const gate = JwtGateModule.forRootAsync({
      imports: [ConfigModule.forRoot({ ignoreEnvFile: true, load: [load] })],
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        issuer: config.getOrThrow<string>('jwt.issuer'),
        audience: config.getOrThrow<string>('jwt.audience'),
        algorithms: ['ES256'],
        clock: issuer.clock,
      }),
    })
    expect(await answersOf(gate)).toEqual(onlyIssuer)
  })

  it('finds a global ConfigService without importing it', async () => {
    const gate = JwtGateModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        verifiers: { default: { ...issuer.options, issuer: config.getOrThrow<string>('jwt.issuer') } },
      }),
      guardAllRoutes: true,
    })
    const config = ConfigModule.forRoot({ ignoreEnvFile: true, isGlobal: true, load: [load] })
    const { ask } = await start({ imports: [config, gate], controllers: [Me] })
    expect((await ask('/me')).status).toBe(401)
    expect((await ask('/me', { token: issuer.sign() })).status).toBe(200)
  })

  it.each<readonly [string, () => DynamicModule]>([
    ['options', () => JwtGateModule.forRootAsync({ useFactory: async () => issuer.options })],
    [
      'a verifier',
      () => JwtGateModule.forRootAsync({ useFactory: async () => ({ verifier: createJwtVerifier(issuer.options) }) }),
    ],
    [
      'verifiers',
      () =>
        JwtGateModule.forRootAsync({
          useFactory: async () => ({ verifiers: { default: issuer.options, admin: admins.options } }),
        }),
    ],
  ])('takes an async factory that gives %s', async (_what, gate) => {
    expect(await answersOf(gate())).toEqual(onlyIssuer)
  })

  it('asks the factory once, before the application listens', async () => {
    let asked = 0
    const gate = JwtGateModule.forRootAsync({
      isGlobal: true,
      useFactory: () => {
        asked++
        return issuer.options
      },
    })
    const { ask } = await start({ imports: [gate, moduleOf({ controllers: [Me] }), moduleOf({ imports: [gate] })] })
    expect(asked).toBe(1)
    await ask('/me', { token: issuer.sign() })
    expect(asked).toBe(1)
  })

  it('ends the start with the error of a factory that fails', async () => {
    const useFactory = async (): Promise<never> => {
      throw new Error('no secrets today')
    }
    await expect(serve(JwtGateModule.forRootAsync({ useFactory }))).rejects.toThrow('no secrets today')
  })

  it.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['options without audience', { issuer: issuer.url, algorithms: ['ES256'] }],
    ['a misspelt option', { ...issuer.options, clockTolerence: 5 }],
    ['no verifiers', { verifiers: {} }],
    ['a flag, which belongs beside the factory', { ...issuer.options, guardAllRoutes: true }],
    ['the other flag', { ...issuer.options, isGlobal: true }],
    ['a verifier and options', { ...issuer.options, verifier: createJwtVerifier(issuer.options) }],
    ['a verifier and verifiers', { verifier: issuer.options, verifiers: { admin: admins.options } }],
  ])('ends the start with a ConfigError for a factory that gives %s', async (_what, given) => {
    const gate = JwtGateModule.forRootAsync({ useFactory: () => given as typeof issuer.options })
    await expect(serve(gate)).rejects.toMatchObject({ name: 'ConfigError' })
  })
})

describe('what is given keeps its shape', () => {
  const now = (): number => Math.floor(issuer.clock.now() / 1000)
  const claims = (more: object = {}): object => ({
    iss: 'https://id.example.com',
    aud: 'orders',
    sub: 'alice',
    iat: now(),
    nbf: now(),
    exp: now() + 60,
    ...more,
  })
  const base = { issuer: 'https://id.example.com', audience: 'orders' } as const

  async function statusFor(
    options: Parameters<typeof JwtGateModule.forRoot>[0],
    token: string,
  ): Promise<readonly number[]> {
    const statuses: number[] = []
    for (const gate of [JwtGateModule.forRoot(options), JwtGateModule.forRootAsync({ useFactory: () => options })]) {
      const { ask } = await serve(gate)
      statuses.push((await ask('/me', { token })).status)
    }
    return statuses
  }

  it('a KeyObject', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const token = compactJws({ alg: 'EdDSA' }, claims(), (input) => sign(null, input, privateKey))
    expect(await statusFor({ ...base, algorithms: ['EdDSA'], publicKey }, token)).toEqual([200, 200])
  })

  it('a JWK and a key set', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one' } as JsonWebKey
    const token = compactJws({ alg: 'EdDSA', kid: 'one' }, claims(), (input) => sign(null, input, privateKey))
    expect(createPublicKey({ key: jwk, format: 'jwk' }).type).toBe('public')
    const jwks = { keys: [jwk] } as typeof issuer.jwks
    expect(await statusFor({ ...base, algorithms: ['EdDSA'], jwks }, token)).toEqual([200, 200])
  })

  it.each<readonly [string, (secret: Uint8Array) => Uint8Array | readonly Uint8Array[]]>([
    ['a secret of bytes', (secret) => new Uint8Array(secret)],
    ['a Buffer', (secret) => Buffer.from(secret)],
    ['a list of secrets', (secret) => [randomBytes(32), secret]],
  ])('%s', async (_what, given) => {
    const secret = randomBytes(32)
    const token = compactJws({ alg: 'HS256' }, claims(), (input) => createHmac('sha256', secret).update(input).digest())
    expect(await statusFor({ ...base, algorithms: ['HS256'], secret: given(secret) }, token)).toEqual([200, 200])
  })

  it('lists of audiences and functions that read permissions', async () => {
    const options = {
      ...issuer.options,
      audience: ['https://other.example.com', issuer.audience],
      permissionsFrom: () => ['read'],
    }
    expect(await statusFor(options, issuer.sign())).toEqual([200, 200])
    const { ask } = await serve(JwtGateModule.forRoot(options))
    expect((await ask('/me', { token: issuer.sign() })).body).toMatchObject({ permissions: ['read'] })
  })

  it('a clock whose methods stand on its prototype', async () => {
    class Clock {
      readonly #start = issuer.clock.now()
      now(): number {
        return this.#start
      }
      elapsed(): number {
        return 0
      }
    }
    expect(await statusFor({ ...issuer.options, clock: new Clock() }, issuer.sign())).toEqual([200, 200])
  })

  it('a Standard Schema, by which the claims are known again', async () => {
    const schema = z.object({ tenant: z.string() })
    expect(await statusFor({ ...issuer.options, claims: schema }, issuer.sign({ tenant: 'acme' }))).toEqual([200, 200])
    expect(await statusFor({ ...issuer.options, claims: schema }, issuer.sign())).toEqual([401, 401])
  })

  it('a verifier: JwtGate gives the very object', async () => {
    const verifier = createJwtVerifier(issuer.options)
    for (const gate of [
      JwtGateModule.forRoot({ verifier }),
      JwtGateModule.forRootAsync({ useFactory: () => ({ verifiers: { default: verifier } }) }),
    ]) {
      const { app } = await serve(gate)
      expect(app.get(JwtGate, { strict: false }).verifier()).toBe(verifier)
    }
  })

  it('nothing that is given is changed or frozen', () => {
    const options = { ...issuer.options, algorithms: ['ES256' as const] }
    const verifiers = { default: options }
    JwtGateModule.forRoot({ verifiers, isGlobal: true })
    expect([Object.isFrozen(options), Object.isFrozen(options.algorithms), Object.isFrozen(verifiers)]).toEqual([
      false,
      false,
      false,
    ])
    expect(Object.keys(verifiers)).toEqual(['default'])
  })
})

describe('isGlobal', () => {
  @Module({ controllers: [Me] })
  class FeatureModule {}

  it('lets modules use guards that do not import the gate', async () => {
    const { ask } = await start({
      imports: [JwtGateModule.forRoot({ ...issuer.options, isGlobal: true }), FeatureModule],
    })
    expect((await ask('/me')).status).toBe(401)
    expect((await ask('/me', { token: issuer.sign() })).status).toBe(200)
  })

  it.each([
    ['not written', {}],
    ['false', { isGlobal: false }],
  ])('%s: they do not start', async (_what, flag) => {
    const starting = start({ imports: [JwtGateModule.forRoot({ ...issuer.options, ...flag }), FeatureModule] })
    await expect(starting).rejects.toThrow(/JwtGateModule/)
  })

  it('is not needed by a module that re-exports the gate', async () => {
    const gate = JwtGateModule.forRoot(issuer.options)
    const shared = moduleOf({ imports: [gate], exports: [gate] })
    const { ask } = await start({ imports: [moduleOf({ imports: [shared], controllers: [Me] })] })
    expect((await ask('/me', { token: issuer.sign() })).status).toBe(200)
  })
})

describe('JwtGate', () => {
  const verifiers = { default: issuer.options, admin: admins.options }

  @Injectable()
  class Health {
    readonly gate: JwtGate
    constructor(@Inject(JwtGate) gate: JwtGate) {
      this.gate = gate
    }
  }

  async function healthOf(gate: DynamicModule): Promise<JwtGate> {
    const { app } = await start({ imports: [gate], providers: [Health] })
    return app.get(Health).gate
  }

  it('is injected, and gives the verifiers for status(), ready() and verify()', async () => {
    const gate = await healthOf(JwtGateModule.forRoot({ verifiers }))
    await gate.verifier('admin').ready()
    expect(gate.verifier('admin').status()).toEqual(expect.any(Object))
    expect((await gate.verifier('admin').verify(admins.sign())).claims.iss).toBe(admins.url)
    await expect(gate.verifier('admin').verify(issuer.sign())).rejects.toMatchObject({ code: 'issuer_mismatch' })
    expect((await gate.verifier().verify(issuer.sign())).claims.iss).toBe(issuer.url)
    expect(gate.verifier()).toBe(gate.verifier('default'))
  })

  it('gives the verifier that the guards use', async () => {
    const { app, ask } = await serve(JwtGateModule.forRoot(issuer.options))
    issuer.resetFetches()
    await app.get(JwtGate, { strict: false }).verifier().ready()
    await ask('/me', { token: issuer.sign() })
    expect(issuer.fetches.jwks).toBe(1)
  })

  it.each(['nobody', 'constructor', '__proto__', 'toString', 'hasOwnProperty', ''])(
    'has no verifier named %j',
    async (name) => {
      const gate = await healthOf(JwtGateModule.forRoot({ verifiers }))
      expect(() => gate.verifier(name)).toThrow(
        expect.objectContaining({
          name: 'ConfigError',
          option: 'verifiers',
          message: `There is no verifier '${name}'. JwtGateModule has 'default', 'admin': write one of these in @UseVerifier().`,
        }),
      )
    },
  )

  it('without a default says that one may be named so', async () => {
    const gate = await healthOf(JwtGateModule.forRoot({ verifiers: { admin: admins.options } }))
    expect(() => gate.verifier()).toThrow(
      "There is no verifier 'default'. JwtGateModule has 'admin': name one of them 'default', or say which one by @UseVerifier().",
    )
  })

  it('has the verifier that makes the claims behind @OptionalJwt() too', async () => {
    @Injectable()
    class Signed implements NestInterceptor {
      readonly gate: JwtGate
      constructor(@Inject(JwtGate) gate: JwtGate) {
        this.gate = gate
      }
      intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
        const { sub = '' } = authOf(context, this.gate.verifier()).claims
        return next.handle().pipe(map((answer) => `${String(answer)} for ${sub}`))
      }
    }
    @Controller('who')
    class Who {
      @OptionalJwt()
      @UseInterceptors(Signed)
      @Get()
      who(): string {
        return 'in'
      }
    }
    const { ask } = await start({ imports: [JwtGateModule.forRoot(issuer.options)], controllers: [Who] })
    expect((await ask('/who', { token: issuer.sign() })).text).toBe('in for alice')
  })
})

describe('two modules with different options', () => {
  @UseGuards(JwtAuthGuard)
  @Controller('admin')
  class Admin {
    @Get()
    read(): string {
      return 'in'
    }
  }

  async function statuses({ ask }: Running, path: string): Promise<readonly number[]> {
    return [(await ask(path, { token: issuer.sign() })).status, (await ask(path, { token: admins.sign() })).status]
  }

  it('each guard asks the verifier of its own module', async () => {
    const running = await start({
      imports: [
        moduleOf({ imports: [JwtGateModule.forRoot(issuer.options)], controllers: [Me] }),
        moduleOf({ imports: [JwtGateModule.forRoot(admins.options)], controllers: [Admin] }),
      ],
    })
    expect(await statuses(running, '/me')).toEqual([200, 401])
    expect(await statuses(running, '/admin')).toEqual([401, 200])
  })

  it('a guard that is listed goes before that of guardAllRoutes, with the verifier of its own module', async () => {
    @Controller('plain')
    class Plain {
      @Get()
      read(): string {
        return 'in'
      }
    }
    const running = await start({
      imports: [
        JwtGateModule.forRoot({ ...issuer.options, guardAllRoutes: true }),
        moduleOf({ imports: [JwtGateModule.forRoot(admins.options)], controllers: [Admin] }),
      ],
      controllers: [Plain],
    })
    expect(await statuses(running, '/plain')).toEqual([200, 401])
    expect(await statuses(running, '/admin')).toEqual([401, 200])
    expect((await running.ask('/admin')).status).toBe(401)
  })

  it.each(['reference', 'deep-hash'] as const)(
    'keeps apart verifiers that look the same as JSON, with modules told apart by %s',
    async (moduleIdGeneratorAlgorithm) => {
      // Two closures with one text: all that tells the two modules apart is who they are.
      const [users, staff] = [issuer, admins].map((from) => {
        const verifier = createJwtVerifier(from.options)
        return JwtGateModule.forRootAsync({ useFactory: () => ({ verifier }) })
      }) as [DynamicModule, DynamicModule]
      const running = await start(
        {
          imports: [
            moduleOf({ imports: [users], controllers: [Me] }),
            moduleOf({ imports: [staff], controllers: [Admin] }),
          ],
        },
        { moduleIdGeneratorAlgorithm },
      )
      expect(await statuses(running, '/me')).toEqual([200, 401])
      expect(await statuses(running, '/admin')).toEqual([401, 200])
    },
  )

  it('a guard that is listed goes before that of guardAllRoutes, with the verifier of its own module', async () => {
    @Controller('plain')
    class Plain {
      @Get()
      read(): string {
        return 'in'
      }
    }
    const running = await start({
      imports: [
        JwtGateModule.forRoot({ ...issuer.options, guardAllRoutes: true }),
        moduleOf({ imports: [JwtGateModule.forRoot(admins.options)], controllers: [Admin] }),
      ],
      controllers: [Plain],
    })
    expect(await statuses(running, '/plain')).toEqual([200, 401])
    expect(await statuses(running, '/admin')).toEqual([401, 200])
    expect((await running.ask('/admin')).status).toBe(401)
  })

  it.each(['reference', 'deep-hash'] as const)(
    'keeps apart keys that look the same as JSON, with modules told apart by %s',
    async (moduleIdGeneratorAlgorithm) => {
      const pairs = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')] as const
      const options = { issuer: 'https://id.example.com', audience: 'orders', algorithms: ['EdDSA'] } as const
      const gates = pairs.map(({ publicKey }) => JwtGateModule.forRoot({ ...options, publicKey })) as [
        DynamicModule,
        DynamicModule,
      ]
      const { ask } = await start(
        {
          imports: [
            moduleOf({ imports: [gates[0]], controllers: [Me] }),
            moduleOf({ imports: [gates[1]], controllers: [Admin] }),
          ],
        },
        { moduleIdGeneratorAlgorithm },
      )
      const now = Math.floor(Date.now() / 1000)
      const claims = { iss: options.issuer, aud: options.audience, nbf: now, exp: now + 60 }
      const tokens = pairs.map(({ privateKey }) =>
        compactJws({ alg: 'EdDSA' }, claims, (input) => sign(null, input, privateKey)),
      )
      const codes = async (path: string): Promise<unknown> =>
        Promise.all(tokens.map(async (token) => (await ask(path, { token })).status))
      expect(await codes('/me')).toEqual([200, 401])
      expect(await codes('/admin')).toEqual([401, 200])
    },
  )

  it('one module object imported twice is one gate', async () => {
    const gate = JwtGateModule.forRoot(issuer.options)
    issuer.resetFetches()
    const running = await start({
      imports: [moduleOf({ imports: [gate], controllers: [Me] }), moduleOf({ imports: [gate], controllers: [Admin] })],
    })
    expect([await statuses(running, '/me'), await statuses(running, '/admin')]).toEqual([
      [200, 401],
      [200, 401],
    ])
    expect(issuer.fetches.jwks).toBe(1)
  })

  it('names of one module are not known to the other', async () => {
    @UseVerifier('admin')
    @Controller('admin')
    class ByName extends Admin {}
    const starting = start({
      imports: [
        moduleOf({ imports: [JwtGateModule.forRoot({ verifiers: { admin: admins.options } })] }),
        moduleOf({ imports: [JwtGateModule.forRoot(issuer.options)], controllers: [ByName as Type] }),
      ],
    })
    await expect(starting).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('admin') as string,
    })
  })
})

function compactJws(header: object, claims: object, signer: (input: Buffer) => Buffer): string {
  const [head, payload] = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  return `${head}.${payload}.${signer(Buffer.from(`${head}.${payload}`)).toString('base64url')}`
}
