// Options that could fool a verifier: each is refused at creation, by name and with what to write instead.
import { describe, expect, it, vi } from 'vitest'
import { createJwtVerifier, isJwtGateError, type Clock, type ConfigError, type JwtVerifierOptions } from '@jwtgate/core'
import { casesOf } from '../../../test/support/cases.ts'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { countedFetch } from '../../../test/support/counted-fetch.ts'
import { algorithmNames, jwkOf, keyFor } from '../../../test/support/keys.ts'
import { issuer, mint, now } from '../../../test/support/mint.ts'
import { outcomeOf, testOptions, testVerifier } from '../../../test/support/verifiers.ts'

const { verifier: publicKey } = keyFor('ES256')
const { verifier: secret } = keyFor('HS512')
const jwks = { keys: [jwkOf(keyFor('ES256'))] }
const jwksUri = 'https://id.example.com/jwks'
const hmac = { algorithms: ['HS256'], secret }

/** Options that a type checker would not let through, too. */
type Untyped = Readonly<Record<string, unknown>>

function create(changes: Untyped): unknown {
  const options = changes as Partial<JwtVerifierOptions>
  return createJwtVerifier(testOptions(options))
}

function refusalFor(changes: Untyped): ConfigError {
  return configErrorOf(() => create(changes))
}

interface BadValues {
  readonly option: string
  /** What the message says besides the name of the option. */
  readonly remedy: RegExp
  readonly values: readonly unknown[]
}

const noStrings: readonly unknown[] = [null, 0, 1, true, false, {}, { 0: 'a' }, () => 'a', Symbol('a')]
const noStringLists: readonly unknown[] = [...noStrings, '', [], [''], [1], [null], [undefined], [['a']], ['a', '']]
const noNumbers: readonly unknown[] = [null, '5', '', true, {}, [5], 5n, new Date(0), Object(5)]
const noSources: readonly unknown[] = [null, 'roles', 1, true, {}, [], [''], [1], [['a']]]

const unknownAlgorithms = [
  'none',
  'None',
  'NONE',
  'es256',
  'ES256 ',
  'ES256K',
  'RS1',
  'ES257',
  'Ed448',
  'RSA-OAEP',
  'dir',
  '*',
  '__proto__',
  'constructor',
  'toString',
].map((name) => [name])

const badValues: readonly BadValues[] = [
  { option: 'issuer', remedy: /'https:\/\/id\.example\.com'/, values: [undefined, ...noStringLists] },
  {
    option: 'audience',
    remedy: /'https:\/\/api\.example\.com'/,
    values: [undefined, ...noStringLists.filter((value) => value !== null)],
  },
  {
    option: 'algorithms',
    remedy: /\['RS256'\]|Known are: HS256, .*RS256, .*Ed25519/,
    values: [
      ...noStringLists,
      undefined,
      'ES256',
      ['ES256', 'none'],
      [['ES256']],
      [{ name: 'ES256' }],
      ...unknownAlgorithms,
    ],
  },
  {
    option: 'clockTolerance',
    remedy: /seconds from 0 to 300, for instance 5/,
    values: [...noNumbers, -1, -0.001, Number.NaN, 300.001, 301, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  },
  {
    option: 'maxTokenAge',
    remedy: /seconds/,
    values: [...noNumbers, 0, -1, Number.NaN, Number.POSITIVE_INFINITY],
  },
  {
    option: 'maxTokenLength',
    remedy: /characters/,
    values: [...noNumbers, 0, -1, Number.NaN, Number.POSITIVE_INFINITY],
  },
  {
    option: 'optionalClaims',
    remedy: /\['nbf'\]/,
    values: [null, 'nbf', true, { nbf: true }, ['exp'], ['iss'], ['aud'], ['nbf', 'exp'], ['sub'], ['NBF'], [1]],
  },
  { option: 'requiredClaims', remedy: /\['sub'\]/, values: ['sub', true, {}, { 0: 'sub' }, [''], [1], [['sub']]] },
  {
    option: 'claimValues',
    remedy: /must be an object/,
    values: [null, 'access', [], [['token_use', 'access']]],
  },
  { option: 'typ', remedy: /'at\+jwt'/, values: noStringLists },
  { option: 'acceptBoundTokens', remedy: /true or false/, values: [null, 0, 1, '', 'true', 'false', {}, []] },
  { option: 'permissionsFrom', remedy: /path|list/, values: noSources },
  { option: 'scopesFrom', remedy: /path|list/, values: noSources },
  { option: 'rolesFrom', remedy: /path|list/, values: noSources },
  { option: 'clock', remedy: /now/, values: [null, 1, 'now', true, Date.now, Date] },
  { option: 'publicKey', remedy: /PEM, JWK or KeyObject/, values: [null, '', 'key', 1, true, {}, [], () => 'key'] },
  {
    option: 'jwks',
    remedy: /JWK Set|usable/,
    values: [null, '', jwksUri, 1, {}, [], { keys: {} }, { keys: [] }, jwks.keys],
  },
  { option: 'jwksUri', remedy: /URL|string/, values: [null, '', 1, {}, ['https://id.example.com'], 'jwks', '/jwks'] },
]

describe.each(badValues)('$option', ({ option, remedy, values }) => {
  it.each(casesOf(values))('is refused as $value', ({ value }) => {
    const error = refusalFor({ [option]: value })
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ name: 'ConfigError', code: 'config_invalid', option })
    expect(error.message).toContain(option)
    expect(error.message).toMatch(remedy)
  })
})

