// Over GraphQL with Apollo: queries, mutations, fields and subscriptions, each with its own guard.
import {
  authOf,
  CurrentAuth,
  CurrentClaims,
  JwtAuthGuard,
  JwtExceptionFilter,
  JwtGateModule,
  OptionalJwt,
  Public,
  RequireAccess,
  RequirePermission,
  RequireRole,
  UseVerifier,
  type Auth,
  type JwtGateOptions,
} from '@jwtgate/nestjs'
import {
  Injectable,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common'
import {
  Args,
  Field,
  GqlExecutionContext,
  Mutation,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  ResolveReference,
  Resolver,
} from '@nestjs/graphql'
import { map, type Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { calledBy, isNest11, issuerOfThisFile, platforms, start } from './application.ts'
import { codesOf, startGraphql, type GraphqlRunning, type GraphqlSetup } from './graphql.ts'

const issuer = await issuerOfThisFile()
issuer.clock.freeze()
const admins = await issuerOfThisFile('https://admin.example.com')
const gate: JwtGateOptions = { verifiers: { default: issuer.options, admin: admins.options } }
const text = { nullable: true }

@ObjectType()
class Order {
  @Field()
  id!: string
  @Field(() => String, { nullable: true })
  price?: string
}

@Resolver(() => Order)
class Orders {
  @RequirePermission('read')
  @Query(() => Order, text)
  order(): Order {
    return { id: '7' }
  }
  @Query(() => Order, text)
  open(): Order {
    return { id: '8' }
  }
  @RequireRole('accountant')
  @ResolveField(() => String, text)
  price(@Parent() order: Order, @CurrentAuth() auth: Auth): string {
    return `${order.id} for ${auth.claims.sub ?? ''}`
  }
}

let deleted = 0

@Resolver()
class Others {
  @UseGuards(JwtAuthGuard)
  @Query(() => String, text)
  me(@CurrentAuth() auth: Auth, @CurrentClaims('sub') sub: string): string {
    return auth.claims.sub === sub ? sub : ''
  }
  @UseVerifier('admin')
  @Query(() => String, text)
  admin(@CurrentAuth() auth: Auth): string {
    return auth.claims.iss ?? ''
  }
  @OptionalJwt()
  @Query(() => String, text)
  maybe(@CurrentAuth() auth: Auth | undefined): string {
    return auth?.claims.sub ?? 'anonymous'
  }
  @RequireAccess(
    (auth, context) => GqlExecutionContext.create(context).getArgs<{ id: string }>().id === auth.claims.sub,
  )
  @Query(() => String, text)
  own(@Args('id') id: string): string {
    return id
  }
  @RequirePermission('delete')
  @Mutation(() => String, text)
  remove(): string {
    deleted++
    return 'deleted'
  }
  @Mutation(() => String, text)
  unguarded(): string {
    return 'done'
  }
}

@Injectable()
class Signed implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((answer) => `${String(answer)} for ${authOf(context).claims.sub ?? ''}`))
  }
}

const token = issuer.sign({ permissions: ['read'] })
const accountant = issuer.sign({ permissions: ['read'], roles: ['accountant'] })

