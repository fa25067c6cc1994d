// Which calls each decorator lets through, alone and beside others, on both platforms.
import {
  anyOf,
  createJwtVerifier,
  JwtAuthGuard,
  JwtGateModule,
  OptionalJwt,
  permission,
  Public,
  RequireAccess,
  RequirePermission,
  RequireRole,
  RequireScope,
  role,
  UseVerifier,
} from '@jwtgate/nestjs'
import {
  All,
  Controller,
  Get,
  HttpCode,
  Injectable,
  Sse,
  StreamableFile,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common'
import { of, type Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { withPolluted } from '../../../test/support/pollution.ts'
import { exchange, parseAnswer, requestText } from '../../../test/support/raw-http.ts'
import { issuerOfThisFile, platforms, start, type Running } from './application.ts'
import { onEach, ordersWith, Wrapped, type AnyDecorator } from './classes.ts'

const issuer = await issuerOfThisFile()
const admins = await issuerOfThisFile('https://admin.example.com')
const gate = (): ReturnType<typeof JwtGateModule.forRoot> =>
  JwtGateModule.forRoot({ verifiers: { default: issuer.options, admin: admins.options } })

const grants = { permissions: ['read'], scope: 'orders', roles: ['editor'] }
const good = issuer.sign(grants)
const bare = issuer.sign()

@Injectable()
class PassThrough implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle()
  }
}

