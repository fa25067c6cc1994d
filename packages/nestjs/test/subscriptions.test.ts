// GraphQL subscriptions over graphql-ws: where the token is, and that each subscription asks for it anew.
import {
  CurrentAuth,
  fromBearer,
  fromCookie,
  JwtAuthGuard,
  Public,
  RequirePermission,
  type Auth,
  type JwtGateOptions,
} from '@jwtgate/nestjs'
import { UseGuards } from '@nestjs/common'
import { Query, Resolver, Subscription } from '@nestjs/graphql'
import { describe, expect, it } from 'vitest'
import { withPolluted } from '../../../test/support/pollution.ts'
import { issuerOfThisFile, platforms } from './application.ts'
import { codesOf, startGraphql, type GraphqlRunning, type GraphqlSetup } from './graphql.ts'

const issuer = await issuerOfThisFile()
issuer.clock.freeze()
const gate: JwtGateOptions = issuer.options
const token = issuer.sign({ permissions: ['read'] })
const bearer = `Bearer ${token}`

async function* twice(name: string, value: string): AsyncGenerator<Record<string, string>> {
  yield { [name]: value }
  yield { [name]: `${value} again` }
}

@Resolver()
class Orders {
  @Query(() => String)
  hello(): string {
    return 'hello'
  }
  @UseGuards(JwtAuthGuard)
  @Subscription(() => String)
  mine(@CurrentAuth() auth: Auth): AsyncGenerator<object> {
    return twice('mine', auth.claims.sub ?? '')
  }
  @RequirePermission('read')
  @Subscription(() => String)
  orders(): AsyncGenerator<object> {
    return twice('orders', 'one')
  }
  @Public()
  @Subscription(() => String)
  open(): AsyncGenerator<object> {
    return twice('open', 'one')
  }
  @Subscription(() => String)
  bare(): AsyncGenerator<object> {
    return twice('bare', 'one')
  }
}

const results = (name: string, value: string): readonly object[] => [
  { data: { [name]: value } },
  { data: { [name]: `${value} again` } },
]

