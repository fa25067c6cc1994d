// Whatever is sent, the outcome is a good token's Auth or one documented error, which quotes nothing of what was sent.
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import {
  createAuthenticator,
  createJwtVerifier,
  isJwtGateError,
  type Auth,
  type JwtGateError,
  type RequestLike,
} from '@jwtgate/core'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { audience, base64url, goodClaims, issuer, mint, now, partsOf, signed } from '../../../test/support/mint.ts'
import { refuseUnhandledRejections } from '../../../test/support/unhandled-rejections.ts'
import { TestClock, testVerifier } from '../../../test/support/verifiers.ts'

refuseUnhandledRejections()
vi.setConfig({ testTimeout: 30_000 }) // Thousands of runs on a machine that may be busy.

const key = keyFor('ES256')
/** Characters: the size up to which the time of a verification counts. */
const largest = 65_536
/** Stands in tokens where it must never be quoted. */
const canary = 'canary9d4e'
const canaries = [canary]
const good = mint({ sub: `${canary} ${'x'.repeat(100)}` }, { header: { kid: 'k1' } })

const pinned = testVerifier({ maxTokenLength: largest })
const keySet = createJwtVerifier({
  issuer,
  audience,
  algorithms: ['ES256'],
  jwks: { keys: [jwkOf(key, { kid: 'k1' })] },
  clockTolerance: 0,
  clock: new TestClock(),
  maxTokenLength: largest,
})
const authenticate = createAuthenticator(pinned)

/** Each verification of at most {@link largest} characters. */
const timed: { readonly size: number; readonly milliseconds: number }[] = []

afterAll(() => {
  for (const [name, from] of [
    ['all', 0],
    ['above 16 kB', 16_384],
  ] as const) {
    const times = timed.filter(({ size }) => size >= from).map(({ milliseconds }) => milliseconds)
    const sorted = times.toSorted((a, b) => a - b)
    const at = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN).toFixed(2)
    console.log(`${name}: p99 ${at(0.99)} ms over ${sorted.length} cases (p50 ${at(0.5)} ms, longest ${at(1)} ms)`)
  }
})

/** Of the request's fault: what can be wrong with a token or with how it is sent. */
const documented: readonly (readonly [status: number, code: string])[] = [
  [400, 'request_malformed'],
  [400, 'multiple_tokens'],
  [401, 'token_missing'],
  [401, 'token_malformed'],
  [401, 'algorithm_not_allowed'],
  [401, 'type_not_allowed'],
  [401, 'critical_header'],
  [401, 'key_unknown'],
  [401, 'signature_invalid'],
  [401, 'issuer_mismatch'],
  [401, 'audience_mismatch'],
  [401, 'token_expired'],
  [401, 'token_not_yet_valid'],
  [401, 'claim_missing'],
  [401, 'claim_invalid'],
  [401, 'token_bound'],
]

/** The Auth, or the error after it was found to be documented and to show none of the secrets. Fails for any other. */
async function settle(
  attempt: () => Promise<Auth | undefined>,
  size: number,
  secrets: readonly string[],
): Promise<Auth | JwtGateError | undefined> {
  const startedAt = performance.now()
  const outcome: unknown = await attempt().catch((error: unknown) => error)
  if (size <= largest) timed.push({ size, milliseconds: performance.now() - startedAt })
  if (!(outcome instanceof Error)) return outcome as Auth | undefined
  if (!isJwtGateError(outcome)) throw outcome
  expect(documented).toContainEqual([outcome.status, outcome.code])
  expect(outcome.headers).toEqual({ 'WWW-Authenticate': expect.stringMatching(/^Bearer realm="api"[ -~]*$/) })
  expect(outcome.hint).toMatch(/^[ -~]+$/)
  const shown = shownBy(outcome)
  for (const secret of secrets) expect(shown).not.toContain(secret)
  return outcome
}

function verify(token: unknown, secrets: readonly string[], verifier = pinned): Promise<unknown> {
  return settle(() => verifier.verify(token as string), typeof token === 'string' ? token.length : 0, secrets)
}

/** The code, or `accepted`. */
async function verdictOf(token: unknown, secrets: readonly string[] = canaries, verifier = pinned): Promise<string> {
  const outcome = await verify(token, secrets, verifier)
  return isJwtGateError(outcome) ? outcome.code : 'accepted'
}

