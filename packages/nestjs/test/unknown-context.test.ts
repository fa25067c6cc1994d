// Calls of a kind that nobody knows, as other packages make them for queues and commands: refused, unless a guard knows them.
import {
  authOf,
  CurrentAuth,
  isJwtGateError,
  JwtAuthGuard,
  JwtGateModule,
  OptionalJwt,
  Public,
  RequireAccess,
  RequirePermission,
  type Auth,
  type JwtGateError,
} from '@jwtgate/nestjs'
import { WsJwtAuthGuard } from '@jwtgate/nestjs/ws'
import { RpcJwtAuthGuard } from '@jwtgate/nestjs/microservices'
import {
  Injectable,
  InternalServerErrorException,
  SetMetadata,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common'
import { map, type Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { calledBy, issuerOfThisFile, start } from './application.ts'

const issuer = await issuerOfThisFile()
const token = issuer.sign({ permissions: ['work'] })
const bearer = { authorization: `Bearer ${token}` }
const Process = (): MethodDecorator => SetMetadata('queue:process', true)

interface Job {
  readonly name?: string
  readonly token?: string
}

interface Queue {
  // A method: what a worker asks for is up to it.
  work(...args: unknown[]): unknown
}

/** What a package for queues makes of a method: guards and interceptors run, with a context of this type. */
async function handlerOf(worker: Type<Queue>, type: string | undefined, more: object = {}): Promise<Queue['work']> {
  const { app } = await start({
    imports: [JwtGateModule.forRoot({ ...issuer.options, ...more })],
    providers: [worker],
  })
  return calledBy(app, worker, 'work', type)
}

/** Its refusal, or the code of what is behind it. */
async function outcomeOf(call: () => unknown): Promise<unknown> {
  try {
    return await call()
  } catch (error) {
    return codeOf((error as Error).cause) ?? codeOf(error) ?? error
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
}

const guards: readonly (readonly [string, MethodDecorator])[] = [
  ['@RequirePermission()', RequirePermission('work')],
  ['@UseGuards(JwtAuthGuard)', UseGuards(JwtAuthGuard)],
  ['@UseGuards(WsJwtAuthGuard)', UseGuards(WsJwtAuthGuard)],
  ['@UseGuards(RpcJwtAuthGuard)', UseGuards(RpcJwtAuthGuard)],
  ['@RequireAccess()', RequireAccess(() => true)],
]

describe('a call of a type that nobody knows', () => {
  it.each(guards)('is refused behind %s, whatever it looks like', async (_name, guard) => {
    let worked = 0
    @Injectable()
    class Worker implements Queue {
      @guard
      @Process()
      work(): string {
        worked++
        return 'worked'
      }
    }
    const work = await handlerOf(Worker, 'queue')
    for (const args of [
      [],
      [{ token }],
      [{ headers: bearer }],
      [{ handshake: { headers: bearer, auth: { token } } }, { token }],
      [{}, {}, { req: { headers: bearer } }, {}],
    ]) {
      expect(await outcomeOf(() => work(...args))).toBe('authentication_not_run')
    }
    expect(worked).toBe(0)
  })

  it('passes without a guard: it is what refuses the call', async () => {
    @Injectable()
    class Worker implements Queue {
      @Process()
      work(): string {
        return 'worked'
      }
    }
    const work = await handlerOf(Worker, 'queue')
    expect(await work({ name: 'backup' })).toBe('worked')
  })

  it('is refused by guardAllRoutes, and let pass by @Public()', async () => {
    @Injectable()
    class Worker implements Queue {
      @Process()
      work(): string {
        return 'worked'
      }
    }
    @Injectable()
    class Open implements Queue {
      @Public()
      @Process()
      work(): string {
        return 'worked'
      }
    }
    const flags = { guardAllRoutes: true }
    const closed = await handlerOf(Worker, 'queue', flags)
    expect(await outcomeOf(() => closed({ token }))).toBe('authentication_not_run')
    const open = await handlerOf(Open, 'queue', flags)
    expect(await outcomeOf(() => open({ token }))).toBe('worked')
  })

  it('is refused behind @OptionalJwt() too: who does not know the token does not know that there is none', async () => {
    @Injectable()
    class Worker implements Queue {
      @OptionalJwt()
      @Process()
      work(): string {
        return 'worked'
      }
    }
    const work = await handlerOf(Worker, 'queue')
    expect(await outcomeOf(() => work({}))).toBe('authentication_not_run')
  })

  it.each<readonly [string, string | undefined, unknown]>([
    ['of a type that nobody knows, with our error itself', 'queue', Error],
    ['that says it is HTTP, with an exception of it', undefined, InternalServerErrorException],
  ])('is refused %s, and so is authOf() in it', async (_what, type, thrownAs) => {
    const thrown: unknown[] = []
    @Injectable()
    class Asking implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        try {
          authOf(context)
        } catch (error) {
          thrown.push(error)
        }
        return true
      }
    }
    @Injectable()
    class Worker implements Queue {
      @UseGuards(Asking, JwtAuthGuard)
      @Process()
      work(): string {
        return 'worked'
      }
    }
    const work = await handlerOf(Worker, type)
    const refused = await (async () => work({ token }))().catch((error: unknown) => error)
    for (const error of [refused, ...thrown]) {
      expect(error).toBeInstanceOf(thrownAs)
      expect(isJwtGateError(error) ? error : (error as Error).cause).toMatchObject({ code: 'authentication_not_run' })
      expect(isJwtGateError(error)).toBe(type === 'queue')
    }
    expect(thrown).toHaveLength(1)
  })

  it.each<readonly [string, string | undefined, RegExp]>([
    ['a queue', 'queue', /: use a subclass that overrides getToken\(\)\.$/],
    ['a gateway', 'ws', /: use WsJwtAuthGuard of @jwtgate\/nestjs\/ws\.$/],
    ['a microservice', 'rpc', /: use RpcJwtAuthGuard of @jwtgate\/nestjs\/microservices\.$/],
    ['HTTP without a request', undefined, /no request with headers: override getToken\(\) in a subclass/],
  ])('of %s says to the operator what to write, and nothing to whoever sent it', async (_kind, type, hint) => {
    const seen: JwtGateError[] = []
    @Injectable()
    class Telling extends JwtAuthGuard {
      protected override onRefused(error: JwtGateError): unknown {
        seen.push(error)
        return undefined
      }
    }
    @Injectable()
    class Worker implements Queue {
      @UseGuards(Telling)
      @Process()
      work(): string {
        return 'worked'
      }
    }
    const work = await handlerOf(Worker, type)
    await outcomeOf(() => work({ token }))
    expect(seen).toMatchObject([{ code: 'authentication_not_run', status: 500, expose: false }])
    expect(seen[0]?.hint).toMatch(hint)
  })
})

describe('a call that says it is HTTP, as other packages do by default, and is none', () => {
  it.each<readonly [string, readonly unknown[]]>([
    ['nothing', []],
    ['a job', [{ name: 'backup', token }]],
    ['a text', [token]],
    ['null', [null]],
    ['a job, and null for a response', [{ name: 'backup', token }, null]],
  ])('is refused: %s', async (_what, args) => {
    let worked = 0
    @Injectable()
    class Worker implements Queue {
      @RequirePermission('work')
      @Process()
      work(): string {
        worked++
        return 'worked'
      }
    }
    const work = await handlerOf(Worker, undefined)
    expect(await outcomeOf(() => work(...args))).toBe('authentication_not_run')
    expect(worked).toBe(0)
  })
})

describe('a guard that knows where the token is', () => {
  @Injectable()
  class QueueGuard extends JwtAuthGuard {
    protected override getToken(context: ExecutionContext): string | undefined {
      return context.getArgByIndex<Job>(0).token
    }
  }

  @Injectable()
  class Signed implements NestInterceptor {
    intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
      return next.handle().pipe(map((answer) => `${String(answer)} for ${authOf(context).claims.sub ?? ''}`))
    }
  }

  @Injectable()
  class Worker implements Queue {
    @RequirePermission('work')
    @RequireAccess((auth, context) => context.getArgByIndex<Job>(0).name !== auth.claims.sub)
    @UseInterceptors(Signed)
    @UseGuards(QueueGuard)
    @Process()
    work(job: Job): string {
      return job.name ?? 'nothing'
    }
  }

  it.each([{}, { guardAllRoutes: true }])('lets good calls pass and tells who sent them, with %j', async (flags) => {
    const work = await handlerOf(Worker, 'queue', flags)
    expect(await outcomeOf(() => work({ name: 'backup', token }))).toBe('backup for alice')
    expect(await outcomeOf(() => work({ name: 'backup', token }, null))).toBe('backup for alice')
    expect(await outcomeOf(() => work({ name: 'alice', token }))).toBe('permission_denied')
    expect(await outcomeOf(() => work({ name: 'backup', token: issuer.sign() }))).toBe('permission_denied')
    expect(await outcomeOf(() => work({ name: 'backup', token: issuer.bad.expired() }))).toBe('token_expired')
    expect(await outcomeOf(() => work({ name: 'backup' }))).toBe('token_missing')
  })

  it('judges jobs that are text, and whose last argument is null', async () => {
    @Injectable()
    class TextGuard extends JwtAuthGuard {
      protected override getToken(context: ExecutionContext): string | undefined {
        return context.getArgByIndex<string>(0)
      }
    }
    @Injectable()
    class Texts implements Queue {
      @RequirePermission('work')
      @UseGuards(TextGuard)
      @Process()
      work(): string {
        return 'worked'
      }
    }
    const work = await handlerOf(Texts, 'queue')
    for (const more of [[], [null], [undefined, null]]) {
      expect(await outcomeOf(() => work(token, ...more))).toBe('worked')
      expect(await outcomeOf(() => work(issuer.sign(), ...more))).toBe('permission_denied')
    }
  })

  it('tells who sent a call also if that says it is HTTP', async () => {
    const work = await handlerOf(Worker, undefined)
    expect(await outcomeOf(() => work({ name: 'backup', token }))).toBe('backup for alice')
    expect(await outcomeOf(() => work({ name: 'alice', token }))).toBe('permission_denied')
  })

  it('asks again for the same job: one that was let in once is not let in for ever', async () => {
    let revoked = false
    const work = await handlerOf(Worker, 'queue', { isRevoked: () => revoked })
    const job = { name: 'backup', token }
    expect(await outcomeOf(() => work(job))).toBe('backup for alice')
    revoked = true
    expect(await outcomeOf(() => work(job))).toBe('token_revoked')
  })

  it('knows calls at once apart also where they share what they are given last', async () => {
    const users = ['alice', 'bob', 'carol']
    let waiting = 0
    let open = (): void => {}
    const allAreIn = new Promise<void>((resolve) => {
      open = resolve
    })
    @Injectable()
    class Together implements NestInterceptor {
      async intercept(_context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
        if (++waiting === users.length) open()
        await allAreIn
        return next.handle()
      }
    }
    @Injectable()
    class Sharing extends Worker {
      @RequirePermission('work')
      @RequireAccess(() => true)
      @UseInterceptors(Together, Signed)
      @UseGuards(QueueGuard)
      @Process()
      override work(job: Job): string {
        return super.work(job)
      }
    }
    const work = await handlerOf(Sharing, 'queue')
    const queue = { name: 'one for all' }
    const jobs = users.map((sub) => ({ name: 'backup', token: issuer.sign({ sub, permissions: ['work'] }) }))
    expect(await Promise.all(jobs.map((job) => outcomeOf(() => work(job, queue))))).toEqual(
      users.map((sub) => `backup for ${sub}`),
    )
  })

  it('knows two calls at once apart', async () => {
    const work = await handlerOf(Worker, 'queue')
    const users = ['alice', 'bob', 'carol']
    const jobs = users.map((sub) => ({ name: 'backup', token: issuer.sign({ sub, permissions: ['work'] }) }))
    expect(await Promise.all(jobs.map((job) => outcomeOf(() => work(job))))).toEqual(
      users.map((sub) => `backup for ${sub}`),
    )
  })
})

it('@CurrentAuth() is of no use where nobody made it a parameter: the call still needs its guard', async () => {
  @Injectable()
  class Worker implements Queue {
    @UseGuards(JwtAuthGuard)
    @Process()
    work(@CurrentAuth() _auth?: Auth): string {
      return 'worked'
    }
  }
  const work = await handlerOf(Worker, 'queue')
  expect(await outcomeOf(() => work({ token }))).toBe('authentication_not_run')
})
