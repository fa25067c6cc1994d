// Several places where a token may be: one of them may hold one; two tokens are refused, for which would be meant?
import { describe, expect, it } from 'vitest'
import {
  createAuthenticator,
  fromBearer,
  fromCookie,
  fromHeader,
  isJwtGateError,
  type AuthenticationOptions,
  type RequestLike,
  type TokenSource,
} from '@jwtgate/core'
import { casesOf } from '../../../../test/support/cases.ts'
import { runModule } from '../../../../test/support/child-process.ts'
import { configErrorOf } from '../../../../test/support/config-errors.ts'
import { mint } from '../../../../test/support/mint.ts'
import { foundByServer } from '../../../../test/support/raw-request.ts'
import { refusalAt } from '../../../../test/support/requests.ts'
import { refuseUnhandledRejections } from '../../../../test/support/unhandled-rejections.ts'
import { testVerifier } from '../../../../test/support/verifiers.ts'

refuseUnhandledRejections()

const sources = [fromBearer(), fromCookie('session'), fromHeader('x-access-token')]
const required = authenticator(sources)
const optional = authenticator(sources, 'allowed')

type Fields = Readonly<Record<string, string | readonly string[]>>

function authenticator(tokenFrom: unknown, anonymous: 'refused' | 'allowed' = 'refused') {
  return createAuthenticator(testVerifier(), { tokenFrom: tokenFrom as TokenSource, realm: 'orders' }, anonymous)
}

/** The subject, `anonymous`, or the code of the refusal. */
async function said(authenticate: ReturnType<typeof authenticator>, headers: Fields): Promise<string> {
  try {
    return (await authenticate({ headers }))?.claims.sub ?? 'anonymous'
  } catch (error) {
    if (isJwtGateError(error)) return error.code
    throw error
  }
}

const bearing = (sub: string): Fields => ({ authorization: `Bearer ${mint({ sub })}` })
const inCookie = (sub: string): Fields => ({ cookie: `theme=dark; session=${mint({ sub })}` })
const inHeader = (sub: string): Fields => ({ 'x-access-token': mint({ sub }) })