describe.each(platforms)('on $name', (platform) => {
  const serve = (setup: Partial<GraphqlSetup> = {}): Promise<GraphqlRunning> =>
    startGraphql({ platform, resolvers: [Orders, Others], gate, ...setup })

  describe('queries and mutations', () => {
    it('are refused without a token, and open without a decorator', async () => {
      const { query } = await serve()
      const refused = await query('{ me }')
      expect(refused).toMatchObject({
        data: { me: null },
        errors: [
          {
            message: 'An access token is required',
            path: ['me'],
            extensions: { code: 'token_missing', status: 401 },
          },
        ],
      })
      expect(await query('{ open { id } }')).toEqual({ data: { open: { id: '8' } } })
      expect(await query('mutation { unguarded }')).toEqual({ data: { unguarded: 'done' } })
    })

    it('keep our code where Apollo makes its own errors out of those of HTTP', async () => {
      const { query } = await serve({ graphql: { autoTransformHttpErrors: true } })
      expect(codesOf(await query('{ me }'))).toEqual(['token_missing'])
    })

    it('know their user', async () => {
      const { query } = await serve()
      expect(await query('{ me }', { token })).toEqual({ data: { me: 'alice' } })
    })

    it.each([
      ['an expired token', () => issuer.bad.expired(), 'token_expired', 401],
      ['a token of another key', () => issuer.bad.anotherKey(), 'signature_invalid', 401],
      ['a token without the permission', () => issuer.sign(), 'permission_denied', 403],
    ])('refuse %s with its code', async (_what, mint, code, status) => {
      const { query } = await serve()
      const result = await query('{ order { id } }', { token: mint() })
      expect(result.data).toEqual({ order: null })
      expect(result.errors).toMatchObject([{ extensions: { code, status } }])
    })

    it('refuse malformed credentials as what they are', async () => {
      const { query } = await serve()
      expect(codesOf(await query('{ me }', { headers: { authorization: 'Bearer a b' } }))).toEqual([
        'request_malformed',
      ])
    })

    it('do nothing where they are refused', async () => {
      const { query } = await serve()
      deleted = 0
      expect(codesOf(await query('mutation { remove }', { token }))).toEqual(['permission_denied'])
      expect(codesOf(await query('mutation { a: remove b: remove }'))).toEqual(['token_missing', 'token_missing'])
      expect(deleted).toBe(0)
      expect(await query('mutation { remove }', { token: issuer.sign({ permissions: ['delete'] }) })).toEqual({
        data: { remove: 'deleted' },
      })
    })

    it('of several in one operation, each is judged by itself', async () => {
      const { query } = await serve()
      const result = await query('{ me order { id } own(id: "bob") open { id } }', { token: issuer.sign() })
      expect(result.data).toEqual({ me: 'alice', order: null, own: null, open: { id: '8' } })
      expect(codesOf(result)).toEqual(['permission_denied', 'permission_denied'])
    })

    it('give their arguments to a function at a resolver', async () => {
      const { query } = await serve()
      expect(await query('{ own(id: "alice") }', { token })).toEqual({ data: { own: 'alice' } })
      expect(codesOf(await query('{ own(id: "bob") }', { token }))).toEqual(['permission_denied'])
      expect(await query('{ a: own(id: "alice") b: own(id: "bob") }', { token })).toMatchObject({
        data: { a: 'alice', b: null },
      })
    })

    it('of @OptionalJwt() let the anonymous in, and no bad token', async () => {
      const { query } = await serve()
      expect(await query('{ maybe }')).toEqual({ data: { maybe: 'anonymous' } })
      expect(await query('{ maybe }', { token })).toEqual({ data: { maybe: 'alice' } })
      expect(codesOf(await query('{ maybe }', { token: issuer.bad.expired() }))).toEqual(['token_expired'])
    })

    it('show nothing of a refused token in errors', async () => {
      const { query } = await serve()
      const answer = JSON.stringify(await query('{ me }', { token: issuer.bad.expired({ email: 'canary' }) }))
      expect(answer).not.toMatch(/canary|eyJ/)
    })

    it('verify one token once for all fields of an operation, and again for the next operation', async () => {
      let asked = 0
      const isRevoked = (): boolean => ++asked < 0
      const { query } = await serve({
        gate: { verifiers: { default: { ...issuer.options, isRevoked }, admin: admins.options } },
      })
      expect(await query('{ a: me b: me order { id price } }', { token: accountant })).toMatchObject({
        data: { a: 'alice' },
      })
      expect(asked).toBe(1)
      await query('{ me }', { token: accountant })
      expect(asked).toBe(2)
    })

    it('of two users at once know each theirs', async () => {
      const { query } = await serve()
      const users = Array.from({ length: 20 }, (_, index) => `user-${index}`)
      const results = await Promise.all(users.map((sub) => query('{ me maybe }', { token: issuer.sign({ sub }) })))
      expect(results).toEqual(users.map((sub) => ({ data: { me: sub, maybe: sub } })))
    })
  })

  describe('several verifiers in one operation', () => {
    it('each field asks its own', async () => {
      const { query } = await serve()
      const ofUser = await query('{ me admin maybe }', { token })
      expect(ofUser.data).toEqual({ me: 'alice', admin: null, maybe: 'alice' })
      expect(codesOf(ofUser)).toEqual(['issuer_mismatch'])
      const ofAdmin = await query('{ admin me again: admin }', { token: admins.sign() })
      expect(ofAdmin.data).toEqual({ admin: admins.url, me: null, again: admins.url })
      expect(codesOf(ofAdmin)).toEqual(['issuer_mismatch'])
    })

    it('each field is told who sent the call by its own, though one token is good for both', async () => {
      @Resolver()
      class Both {
        @UseGuards(JwtAuthGuard)
        @Query(() => [String])
        asUser(@CurrentAuth() auth: Auth): readonly string[] {
          return auth.permissions
        }
        @UseVerifier('admin')
        @Query(() => [String])
        asAdmin(@CurrentAuth() auth: Auth): readonly string[] {
          return auth.permissions
        }
        @UseVerifier('admin')
        @RequirePermission('user')
        @Query(() => String, text)
        never(): string {
          return 'in'
        }
      }
      const verifiers = {
        default: { ...issuer.options, permissionsFrom: () => ['user'] },
        admin: { ...issuer.options, permissionsFrom: () => ['admin'] },
      }
      const { query } = await serve({ resolvers: [Both], gate: { verifiers } })
      const result = await query('{ a: asUser b: asAdmin c: asUser d: asAdmin never }', { token })
      expect(result.data).toEqual({ a: ['user'], b: ['admin'], c: ['user'], d: ['admin'], never: null })
      expect(codesOf(result)).toEqual(['permission_denied'])
    })
  })

  describe('field guards', () => {
    it('judge the field, and leave the rest of the object', async () => {
      const { query } = await serve()
      expect(await query('{ order { id price } }', { token: accountant })).toEqual({
        data: { order: { id: '7', price: '7 for alice' } },
      })
      const denied = await query('{ order { id price } }', { token })
      expect(denied).toMatchObject({
        data: { order: { id: '7', price: null } },
        errors: [{ path: ['order', 'price'], extensions: { code: 'permission_denied', status: 403 } }],
      })
    })

    it('ask for a token where the query above is open', async () => {
      const { query } = await serve()
      expect(await query('{ open { id } }')).toEqual({ data: { open: { id: '8' } } })
      const refused = await query('{ open { id price } }')
      expect(refused.data).toEqual({ open: { id: '8', price: null } })
      expect(codesOf(refused)).toEqual(['token_missing'])
    })

    it.each([
      ['nothing is written', { fieldResolverEnhancers: undefined }],
      ['only interceptors are', { fieldResolverEnhancers: ['interceptors' as const] }],
    ])('end the start where they would not run: for fields, %s', async (_what, { fieldResolverEnhancers }) => {
      const graphql = fieldResolverEnhancers === undefined ? { fieldResolverEnhancers: [] } : { fieldResolverEnhancers }
      const starting = serve({ graphql })
      await expect(starting).rejects.toMatchObject({ name: 'ConfigError' })
      await expect(starting).rejects.toThrow(/Orders\.price.*fieldResolverEnhancers: \['guards'\]/)
    })

    it('are not needed by fields without decorators', async () => {
      @Resolver(() => Order)
      class Plain {
        @RequirePermission('read')
        @Query(() => Order, text)
        plain(): Order {
          return { id: '9' }
        }
        @ResolveField(() => String, text)
        price(): string {
          return 'free'
        }
      }
      const { query } = await serve({ resolvers: [Plain], graphql: { fieldResolverEnhancers: [] } })
      expect(await query('{ plain { price } }', { token })).toEqual({ data: { plain: { price: 'free' } } })
    })
  })

  describe('guardAllRoutes', () => {
    it('closes queries, mutations and fields without decorators, unless they are public', async () => {
      @Resolver(() => Order)
      class Bare {
        @Query(() => Order, text)
        closed(): Order {
          return { id: '1' }
        }
        @Public()
        @Query(() => Order, text)
        shown(): Order {
          return { id: '2' }
        }
        @Mutation(() => String, text)
        change(): string {
          return 'changed'
        }
        @ResolveField(() => String, text)
        price(): string {
          return 'free'
        }
      }
      const { query } = await serve({ resolvers: [Bare], gate: { ...issuer.options, guardAllRoutes: true } })
      expect(codesOf(await query('{ closed { id } }'))).toEqual(['token_missing'])
      expect(codesOf(await query('mutation { change }'))).toEqual(['token_missing'])
      expect(await query('{ shown { id } }')).toEqual({ data: { shown: { id: '2' } } })
      expect(codesOf(await query('{ shown { price } }'))).toEqual(['token_missing'])
      expect(await query('{ closed { id price } }', { token })).toEqual({
        data: { closed: { id: '1', price: 'free' } },
      })
    })
  })

  describe('contexts that an application makes', () => {
    const bob = issuer.sign({ sub: 'bob' })

    it.each<readonly [string, unknown]>([
      ['nothing', undefined],
      ['a function that keeps the request', ({ req }: { req: object }) => ({ req, loaders: {} })],
      ['a function that keeps nothing', () => ({ loaders: {} })],
    ])('%s: each request is that of its own sender', async (_what, context) => {
      const graphql = context === undefined ? {} : { context }
      const { query } = await serve({ graphql })
      expect(await query('{ me }', { token })).toEqual({ data: { me: 'alice' } })
      expect(codesOf(await query('{ me }'))).toEqual(['token_missing'])
      expect(await query('{ me }', { token: issuer.sign({ sub: 'bob' }) })).toEqual({ data: { me: 'bob' } })
    })

    it('one object for all: that of its own sender too, or nothing starts: @nestjs/apollo 13 keeps the first in it', async () => {
      const senders = async (): Promise<readonly unknown[]> => {
        const { query } = await serve({ graphql: { context: { loaders: {} } } })
        const answers = [await query('{ me }', { token }), await query('{ me }', { token: bob })]
        return [...answers.map(({ data }) => data), codesOf(await query('{ me }'))]
      }
      const outcome = await senders().catch(({ message }: Error) => message)
      const refused = expect.stringMatching(/context of GraphQLModule is an object.*context: \(\) =>/) as unknown
      expect(outcome).toEqual(isNest11 ? refused : [{ me: 'alice' }, { me: 'bob' }, ['token_missing']])
    })
  })

  it.each<readonly [string, unknown]>([
    ['of no request', {}],
    ['whose headers are null', { headers: null }],
    ['whose headers are text', { headers: `authorization: Bearer ${token}` }],
    ['of a connection without the request of its upgrade', { extra: { request: {} } }],
    ['of a connection whose upgrade has no headers', { extra: { request: { headers: null } } }],
  ])('a context %s lets nobody in, not even as anonymous', async (_what, made) => {
    const parameters = { connectionParams: { authorization: `Bearer ${token}` } }
    const { query } = await serve({ graphql: { context: () => ({ req: { ...parameters, ...(made as object) } }) } })
    expect(codesOf(await query('{ me }', { token }))).toEqual(['authentication_not_run'])
    expect(codesOf(await query('{ maybe }', { token }))).toEqual(['authentication_not_run'])
  })

  it('a connection whose parameters are null is that of its upgrade', async () => {
    const request = { headers: { authorization: `Bearer ${token}` } }
    const { query } = await serve({
      graphql: { context: () => ({ req: { extra: { request }, connectionParams: null } }) },
    })
    expect(await query('{ me }')).toEqual({ data: { me: 'alice' } })
  })

  it('the entities of a federation, whose resolvers have no arguments, are guarded and told who asks', async () => {
    @Resolver(() => Order)
    class Entities {
      @RequirePermission('read')
      @UseInterceptors(Signed)
      @ResolveReference()
      resolveReference(reference: Order): string {
        return reference.id
      }
    }
    const { app } = await start({ imports: [JwtGateModule.forRoot(gate)], providers: [Entities] }, { platform })
    // As the driver of a federation makes it, and calls it.
    const resolve = calledBy(app, Entities, 'resolveReference', 'graphql')
    const resolveFor = async (sent?: string): Promise<unknown> => {
      const headers = sent === undefined ? {} : { authorization: `Bearer ${sent}` }
      return resolve({ id: '7' }, { req: { headers } }, { variableValues: {} })
    }
    expect(await resolveFor(token)).toBe('7 for alice')
    await expect(resolveFor()).rejects.toMatchObject({ extensions: { code: 'token_missing' } })
    await expect(resolveFor(issuer.sign())).rejects.toMatchObject({ extensions: { code: 'permission_denied' } })
  })

  it('authOf(context) tells an interceptor of a resolver who called', async () => {
    @Resolver()
    class Intercepted {
      @UseGuards(JwtAuthGuard)
      @UseInterceptors(Signed)
      @Query(() => String, text)
      signed(): string {
        return 'order'
      }
    }
    const { query } = await serve({ resolvers: [Intercepted as Type] })
    expect(await query('{ signed }', { token })).toEqual({ data: { signed: 'order for alice' } })
  })

  it('JwtExceptionFilter leaves what is refused to NestJS: its answer is HTTP only', async () => {
    @UseFilters(JwtExceptionFilter)
    @Resolver()
    class Filtered {
      @UseGuards(JwtAuthGuard)
      @Query(() => String, text)
      filtered(): string {
        return 'in'
      }
    }
    const { query } = await serve({ resolvers: [Filtered] })
    const refused = await query('{ filtered }')
    expect(refused.data).toEqual({ filtered: null })
    expect(codesOf(refused)).toEqual(['token_missing'])
    expect(await query('{ filtered }', { token })).toEqual({ data: { filtered: 'in' } })
  })

  it('@CurrentAuth() of a resolver that nobody guards is an error of the program', async () => {
    @Resolver()
    class Forgotten {
      @Query(() => String, text)
      forgotten(@CurrentAuth() auth: Auth): string {
        return auth.claims.sub ?? ''
      }
    }
    const { query } = await serve({ resolvers: [Forgotten] })
    const result = await query('{ forgotten }', { token })
    expect(result.data).toEqual({ forgotten: null })
    expect(codesOf(result)).toEqual(['authentication_not_run'])
  })

  it('a guard that extends ours may take the token from an argument, field by field', async () => {
    @Injectable()
    class FromArgument extends JwtAuthGuard {
      protected override getToken(context: ExecutionContext): string | undefined {
        return GqlExecutionContext.create(context).getArgs<{ token?: string }>().token
      }
    }
    @Resolver()
    class ByArgument {
      @UseGuards(FromArgument)
      @Query(() => String, text)
      who(@CurrentAuth() auth: Auth, @Args('token') _token: string): string {
        return auth.claims.sub ?? ''
      }
    }
    const { query } = await serve({ resolvers: [ByArgument] })
    const [alice, bob] = [issuer.sign(), issuer.sign({ sub: 'bob' })]
    const result = await query(`{ a: who(token: "${alice}") b: who(token: "${bob}") c: who(token: "x") }`, { token })
    expect(result.data).toEqual({ a: 'alice', b: 'bob', c: null })
    expect(codesOf(result)).toEqual(['token_malformed'])
  })
})