/** All that an error can be made to show. */
function shownBy(error: JwtGateError): string {
  const all = inspect(error, { showHidden: true, depth: Number.POSITIVE_INFINITY })
  return [error.message, error.hint, error.stack, JSON.stringify(error.headers), JSON.stringify(error), all].join('\n')
}

/** Parts of a text that are too long to stand in an error by chance. */
function longParts(text: string): readonly string[] {
  return text.split(/[^A-Za-z0-9_-]+/).filter((part) => part.length >= 14)
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.stringMatching(/^[A-Za-z0-9_-]{0,80}\.[A-Za-z0-9_-]{0,80}\.[A-Za-z0-9_-]{0,80}$/),
  fc.stringMatching(/^[A-Za-z0-9._=+/ -]{0,200}$/),
)

const change = fc.record({
  segment: fc.nat({ max: 2 }),
  /** Where in the segment, from start to end. */
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom('replace', 'insert', 'remove', 'double', 'pad', 'blank'),
  character: fc.oneof(
    { weight: 3, arbitrary: fc.stringMatching(/^[A-Za-z0-9_-]$/) },
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

/** The good token with one to three characters changed. */
const changedToken = fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
  const parts = [...partsOf(good)]
  for (const { segment, at, kind, character } of changes) {
    const part = parts[segment] ?? ''
    const index = Math.floor(at * part.length)
    const before = part.charAt(index)
    const after = {
      replace: character,
      insert: character + before,
      remove: '',
      double: before + before,
      pad: `${before}=`,
      blank: `${before} `,
    }
    parts[segment] = part.slice(0, index) + after[kind] + part.slice(index + 1)
  }
  return parts.join('.')
})

/** `kids` are those that a token may name; `undefined` where no `kid` is looked at. */
const verifiers = [
  { name: 'one public key', verifier: pinned, kids: undefined },
  { name: 'a key set', verifier: keySet, kids: ['k1'] },
]

describe('what is no token', () => {
  it('is refused, whatever the text', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        expect(await verdictOf(text + canary, [canary, ...longParts(text)])).not.toBe('accepted')
      }),
      { numRuns: 2_000 },
    )
  })

  it('is refused as token_malformed, whatever the value', async () => {
    const value = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(
        value.filter((one) => typeof one !== 'string'),
        async (one) => {
          expect(await verdictOf(one)).toBe('token_malformed')
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('a good token that was changed', () => {
  it.each(verifiers)('is refused by a verifier with $name', async ({ verifier }) => {
    expect(await verdictOf(good, canaries, verifier)).toBe('accepted')
    await fc.assert(
      fc.asyncProperty(changedToken, async (token) => {
        fc.pre(token !== good)
        const secrets = [canary, ...longParts(good), ...longParts(token)]
        expect(await verdictOf(token, secrets, verifier)).not.toBe('accepted')
      }),
      { numRuns: 1_500 },
    )
  })
})

/** JSON as text, so that it can hold what no parsed value can. */
type Members = Readonly<Record<string, string>>

const goodHeader: Members = { alg: '"ES256"', typ: '"JWT"', kid: '"k1"' }
const goodPayload: Members = Object.fromEntries(
  Object.entries(goodClaims({ sub: canary })).map(([name, value]) => [name, JSON.stringify(value)]),
)

function objectText(members: Members): string {
  return `{${Object.entries(members)
    .map(([name, value]) => `${JSON.stringify(name)}:${value}`)
    .join(',')}}`
}

const oddities = [
  'null',
  'true',
  'false',
  '0',
  '-1',
  '1e400',
  '-1e400',
  '1e-400',
  '9007199254740993',
  String(now - 1),
  String(now),
  String(now + 1),
  String(now + 0.5),
  '""',
  '"NaN"',
  `"${now}"`,
  `"${canary}"`,
  `["${canary}"]`,
  `{"${canary}":1}`,
  '[]',
  '{}',
  '[[]]',
  JSON.stringify(audience),
  JSON.stringify([audience]),
  JSON.stringify([['x'], audience]),
  JSON.stringify([audience, 1]),
  JSON.stringify({ 0: audience, length: 1 }),
  JSON.stringify(issuer),
  JSON.stringify(`${issuer}/`),
  '"__proto__"',
  '"constructor"',
  JSON.stringify('k'.repeat(256)),
  JSON.stringify('k'.repeat(257)),
  JSON.stringify(canary.repeat(500)),
] as const
const oddity = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...oddities) }, fc.json({ maxDepth: 3 }))

/** The good members, some of them replaced (by an odd value) or taken out (`undefined`), some added. */
function membersNear(near: Members, names: readonly string[]): fc.Arbitrary<Members> {
  const entry = fc.tuple(fc.constantFrom(...names), fc.option(oddity, { freq: 6, nil: undefined }))
  return fc.array(entry, { maxLength: 3 }).map((changes) => {
    const members = new Map(Object.entries(near))
    for (const [name, text] of changes) {
      if (text === undefined) members.delete(name)
      else members.set(name, text)
    }
    return Object.fromEntries(members)
  })
}

const header = membersNear(goodHeader, ['alg', 'typ', 'kid', 'crit', 'b64', 'jwk', 'jku', 'x5u', 'cty', 'constructor'])
const registered = ['iss', 'aud', 'exp', 'nbf', 'iat', 'sub', 'jti', 'cnf', 'at_hash', 'c_hash', 'events']
const others = ['permissions', 'scope', 'scp', 'roles', 'constructor', 'toString', 'hasOwnProperty']
const payload = membersNear(goodPayload, [...registered, ...others])

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** By the words of the design, written anew: whether a correctly signed token with these parts is good. */
function isGood(headerText: string, payloadText: string, kids: readonly string[] | undefined): boolean {
  if (Buffer.byteLength(headerText) > 4096) return false
  const { alg, typ, kid, ...extensions } = JSON.parse(headerText) as Readonly<Record<string, unknown>>
  const { iss, aud, exp, nbf, iat, sub, jti, ...claims } = JSON.parse(payloadText) as Readonly<Record<string, unknown>>
  const type = isText(typ) ? typ.toLowerCase().replace(/^application\//, '') : typ
  const headerIsGood =
    alg === 'ES256' &&
    !('crit' in extensions) &&
    !('b64' in extensions) &&
    (type === undefined || type === 'jwt' || type === 'at+jwt') &&
    (kid === undefined || (isText(kid) && kid.length <= 256 && (kids?.includes(kid) ?? true)))
  const audiences = isText(aud) ? [aud] : aud
  return (
    headerIsGood &&
    iss === issuer &&
    Array.isArray(audiences) &&
    audiences.every(isText) &&
    audiences.includes(audience) &&
    Number.isFinite(exp) &&
    Number(exp) <= 253_402_300_799 &&
    now < Number(exp) &&
    Number.isFinite(nbf) &&
    now >= Number(nbf) &&
    (iat === undefined || (Number.isFinite(iat) && Number(iat) <= now)) &&
    [sub, jti].every((claim) => claim === undefined || isText(claim)) &&
    !['at_hash', 'c_hash', 'events', 'cnf'].some((name) => Object.hasOwn(claims, name))
  )
}

describe('a token with odd parts that is signed correctly', () => {
  it.each(verifiers)('is accepted by a verifier with $name exactly if it is good', async ({ verifier, kids }) => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(header.map(objectText), payload.map(objectText), async (headerText, payloadText) => {
        const token = signed(headerText, payloadText, key)
        // `aud` may be quoted after the signature is proven: there the canary is no secret.
        const isAudience = JSON.stringify((JSON.parse(payloadText) as { aud?: unknown }).aud)?.includes(canary) === true
        const secrets = [...(isAudience ? [] : canaries), ...partsOf(token)]
        const verdict = await verdictOf(token, secrets, verifier)
        expect(verdict === 'accepted').toBe(isGood(headerText, payloadText, kids))
        seen.add(verdict)
      }),
      { numRuns: 3_000 },
    )
    expect(seen.size).toBeGreaterThanOrEqual(8) // Or the property would say little.
  })

  it('is refused where its parts are any bytes', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
      fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
      fc.constant(Buffer.from(objectText(goodHeader))),
      fc.constant(Buffer.from(`{"sub":"${canary}"}`)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (headerBytes, payloadBytes) => {
        const token = signed(headerBytes, payloadBytes, key)
        expect(await verdictOf(token, [canary, ...longParts(token)])).not.toBe('accepted')
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a token that is large or deep', () => {
  /** JSON values of about this many characters. */
  const shapes: Readonly<Record<string, (size: number) => string>> = {
    text: (size) => JSON.stringify(canary.repeat(size / canary.length)),
    escapes: (size) => `"${'\\u0041'.repeat(size / 6)}"`,
    'text outside of ASCII': (size) => `"${'€'.repeat(size / 3)}"`,
    numbers: (size) => `[${'1,'.repeat(size / 2)}1]`,
    'one number': (size) => '9'.repeat(size),
    objects: (size) => `[${'{},'.repeat(size / 3)}{}]`,
    members: (size) => `{${Array.from({ length: size / 12 }, (_, index) => `"member${index}":1`).join(',')}}`,
    'one member again and again': (size) => `{${'"a":1,'.repeat(size / 6)}"a":1}`,
    'nested arrays': (size) => '['.repeat(size / 2) + ']'.repeat(size / 2),
    'nested objects': (size) => '{"a":'.repeat(size / 6) + '1' + '}'.repeat(size / 6),
    'open brackets': (size) => '['.repeat(size),
    'an open text': (size) => `"${'x'.repeat(size)}`,
    backslashes: (size) => `"${'\\\\'.repeat(size / 2)}"`,
    blanks: (size) => `${' '.repeat(size)}1`,
  }
  const place = fc.constantFrom('claim', 'permissions', 'aud', 'header', 'payload')
  const size = fc.integer({ min: 1, max: 47_000 })

  it('gives an Auth or a documented error', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(shapes)), place, size, async (shape, where, length) => {
        const value = shapes[shape]?.(length) ?? ''
        const headerText = where === 'header' ? objectText({ ...goodHeader, extra: value }) : objectText(goodHeader)
        const name = where === 'claim' ? 'extra' : where
        const payloadText = where === 'payload' ? value : objectText({ ...goodPayload, [name]: value })
        const token = signed(headerText, where === 'header' ? objectText(goodPayload) : payloadText, key)
        fc.pre(token.length <= largest)
        seen.add(await verdictOf(token, where === 'aud' ? [] : canaries))
      }),
      { numRuns: 1_000 },
    )
    expect([...seen]).toEqual(expect.arrayContaining(['accepted', 'token_malformed']))
  })

  it('is judged in the same way up to its limits and refused beyond', async () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    const withDepth = (depth: number): string => mint({}, { payload: objectText({ ...goodPayload, x: nested(depth) }) })
    expect(await verdictOf(withDepth(63))).toBe('accepted')
    expect(await verdictOf(withDepth(64))).toBe('token_malformed')

    const withKid = (length: number): string => mint({}, { header: { kid: 'k'.repeat(length) } })
    expect(await verdictOf(withKid(256))).toBe('accepted')
    expect(await verdictOf(withKid(257))).toBe('token_malformed')
  })
})

