// The shape of every refusal: class, code, status, what is enumerable, what frameworks may change, how it is recognised.
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import {
  ConfigError,
  createJwtVerifier,
  InvalidRequestError,
  InvalidTokenError,
  isJwtGateError,
  JwtGateError,
  KeySourceError,
  PermissionDeniedError,
  requireAuth,
  SetupError,
  TokenMissingError,
  type JwtGateErrorCode,
} from '@jwtgate/core'
import type * as errors from '../src/errors.ts'
import { mint } from '../../../test/support/mint.ts'
import { runModule } from '../../../test/support/child-process.ts'
import { refusalOf, testVerifier } from '../../../test/support/verifiers.ts'
import { keyCodes, requestCodes, tokenCodes } from '../../../test/support/codes.ts'

interface Row {
  readonly className: string
  readonly type: abstract new (...parameters: never[]) => JwtGateError
  readonly code: JwtGateErrorCode
  readonly status: number
  readonly make: () => JwtGateError
}

const hint = 'what was wrong'

const rows: readonly Row[] = [
  {
    className: 'TokenMissingError',
    type: TokenMissingError,
    code: 'token_missing',
    status: 401,
    make: () => new TokenMissingError(hint),
  },
  ...requestCodes.map((code): Row => ({
    className: 'InvalidRequestError',
    type: InvalidRequestError,
    code,
    status: 400,
    make: () => new InvalidRequestError(code, hint),
  })),
  ...tokenCodes.map((code): Row => ({
    className: 'InvalidTokenError',
    type: InvalidTokenError,
    code,
    status: 401,
    make: () => new InvalidTokenError(code, hint),
  })),
  {
    className: 'PermissionDeniedError',
    type: PermissionDeniedError,
    code: 'permission_denied',
    status: 403,
    make: () => new PermissionDeniedError(hint),
  },
  ...keyCodes.map((code): Row => ({
    className: 'KeySourceError',
    type: KeySourceError,
    code,
    status: 503,
    make: () => new KeySourceError(code, hint),
  })),
  {
    className: 'SetupError',
    type: SetupError,
    code: 'authentication_not_run',
    status: 500,
    make: () => new SetupError(hint),
  },
]

const requestFaults = rows.filter(({ status }) => status < 500)