describe('the options as a whole', () => {
  it.each(casesOf<unknown>([undefined, null, '', 'https://id.example.com', 1, true]))(
    'are refused as $value',
    ({ value }) => {
      const error = configErrorOf(() => createJwtVerifier(value as JwtVerifierOptions))
      expect(error.message).toMatch(/options must be an object/)
    },
  )

  it.each<[string, readonly unknown[], string]>([
    ['empty', [], 'options'],
    ['of an issuer without options', [{}], '[0].issuer'],
    ['of an issuer with what all of them share', [testOptions()], '[0].clock'],
  ])('are refused as a list that is %s', (_what, list, option) => {
    const error = configErrorOf(() => createJwtVerifier(list as unknown as JwtVerifierOptions))
    expect(error.option).toBe(option)
  })

  it.each(['issuer', 'audience'])(
    '%s with white space around it is refused: nobody would see why no token fits',
    (option) => {
      for (const value of [' https://id.example.com', 'https://id.example.com\n', ['a', 'b ']]) {
        expect(refusalFor({ [option]: value })).toMatchObject({
          option,
          message: expect.stringContaining('white space'),
        })
      }
    },
  )

  it('a refusal is branded, and is no refusal of a request', () => {
    const error = refusalFor({ issuer: '' })
    expect(Reflect.get(error, Symbol.for('jwtgate.error'))).toBe('ConfigError')
    expect(isJwtGateError(error)).toBe(false)
  })

  it.each(['issuer', 'audience', 'algorithms'])('%s has no default', (option) => {
    const { [option]: _left, ...rest } = { ...testOptions() } as Untyped
    const error = configErrorOf(() => createJwtVerifier(rest as unknown as JwtVerifierOptions))
    expect(error.option).toBe(option)
  })

  it('that are undefined count as not given', () => {
    const names = ['clockTolerance', 'maxTokenAge', 'typ', 'claimValues', 'requiredClaims', 'optionalClaims', 'clock']
    const changes = Object.fromEntries(names.map((name) => [name, undefined]))
    expect(() => create({ ...changes, publicKey })).not.toThrow()
  })

  it('may stand in an object without prototype, or in the fields of a class', () => {
    class Settings {
      readonly issuer = issuer
      readonly audience = 'orders'
      readonly algorithms = ['ES256']
      readonly publicKey = publicKey
    }
    for (const options of [Object.assign(Object.create(null), testOptions()), new Settings()]) {
      expect(() => createJwtVerifier(options as JwtVerifierOptions)).not.toThrow()
    }
  })

  const good: readonly Untyped[] = [
    { clockTolerance: 0 },
    { clockTolerance: 300 },
    { maxTokenAge: 1 },
    { audience: null },
    { audience: ['a', 'b'] },
    { issuer: ['a', 'b'] },
    { optionalClaims: [] },
    { requiredClaims: [] },
    { typ: ['JWT', 'at+jwt'] },
    { clock: { now: Date.now } },
    { algorithms: ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'], jwks },
  ]

  it.each(casesOf(good))('are accepted with $value', ({ value: changes }) => {
    expect(() => create(changes)).not.toThrow()
  })
})

describe('a list of issuers', () => {
  const issuers = Array.from({ length: 10_001 }, (_, index) => `https://${index}.example.com`)

  it('may have 10,000 entries', () => {
    expect(() => create({ issuer: issuers.slice(1) })).not.toThrow()
  })

  it('may not have 10,001 entries', () => {
    expect(refusalFor({ issuer: issuers }).option).toBe('issuer')
  })
})

describe('a refusal says what to write', () => {
  const algorithms =
    'HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519'

  it.each<[Untyped, string, string]>([
    [
      { issuer: undefined },
      'issuer',
      "issuer is required, for instance 'https://id.example.com'. Is a setting missing?",
    ],
    [{ issuer: [] }, 'issuer', "issuer is an empty list: give at least one, for instance 'https://id.example.com'."],
    [
      { issuer: 7 },
      'issuer',
      "issuer must be a non-empty string or a list of these, for instance 'https://id.example.com'.",
    ],
    [{ issuer: ' a' }, 'issuer', 'issuer has white space at its begin or end: take it out.'],
    [
      { audience: undefined },
      'audience',
      "audience is required: the name that your API has at the issuer, for instance 'https://api.example.com'. " +
        'With null, tokens that were issued for other APIs are accepted too.',
    ],
    [{ algorithms: 'RS256' }, 'algorithms', "algorithms must be a list: ['RS256']."],
    [
      { algorithms: undefined },
      'algorithms',
      "algorithms is required: a list with what your issuer signs with, for instance ['RS256'].",
    ],
    [
      { algorithms: ['ES256K'] },
      'algorithms',
      `algorithms has "ES256K", which is not accepted. Known are: ${algorithms}.`,
    ],
    [
      { algorithms: ['a"\n'] },
      'algorithms',
      `algorithms has "a\\u0022\\u000a", which is not accepted. Known are: ${algorithms}.`,
    ],
    [
      { algorithms: ['None'] },
      'algorithms',
      `algorithms has "None", which is not accepted. "none" would accept unsigned tokens. Known are: ${algorithms}.`,
    ],
    [
      { algorithms: [7] },
      'algorithms',
      `algorithms has something else than a string, which is not accepted. Known are: ${algorithms}.`,
    ],
    [
      { requiredClaims: ['nbf'], optionalClaims: ['nbf'] },
      'optionalClaims',
      'nbf stands in optionalClaims and in requiredClaims: take it out of one.',
    ],
    [
      { claimValues: 'access' },
      'claimValues',
      "claimValues must be an object with named members, for instance { token_use: 'access' }.",
    ],
    [
      { claimValues: { token_use: 7 } },
      'claimValues.token_use',
      "claimValues.token_use must be a non-empty string or a list of these, for instance 'access'.",
    ],
    [
      { rolesFrom: [] },
      'rolesFrom',
      "rolesFrom is an empty list: give at least one, for instance ['realm_access', 'roles'].",
    ],
    [
      { claims: {} },
      'claims',
      'claims must be a schema that speaks Standard Schema 1: one of zod 3.24+, valibot 1, arktype 2, for instance.',
    ],
    [{ tokenCache: true }, 'tokenCache', 'tokenCache is on by itself: leave it out, or give its limits.'],
    [{ tokenCache: 7 }, 'tokenCache', 'tokenCache must be an object with named members.'],
    [
      { tokenCache: { size: 7 } },
      'tokenCache.size',
      'tokenCache.size is not an option. The options are: max, maxBytes.',
    ],
    [
      { tokenCache: { max: 0 } },
      'tokenCache.max',
      'tokenCache.max must be a number of tokens from 1 to 1000000, for instance 10000.',
    ],
    [
      { tokenCache: { maxBytes: 0 } },
      'tokenCache.maxBytes',
      'tokenCache.maxBytes must be a number of bytes from 65536 to 1073741824, for instance 33554432.',
    ],
  ])('of %j', (changes, option, message) => {
    expect(refusalFor(changes)).toMatchObject({ option, message })
  })

  it('of options that are no object', () => {
    const error = configErrorOf(() => createJwtVerifier('x' as unknown as JwtVerifierOptions))
    expect(error).toMatchObject({ option: 'options', message: 'options must be an object with named members.' })
  })
})

describe('an unknown option', () => {
  it.each(['foo', 'Issuer', 'issuer ', 'audiance', '__proto__', 'constructor', 'toString', ''])(
    'is refused: %j',
    (name) => {
      const changes = Object.fromEntries([[name, 'x']])
      const error = refusalFor(changes)
      expect(error.option).toBe(name)
      expect(error.message).toMatch(/is not an option.*The options are: issuer, audience, algorithms, /)
    },
  )

  const known =
    'issuer, audience, algorithms, jwksUri, jwks, publicKey, secret, remote, clockTolerance, maxTokenAge, optionalClaims, ' +
    'requiredClaims, claimValues, typ, acceptBoundTokens, permissionsFrom, scopesFrom, rolesFrom, claims, isRevoked, ' +
    'maxTokenLength, tokenCache, clock'

  it('is answered with all that are known', () => {
    expect(refusalFor({ foo: 5 }).message).toBe(`foo is not an option. The options are: ${known}.`)
  })

  const meant: readonly (readonly [string, string])[] = [
    ['iss', 'issuer'],
    ['issuerBaseURL', 'issuer'],
    ['issuers', 'issuer'],
    ['aud', 'audience'],
    ['alg', 'algorithms'],
    ['tokenSigningAlg', 'algorithms'],
    ['allowedAlgorithms', 'algorithms'],
    ['jwksUrl', 'jwksUri'],
    ['jwks_uri', 'jwksUri'],
    ['key', 'publicKey'],
    ['publicKeys', 'jwks'], // Nearer to `publicKey`, which can only be one.
    ['leeway', 'clockTolerance'],
    ['clockSkew', 'clockTolerance'],
    ['graceSeconds', 'clockTolerance'],
    ['clockTimestamp', 'clock'],
    ['maxAge', 'maxTokenAge'],
    ['tokenType', 'typ'],
    ['timeout', 'remote.timeoutDuration'],
    ['timeoutDuration', 'remote.timeoutDuration'],
    ['cache', 'tokenCache'],
    ['cacheMaxAge', 'remote.cacheMaxAge'],
    ['maxStale', 'remote.maxStale'],
    ['headers', 'remote.headers'],
    ['fetch', 'remote.fetch'],
    // Slips.
    ['algorithm', 'algorithms'],
    ['clockTolerence', 'clockTolerance'],
    ['algoritms', 'algorithms'],
    ['jwksURI', 'jwksUri'],
    ['permissionFrom', 'permissionsFrom'],
  ]
  const secretOrKey = 'A shared secret is `secret`, a public key is `publicKey`.'
  const ofMiddleware = 'It belongs into the second argument of requireJwt().'

  it.each([
    ...meant.map(([name, ours]) => [name, `Did you mean \`${ours}\`?`] as const),
    ['secretOrKey', secretOrKey],
    ['secretOrPublicKey', secretOrKey],
    ['getToken', 'Where the token is says `tokenFrom`, in the second argument of requireJwt().'],
    ['tokenFrom', ofMiddleware],
    ['realm', ofMiddleware],
    ['credentialsRequired', 'To let anonymous requests in, use optionalJwt() in place of requireJwt().'],
    ['ignoreExpiration', '`exp` is always checked; for clocks that differ there is `clockTolerance`.'],
  ] as const)('%s, as another library or a slip has it, is answered with ours: %s', (name, remedy) => {
    expect(refusalFor({ [name]: 5 })).toMatchObject({
      option: name,
      message: `${name} is not an option. ${remedy} The options are: ${known}.`,
    })
  })

  it('is refused even where it says nothing', () => {
    expect(refusalFor({ leeway: undefined }).option).toBe('leeway')
  })

  it('within remote is refused', () => {
    const error = refusalFor({ jwksUri, remote: { timeout: 5000 } })
    expect(error.option).toBe('remote.timeout')
    expect(error.message).toMatch(/The options are: timeoutDuration, /)
  })
})

describe('algorithms', () => {
  const hmacs = algorithmNames.filter((alg) => alg.startsWith('HS'))
  const others = algorithmNames.filter((alg) => !alg.startsWith('HS'))
  const mixtures = hmacs.flatMap((hmac) => others.map((other) => ({ hmac, other })))

  it.each(mixtures)('$hmac and $other are never mixed', ({ hmac, other }) => {
    for (const algorithms of [
      [hmac, other],
      [other, hmac],
    ]) {
      for (const key of [{ secret }, { publicKey }, { jwks }, { jwksUri }]) {
        const error = refusalFor({ algorithms, ...key })
        expect(error.option).toBe('algorithms')
        expect(error.message).toMatch(/mixes HMAC with public-key algorithms.*two verifiers/)
      }
    }
  })

  it('none: the message says why', () => {
    expect(refusalFor({ algorithms: ['none'] }).message).toMatch(/unsigned/)
  })
})

describe('the key options', () => {
  const keyOptions: Untyped = { secret, publicKey, jwks, jwksUri }
  const names = Object.keys(keyOptions)
  const pairs = names.flatMap((first, index) => names.slice(index + 1).map((second) => [first, second] as const))

  it.each(pairs)('%s and %s are not both accepted', (first, second) => {
    for (const algorithms of [['ES256'], ['HS256']]) {
      const error = refusalFor({ algorithms, [first]: keyOptions[first], [second]: keyOptions[second] })
      expect([first, second]).toContain(error.option)
      expect(error.message).toMatch(/[Oo]nly one/)
      expect(error.message).toContain(first)
      expect(error.message).toContain(second)
    }
  })

  it.each(['HS256', 'HS384', 'HS512'])('%s needs a secret, and nothing else will do', (alg) => {
    const { publicKey: _left, ...keyless } = testOptions()
    const attempts = [{}, { publicKey }, { jwks }, { jwksUri }]
    for (const attempt of attempts) {
      const options = { ...keyless, algorithms: [alg], ...attempt } as unknown as JwtVerifierOptions
      const error = configErrorOf(() => createJwtVerifier(options))
      expect(error.option).toBe('secret')
      expect(error.message).toMatch(/secret is required for HS256/)
    }
  })

  it.each(algorithmNames.filter((alg) => !alg.startsWith('HS')))('%s takes no secret', (alg) => {
    const error = refusalFor({ algorithms: [alg], secret })
    expect(error.option).toBe('secret')
    expect(error.message).toMatch(/publicKey, jwks or jwksUri/)
  })

  it('remote has no meaning where the keys are at hand', () => {
    for (const keys of [{ publicKey }, { jwks }, hmac]) {
      expect(refusalFor({ ...keys, remote: { timeoutDuration: 1000 } }).option).toBe('remote')
    }
  })
})

describe('the URL of a key set', () => {
  const unsafe: readonly (readonly [string, RegExp])[] = [
    ['http://id.example.com/jwks', /https/],
    ['http://10.0.0.1/jwks', /https/],
    ['http://192.168.1.1/jwks', /https/],
    ['http://169.254.169.254/jwks', /https/],
    ['http://0.0.0.0/jwks', /https/],
    ['http://[::]/jwks', /https/],
    ['http://127.0.0.1.example.com/jwks', /https/],
    ['http://localhost.example.com/jwks', /https/],
    ['http://examplelocalhost/jwks', /https/],
    ['HTTP://id.example.com/jwks', /https/],
    ['ftp://id.example.com/jwks', /https/],
    ['file:///etc/jwks', /https/],
    ['data:application/json,{}', /https/],
    ['javascript:1', /https/],
    ['ws://localhost/jwks', /https/],
    ['https://user@id.example.com/jwks', /credentials.*remote\.headers/],
    ['https://user:canary@id.example.com/jwks', /credentials.*remote\.headers/],
    ['https://:canary@id.example.com/jwks', /credentials.*remote\.headers/],
    ['http://user:canary@localhost/jwks', /credentials.*remote\.headers/],
    ['//id.example.com/jwks', /URL/],
    ['id.example.com/jwks', /URL/],
  ]
  const loopback = ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://127.9.9.9', 'http://[::1]:3000']

  /** Discovery: no key option. */
  function refusalForIssuer(text: string, changes: Untyped = {}): ConfigError {
    return configErrorOf(() => discovering(text, changes))
  }

  function discovering(text: string | readonly string[], changes: Untyped = {}): unknown {
    const { publicKey: _left, ...keyless } = testOptions()
    const options = { ...keyless, ...changes, issuer: text } as JwtVerifierOptions
    return createJwtVerifier(options)
  }

  it.each(unsafe)('is refused as jwksUri: %s', (url, remedy) => {
    const error = refusalFor({ jwksUri: url })
    expect(error.option).toBe('jwksUri')
    expect(error.message).toMatch(remedy)
    expect(error.message).not.toContain('canary')
  })

  it.each(unsafe)('is refused as issuer that is asked for its keys: %s', (url, remedy) => {
    const error = refusalForIssuer(url)
    expect(error.option).toBe('issuer')
    expect(error.message).toMatch(remedy)
    expect(error.message).toMatch(/jwksUri/)
    expect(error.message).not.toContain('canary')
  })

  it.each(['https://id.example.com?tenant=1', 'https://id.example.com/#a'])(
    'cannot be made from an issuer with query or fragment: %s',
    (url) => {
      expect(refusalForIssuer(url).option).toBe('issuer')
    },
  )

  it('cannot be made from several issuers', () => {
    const error = configErrorOf(() => discovering([issuer, 'https://b.example.com']))
    expect(error.message).toMatch(/jwksUri.*jwks.*publicKey/)
  })

  it.each(loopback)('may be plain http on this machine: %s', (origin) => {
    expect(() => create({ jwksUri: `${origin}/jwks` })).not.toThrow()
    expect(() => discovering(origin)).not.toThrow()
  })

  it('may be plain http elsewhere with a switch that looks dangerous', () => {
    const remote = { allowInsecureHttp: true }
    expect(() => create({ jwksUri: 'http://10.0.0.1/jwks', remote })).not.toThrow()
    expect(() => discovering('http://10.0.0.1', { remote })).not.toThrow()
    expect(refusalFor({ jwksUri: 'ftp://10.0.0.1/jwks', remote }).option).toBe('jwksUri')
    expect(refusalFor({ jwksUri: 'http://user@10.0.0.1/jwks', remote }).option).toBe('jwksUri')
  })

  it('is not demanded of an issuer that is never asked', () => {
    expect(() => create({ issuer: 'accounts.example.com' })).not.toThrow()
    expect(() => create({ issuer: 'urn:example:issuer', jwksUri })).not.toThrow()
  })
})

describe('remote', () => {
  it.each<[string, readonly unknown[]]>([
    ['timeoutDuration', [...noNumbers, 0, -1, Number.NaN, Number.POSITIVE_INFINITY]],
    ['cacheMaxAge', [...noNumbers, -1, Number.NaN, Number.POSITIVE_INFINITY]],
    ['maxStale', [...noNumbers, -1, Number.NaN, Number.POSITIVE_INFINITY]],
    ['maxResponseBytes', [...noNumbers, 0, -1, Number.NaN, Number.POSITIVE_INFINITY]],
    ['headers', ['x', 1, { 'bad name': 'x' }, { name: 'line\nfeed' }]],
    ['fetch', [null, 'fetch', {}, 1]],
    ['allowInsecureHttp', [null, 1, 'true']],
  ])('%s is checked', (name, values) => {
    for (const value of values) {
      const error = refusalFor({ jwksUri, remote: { [name]: value } })
      expect(error.option).toBe(`remote.${name}`)
      expect(error.message).toContain(`remote.${name}`)
    }
  })

  it.each(casesOf<unknown>([1, 'x', [], true]))('is refused as $value', ({ value }) => {
    expect(refusalFor({ jwksUri, remote: value }).option).toBe('remote')
  })

  it('a header value that is refused is not quoted', () => {
    const error = refusalFor({ jwksUri, remote: { headers: { authorization: 'Bearer canary\nx' } } })
    expect(error.message).not.toContain('canary')
  })
})

describe('claims', () => {
  it.each([
    ['iss', 'issuer'],
    ['aud', 'audience'],
    ['exp', 'clockTolerance'],
    ['nbf', 'clockTolerance'],
    ['iat', 'maxTokenAge'],
  ])('%s has an option of its own, and claimValues says so: %s', (name, option) => {
    const error = refusalFor({ claimValues: { [name]: 'x' } })
    expect(error.option).toBe(`claimValues.${name}`)
    expect(error.message).toContain(option)
  })

  it.each(casesOf(noStringLists))('a value of claimValues is refused as $value', ({ value }) => {
    expect(refusalFor({ claimValues: { token_use: value } }).option).toBe('claimValues.token_use')
  })

  it('nbf is not both required and optional', () => {
    expect(refusalFor({ requiredClaims: ['nbf'], optionalClaims: ['nbf'] }).message).toMatch(/nbf/)
  })
})

describe('clock', () => {
  it.each(['now', 'elapsed'])('%s must be a function', (name) => {
    for (const value of [1, 'x', null]) expect(refusalFor({ clock: { [name]: value } }).option).toBe(`clock.${name}`)
  })

  it('may be an instance of a class', () => {
    class Wall {
      readonly #milliseconds = 1
      now(): number {
        return this.#milliseconds
      }
    }
    expect(() => create({ clock: new Wall() })).not.toThrow()
  })

  const given = { now: () => now * 1_000, elapsed: () => elapsed }
  let elapsed = 0

  it.each<[string, Partial<Clock> | undefined, number, string]>([
    ['both of the system where none is given', undefined, 9_000, 'token_expired'],
    ['the one that is given: now', { now: given.now }, 9_000, 'accepted'],
    ['the one that is given: elapsed', { elapsed: given.elapsed }, 5, 'token_expired'],
    ['both that are given', given, 5, 'accepted'],
  ])('reads %s', async (_which, clock, age, outcome) => {
    vi.useFakeTimers({ now: now * 1_000, toFake: ['Date', 'performance'] })
    try {
      elapsed = 0
      const remote = { fetch: async () => Response.json(jwks) }
      const { clock: _left, ...options } = testOptions({ jwksUri, remote })
      const verifier = createJwtVerifier({ ...options, ...(clock && { clock }) })
      const verified = (): Promise<string> => outcomeOf(verifier.verify(mint({ exp: now + 10 })))
      expect(await verified()).toBe('accepted')
      elapsed = 5
      vi.advanceTimersByTime(9_000)
      expect(verifier.status().issuers[0]?.age).toBe(age)
      vi.advanceTimersByTime(1_000)
      expect(await verified()).toBe(outcome)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is one clock for all verifiers that are given the same: they share a key set, and others do not', async () => {
    const { fetch, begun } = countedFetch(async () => Response.json(jwks))
    const verified = (clock: Clock): Promise<unknown> =>
      testVerifier({ clock, jwksUri: `${jwksUri}/shared`, remote: { fetch } }).verify(mint())
    await verified(given)
    await verified(given)
    expect(begun()).toBe(1)
    await verified({ ...given })
    expect(begun()).toBe(2)
  })

  it.each(['now', 'elapsed'])('that says nonsense in %s is told, and lets nobody in', async (name) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '1', undefined, new Date(0)]) {
      const clock = { ...given, [name]: () => value as number }
      const remote = { fetch: async () => Response.json(jwks) }
      const verified = async (): Promise<unknown> => testVerifier({ clock, jwksUri, remote }).verify(mint())
      await expect(verified()).rejects.toMatchObject({
        name: 'ConfigError',
        option: `clock.${name}`,
        message: `clock.${name}() must return milliseconds, a finite number.`,
      })
    }
  })
})
