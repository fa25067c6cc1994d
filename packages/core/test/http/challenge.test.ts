// The text of WWW-Authenticate: RFC 6750 section 3 in the grammar of RFC 9110 section 11.6.1.
import { describe, expect, it } from 'vitest'
import {
  InvalidRequestError,
  InvalidTokenError,
  KeySourceError,
  PermissionDeniedError,
  SetupError,
  TokenMissingError,
  type JwtGateError,
} from '@jwtgate/core'
import { setChallenge } from '../../src/http/challenge.ts'
import { keyCodes, requestCodes, tokenCodes } from '../../../../test/support/codes.ts'

interface Promised {
  readonly make: () => JwtGateError
  readonly status: number
  readonly error: string | undefined
}

const hint = 'canary"\r\n'
const answered: readonly (readonly [string, Promised])[] = [
  ...requestCodes.map((code) =>
    promise(code, { make: () => new InvalidRequestError(code, hint), status: 400, error: 'invalid_request' }),
  ),
  ...tokenCodes.map((code) =>
    promise(code, { make: () => new InvalidTokenError(code, hint), status: 401, error: 'invalid_token' }),
  ),
  promise('permission_denied', {
    make: () => new PermissionDeniedError(hint),
    status: 403,
    error: 'insufficient_scope',
  }),
]
const unanswered: readonly (readonly [string, Promised])[] = [
  ...keyCodes.map((code) =>
    promise(code, { make: () => new KeySourceError(code, hint), status: 503, error: undefined }),
  ),
  promise('authentication_not_run', { make: () => new SetupError(hint), status: 500, error: undefined }),
]

describe('the challenge', () => {
  it.each(answered)('of %s has realm, error and error_description', (_code, { make, status, error }) => {
    const refusal = make()
    const { scheme, parameters } = parse(challengeOf(refusal))
    expect(refusal.status).toBe(status)
    expect(scheme).toBe('Bearer')
    expect(parameters).toEqual({ realm: 'api', error, error_description: refusal.message })
  })

  it.each([...answered, ...unanswered, promise('token_missing', missing())])(
    'can show the message of %s as it is: only characters of error_description, in a few words',
    (_code, { make }) => {
      expect(make().message).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{10,200}$/)
    },
  )

  it('names no error where no credentials were sent', () => {
    expect(challengeOf(new TokenMissingError(hint))).toBe('Bearer realm="api"')
  })

  it.each(unanswered)('is not there for %s, which other credentials could not mend', (_code, { make, status }) => {
    const refusal = make()
    expect(refusal.status).toBe(status)
    setChallenge(refusal, 'api')
    expect(refusal.headers).not.toHaveProperty('WWW-Authenticate')
    expect(refusal.headers['Retry-After']).toBe(status === 503 ? '1' : undefined)
  })

  it('has scope for a rule about scopes', () => {
    const { parameters } = parse(challengeOf(new PermissionDeniedError(hint, ['orders:read', 'a'])))
    expect(parameters).toMatchObject({ error: 'insufficient_scope', scope: 'orders:read a' })
  })

  it('has the realm that was chosen', () => {
    const refusal = new TokenMissingError()
    setChallenge(refusal, "orders (v2), [a-z] 'x'")
    expect(parse(refusal.headers['WWW-Authenticate'] ?? '').parameters.realm).toBe("orders (v2), [a-z] 'x'")
  })

  it('leaves other headers of the refusal alone, and those of the next one', () => {
    const [first, second] = [new InvalidTokenError('token_expired'), new InvalidTokenError('token_expired')]
    first.headers['X-Other'] = 'kept'
    setChallenge(first, 'api')
    expect(Object.keys(first.headers)).toEqual(['X-Other', 'WWW-Authenticate'])
    expect(second.headers).toEqual({})
  })

  it('never shows the hint', () => {
    for (const [, { make }] of answered) expect(challengeOf(make())).not.toContain('canary')
  })
})

function challengeOf(refusal: JwtGateError): string {
  setChallenge(refusal, 'api')
  return refusal.headers['WWW-Authenticate'] ?? ''
}

function promise(code: string, promised: Promised): readonly [string, Promised] {
  return [code, promised]
}

function missing(): Promised {
  return { make: () => new TokenMissingError(hint), status: 401, error: undefined }
}

interface Challenge {
  readonly scheme: string | undefined
  readonly parameters: Readonly<Record<string, string>>
}

/** One challenge by its grammar; fails where the text is anything else, or names a parameter twice. */
function parse(text: string): Challenge {
  const parameter = /([!#$%&'*+.^_`|~\w-]+)="([^"\\\r\n]*)"/
  const whole = new RegExp(`^(\\S+) (${parameter.source}(, ${parameter.source})*)$`).exec(text)
  expect(whole?.[0]).toBe(text)
  const pairs = [...text.matchAll(new RegExp(parameter, 'g'))].map(
    ([, name = '', value = '']) => [name, value] as const,
  )
  const parameters = Object.fromEntries(pairs)
  expect(Object.keys(parameters)).toHaveLength(pairs.length)
  return { scheme: whole?.[1], parameters }
}