/** The frames of a stack: where, and not what. */
function framesOf({ stack }: Error): readonly string[] {
  return (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
}

function configError(): ConfigError {
  try {
    createJwtVerifier({ issuer: '', audience: 'api', algorithms: ['RS256'] })
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('accepted, but should have been refused')
}

describe('the table of errors', () => {
  it.each(rows)('$code is a $className with status $status', ({ className, type, code, status, make }) => {
    const error = make()
    expect(error).toBeInstanceOf(type)
    expect(error).toBeInstanceOf(JwtGateError)
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe(className)
    expect({ code: error.code, status: error.status, statusCode: error.statusCode }).toEqual({
      code,
      status,
      statusCode: status,
    })
  })

  it.each(rows)('$code may show its message to the client only if the client is at fault', ({ status, make }) => {
    expect(make().expose).toBe(status < 500)
  })

  it.each(rows)('the message of $code is a constant that error_description allows', ({ make }) => {
    const { message } = make()
    expect(message).toMatch(/^[ !#-[\]-~]+$/)
    expect(message).not.toContain(hint)
    expect(make().message).toBe(message)
  })

  it('gives each code a message of its own', () => {
    expect(new Set(rows.map(({ make }) => make().message)).size).toBe(rows.length)
  })

  it.each(keyCodes)('%s carries Retry-After in whole seconds and no challenge', (code) => {
    expect(new KeySourceError(code).headers).toEqual({ 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) })
  })

  it('holds for what verify() throws', async () => {
    const refusal = await refusalOf(testVerifier().verify(mint({ exp: 0 })))
    expect(refusal).toBeInstanceOf(InvalidTokenError)
    expect(refusal).toMatchObject({ name: 'InvalidTokenError', code: 'token_expired', status: 401, statusCode: 401 })
    expect(refusal.headers).toEqual({
      'WWW-Authenticate': expect.stringMatching(/^Bearer realm="api", error="invalid_/),
    })
  })

  it('holds for what requireAuth() throws', () => {
    expect(() => requireAuth({})).toThrow(SetupError)
  })
})

describe('the hint', () => {
  it.each(rows)('of $code is there for the operator and left out where an error is sent or logged', ({ make }) => {
    const error = make()
    expect(error.hint).toBe(hint)
    expect(Object.keys(error)).not.toContain('hint')
    expect(JSON.stringify(error)).not.toContain(hint)
    expect(Object.assign({}, error)).not.toHaveProperty('hint')
    expect(inspect(error)).not.toContain(hint)
    expect(String(error)).not.toContain(hint)
    expect(error.stack).not.toContain(hint)
  })

  it.each(rows)('$code has no enumerable cause', ({ make }) => {
    expect(Object.keys(make())).not.toContain('cause')
  })
})

describe('frameworks', () => {
  it.each(rows)('may assign the members of $code', ({ make }) => {
    const error = make()
    expect(Object.isExtensible(error)).toBe(true)
    const changed = { status: 418, statusCode: 419, expose: true, headers: { Vary: 'Origin' } }
    Object.assign(error, changed)
    expect(error).toMatchObject(changed)
  })

  it.each(rows)('may change the headers of $code, and no other error sees it', ({ make }) => {
    const [first, second] = [make(), make()]
    first.headers['Access-Control-Allow-Origin'] = '*'
    expect(second.headers).not.toHaveProperty('Access-Control-Allow-Origin')
    expect(make().headers).not.toHaveProperty('Access-Control-Allow-Origin')
  })

  it.each(rows)('find no getter and nothing frozen on $code', ({ make }) => {
    const error = make()
    expect(Object.isFrozen(error) || Object.isSealed(error)).toBe(false)
    for (const name of ['status', 'statusCode', 'headers', 'expose']) {
      expect(Object.getOwnPropertyDescriptor(error, name)).toMatchObject({ writable: true })
    }
  })
})

describe('stacks', () => {
  it.each(requestFaults)('of $code have no frames, so that a flood of bad tokens floods no log', ({ make }) => {
    const error = make()
    expect(framesOf(error)).toEqual([])
    expect(error.stack).toBe(`${error.name}: ${error.message}`)
  })

  it('of what verify() throws have no frames', async () => {
    expect(framesOf(await refusalOf(testVerifier().verify('x')))).toEqual([])
  })

  it('of a SetupError lead to the program', () => {
    expect(framesOf(new SetupError()).join('\n')).toContain('errors.test.ts')
  })

  it('of a ConfigError lead to the program', () => {
    expect(framesOf(configError()).join('\n')).toContain('errors.test.ts')
  })
})

describe('Error.stackTraceLimit', () => {
  const before = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit') ?? {}

  afterEach(() => void Object.defineProperty(Error, 'stackTraceLimit', before))

  it.each([0, 1, 10, 50, Number.POSITIVE_INFINITY])('is %d again after a refusal', (limit) => {
    Error.stackTraceLimit = limit
    for (const { make } of rows) make()
    expect(Error.stackTraceLimit).toBe(limit)
  })

  it('limits nothing after a refusal where it was taken away before', () => {
    Reflect.deleteProperty(Error, 'stackTraceLimit')
    for (const { code, make } of rows) expect(make().code).toBe(code)
    expect(Error.stackTraceLimit).toBeUndefined()
  })

  it('may be frozen: the refusal is the same', async () => {
    Object.defineProperty(Error, 'stackTraceLimit', { ...before, value: 7, writable: false })
    for (const { code, make } of rows) expect(make().code).toBe(code)
    expect((await refusalOf(testVerifier().verify('x'))).code).toBe('token_malformed')
    expect(Error.stackTraceLimit).toBe(7)
  })

  it('may be frozen for good, with all of Error', async () => {
    const program = `
      import { createJwtVerifier } from '@jwtgate/core'
      const verifier = createJwtVerifier({ issuer: 'i', audience: 'a', algorithms: ['HS256'], secret: 's'.repeat(32) })
      Object.freeze(Error)
      await verifier.verify('x').catch(({ name, code }) => console.log(name, code))`
    const { exitCode, stdout } = await runModule(program, null, { NODE_ENV: 'production' })
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'InvalidTokenError token_malformed\n' })
  })
})

describe('isJwtGateError()', () => {
  it.each(rows)('recognises $code, alone and by its code', ({ code, make }) => {
    const error = make()
    expect(isJwtGateError(error)).toBe(true)
    expect(isJwtGateError(error, code)).toBe(true)
    expect(isJwtGateError(error, code === 'token_expired' ? 'token_missing' : 'token_expired')).toBe(false)
  })

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['text', 'token_expired'],
    ['a number', 401],
    ['an object with a code', { code: 'token_expired', status: 401, name: 'JwtGateError' }],
    ['another error', new Error('token_expired')],
    ['an error with a code', Object.assign(new TypeError('x'), { code: 'token_expired' })],
    ['a function', () => {}],
  ])('does not recognise %s', (_name, value) => {
    expect(isJwtGateError(value)).toBe(false)
    expect(isJwtGateError(value, 'token_expired')).toBe(false)
  })

  it('does not recognise a ConfigError: it is no refusal of a request', () => {
    expect(isJwtGateError(configError())).toBe(false)
  })
})

describe('two copies of the package', () => {
  /** The query makes it another module: other classes, the same brand. */
  async function anotherCopy(): Promise<typeof errors> {
    const path: string = '../src/errors.ts?another-copy'
    return (await import(path)) as typeof errors
  }

  it('have different classes and recognise each other all the same', async () => {
    const other = await anotherCopy()
    const theirs = new other.InvalidTokenError('token_expired')
    expect(theirs).not.toBeInstanceOf(JwtGateError)
    expect(isJwtGateError(theirs)).toBe(true)
    expect(isJwtGateError(theirs, 'token_expired')).toBe(true)
    expect(isJwtGateError(theirs, 'token_missing')).toBe(false)
    expect(other.isJwtGateError(new TokenMissingError(), 'token_missing')).toBe(true)
  })

  it('carry the brand under a symbol that both can look up', async () => {
    const other = await anotherCopy()
    const brand = Symbol.for('jwtgate.error')
    expect(brand in new other.SetupError()).toBe(true)
    expect(brand in new SetupError()).toBe(true)
    expect(brand in configError()).toBe(true)
    expect(other.isJwtGateError(configError())).toBe(false)
  })
})

describe('a ConfigError', () => {
  it('is a branded TypeError that names the option, and no JwtGateError', () => {
    const error = configError()
    expect(error).toBeInstanceOf(TypeError)
    expect(error).not.toBeInstanceOf(JwtGateError)
    expect(error).toMatchObject({ name: 'ConfigError', code: 'config_invalid', option: 'issuer' })
    expect(error.message).toContain('issuer')
    expect(Symbol.for('jwtgate.error') in error).toBe(true)
    expect(error).not.toHaveProperty('status')
  })
})
