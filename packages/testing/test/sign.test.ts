// issuer.sign(): every algorithm is accepted through discovery over HTTP, and tokens are what the options say.
import { createHmac, createPublicKey, generateKeyPairSync, verify, type JsonWebKey } from 'node:crypto'
import { createJwtVerifier, type AlgorithmName, type JwtVerifierOptions } from '@jwtgate/core'
import { createTestIssuer } from '@jwtgate/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { codeOf, decode, getJson } from './support.ts'

const algorithmNames: readonly AlgorithmName[] = [
  ...(['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
]

describe.each(algorithmNames)('an issuer that signs with %s', async (alg) => {
  const issuer = await createTestIssuer({ algorithms: [alg] })
  afterAll(() => issuer.close())

  it('is accepted by a verifier with its options', async () => {
    const { claims, header } = await createJwtVerifier(issuer.options).verify(issuer.sign())
    expect(claims).toMatchObject({ iss: issuer.url, aud: 'https://api.example.com', sub: 'alice' })
    expect(header).toEqual({ alg, typ: 'JWT', kid: `${alg}-1` })
  })

  it('publishes no secret and no private member', async () => {
    const { keys } = (await getJson(issuer.jwksUri)) as { keys: readonly JsonWebKey[] }
    expect(keys).toHaveLength(alg.startsWith('HS') ? 0 : 1)
    expect(
      keys.flatMap(Object.keys).filter((member) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(member)),
    ).toEqual([])
  })
})

describe('checked with nothing but node:crypto', async () => {
  const issuer = await createTestIssuer({ algorithms: ['RS256', 'ES256', 'EdDSA'] })
  const hmacIssuer = await createTestIssuer({ algorithms: ['HS256'] })
  afterAll(() => Promise.all([issuer.close(), hmacIssuer.close()]))

  it.each<[AlgorithmName, (input: Buffer, jwk: JsonWebKey, signature: Buffer) => boolean]>([
    ['RS256', (input, key, signature) => verify('sha256', input, createPublicKey({ key, format: 'jwk' }), signature)],
    [
      'ES256',
      (input, jwk, signature) => {
        const key = createPublicKey({ key: jwk, format: 'jwk' })
        return verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature)
      },
    ],
    ['EdDSA', (input, key, signature) => verify(null, input, createPublicKey({ key, format: 'jwk' }), signature)],
  ])('a token of %s has a good signature of the published key', async (alg, check) => {
    const metadata = (await getJson(`${issuer.url}/.well-known/openid-configuration`)) as { jwks_uri: string }
    const { keys } = (await getJson(metadata.jwks_uri)) as { keys: readonly JsonWebKey[] }
    const [header, payload, signature] = issuer.sign({}, { alg }).split('.') as [string, string, string]
    const jwk = keys.find((key) => key['kid'] === (decode(header) as { kid: string }).kid) ?? {}
    expect(jwk).toMatchObject({ alg, use: 'sig' })
    expect(check(Buffer.from(`${header}.${payload}`), jwk, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(check(Buffer.from(`${header}.${payload}x`), jwk, Buffer.from(signature, 'base64url'))).toBe(false)
  })

  it('a token of HS256 has the MAC of the secret', () => {
    const [header, payload, signature] = hmacIssuer.sign().split('.') as [string, string, string]
    const [secret = ''] = hmacIssuer.options.secret ?? []
    expect(createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')).toBe(signature)
  })
})

describe('a token', async () => {
  const issuer = await createTestIssuer({ algorithms: ['ES256'] })
  issuer.clock.freeze(1_800_000_000)
  afterAll(() => issuer.close())
  const claimsOf = (token: string): unknown => decode(token.split('.')[1])
  const headerOf = (token: string): unknown => decode(token.split('.')[0])

  it('has good claims by the clock of the issuer', () => {
    expect(claimsOf(issuer.sign())).toEqual({
      iss: issuer.url,
      aud: issuer.audience,
      sub: 'alice',
      iat: 1_800_000_000,
      nbf: 1_800_000_000,
      exp: 1_800_003_600,
    })
  })

  it('takes claims over its own, and undefined takes one out', () => {
    const claims = claimsOf(issuer.sign({ sub: 'bob', roles: ['editor'], nbf: undefined }))
    expect(claims).toMatchObject({ sub: 'bob', roles: ['editor'] })
    expect(claims).not.toHaveProperty('nbf')
  })

  it('lives as long as it is told', () => {
    expect(claimsOf(issuer.sign({}, { expiresIn: 86_400 }))).toMatchObject({ exp: 1_800_086_400 })
  })

  it('takes header members over its own, and undefined takes one out', () => {
    expect(headerOf(issuer.sign({}, { header: { typ: 'at+jwt', kid: undefined } }))).toEqual({
      alg: 'ES256',
      typ: 'at+jwt',
    })
  })

  it('can be any text or bytes, correctly signed', async () => {
    const header = JSON.stringify({ alg: 'ES256', kid: issuer.kid, more: true })
    const token = issuer.sign(Buffer.from(JSON.stringify(claimsOf(issuer.sign({ sub: 'raw' })))), { header })
    const auth = await createJwtVerifier(issuer.options).verify(token)
    expect([auth.claims.sub, auth.header['more']]).toEqual(['raw', true])
  })

  it('can be signed with a key of the caller', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const token = issuer.sign({}, { key: privateKey })
    expect(headerOf(token)).toMatchObject({ kid: issuer.kid })
    await createJwtVerifier({ ...issuer.options, publicKey }).verify(token)
    expect(await codeOf(createJwtVerifier(issuer.options).verify(token))).toBe('signature_invalid')
  })

  it('can have an algorithm that the issuer did not begin with, whose key is published then', async () => {
    const options: JwtVerifierOptions = { ...issuer.options, algorithms: ['ES256', 'EdDSA'] }
    const verifier = createJwtVerifier(options)
    await verifier.verify(issuer.sign())
    expect((await verifier.verify(issuer.sign({}, { alg: 'EdDSA' }))).header.kid).toBe('EdDSA-1')
  })

  it('is not made with a key that the issuer does not have, or that has another algorithm', () => {
    expect(() => issuer.sign({}, { kid: 'ES256-9' })).toThrow('The issuer has no key "ES256-9".')
    expect(() => issuer.sign({}, { kid: issuer.kid, alg: 'RS256' })).toThrow(TypeError)
  })
})

describe('what an issuer is told at its start', () => {
  it('stands in every token', async () => {
    const claims = { token_use: 'access', nbf: undefined }
    await using issuer = await createTestIssuer({ audience: 'orders', claims, header: { typ: 'at+jwt' } })
    const options: JwtVerifierOptions = {
      ...issuer.options,
      typ: 'at+jwt',
      claimValues: { token_use: 'access' },
      optionalClaims: ['nbf'],
    }
    const verifier = createJwtVerifier(options)
    expect((await verifier.verify(issuer.sign())).claims).toMatchObject({ aud: 'orders', token_use: 'access' })
    expect(await codeOf(verifier.verify(issuer.sign({ token_use: 'id' })))).toBe('claim_invalid')
    expect(await codeOf(verifier.verify(issuer.bad.expired()))).toBe('token_expired')
  })

  it.each(['', '/', '/realms/test', '/tenant/'])(
    'has its documents where an issuer with the path %j has them',
    async (path) => {
      await using issuer = await createTestIssuer({ path })
      expect(new URL(issuer.url).href).toBe(new URL(path, issuer.url).href)
      expect(issuer.url.endsWith('/')).toBe(path.endsWith('/'))
      await createJwtVerifier(issuer.options).verify(issuer.sign())
      const base = path.replace(/\/$/, '')
      const { origin } = new URL(issuer.url)
      const expected = { issuer: issuer.url, jwks_uri: issuer.jwksUri }
      expect(await getJson(`${origin}${base}/.well-known/openid-configuration`)).toMatchObject(expected)
      expect(await getJson(`${origin}/.well-known/oauth-authorization-server${base}`)).toMatchObject(expected)
    },
  )

  it.each([
    ['no algorithm', { algorithms: [] }],
    ['an unknown algorithm', { algorithms: ['none' as AlgorithmName] }],
    ['an algorithm that is only a name on Object.prototype', { algorithms: ['toString' as AlgorithmName] }],
    ['HMAC with public keys', { algorithms: ['HS256', 'RS256'] as const }],
    ['a path without a slash', { path: 'realms' }],
    ['a path with a query', { path: '/realms?x' }],
  ])('is refused if it is %s', async (_what, options) => {
    await expect(createTestIssuer(options)).rejects.toBeInstanceOf(TypeError)
  })
})