describe('the documented refusal', () => {
  const [headerPart, payloadPart, signaturePart] = partsOf(good)
  const withHeader = (text: string | Uint8Array): string => signed(text, objectText(goodPayload), key)
  const withPayload = (text: string | Uint8Array): string => signed(objectText(goodHeader), text, key)
  const withClaim = (name: string, text: string): string => withPayload(objectText({ ...goodPayload, [name]: text }))
  const withKid = (text: string): string => withHeader(objectText({ ...goodHeader, kid: text }))
  const notUtf8 = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])

  it.each<[string, string, string]>([
    ['no segment', '', 'token_malformed'],
    ['one segment', headerPart, 'token_malformed'],
    ['two segments', `${headerPart}.${payloadPart}`, 'token_malformed'],
    ['four segments', `${good}.${signaturePart}`, 'token_malformed'],
    ['five segments', `${headerPart}.${payloadPart}.${good}`, 'token_malformed'],
    ['empty segments', '..', 'token_malformed'],
    ['an empty header', `.${payloadPart}.${signaturePart}`, 'token_malformed'],
    ['an empty payload', signed(objectText(goodHeader), '', key), 'token_malformed'],
    ['an empty signature', `${headerPart}.${payloadPart}.`, 'signature_invalid'],
    ['padding', `${good}==`, 'token_malformed'],
    ['a blank in front', ` ${good}`, 'token_malformed'],
    ['a line break behind', `${good}\n`, 'token_malformed'],
    ['a blank within', good.replace('.', '. '), 'token_malformed'],
    ['a header that is not UTF-8', withHeader(notUtf8), 'token_malformed'],
    ['a payload that is not UTF-8', withPayload(notUtf8), 'token_malformed'],
    ['a byte order mark', withPayload(`\uFEFF${objectText(goodPayload)}`), 'token_malformed'],
    ['a header that is an array', withHeader('[]'), 'token_malformed'],
    ['a header that is null', withHeader('null'), 'token_malformed'],
    ['a payload that is an array', withPayload('[]'), 'token_malformed'],
    ['a payload that is text', withPayload(`"${canary}"`), 'token_malformed'],
    ['a member twice', withPayload(objectText(goodPayload).replace('{', '{"sub":"x",')), 'token_malformed'],
    [
      'a member twice, escaped',
      withPayload(objectText(goodPayload).replace('{', '{"\\u0073ub":"x",')),
      'token_malformed',
    ],
    ['a million dots', '.'.repeat(1_000_000), 'token_malformed'],
    ['one character more than allowed', 'a'.repeat(largest + 1), 'token_malformed'],
    ['a header of 1 MB', `${base64url(canary.repeat(100_000))}.${payloadPart}.${signaturePart}`, 'token_malformed'],
    ['exp as text', withClaim('exp', `"${now + 3600}"`), 'claim_invalid'],
    ['exp as NaN', withClaim('exp', 'NaN'), 'token_malformed'],
    ['exp as "NaN"', withClaim('exp', '"NaN"'), 'claim_invalid'],
    ['exp as 1e400', withClaim('exp', '1e400'), 'claim_invalid'],
    ['exp as true', withClaim('exp', 'true'), 'claim_invalid'],
    ['exp as null', withClaim('exp', 'null'), 'claim_invalid'],
    ['aud as an object', withClaim('aud', `{"${audience}":true}`), 'claim_invalid'],
    ['aud as a nested array', withClaim('aud', `[["${audience}"]]`), 'claim_invalid'],
    ['kid as a number', withKid('1'), 'token_malformed'],
    ['kid as an object', withKid('{}'), 'token_malformed'],
    ['kid of 100 kB', withKid(JSON.stringify(canary.repeat(10_000))), 'token_malformed'],
    ['kid as __proto__', withKid('"__proto__"'), 'key_unknown'],
    ['kid as constructor', withKid('"constructor"'), 'key_unknown'],
    ['alg none', withHeader('{"alg":"none"}'), 'algorithm_not_allowed'],
    ['no alg', withHeader('{}'), 'algorithm_not_allowed'],
  ])('of %s', async (_name, token, code) => {
    const secrets = [canary, ...longParts(token.slice(0, largest))]
    expect(await verdictOf(token, secrets, keySet)).toBe(code)
  })

  it('of a million dots and of a header of 1 MB is the same where such a length is allowed', async () => {
    const patient = testVerifier({ maxTokenLength: 1_048_576 })
    expect(await verdictOf('.'.repeat(1_000_000), canaries, patient)).toBe('token_malformed')
    const large = `${base64url(canary.repeat(75_000))}.${payloadPart}.${signaturePart}`
    expect(await verdictOf(large, canaries, patient)).toBe('token_malformed')
  })
})