describe('of several places for a token', () => {
  it.each<[string, Fields]>([
    ['the Authorization field', bearing('alice')],
    ['the cookie', inCookie('alice')],
    ['the header', inHeader('alice')],
    ['the cookie, beside another scheme', { ...inCookie('alice'), authorization: 'Basic YTpi' }],
    ['the cookie, beside an empty field', { ...inCookie('alice'), authorization: '', 'x-access-token': '' }],
    ['the header, beside an empty cookie', { ...inHeader('alice'), cookie: 'session=; theme=dark' }],
    ['the field, beside other cookies', { ...bearing('alice'), cookie: `other=${mint({ sub: 'bob' })}` }],
  ])('one may hold it: %s', async (_where, headers) => {
    expect(await said(required, headers)).toBe('alice')
    expect(await said(optional, headers)).toBe('alice')
  })

  it.each<[string, Fields]>([
    ['nothing at all', {}],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['other cookies', { cookie: 'theme=dark' }],
    ['all of them empty', { authorization: '', cookie: 'session=', 'x-access-token': '' }],
  ])('none has to where no token is required: %s', async (_what, headers) => {
    expect(await said(required, headers)).toBe('token_missing')
    expect(await said(optional, headers)).toBe('anonymous')
  })

  const two: readonly (readonly [string, Fields])[] = [
    ['field and cookie', { ...bearing('alice'), ...inCookie('alice') }],
    ['field and header', { ...bearing('alice'), ...inHeader('alice') }],
    ['cookie and header', { ...inCookie('alice'), ...inHeader('alice') }],
    ['all three', { ...bearing('alice'), ...inCookie('alice'), ...inHeader('alice') }],
    ['two different ones', { ...bearing('alice'), ...inCookie('bob') }],
    ['a good one and one that is no JWT', { ...bearing('alice'), cookie: 'session=opaque' }],
    ['a good one and an expired one', { ...bearing('alice'), cookie: `session=${mint({ exp: 1 })}` }],
    ['two in one place and one in another', { ...bearing('alice'), cookie: 'session=a; session=b' }],
  ]

  it.each(two)('two may not hold one: %s', async (_what, headers) => {
    expect(await said(required, headers)).toBe('multiple_tokens')
    expect(await said(optional, headers)).toBe('multiple_tokens')
  })

  it('two may not hold the very same token', async () => {
    const token = mint()
    const headers = { authorization: `Bearer ${token}`, cookie: `session=${token}` }
    expect(await said(required, headers)).toBe('multiple_tokens')
  })

  it('two that hold one are refused with 400 and a challenge, whatever the order of the places', async () => {
    const headers = { ...bearing('alice'), ...inCookie('alice') }
    for (const list of [sources, sources.toReversed()]) {
      const authenticate = authenticator(list)
      const error = await refusalAt(async (request) => void (await authenticate(request)), { headers })
      expect(error).toMatchObject({
        code: 'multiple_tokens',
        status: 400,
        hint: 'The request has tokens in more than one of the places that `tokenFrom` names.',
      })
      expect(error?.headers).toEqual({
        'WWW-Authenticate':
          'Bearer realm="orders", error="invalid_request", error_description="More than one set of credentials was sent"',
      })
    }
  })

  it.each<[string, Fields, string]>([
    ['the field', { authorization: 'Bearer', ...inCookie('alice') }, 'request_malformed'],
    ['the field, with two tokens', { authorization: 'Bearer a b', ...inHeader('alice') }, 'request_malformed'],
    ['the cookie', { ...bearing('alice'), cookie: 'session=a b' }, 'request_malformed'],
    ['the header', { ...inCookie('alice'), 'x-access-token': 'Bearer x' }, 'request_malformed'],
    ['a place that is there twice', { ...inCookie('alice'), 'x-access-token': ['a', 'b'] }, 'multiple_tokens'],
    ['all of them', { authorization: 'Bearer', cookie: 'session=a b', 'x-access-token': 'a b' }, 'request_malformed'],
  ])('one that is malformed is not passed over for a good one: %s', async (_which, headers, code) => {
    for (const list of [sources, sources.toReversed()]) {
      expect(await said(authenticator(list), headers)).toBe(code)
      expect(await said(authenticator(list, 'allowed'), headers)).toBe(code)
    }
  })

  it('the token of one is refused as ever', async () => {
    expect(await said(required, { cookie: `session=${mint({ exp: 1 })}` })).toBe('token_expired')
    expect(await said(optional, { 'x-access-token': 'x.y.z' })).toBe('token_malformed')
  })

  it('those that are not named hold nothing', async () => {
    const authenticate = authenticator([fromCookie('session'), fromHeader('x-access-token')])
    expect(await said(authenticate, bearing('alice'))).toBe('token_missing')
    expect(await said(authenticate, { ...bearing('bob'), ...inCookie('alice') })).toBe('alice')
  })

  it('those of one kind are told apart by their names', async () => {
    const authenticate = authenticator([fromCookie('a'), fromCookie('b')])
    expect(await said(authenticate, { cookie: `b=${mint()}` })).toBe('alice')
    expect(await said(authenticate, { cookie: `a=${mint()}; b=${mint()}` })).toBe('multiple_tokens')
  })

  it('a list may name one', async () => {
    const authenticate = authenticator([fromCookie('session')])
    expect(await said(authenticate, inCookie('alice'))).toBe('alice')
    expect(await said(authenticate, bearing('alice'))).toBe('token_missing')
  })

  it('a function of the application may be one', async () => {
    const own: TokenSource = ({ headers }) => headers['x-own'] as string | undefined
    const authenticate = authenticator([fromBearer(), own])
    expect(await said(authenticate, { 'x-own': mint({ sub: 'bob' }) })).toBe('bob')
    expect(await said(authenticate, { ...bearing('alice'), 'x-own': mint() })).toBe('multiple_tokens')
    expect(await said(authenticate, {})).toBe('token_missing')
  })

  it('a real request with two is refused, and with one is not', async () => {
    const find = (request: RequestLike): string => {
      const found = sources.map((source) => source(request)).filter((token) => token !== undefined)
      return String(found.length)
    }
    const fields = [`Authorization: Bearer ${mint()}`, `Cookie: session=${mint()}`]
    expect(await foundByServer(find, fields)).toBe('2')
    expect(await foundByServer(find, fields.slice(1))).toBe('1')
  })
})