describe.each(platforms)('on $name', (platform) => {
  const serve = (...controllers: readonly Type[]): Promise<Running> =>
    start({ imports: [gate()], controllers: [...controllers] }, { platform })

  const rules: readonly (readonly [string, AnyDecorator])[] = [
    ['@RequirePermission', RequirePermission('read')],
    ['@RequireScope', RequireScope('orders')],
    ['@RequireRole', RequireRole('editor')],
    ['@RequireAccess with a rule', RequireAccess(anyOf(permission('read'), role('admin')))],
    ['@RequireAccess with a function', RequireAccess(async (auth) => auth.permissions.includes('read'))],
  ]

  describe.each(rules)('%s', (_name, rule) => {
    it.each([
      ['method', { onMethod: [rule] }],
      ['class', { onClass: [rule] }],
    ])('alone on a %s closes the route, which is open without it', async (_place, decorators) => {
      const guarded = await serve(ordersWith(decorators))
      expect(await guarded.ask('/orders')).toMatchObject({ status: 401, code: 'token_missing' })
      expect(await guarded.ask('/orders', { token: issuer.bad.anotherKey(grants) })).toMatchObject({
        status: 401,
        code: 'signature_invalid',
      })
      expect(await guarded.ask('/orders', { token: bare })).toMatchObject({ status: 403, code: 'permission_denied' })
      expect(await guarded.ask('/orders', { token: good })).toMatchObject({ status: 200, text: 'in' })

      const open = await serve(ordersWith({}))
      expect(await open.ask('/orders')).toMatchObject({ status: 200, text: 'in' })
    })
  })

  describe.each<readonly [string, AnyDecorator, string]>([
    ['@UseGuards(JwtAuthGuard)', UseGuards(JwtAuthGuard), issuer.sign()],
    ["@UseVerifier('default')", UseVerifier('default'), issuer.sign()],
    ["@UseVerifier('admin')", UseVerifier('admin'), admins.sign()],
  ])('%s', (_name, decorator, token) => {
    it.each([
      ['method', { onMethod: [decorator] }],
      ['class', { onClass: [decorator] }],
    ])('alone on a %s asks for a token and for nothing more', async (_place, decorators) => {
      const { ask } = await serve(ordersWith(decorators))
      expect(await ask('/orders')).toMatchObject({ status: 401, code: 'token_missing' })
      expect(await ask('/orders', { token })).toMatchObject({ status: 200, text: 'in' })
    })
  })

  describe('rules that add up', () => {
    const all = { permissions: ['a', 'b', 'c', 'd'], scope: 's', roles: ['r', 'q'] }
    const stacks = ordersWith({
      onClass: [RequirePermission('a'), RequireScope('s'), RequirePermission('b')],
      onMethod: [
        RequirePermission('c', 'd'),
        RequireRole('r'),
        RequireRole('q'),
        RequireAccess((auth) => !auth.claims['banned']),
      ],
    })

    it('a token that has all of them passes', async () => {
      const { ask } = await serve(stacks)
      expect((await ask('/orders', { token: issuer.sign(all) })).status).toBe(200)
    })

    it.each([
      ['the first permission of the class', { permissions: ['b', 'c', 'd'] }],
      ['the second permission of the class', { permissions: ['a', 'c', 'd'] }],
      ['the scope of the class', { scope: undefined }],
      ['one name of the method', { permissions: ['a', 'b', 'c'] }],
      ['the first role of the method', { roles: ['q'] }],
      ['the second role of the method', { roles: ['r'] }],
      ['what a function asks for', { banned: true }],
    ])('a token without %s is denied', async (_what, without) => {
      const { ask } = await serve(stacks)
      const answer = await ask('/orders', { token: issuer.sign({ ...all, ...without }) })
      expect([answer.status, answer.code]).toEqual([403, 'permission_denied'])
    })

    it('rules of one route ask nothing of another route of the class', async () => {
      @Controller()
      class Orders {
        @RequirePermission('delete')
        @Get('delete')
        remove(): string {
          return 'deleted'
        }
        @RequirePermission('read')
        @Get('read')
        read(): string {
          return 'read'
        }
      }
      const { ask } = await serve(Orders)
      const paths = ['/read', '/delete']
      const answers = await Promise.all(paths.map((path) => ask(path, { token: good })))
      expect(answers.map(({ status }) => status)).toEqual([200, 403])
    })
  })

  describe('in any order', () => {
    const decorators: readonly MethodDecorator[] = [
      Get(),
      HttpCode(202),
      UseGuards(JwtAuthGuard),
      RequirePermission('read'),
      RequireRole('editor'),
      UseInterceptors(PassThrough),
      Wrapped({ keepsMetadata: true }),
    ]
    const orders = [decorators, decorators.toReversed()].flatMap((list) =>
      list.map((_decorator, index) => [...list.slice(index), ...list.slice(0, index)]),
    )

    it('beside @Get, @HttpCode, @UseGuards, interceptors and wrapping decorators, rules are judged', async () => {
      const controllers = orders.map((order, index) => {
        @Controller(String(index))
        class Orders {
          @onEach(order)
          read(): string {
            return 'in'
          }
        }
        return Orders
      })
      const { ask } = await serve(...controllers)
      const statuses = async (token?: string): Promise<ReadonlySet<number>> =>
        new Set(await Promise.all(controllers.map(async (_class, index) => (await ask(`/${index}`, { token })).status)))
      expect(orders).toHaveLength(14)
      expect(await statuses()).toEqual(new Set([401]))
      expect(await statuses(issuer.sign({ permissions: ['read'] }))).toEqual(new Set([403]))
      expect(await statuses(issuer.sign({ roles: ['editor'] }))).toEqual(new Set([403]))
      expect(await statuses(good)).toEqual(new Set([202]))
    })

    it('a decorator that replaces the method below the rules takes none away', async () => {
      const { ask } = await serve(
        ordersWith({ onMethod: [RequirePermission('read'), Get('wrapped'), Wrapped({ keepsMetadata: false })] }),
      )
      expect((await ask('/orders/wrapped')).status).toBe(401)
      expect((await ask('/orders/wrapped', { token: good })).status).toBe(200)
    })
  })

  describe('how often a token is verified', () => {
    it('is once a request, however many decorators and guards there are', async () => {
      const { verifier, verified } = counting(createJwtVerifier(issuer.options))
      const Orders = ordersWith({
        onClass: [UseGuards(JwtAuthGuard, JwtAuthGuard), RequireRole('editor'), RequireScope('orders')],
        onMethod: [UseGuards(JwtAuthGuard), RequirePermission('read'), UseVerifier('default')],
      })
      const { ask } = await start(
        { imports: [JwtGateModule.forRoot({ verifier, guardAllRoutes: true })], controllers: [Orders] },
        { platform },
      )
      expect((await ask('/orders', { token: good })).status).toBe(200)
      expect(verified).toEqual([good])
      expect((await ask('/orders', { token: bare })).status).toBe(403)
      expect(verified).toEqual([good, bare])
    })

    it('is once a request for the revocation hook too, and for a function at a route', async () => {
      const asked: string[] = []
      const Orders = ordersWith({
        onClass: [UseGuards(JwtAuthGuard), RequireAccess(() => asked.push('class') > 0)],
        onMethod: [RequireAccess(() => asked.push('method') > 0), RequirePermission('read')],
      })
      const isRevoked = (): boolean => asked.push('revoked?') < 0
      const { ask } = await start(
        {
          imports: [JwtGateModule.forRoot({ ...issuer.options, isRevoked, guardAllRoutes: true })],
          controllers: [Orders],
        },
        { platform },
      )
      expect((await ask('/orders', { token: good })).status).toBe(200)
      expect(asked.toSorted()).toEqual(['class', 'method', 'revoked?'])
    })

    it('is once for each guard that extends ours, however often they take turns', async () => {
      @Injectable()
      class First extends JwtAuthGuard {}
      @Injectable()
      class Second extends JwtAuthGuard {}
      const { verifier, verified } = counting(createJwtVerifier(issuer.options))
      const Orders = ordersWith({ onClass: [UseGuards(First, Second, First)], onMethod: [UseGuards(Second, First)] })
      const { ask } = await start(
        { imports: [JwtGateModule.forRoot({ verifier })], controllers: [Orders] },
        { platform },
      )
      expect((await ask('/orders', { token: good })).status).toBe(200)
      expect(verified).toEqual([good, good])
    })

    it('takes one guard in the list, however many rules bring it', () => {
      const Orders = ordersWith({
        onClass: [RequireRole('editor'), RequireScope('orders'), UseGuards(JwtAuthGuard)],
        onMethod: [OptionalJwt(), RequirePermission('read'), UseVerifier('default')],
      })
      const method = Reflect.get(Orders.prototype as object, 'read') as object
      expect(Reflect.getMetadata('__guards__', method)).toEqual([JwtAuthGuard])
      expect(Reflect.getMetadata('__guards__', Orders)).toEqual([JwtAuthGuard])
    })

    it('is again at the next request of the same connection', async () => {
      const { verifier, verified } = counting(createJwtVerifier(issuer.options))
      const { ask } = await start(
        {
          imports: [JwtGateModule.forRoot({ verifier })],
          controllers: [ordersWith({ onMethod: [RequireRole('editor')] })],
        },
        { platform },
      )
      await ask('/orders', { token: good })
      await ask('/orders', { token: good })
      await ask('/orders')
      expect(verified).toEqual([good, good])
    })

    it('verifies nothing where nobody asks for it', async () => {
      const { verifier, verified } = counting(createJwtVerifier(issuer.options))
      const { ask } = await start(
        { imports: [JwtGateModule.forRoot({ verifier })], controllers: [ordersWith({ onMethod: [Public()] })] },
        { platform },
      )
      expect((await ask('/orders', { token: good })).status).toBe(200)
      expect(verified).toEqual([])
    })
  })

  describe('inherited controllers', () => {
    @RequireRole('editor')
    abstract class Base {
      @RequirePermission('read')
      @Get()
      read(): string {
        return 'in'
      }
    }

    it('keep the rules of the class and of the methods that they inherit', async () => {
      @Controller('orders')
      class Orders extends Base {}
      const { ask } = await serve(Orders)
      expect((await ask('/orders')).status).toBe(401)
      expect((await ask('/orders', { token: issuer.sign({ permissions: ['read'] }) })).status).toBe(403)
      expect((await ask('/orders', { token: issuer.sign({ roles: ['editor'] }) })).status).toBe(403)
      expect((await ask('/orders', { token: good })).status).toBe(200)
    })

    it('add their own rules to those of the class that they extend, and to no sibling', async () => {
      @RequireScope('orders')
      @Controller('orders')
      class Orders extends Base {}
      @RequireScope('invoices')
      @Controller('invoices')
      class Invoices extends Base {}
      @Controller('plain')
      class Plain extends Base {}
      const { ask } = await serve(Orders, Invoices, Plain)
      const statuses = async (token: string): Promise<readonly number[]> => {
        const paths = ['/orders', '/invoices', '/plain']
        return Promise.all(paths.map(async (path) => (await ask(path, { token })).status))
      }
      expect(await statuses(good)).toEqual([200, 403, 200])
      expect(await statuses(issuer.sign({ ...grants, scope: 'invoices' }))).toEqual([403, 200, 200])
      expect(await statuses(issuer.sign({ ...grants, roles: [], scope: 'orders invoices' }))).toEqual([403, 403, 403])
    })

    it('choose another verifier than the class that they extend, whatever else is written at them', async () => {
      @UseVerifier('default')
      abstract class Parent {
        @Get()
        read(): string {
          return 'in'
        }
      }
      @UseVerifier('admin')
      @RequireRole('editor')
      @Controller('orders')
      class Orders extends Parent {}
      const { ask } = await serve(Orders)
      expect((await ask('/orders', { token: good })).code).toBe('issuer_mismatch')
      expect((await ask('/orders', { token: admins.sign() })).code).toBe('permission_denied')
      expect((await ask('/orders', { token: admins.sign({ roles: ['editor'] }) })).status).toBe(200)
    })

    it('may name another verifier than the class that they extend', async () => {
      @UseVerifier('admin')
      abstract class OfAdmins {
        @Get()
        read(): string {
          return 'in'
        }
      }
      @UseVerifier('default')
      @Controller('orders')
      class Orders extends OfAdmins {}
      @Controller('admin')
      class Admin extends OfAdmins {}
      const { ask } = await serve(Orders, Admin)
      expect((await ask('/orders', { token: bare })).status).toBe(200)
      expect((await ask('/orders', { token: admins.sign() })).code).toBe('issuer_mismatch')
      expect((await ask('/admin', { token: bare })).code).toBe('issuer_mismatch')
    })

    it('are open if the class that they extend is, and it says so', async () => {
      @Public()
      abstract class Open {
        @Get()
        read(): string {
          return 'in'
        }
      }
      @Controller('orders')
      class Orders extends Open {}
      const { ask } = await start(
        { imports: [JwtGateModule.forRoot({ ...issuer.options, guardAllRoutes: true })], controllers: [Orders] },
        { platform },
      )
      expect((await ask('/orders')).status).toBe(200)
    })
  })

  describe('@UseVerifier', () => {
    @UseVerifier('admin')
    @Controller('orders')
    class Orders {
      @Get('class')
      byClass(): string {
        return 'in'
      }
      @UseVerifier('default')
      @Get('method')
      byMethod(): string {
        return 'in'
      }
    }

    it('of a class holds for its methods, and that of a method goes before it', async () => {
      const { ask } = await serve(Orders)
      const statuses = async (path: string): Promise<unknown> =>
        Promise.all([issuer.sign(), admins.sign()].map(async (token) => (await ask(path, { token })).code ?? 'in'))
      expect(await statuses('/orders/class')).toEqual(['issuer_mismatch', 'in'])
      expect(await statuses('/orders/method')).toEqual(['in', 'issuer_mismatch'])
    })

    it('chooses the verifier whose permissions a rule judges', async () => {
      const { ask } = await serve(
        ordersWith({ onClass: [RequirePermission('read')], onMethod: [UseVerifier('admin')] }),
      )
      expect((await ask('/orders', { token: good })).code).toBe('issuer_mismatch')
      expect((await ask('/orders', { token: admins.sign() })).code).toBe('permission_denied')
      expect((await ask('/orders', { token: admins.sign({ permissions: ['read'] }) })).status).toBe(200)
    })
  })

  describe('@Public', () => {
    @UseGuards(JwtAuthGuard)
    @Controller('orders')
    class Orders {
      @Public()
      @Get('public')
      open(): string {
        return 'open'
      }
      @Get('closed')
      closed(): string {
        return 'closed'
      }
    }

    it('opens one method of a guarded class and no other', async () => {
      const { ask } = await serve(Orders)
      expect(await ask('/orders/public')).toMatchObject({ status: 200, text: 'open' })
      expect(await ask('/orders/closed')).toMatchObject({ status: 401 })
    })

    it('lets a request with a bad token pass too: nobody looks at it', async () => {
      const { ask } = await serve(Orders)
      expect(await ask('/orders/public', { token: issuer.bad.expired() })).toMatchObject({ status: 200 })
    })

    it('opens one method of a class that has another verifier', async () => {
      const { ask } = await serve(ordersWith({ onClass: [UseVerifier('admin')], onMethod: [Public()] }))
      expect((await ask('/orders')).status).toBe(200)
    })
  })

  describe('@OptionalJwt', () => {
    it.each([
      ['method', { onMethod: [OptionalJwt()] }],
      ['class', { onClass: [OptionalJwt()] }],
      ['method of a guarded class', { onClass: [UseGuards(JwtAuthGuard)], onMethod: [OptionalJwt()] }],
      ['method that names its verifier', { onMethod: [OptionalJwt(), UseVerifier('default')] }],
      ['method of a class that names its verifier', { onClass: [UseVerifier('default')], onMethod: [OptionalJwt()] }],
    ])('on a %s lets the anonymous in, and no bad token', async (_place, decorators) => {
      const { ask } = await serve(ordersWith(decorators))
      expect((await ask('/orders')).status).toBe(200)
      expect((await ask('/orders', { token: good })).status).toBe(200)
      expect(await ask('/orders', { token: issuer.bad.expired() })).toMatchObject({
        status: 401,
        code: 'token_expired',
      })
      const malformed = await ask('/orders', { headers: { authorization: 'Bearer' } })
      expect(malformed).toMatchObject({ status: 400, code: 'request_malformed' })
    })

    it('beside a rule asks the anonymous for a token', async () => {
      const { ask } = await serve(ordersWith({ onClass: [OptionalJwt()], onMethod: [RequirePermission('read')] }))
      expect(await ask('/orders')).toMatchObject({ status: 401, code: 'token_missing' })
      expect(await ask('/orders', { token: bare })).toMatchObject({ status: 403 })
      expect(await ask('/orders', { token: good })).toMatchObject({ status: 200 })
    })

    it('of one method is not for its neighbour', async () => {
      @UseGuards(JwtAuthGuard)
      @Controller()
      class Orders {
        @OptionalJwt()
        @Get('optional')
        optional(): string {
          return 'in'
        }
        @Get('required')
        required(): string {
          return 'in'
        }
      }
      const { ask } = await serve(Orders)
      expect([(await ask('/optional')).status, (await ask('/required')).status]).toEqual([200, 401])
    })
  })

  describe('routes of every kind', () => {
    it('a stream of events does not begin for whom is refused', async () => {
      let begun = 0
      @Controller()
      class Events {
        @RequirePermission('read')
        @Sse('events')
        events(): Observable<{ data: string }> {
          begun++
          return of({ data: 'in' })
        }
      }
      const { ask } = await serve(Events)
      const refused = await ask('/events', { token: bare })
      expect([refused.status, refused.code, begun]).toEqual([403, 'permission_denied', 0])
      const answer = await ask('/events', { token: good })
      expect([answer.status, begun]).toEqual([200, 1])
      expect(answer.text).toContain('data: in')
    })

    it('a file is sent only to whom may read it', async () => {
      @RequirePermission('read')
      @Controller()
      class Files {
        @Get('file')
        file(): StreamableFile {
          return new StreamableFile(Buffer.from('in'))
        }
      }
      const { ask } = await serve(Files)
      expect((await ask('/file', { token: bare })).status).toBe(403)
      expect((await ask('/file', { token: good })).text).toBe('in')
    })

    it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is refused by @All()', async (method) => {
      @Controller()
      class Everything {
        @RequirePermission('read')
        @All('all')
        all(): string {
          return 'in'
        }
      }
      const { ask } = await serve(Everything)
      expect((await ask('/all', { method })).status).toBe(401)
      expect((await ask('/all', { method, token: good })).status).toBeLessThan(300)
    })

    it('HEAD of a GET route is guarded as GET is', async () => {
      const { ask } = await serve(ordersWith({ onMethod: [RequirePermission('read')] }))
      expect((await ask('/orders', { method: 'HEAD' })).status).toBe(401)
      expect((await ask('/orders', { method: 'HEAD', token: good })).status).toBe(200)
    })

    it('a request is not found in an Object.prototype that somebody else polluted', async () => {
      const { ask } = await serve(ordersWith({ onMethod: [RequirePermission('read')] }))
      const raw = { headers: { authorization: `Bearer ${good}` } }
      const { status, text } = await withPolluted({ raw }, () => ask('/orders'))
      expect(status).toBeGreaterThanOrEqual(400)
      expect(text).not.toBe('in')
    })

    it('a second Authorization field is refused, whichever of the two is good', async () => {
      const { port } = await serve(ordersWith({ onMethod: [RequirePermission('read')] }))
      const [first, second] = [`Authorization: Bearer ${good}`, 'Authorization: Bearer x']
      for (const fields of [
        [first, second],
        [second, first],
        [first, first],
      ]) {
        const answer = parseAnswer(await exchange(port, requestText('GET', '/orders', fields)))
        expect([answer.status, JSON.parse(answer.body)]).toEqual([
          400,
          expect.objectContaining({ code: 'multiple_tokens' }),
        ])
      }
    })
  })

  it.each<readonly [string, unknown]>([
    ['@Public', Public],
    ['@OptionalJwt', OptionalJwt],
    ['@UseVerifier', UseVerifier],
    ['@RequirePermission', RequirePermission],
    ['@RequireScope', RequireScope],
    ['@RequireRole', RequireRole],
    ['@RequireAccess', RequireAccess],
  ])('%s without its parentheses lets nobody through', async (_name, forgotten) => {
    const withoutParentheses = forgotten as AnyDecorator
    const statusOf = async (make: () => Type): Promise<number> => {
      try {
        const imports = [JwtGateModule.forRoot({ ...issuer.options, guardAllRoutes: true })]
        const { ask } = await start({ imports, controllers: [make()] }, { platform })
        return (await ask('/orders', {})).status
      } catch {
        return 0
      }
    }
    expect(await statusOf(() => ordersWith({ onMethod: [withoutParentheses] }))).not.toBe(200)
    expect(await statusOf(() => ordersWith({ onClass: [withoutParentheses] }))).not.toBe(200)
  })
})

/** A verifier as an application wraps it, and which tokens it was given. */
function counting(inner: ReturnType<typeof createJwtVerifier>): {
  readonly verifier: ReturnType<typeof createJwtVerifier>
  readonly verified: readonly string[]
} {
  const verified: string[] = []
  const verify: typeof inner.verify = (token) => {
    verified.push(token)
    return inner.verify(token)
  }
  return { verifier: { ...inner, verify }, verified }
}
