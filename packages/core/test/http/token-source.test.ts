// The token of a request: exactly one, by the grammar of RFC 6750 section 2.1 and RFC 9110 section 11.4.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { fromBearer, type RequestLike } from '@jwtgate/core'
import { mint } from '../../../../test/support/mint.ts'
import { refusalAt, requestWith, tokenOr } from '../../../../test/support/requests.ts'

const token = mint()
const none = 'no token'
const nothingFollows = 'Nothing follows `Bearer` in the Authorization header: is a variable empty?'
const notOneToken = 'The Authorization header must be: Bearer, one blank, one token (RFC 6750 section 2.1).'

/** The token, `no token`, or the code of the refusal. */
function found(request: RequestLike): string {
  return tokenOr(fromBearer(), request)
}

describe('the Authorization field', () => {
  it.each<[string, string, string]>([
    ['the scheme and a token', `Bearer ${token}`, token],
    ['the scheme in lower case', `bearer ${token}`, token],
    ['the scheme in upper case', `BEARER ${token}`, token],
    ['the scheme in mixed case', `bEaReR ${token}`, token],
    ['several blanks between', `Bearer    ${token}`, token],
    ['a token that is no JWT', 'Bearer mF_9.B5f-4.1JqM', 'mF_9.B5f-4.1JqM'],
    ['a token of every character that it may have', 'Bearer aZ09-._~+/==', 'aZ09-._~+/=='],
    ['a token of one character', 'Bearer x', 'x'],
  ])('holds a token: %s', (_what, field, expected) => {
    expect(found(requestWith(field))).toBe(expected)
  })

  it.each<[string, string]>([
    ['the scheme alone', 'Bearer'],
    ['the scheme and a blank', 'Bearer '],
    ['the scheme and blanks', 'bearer    '],
    ['a tab between', `Bearer\t${token}`],
    ['a blank and a tab between', `Bearer \t${token}`],
    ['a no-break space between', `Bearer\u00a0${token}`],
    ['a blank behind', `Bearer ${token} `],
    ['a line feed behind', `Bearer ${token}\n`],
    ['a carriage return and a line feed between', `Bearer\r\n ${token}`],
    ['two tokens', `Bearer ${token} ${token}`],
    ['two tokens with a comma', `Bearer ${token},${token}`],
    ['two credentials with a comma', `Bearer ${token}, Bearer ${token}`],
    ['two credentials of two schemes', `Bearer ${token}, Basic YTpi`],
    ['the scheme twice', `Bearer Bearer ${token}`],
    ['parameters', `Bearer realm="api"`],
    ['a parameter with the token', `Bearer token=${token}`],
    ['a token in quotes', `Bearer "${token}"`],
    ['a token in angle brackets', `Bearer <${token}>`],
    ['a colon behind the scheme', `Bearer: ${token}`],
    // A slash is of tokens, but not of schemes.
    ['a slash behind the scheme', 'Bearer/x'],
    ['a slash behind the scheme, and a blank', 'Bearer/x y'],
    ['padding in the middle', 'Bearer a=b'],
    ['padding only', 'Bearer =='],
    ['a character outside of ASCII', 'Bearer tökén'],
    ['a zero character', 'Bearer a\0b'],
    ['undefined in words, with more', 'Bearer undefined null'],
    ['no scheme, but a comma', ','],
    ['a scheme that only looks alike', `\uff22earer ${token}`],
  ])('is malformed with %s', (_what, field) => {
    expect(found(requestWith(field))).toBe('request_malformed')
  })

  it.each<[string, string, string]>([
    ['the scheme alone', 'Bearer', nothingFollows],
    ['the scheme and blanks', 'Bearer   ', nothingFollows],
    ['the scheme and a tab', 'Bearer\t', nothingFollows],
    ['two tokens', 'Bearer a b', notOneToken],
    ['a colon behind the scheme', 'Bearer: x', notOneToken],
    ['no scheme, but a comma', ',', notOneToken],
  ])('that is malformed is told to the operator: %s', async (_what, field, hint) => {
    const error = await refusalAt(fromBearer(), requestWith(field))
    expect(error?.hint).toBe(hint)
  })

  it.each<[string, string | undefined]>([
    ['absent', undefined],
    ['empty', ''],
    ['of Basic', 'Basic YTpi'],
    ['of DPoP', `DPoP ${token}`],
    ['of Digest', 'Digest username="a", realm="b"'],
    ['of Negotiate', 'Negotiate'],
    ['of a longer scheme', `BearerX ${token}`],
    ['of a longer scheme with a dash', `Bearer-Token ${token}`],
    ['of a longer scheme with the token at once', `Bearer${token.replaceAll('.', '')}`],
    ['of a shorter scheme', `Beare ${token}`],
    ['a token without a scheme', token],
    ['of another scheme with a bearer behind it', `Basic YTpi, Bearer ${token}`],
  ])('is no credentials of ours: %s', (_what, field) => {
    expect(found(requestWith(field))).toBe(none)
  })

  it.each<[string, string, string]>([
    ['of a token', `Bearer ${'a'.repeat(1_048_576)}`, 'a'.repeat(1_048_576)],
    ['of blanks', `Bearer ${' '.repeat(1_048_576)}`, 'request_malformed'],
    ['of a token and a wrong end', `Bearer ${'a'.repeat(1_048_576)}!`, 'request_malformed'],
    ['of padding and a wrong end', `Bearer a${'='.repeat(1_048_576)}!`, 'request_malformed'],
    ['of a scheme', 'B'.repeat(1_048_576), none],
    ['of commas', `Bearer ${'a,'.repeat(524_288)}`, 'request_malformed'],
  ])('of a megabyte is read at once: %s', (_what, field, expected) => {
    const startedAt = performance.now()
    expect(found(requestWith(field)) === expected).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})

describe('two Authorization fields', () => {
  const first = `Bearer ${token}`

  it.each<[string, readonly string[]]>([
    ['both with the token', ['Authorization', first, 'Authorization', first]],
    ['of different case', ['authorization', first, 'AUTHORIZATION', 'Bearer other']],
    ['the second of another scheme', ['Authorization', first, 'Authorization', 'Basic YTpi']],
    ['the second empty', ['Authorization', first, 'Authorization', '']],
    ['with others between', ['Host', 'a', 'Authorization', first, 'Accept', '*/*', 'authorization', first]],
    ['three of them', ['Authorization', first, 'Authorization', first, 'Authorization', first]],
  ])('are refused although Node keeps the first only: %s', (_what, rawHeaders) => {
    expect(found({ headers: { authorization: first }, rawHeaders })).toBe('multiple_tokens')
  })

  it.each(['Basic YTpi', ''])('are refused where the first is no token: %j', (value) => {
    const rawHeaders = ['Authorization', value, 'Authorization', first]
    expect(found({ headers: { authorization: value }, rawHeaders })).toBe('multiple_tokens')
  })

  it('are refused as a list of a framework', () => {
    expect(found({ headers: { authorization: [first, first] } })).toBe('multiple_tokens')
  })

  it('are told to the operator', async () => {
    const error = await refusalAt(fromBearer(), { headers: { authorization: [first, first] } })
    expect(error?.hint).toBe('The request has more than one authorization header.')
  })

  it.each<[string, readonly string[]]>([
    ['a value', ['X-Note', 'Authorization']],
    ['a longer name', ['Proxy-Authorization', first]],
    ['a shorter name', ['Authorizatio', 'n']],
    ['a name of the same length', ['Cache-Control', 'no-cache', 'If-None-Match', '"x"']],
  ])('are not seen where %s looks like one', (_what, others) => {
    const rawHeaders = ['Authorization', first, ...others]
    expect(found({ headers: { authorization: first }, rawHeaders })).toBe(token)
  })

  it.each<[string, RequestLike, string]>([
    ['a list of one', { headers: { authorization: [first] } }, token],
    ['an empty list', { headers: { authorization: [] } }, none],
    ['no raw headers', { headers: { authorization: first } }, token],
    ['another name only', { headers: { 'proxy-authorization': first, cookie: `token=${token}` } }, none],
  ])('are not meant by %s', (_what, request, expected) => {
    expect(found(request)).toBe(expected)
  })
})

describe('a real request', () => {
  it.each<[string, readonly string[], string]>([
    ['with one field', [`Authorization: Bearer ${token}`], token],
    ['with blanks around the value', [`authorization:   Bearer ${token}   `], token],
    ['with two fields', [`Authorization: Bearer ${token}`, 'AUTHORIZATION: Basic YTpi'], 'multiple_tokens'],
    ['with another field', [`Authorization: Bearer ${token}`, 'Cache-Control: no-cache'], token],
    ['with no field', [], none],
    ['with an empty field', ['Authorization:'], none],
    ['with the scheme only', ['Authorization: Bearer'], 'request_malformed'],
  ])('%s comes out of a server of Node as promised', async (_what, fields, expected) => {
    expect(await foundByServer(fields)).toBe(expected)
  })

  async function foundByServer(fields: readonly string[]): Promise<string> {
    const server = createServer((request, response) => response.end(found(request))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    try {
      socket.write(['GET / HTTP/1.1', 'Host: localhost', 'Connection: close', ...fields, '', ''].join('\r\n'))
      let text = ''
      for await (const chunk of socket) text += String(chunk)
      return text.split('\r\n\r\n')[1] ?? ''
    } finally {
      socket.destroy()
      server.close()
    }
  }
})