describe.each(platforms)('on $name', (platform) => {
  const serve = (setup: Partial<GraphqlSetup> = {}): Promise<GraphqlRunning> =>
    startGraphql({ platform, resolvers: [Orders], gate, ...setup })

  describe('the token of a subscription', () => {
    it.each([
      ['in a header of the upgrade', { headers: { authorization: bearer } }],
      ['in connectionParams', { connectionParams: { Authorization: bearer } }],
      ['in connectionParams, in lower case', { connectionParams: { authorization: bearer } }],
      [
        'in connectionParams, beside others',
        { connectionParams: { tenant: 'acme', authorization: bearer, n: 7, x: null } },
      ],
    ])('%s opens it', async (_place, connection) => {
      const { subscribe } = await serve()
      expect(await subscribe('subscription { mine }', connection)).toEqual(results('mine', 'alice'))
      expect(await subscribe('subscription { orders }', connection)).toEqual(results('orders', 'one'))
    })

    it.each<readonly [string, object, string]>([
      ['nowhere', {}, 'token_missing'],
      [
        'in both places',
        { headers: { authorization: bearer }, connectionParams: { authorization: bearer } },
        'multiple_tokens',
      ],
      [
        'twice in connectionParams',
        { connectionParams: { authorization: bearer, Authorization: bearer } },
        'multiple_tokens',
      ],
      ['without its scheme', { connectionParams: { authorization: token } }, 'token_missing'],
      ['twice in one text', { connectionParams: { authorization: `${bearer} ${token}` } }, 'request_malformed'],
      ['as the scheme alone', { connectionParams: { authorization: 'Bearer' } }, 'request_malformed'],
      [
        'as a member of another name',
        { connectionParams: { token, access_token: token, authToken: bearer } },
        'token_missing',
      ],
      ['deeper in connectionParams', { connectionParams: { headers: { authorization: bearer } } }, 'token_missing'],
      ['expired', { connectionParams: { authorization: `Bearer ${issuer.bad.expired()}` } }, 'token_expired'],
      ['of another key', { headers: { authorization: `Bearer ${issuer.bad.anotherKey()}` } }, 'signature_invalid'],
      [
        'good, beside a bad one',
        { headers: { authorization: bearer }, connectionParams: { authorization: 'Bearer x' } },
        'multiple_tokens',
      ],
    ])('%s is refused', async (_place, connection, code) => {
      const { subscribe } = await serve()
      const refused = await subscribe('subscription { mine }', connection)
      expect(refused.flatMap(codesOf)).toEqual([code])
      expect(refused.flatMap(({ data }) => data ?? [])).toEqual([])
    })

    it.each<readonly [string, unknown]>([
      ['a list', [bearer]],
      ['an object', { value: bearer }],
      ['a number', 7],
      ['true', true],
      ['null', null],
    ])('that is %s, not text, is refused', async (_what, authorization) => {
      const { subscribe } = await serve()
      const refused = await subscribe('subscription { mine }', { connectionParams: { authorization } })
      expect(refused.flatMap(codesOf)).toEqual([expect.stringMatching(/^(token_missing|request_malformed)$/)])
    })

    it('a code says why, with a message that shows nothing of the token', async () => {
      const { subscribe } = await serve()
      const [refused] = await subscribe('subscription { mine }', {
        connectionParams: { authorization: `Bearer ${issuer.bad.expired({ email: 'canary' })}` },
      })
      expect(refused?.errors).toMatchObject([
        { message: 'The access token expired', extensions: { code: 'token_expired', status: 401 } },
      ])
      expect(JSON.stringify(refused)).not.toMatch(/canary|eyJ/)
    })
  })

  it('a rule denies whom it does not name; a subscription without decorators is open to all', async () => {
    const { subscribe } = await serve()
    const connection = { connectionParams: { authorization: `Bearer ${issuer.sign()}` } }
    expect((await subscribe('subscription { orders }', connection)).flatMap(codesOf)).toEqual(['permission_denied'])
    expect(await subscribe('subscription { bare }')).toEqual(results('bare', 'one'))
  })

  it('guardAllRoutes closes what has no decorator', async () => {
    const { subscribe } = await serve({ gate: { ...issuer.options, guardAllRoutes: true } })
    expect((await subscribe('subscription { bare }')).flatMap(codesOf)).toEqual(['token_missing'])
    expect((await subscribe('{ hello }')).flatMap(codesOf)).toEqual(['token_missing'])
    expect(await subscribe('subscription { open }')).toEqual(results('open', 'one'))
    expect(await subscribe('subscription { bare }', { headers: { authorization: bearer } })).toEqual(
      results('bare', 'one'),
    )
  })

  it('tokenFrom says where the token is, here too', async () => {
    const { subscribe } = await serve({ gate: { ...issuer.options, tokenFrom: [fromBearer(), fromCookie('session')] } })
    const cookie = `session=${token}`
    expect(await subscribe('subscription { mine }', { headers: { cookie } })).toEqual(results('mine', 'alice'))
    const both = { headers: { cookie }, connectionParams: { authorization: bearer } }
    expect((await subscribe('subscription { mine }', both)).flatMap(codesOf)).toEqual(['multiple_tokens'])
  })

  describe('on one connection', () => {
    it('a token that expires opens no further subscription', async () => {
      const { connect } = await serve()
      const shortLived = issuer.sign({ exp: Math.floor(issuer.clock.now() / 1000) + 60 })
      const { subscribe, close } = connect({ connectionParams: { authorization: `Bearer ${shortLived}` } })
      expect(await subscribe('subscription { mine }')).toEqual(results('mine', 'alice'))
      issuer.clock.advance(120)
      expect((await subscribe('subscription { mine }')).flatMap(codesOf)).toEqual(['token_expired'])
      await close()
    })

    it('a token that is revoked opens no further subscription', async () => {
      let revoked = false
      const { connect } = await serve({ gate: { ...issuer.options, isRevoked: () => revoked } })
      const { subscribe, close } = connect({ headers: { authorization: `Bearer ${issuer.sign()}` } })
      expect(await subscribe('subscription { mine }')).toEqual(results('mine', 'alice'))
      revoked = true
      expect((await subscribe('subscription { mine }')).flatMap(codesOf)).toEqual(['token_revoked'])
      await close()
    })

    it('a token that expires opens no further subscription where the application makes the contexts', async () => {
      for (const context of [
        (ctx: object) => ctx,
        (ctx: { extra: { request: object } }) => Object.assign(ctx.extra, { req: ctx.extra.request }),
      ]) {
        const { connect } = await serve({ graphql: { context } })
        const shortLived = issuer.sign({ exp: Math.floor(issuer.clock.now() / 1000) + 60 })
        const { subscribe, close } = connect({ headers: { authorization: `Bearer ${shortLived}` } })
        expect(await subscribe('subscription { mine }')).toEqual(results('mine', 'alice'))
        issuer.clock.advance(120)
        expect((await subscribe('subscription { mine }')).flatMap(codesOf)).toEqual(['token_expired'])
        await close()
      }
    })

    it('each of two knows its own user', async () => {
      const { connect } = await serve()
      const connections = ['alice', 'bob'].map((sub) =>
        connect({ connectionParams: { authorization: `Bearer ${issuer.sign({ sub })}` } }),
      )
      const all = await Promise.all(connections.map(({ subscribe }) => subscribe('subscription { mine }')))
      expect(all).toEqual([results('mine', 'alice'), results('mine', 'bob')])
      await Promise.all(connections.map(({ close }) => close()))
    })
  })

  describe('an attacker', () => {
    it.each<readonly [string, string]>([
      ['the prototype of connectionParams', `{ "__proto__": { "authorization": "${bearer}" } }`],
      ['its constructor', `{ "constructor": { "prototype": { "authorization": "${bearer}" } } }`],
      ['the prototype of a member', `{ "headers": { "__proto__": { "authorization": "${bearer}" } } }`],
    ])('gains nothing by %s', async (_what, json) => {
      const { subscribe } = await serve()
      const connection = { connectionParams: JSON.parse(json) as object }
      expect((await subscribe('subscription { mine }', connection)).flatMap(codesOf)).toEqual(['token_missing'])
      expect(Reflect.get({}, 'authorization')).toBeUndefined()
    })

    it('cannot pass for the upgrade request by the names of its members', async () => {
      const { subscribe } = await serve()
      const connectionParams = {
        extra: { request: { headers: { authorization: bearer } } },
        request: { headers: { authorization: bearer } },
        req: { headers: { authorization: bearer } },
        raw: { headers: { authorization: bearer } },
        rawHeaders: ['authorization', bearer],
        headers: { authorization: bearer },
      }
      const refused = await subscribe('subscription { mine }', { connectionParams })
      expect(refused.flatMap(codesOf)).toEqual(['token_missing'])
    })

    it('is not let in by an Object.prototype that somebody else polluted', async () => {
      const { subscribe } = await serve()
      const refused = await withPolluted({ authorization: bearer }, () => subscribe('subscription { mine }'))
      expect(refused.flatMap(codesOf)).toEqual(['token_missing'])
    })
  })
})
