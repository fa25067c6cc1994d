// The token of another header: alone, without a scheme, in a field that is there once.
import { describe, expect, it } from 'vitest'
import { fromHeader, type RequestLike } from '@jwtgate/core'
import { casesOf } from '../../../../test/support/cases.ts'
import { configErrorOf } from '../../../../test/support/config-errors.ts'
import { mint } from '../../../../test/support/mint.ts'
import { withPolluted } from '../../../../test/support/pollution.ts'
import { foundByServer } from '../../../../test/support/raw-request.ts'
import { refusalAt, tokenOr } from '../../../../test/support/requests.ts'
import { visibleText } from '../../../../test/support/visible-text.ts'

const token = mint()
const none = 'no token'

function found(request: RequestLike, name = 'x-access-token'): string {
  return tokenOr(fromHeader(name), request)
}

function field(value: string | readonly string[]): RequestLike {
  return { headers: { 'x-access-token': value } }
}

describe('a header', () => {
  it.each([token, 'x', 'aZ09-._~+/==', 'mF_9.B5f-4.1JqM'])('holds the token: %s', (value) => {
    expect(found(field(value))).toBe(value)
  })

  it.each(['x-access-token', 'X-Access-Token', 'X-ACCESS-TOKEN'])('is meant in any case of its name: %s', (name) => {
    expect(found(field(token), name)).toBe(token)
  })

  it.each<[string, string]>([
    ['a scheme', `Bearer ${token}`],
    ['two tokens', `${token} ${token}`],
    ['two tokens with a comma, as Node joins them', `${token}, ${token}`],
    ['a blank in front', ` ${token}`],
    ['a blank behind', `${token} `],
    ['a tab behind', `${token}\t`],
    ['a line feed behind', `${token}\n`],
    ['a no-break space in front', `\u00a0${token}`],
    ['quotes', `"${token}"`],
    ['a parameter', `token=${token}`],
    ['padding in the middle', 'a=b'],
    ['padding only', '=='],
    ['a comma only', ','],
    ['a character outside of ASCII', 'tökén'],
    ['a zero character', 'a\0b'],
  ])('is malformed with %s', (_what, value) => {
    expect(found(field(value))).toBe('request_malformed')
  })

  it.each<[string, RequestLike]>([
    ['empty', field('')],
    ['absent', { headers: {} }],
    ['undefined', { headers: { 'x-access-token': undefined } }],
    ['an empty list', field([])],
    [
      'of another name',
      { headers: { 'x-access-tokens': token, 'access-token': token, authorization: `Bearer ${token}` } },
    ],
    ['a cookie', { headers: { cookie: `x-access-token=${token}` } }],
  ])('holds no token where it is %s', (_what, request) => {
    expect(found(request)).toBe(none)
  })

  it('is not inherited', async () => {
    expect(await withPolluted({ 'x-access-token': token }, () => found({ headers: {} }))).toBe(none)
    expect(await withPolluted({ 0: token }, () => found({ headers: { 'x-access-token': [] } }))).toBe(none)
  })

  it.each<[string, RequestLike]>([
    ['in the raw headers', twice(token, 'X-Access-Token', token, 'x-access-token', token)],
    ['with another value', twice(token, 'X-Access-Token', token, 'X-ACCESS-TOKEN', 'other')],
    ['and the first is empty', twice('', 'X-Access-Token', '', 'X-Access-Token', token)],
    ['and the second is empty', twice(token, 'X-Access-Token', token, 'X-Access-Token', '')],
    ['with others between', twice(token, 'X-Access-Token', token, 'Host', 'a', 'X-Access-Token', token)],
    ['as a list of a framework', field([token, token])],
    ['as Node joins them', { ...field(`${token}, x`), rawHeaders: ['x-access-token', token, 'x-access-token', 'x'] }],
  ])('that is there twice is refused: %s', (_what, request) => {
    expect(found(request)).toBe('multiple_tokens')
  })

  it.each<[string, RequestLike, string]>([
    ['malformed', field('Canary7f3a x'), 'The header x-access-token holds something else than one token.'],
    ['there twice', field(['Canary7f3a', 'x']), 'The request has more than one x-access-token header.'],
  ])('that is %s is named to the operator, and its value is not shown', async (_what, request, hint) => {
    const error = await refusalAt(fromHeader('X-Access-Token'), request)
    expect(error?.hint).toBe(hint)
    expect(visibleText(error)).not.toContain('Canary7f3a')
  })

  it.each<[string, RequestLike]>([
    ['a list of one', field([token])],
    ['no raw headers', field(token)],
    ['its name as the value of another', twice(token, 'X-Access-Token', token, 'Vary', 'x-access-token')],
  ])('is there once with %s', (_what, request) => {
    expect(found(request)).toBe(token)
  })

  function twice(value: string, ...rawHeaders: readonly string[]): RequestLike {
    return { headers: { 'x-access-token': value }, rawHeaders }
  }
})

describe('the name of a header', () => {
  it.each(
    casesOf<unknown>([
      undefined,
      null,
      '',
      ' ',
      'a b',
      'a:b',
      'x-token:',
      'a;b',
      'a,b',
      'a"b',
      'a\n',
      'é',
      '\u212a', // The sign of Kelvin, whose lower case is an ASCII k.
      7,
      {},
      [],
      ['x'],
    ]),
  )('is not $value', ({ value }) => {
    const error = configErrorOf(() => fromHeader(value as string))
    expect(error.option).toBe('tokenFrom')
    expect(error.message).toMatch(/fromHeader\(\)/)
  })

  it.each([
    ['authorization', 'fromBearer()'],
    ['Authorization', 'fromBearer()'],
    ['AUTHORIZATION', 'fromBearer()'],
    ['cookie', 'fromCookie()'],
    ['Cookie', 'fromCookie()'],
  ])('is not %s: there is %s for that', (name, instead) => {
    const error = configErrorOf(() => fromHeader(name))
    expect(error.option).toBe('tokenFrom')
    expect(error.message).toContain(instead)
  })

  it.each([
    'x-access-token',
    'Cf-Access-Jwt-Assertion',
    'X-Goog-IAP-JWT-Assertion',
    'x-amzn-oidc-data',
    'proxy-authorization',
  ])('may be %s', (name) => {
    expect(() => fromHeader(name)).not.toThrow()
  })
})

describe('a header of a real request', () => {
  it.each<[string, readonly string[], string]>([
    ['in one field', [`X-Access-Token: ${token}`], token],
    ['with blanks around it', [`x-access-token:   ${token}  `], token],
    ['in two fields, which Node joins', [`X-Access-Token: ${token}`, `x-access-token: ${token}`], 'multiple_tokens'],
    ['in two fields, one of them empty', ['X-Access-Token:', `X-Access-Token: ${token}`], 'multiple_tokens'],
    ['in an empty field', ['X-Access-Token:'], none],
    ['in no field', [], none],
    ['in a field with a scheme', [`X-Access-Token: Bearer ${token}`], 'request_malformed'],
    ['in a field with a comma', [`X-Access-Token: ${token},${token}`], 'request_malformed'],
  ])('%s comes out of a server of Node as promised', async (_what, fields, expected) => {
    expect(await foundByServer(found, fields)).toBe(expected)
  })

  it('that is there twice is refused where Node keeps the first only', async () => {
    const fields = [`Proxy-Authorization: ${token}`, 'proxy-authorization: other']
    const find = (request: RequestLike): string => found(request, 'proxy-authorization')
    expect(await foundByServer(find, fields)).toBe('multiple_tokens')
  })
})
