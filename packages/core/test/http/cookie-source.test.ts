// The token of a cookie: one of that very name, whole, as RFC 6265 writes it and Node hands it over.
import { describe, expect, it } from 'vitest'
import { fromCookie, type RequestLike } from '@jwtgate/core'
import { casesOf } from '../../../../test/support/cases.ts'
import { configErrorOf } from '../../../../test/support/config-errors.ts'
import { mint } from '../../../../test/support/mint.ts'
import { withPolluted } from '../../../../test/support/pollution.ts'
import { foundByServer } from '../../../../test/support/raw-request.ts'
import { visibleText } from '../../../../test/support/visible-text.ts'
import { tokenOr } from '../../../../test/support/requests.ts'

const token = mint()
const none = 'no token'

function found(request: RequestLike, name = 'session'): string {
  return tokenOr(fromCookie(name), request)
}

function cookies(cookie: string | readonly string[]): RequestLike {
  return { headers: { cookie } }
}

describe('a cookie', () => {
  it.each<[string, string]>([
    ['alone', `session=${token}`],
    ['first of several', `session=${token}; theme=dark; lang=de`],
    ['in the middle', `theme=dark; session=${token}; lang=de`],
    ['last', `theme=dark; session=${token}`],
    ['without blanks between', `theme=dark;session=${token};lang=de`],
    ['with more blanks between', `theme=dark;   session=${token}  ; lang=de`],
    ['with tabs between', `theme=dark;\tsession=${token}\t;lang=de`],
    ['with a semicolon behind', `session=${token};`],
    ['beside empty ones', `;; session=${token}; ;`],
    ['beside one without a name', `=x; session=${token}; y`],
    ['beside its own name without a value', `session; session=${token}`],
    ['in quotes', `session="${token}"`],
    ['in quotes, among others', `a="b"; session="${token}"; c="d"`],
    ['beside a value that names it', `a=session; b="session=x"; session=${token}`],
    ['beside a broken one', `a="b; session=${token}`],
  ])('holds the token: %s', (_what, cookie) => {
    expect(found(cookies(cookie))).toBe(token)
  })

  it.each(['x', 'aZ09-._~+/==', 'mF_9.B5f-4.1JqM'])('may hold any characters of a token: %s', (value) => {
    expect(found(cookies(`session=${value}`))).toBe(value)
    expect(found(cookies(`session="${value}"`))).toBe(value)
  })

  it.each<[string, string]>([
    ['no cookie at all', ''],
    ['blanks', '   '],
    ['semicolons', ';;;'],
    ['another name', `other=${token}`],
    ['a longer name', `sessions=${token}`],
    ['a name that ends with it', `mysession=${token}`],
    ['a name with a prefix', `__Host-session=${token}`],
    ['another case', `Session=${token}; SESSION=${token}`],
    ['no value', 'session='],
    ['a blank as value', 'session= '],
    ['an empty value in quotes', 'session=""'],
    ['the name alone', 'session'],
    ['a value without a name', `=${token}`],
    ['the name in a value', `a=session=${token}`],
    ['the name in quotes', `"session"=${token}`],
    ['the name with an index', `session[0]=${token}`],
    ['the name percent-encoded', `%73ession=${token}`],
    ['a colon in place of the sign', `session:${token}`],
  ])('is not there: %s', (_what, cookie) => {
    expect(found(cookies(cookie))).toBe(none)
  })

  it.each<[string, string]>([
    ['two words', `session=${token} x`],
    ['a scheme', `session=Bearer ${token}`],
    ['a comma', `session=${token},${token}`],
    ['one quote in front', `session="${token}`],
    ['one quote behind', `session=${token}"`],
    ['one quote', 'session="'],
    ['three quotes', 'session="""'],
    ['quotes in quotes', `session=""${token}""`],
    ['quotes around its begin', `session="a"b`],
    ['quotes around its end', `session=a"b"`],
    ['a quote inside', `session="a"b"`],
    ['single quotes', `session='${token}'`],
    ['blanks in quotes', `session=" ${token} "`],
    ['percent-encoding', `session=${token.replaceAll('.', '%2E')}`],
    ['JSON', 'session={"a":1}'],
    ['a second sign', `session=a=b`],
    ['padding only', 'session=='],
    ['a signed cookie of Express', `session=s:${token}`],
    ['a character outside of ASCII', 'session=tökén'],
    ['a backslash', 'session="a\\"b"'],
    ['a zero character', 'session=a\0b'],
    ['a line feed', `session=${token}\nx`],
  ])('is malformed with %s', (_what, cookie) => {
    expect(found(cookies(cookie))).toBe('request_malformed')
  })

  it.each<[string, string]>([
    ['with the same value', `session=${token}; session=${token}`],
    ['with another value', `session=${token}; session=x`],
    ['with others between', `session=${token}; theme=dark; session=x`],
    ['one of them empty', `session=; session=${token}`],
    ['one of them malformed', `session=${token}; session=a b`],
    ['one of them in quotes', `session="${token}"; session=${token}`],
    ['three times', `session=a; session=b; session=c`],
  ])('that is there twice is refused: which would be meant? %s', (_what, cookie) => {
    expect(found(cookies(cookie))).toBe('multiple_tokens')
  })

  it.each<[string, readonly string[], string]>([
    ['an empty list', [], none],
    ['a list of one', [`a=b; session=${token}`], token],
    ['a list of several', ['a=b', `session=${token}`, 'c=d'], token],
    ['a list with the name twice', [`session=${token}`, `session=${token}`], 'multiple_tokens'],
    ['a list without it', ['a=b', 'c=d'], none],
  ])('is found in a field that a framework gives as %s', (_what, cookie, expected) => {
    expect(found(cookies(cookie))).toBe(expected)
  })

  it('is not found elsewhere', () => {
    const headers = {
      authorization: `Bearer ${token}`,
      'x-session': token,
      session: token,
      'set-cookie': `session=${token}`,
    }
    expect(found({ headers })).toBe(none)
    expect(found({ headers: {} })).toBe(none)
    expect(found({ headers: { cookie: undefined } })).toBe(none)
  })

  it('is not inherited', async () => {
    expect(await withPolluted({ cookie: `session=${token}` }, () => found({ headers: {} }))).toBe(none)
    expect(await withPolluted({ 0: `session=${token}` }, () => found({ headers: {} }))).toBe(none)
  })

  it.each(['__Host-session', '__Secure-id', '__proto__', 'constructor', 'a.b', 'a|b', '$x', '^', '*'])(
    'has exactly the name that was given: %s',
    (name) => {
      expect(found(cookies(`${name}=${token}`), name)).toBe(token)
      for (const other of [`x${name}`, `${name}x`, name.replace(/./, '_x'), name.slice(1), 'session', 'aab']) {
        expect(found(cookies(`${other}=${token}`), name)).toBe(none)
      }
    },
  )

  it('that is refused is named to the operator, and its value is not shown', () => {
    for (const [cookie, code, hint] of [
      ['session=Canary7f3a x', 'request_malformed', 'The cookie session holds something else than one token.'],
      [
        'session=Canary7f3a; session=x',
        'multiple_tokens',
        'The request has the cookie session twice: for two paths or domains?',
      ],
    ] as const) {
      const error = refusal(cookie)
      expect(error).toMatchObject({ code, status: 400, hint })
      expect(visibleText(error)).not.toContain('Canary7f3a')
    }
  })

  function refusal(cookie: string): unknown {
    try {
      fromCookie('session')(cookies(cookie))
    } catch (error) {
      return error
    }
    throw new Error('not refused')
  }
})