describe('a list of places', () => {
  it.each(
    casesOf<unknown>([
      [],
      [undefined],
      [null],
      ['session'],
      [fromBearer(), 'session'],
      [fromBearer(), undefined],
      [[fromBearer()]],
      [fromBearer(), [fromCookie('session')]],
      [{}],
      Array.from({ length: 2 }),
      Object.assign([fromBearer()], { 2: fromCookie('session') }),
      new Set([fromBearer()]),
      'cookie',
      null,
      {},
      7,
    ]),
  )('is refused as $value', ({ value }) => {
    const options = { tokenFrom: value } as AuthenticationOptions
    const error = configErrorOf(() => createAuthenticator(testVerifier(), options))
    expect(error.option).toBe('tokenFrom')
    expect(error.message).toMatch(/fromBearer\(\).*fromCookie.*fromHeader/)
  })

  it('is undefined where it is not given: the Authorization field', async () => {
    const options = { tokenFrom: undefined } as unknown as AuthenticationOptions
    expect((await createAuthenticator(testVerifier(), options)({ headers: bearing('alice') }))?.claims.sub).toBe(
      'alice',
    )
  })

  it('cannot be changed after creation', async () => {
    const list = [fromBearer()]
    const authenticate = authenticator(list)
    list.push(fromCookie('session'))
    expect(await said(authenticate, inCookie('alice'))).toBe('token_missing')
    list.length = 0
    expect(await said(authenticate, bearing('alice'))).toBe('alice')
  })
})

describe('a function of the application that is none of the kind', () => {
  it.each(casesOf<unknown>([null, 7, true, {}, [], ['x']]))(
    'is a fault of ours and not of the client, alone and in a list: it gives $value',
    async ({ value }) => {
      const own = (): unknown => value
      for (const tokenFrom of [own, [own], [fromBearer(), own], [own, fromBearer()]]) {
        for (const headers of [{}, bearing('alice')]) {
          await expect(authenticator(tokenFrom)({ headers })).rejects.toBeInstanceOf(TypeError)
          await expect(authenticator(tokenFrom, 'allowed')({ headers })).rejects.toBeInstanceOf(TypeError)
        }
      }
    },
  )

  it.each(['own', '[own]', '[fromBearer(), own]', '[own, fromBearer()]', '[own, own]'])(
    'and gives a promise that is rejected ends no process: %s',
    async (tokenFrom) => {
      const program = `
        import { createAuthenticator, fromBearer } from '@jwtgate/core'
        const own = async () => { throw new Error('late') }
        const options = { issuer: 'a', audience: 'b', algorithms: ['HS256'], secret: 'x'.repeat(32) }
        const authenticate = createAuthenticator(options, { tokenFrom: ${tokenFrom} })
        for (const headers of [{}, { authorization: 'Bearer x.y.z' }]) {
          await authenticate({ headers }).catch((error) => console.log('refused'))
        }
        await new Promise(setImmediate)
        console.log('alive')
        `
      const run = await runModule(program, {})
      expect(run).toMatchObject({ exitCode: 0, stdout: 'refused\nrefused\nalive\n' })
    },
  )
})
