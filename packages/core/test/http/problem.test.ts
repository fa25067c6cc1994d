// A refusal as an HTTP answer: problem details in JSON (RFC 9457) that show the client what it may see.
import { describe, expect, it } from 'vitest'
import {
  ConfigError,
  createAuthorizer,
  InvalidRequestError,
  InvalidTokenError,
  KeySourceError,
  PermissionDeniedError,
  problemResponse,
  SetupError,
  TokenMissingError,
  type JwtGateError,
} from '@jwtgate/core'
import { casesOf } from '../../../../test/support/cases.ts'
import { mint } from '../../../../test/support/mint.ts'
import { authenticatedRequest, refusalAt } from '../../../../test/support/requests.ts'
import { refusalOf, testVerifier } from '../../../../test/support/verifiers.ts'

const hint = 'canary'

describe('the answer', () => {
  it.each<[JwtGateError, number, string]>([
    [new TokenMissingError(hint), 401, 'Unauthorized'],
    [new InvalidRequestError('request_malformed', hint), 400, 'Bad Request'],
    [new InvalidRequestError('multiple_tokens', hint), 400, 'Bad Request'],
    [new InvalidTokenError('token_expired', hint), 401, 'Unauthorized'],
    [new PermissionDeniedError(hint, ['a']), 403, 'Forbidden'],
  ])('for %s tells the client what went wrong', (error, status, title) => {
    const response = problemResponse(error)
    expect(response?.status).toBe(status)
    expect(JSON.parse(response?.body ?? '')).toEqual({
      type: 'about:blank',
      title,
      status,
      detail: error.message,
      code: error.code,
    })
  })

  it.each<[JwtGateError, number, string]>([
    [new KeySourceError('keys_unavailable', hint), 503, 'Service Unavailable'],
    [new KeySourceError('keys_invalid', hint), 503, 'Service Unavailable'],
    [new KeySourceError('discovery_failed', hint), 503, 'Service Unavailable'],
    [new SetupError(hint), 500, 'Internal Server Error'],
  ])('for %s tells the client the code and no more', (error, status, title) => {
    const response = problemResponse(error)
    expect(response?.status).toBe(status)
    expect(JSON.parse(response?.body ?? '')).toEqual({ type: 'about:blank', title, status, code: error.code })
  })

  it.each(
    casesOf<JwtGateError>([
      new TokenMissingError(hint),
      new InvalidTokenError('token_expired', hint),
      new PermissionDeniedError(hint, ['a']),
      new KeySourceError('keys_unavailable', hint, 7),
      new SetupError(hint),
    ]),
  )('for $value is the same for frameworks that write JSON themselves', ({ value }) => {
    const response = problemResponse(value)
    expect(response?.details).toEqual(JSON.parse(response?.body ?? ''))
    expect(JSON.stringify(response?.details)).toBe(response?.body)
  })

  it('never has the hint', () => {
    const errors = [new InvalidTokenError('token_expired', hint), new KeySourceError('keys_invalid', hint)]
    for (const error of [...errors, new SetupError(hint), new PermissionDeniedError(hint)]) {
      expect(JSON.stringify(problemResponse(error))).not.toContain(hint)
    }
  })

  it('has the challenge of a refused token', async () => {
    const error = await refusalOf(testVerifier().verify(mint({ exp: 1 })))
    expect(problemResponse(error)?.headers).toMatchObject({
      'WWW-Authenticate': 'Bearer realm="api", error="invalid_token", error_description="The access token expired"',
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
    })
  })

  it('has the scopes that a guard wants', async () => {
    const error = await refusalAt(createAuthorizer('scope', ['a', 'b']), await authenticatedRequest())
    expect(problemResponse(error)?.headers['WWW-Authenticate']).toMatch(/, scope="a b"$/)
  })

  it('has Retry-After while keys cannot be had', () => {
    expect(problemResponse(new KeySourceError('keys_unavailable', hint, 7))?.headers).toMatchObject({
      'Retry-After': '7',
      'Content-Type': 'application/problem+json',
    })
  })

  it('keeps what somebody added to the headers, and does not share them', () => {
    const error = new InvalidTokenError('token_expired')
    error.headers['X-Other'] = 'kept'
    const response = problemResponse(error)
    expect(response?.headers['X-Other']).toBe('kept')
    expect(response?.headers).not.toBe(error.headers)
    expect(error.headers).not.toHaveProperty('Content-Type')
  })

  it('takes away what describes another body: its length in chunks too, for ours has a length', () => {
    const response = problemResponse(new InvalidTokenError('token_expired'))
    expect(response?.withoutHeaders).toEqual([
      'content-disposition',
      'content-encoding',
      'content-language',
      'content-range',
      'etag',
      'expires',
      'last-modified',
      'transfer-encoding',
    ])
  })

  const others: readonly unknown[] = [
    undefined,
    null,
    'text',
    {},
    { code: 'token_expired', status: 401 },
    new Error('database'),
    new ConfigError('audience', 'audience is required'),
    Object.assign(new Error('x'), { status: 401, code: 'token_expired', headers: {}, expose: true }),
  ]

  it.each(casesOf(others))('is left to the application for $value', ({ value }) => {
    expect(problemResponse(value)).toBeUndefined()
  })
})