describe('a request with any Authorization header', () => {
  const scheme = fc.constantFrom(
    'Bearer ',
    'bearer ',
    'BEARER  ',
    'Bearer',
    'Bearer\t',
    'Basic ',
    'DPoP ',
    'BearerX ',
    '',
  )
  const token = fc.oneof(
    { weight: 1, arbitrary: fc.constant(good) },
    { weight: 3, arbitrary: changedToken },
    { weight: 3, arbitrary: anyText },
  )

  function request(value: string | readonly string[], rawHeaders?: readonly string[]): RequestLike {
    return { headers: { authorization: value }, ...(rawHeaders && { rawHeaders }) }
  }

  it('is authenticated exactly by one good bearer token', async () => {
    await fc.assert(
      fc.asyncProperty(scheme, token, fc.boolean(), async (start, text, twice) => {
        const value = start + text
        const fields = ['Authorization', value, ...(twice ? ['authorization', value] : [])]
        const secrets = [canary, ...longParts(text)]
        const outcome = await settle(() => authenticate(request(value, fields)), value.length, secrets)
        const isGoodRequest = !twice && /^bearer +(.*)$/is.exec(value)?.[1] === good
        expect(isJwtGateError(outcome)).toBe(!isGoodRequest)
        expect(isJwtGateError(outcome, 'multiple_tokens')).toBe(twice)
      }),
      { numRuns: 1_500 },
    )
  })

  it.each(['a', '.', ' ', '=', ',', '"', '\t', '\u00e9', 'a.', 'a ', 'Bearer '])(
    'of 1 MB of %j is refused',
    async (piece) => {
      const value = `Bearer ${piece.repeat(1_048_576 / piece.length)}${canary}`
      for (const sent of [value, value.slice(7)]) {
        const outcome = await settle(() => authenticate(request(sent)), sent.length, canaries)
        expect(isJwtGateError(outcome)).toBe(true)
      }
    },
  )
})