describe('the name of a cookie', () => {
  it.each(
    casesOf<unknown>([
      undefined,
      null,
      '',
      ' ',
      'a b',
      'a=b',
      'a;b',
      'a,b',
      'a"b',
      'a\n',
      'é',
      'a/b',
      '(a)',
      7,
      {},
      [],
      ['a'],
    ]),
  )('is not $value', ({ value }) => {
    const error = configErrorOf(() => fromCookie(value as string))
    expect(error.option).toBe('tokenFrom')
    expect(error.message).toMatch(/fromCookie\(\)/)
  })

  it.each(['session', '__Host-session', '__Secure-id', 'access_token', 'a.b', 'sid', "!#$%&'*+-.^_`|~"])(
    'may be %s',
    (name) => {
      expect(() => fromCookie(name)).not.toThrow()
    },
  )
})

describe('a cookie of a real request', () => {
  it.each<[string, readonly string[], string]>([
    ['in one field', [`Cookie: a=b; session=${token}`], token],
    ['in one of two fields', ['Cookie: a=b', `COOKIE: session=${token}`], token],
    ['in both of two fields', [`Cookie: session=${token}`, `cookie: session=${token}`], 'multiple_tokens'],
    ['twice in one field', [`Cookie: session=a; session=${token}`], 'multiple_tokens'],
    ['in an empty field', ['Cookie:'], none],
    ['in no field', [], none],
    ['in another field', [`Cookie2: session=${token}`, `Set-Cookie: session=${token}`], none],
    ['in quotes', [`Cookie: session="${token}"`], token],
    ['of two words', ['Cookie: session=a b'], 'request_malformed'],
    // What browsers take for another name: a subdomain may set it, and so get around the prefix __Host-.
    ['whose name begins with a no-break space', [`Cookie: \u00a0session=${token}`], none],
    ['whose name ends with a no-break space', [`Cookie: session\u00a0=${token}`], none],
    ['whose value begins with a no-break space', [`Cookie: session=\u00a0${token}`], 'request_malformed'],
    ['whose value ends with a no-break space', [`Cookie: session=${token}\u00a0`], 'request_malformed'],
  ])('%s comes out of a server of Node as promised', async (_what, fields, expected) => {
    expect(await foundByServer(found, fields)).toBe(expected)
  })
})
