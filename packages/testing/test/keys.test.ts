// rotate() and removeKey(): what is published, what signs, and what a verifier makes of it.
import { createJwtVerifier, type AlgorithmName } from '@jwtgate/core'
import { createTestIssuer, type TestIssuer } from '@jwtgate/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { codeOf, getJson } from './support.ts'

const open: TestIssuer[] = []
afterEach(() => Promise.all(open.splice(0).map((issuer) => issuer.close())))

async function startIssuer(...algorithms: AlgorithmName[]): Promise<TestIssuer> {
  const issuer = await createTestIssuer({ algorithms })
  open.push(issuer)
  return issuer
}

const kids = ({ jwks }: TestIssuer): unknown[] => jwks.keys.map(({ kid }) => kid)

describe('rotate', () => {
  it('publishes new keys first, and the old ones still', async () => {
    const issuer = await startIssuer('ES256', 'EdDSA')
    const before = issuer.jwks.keys
    issuer.rotate()
    expect(new Set(kids(issuer).slice(0, 2))).toEqual(new Set(['ES256-2', 'EdDSA-2']))
    expect(issuer.jwks.keys.slice(2)).toEqual(before)
    expect(await getJson(issuer.jwksUri)).toEqual(issuer.jwks)
    expect(new Set(issuer.jwks.keys.map(({ x }) => x)).size).toBe(4)
  })

  it('signs with the new key, and with the old one if asked', async () => {
    const issuer = await startIssuer('ES256')
    const old = issuer.kid
    issuer.rotate()
    expect([old, issuer.kid]).toEqual(['ES256-1', 'ES256-2'])
    const verifier = createJwtVerifier(issuer.options)
    expect((await verifier.verify(issuer.sign())).header.kid).toBe('ES256-2')
    expect((await verifier.verify(issuer.sign({}, { kid: old }))).header.kid).toBe('ES256-1')
  })

  it('is noticed by a verifier that knew the old keys', async () => {
    const issuer = await startIssuer('ES256')
    const verifier = createJwtVerifier(issuer.options)
    const token = issuer.sign()
    await verifier.verify(token)
    issuer.rotate()
    expect((await verifier.verify(issuer.sign())).header.kid).toBe('ES256-2')
    expect((await verifier.verify(token)).header.kid).toBe('ES256-1')
  })

  it('can take the old keys out at once', async () => {
    const issuer = await startIssuer('ES256')
    const token = issuer.sign()
    issuer.rotate({ publishOld: false })
    expect(kids(issuer)).toEqual(['ES256-2'])
    const verifier = createJwtVerifier(issuer.options)
    await verifier.verify(issuer.sign())
    expect(await codeOf(verifier.verify(token))).toBe('key_unknown')
  })

  it('gives a new secret, and the old one still', async () => {
    const issuer = await startIssuer('HS512')
    const token = issuer.sign()
    const { secret: [first] = [] } = issuer.options
    issuer.rotate()
    expect(issuer.options.secret).toEqual([expect.any(String), first])
    const verifier = createJwtVerifier(issuer.options)
    await verifier.verify(issuer.sign())
    await verifier.verify(token)
    issuer.removeKey('HS512-1')
    expect(await codeOf(createJwtVerifier(issuer.options).verify(token))).toBe('signature_invalid')
  })

  it('makes RSA keys that are really new', async () => {
    const issuer = await startIssuer('RS256')
    issuer.rotate()
    issuer.rotate()
    expect(new Set(issuer.jwks.keys.map(({ n }) => n)).size).toBe(3)
  })
})

describe('removeKey', () => {
  it('takes the key that signs out of the set, and leaves it signing', async () => {
    const issuer = await startIssuer('ES256')
    issuer.rotate()
    issuer.removeKey()
    expect([kids(issuer), issuer.kid]).toEqual([['ES256-1'], 'ES256-2'])
    expect(await codeOf(createJwtVerifier(issuer.options).verify(issuer.sign()))).toBe('key_unknown')
  })

  it('takes a key out by its kid, which a verifier notices at its next refresh', async () => {
    const issuer = await startIssuer('ES256')
    const [token, old] = [issuer.sign({}, { expiresIn: 86_400 }), issuer.kid]
    const verifier = createJwtVerifier(issuer.options)
    await verifier.verify(token)
    issuer.rotate()
    issuer.removeKey(old)
    await verifier.verify(token)
    issuer.clock.advance(3600)
    expect(await codeOf(verifier.verify(token))).toBe('key_unknown')
    await verifier.verify(issuer.sign())
  })

  it('knows no other kid', async () => {
    const issuer = await startIssuer('ES256')
    expect(() => issuer.removeKey('ES256-2')).toThrow('The issuer has no key "ES256-2"')
  })
})

describe('RSA keys, which are slow to make', () => {
  it('are never those of another open issuer', async () => {
    const issuers = await Promise.all([startIssuer('RS256'), startIssuer('RS256'), startIssuer('PS256')])
    const moduli = issuers.flatMap(({ jwks }) => jwks.keys.map(({ n }) => n))
    expect(new Set(moduli).size).toBe(3)
  })

  it('are used again once their issuer is closed, however often it is closed', async () => {
    const closed = await startIssuer('RS256')
    const moduli = closed.jwks.keys.map(({ n }) => n)
    await closed.close()
    await closed.close()
    const [next, another] = [await startIssuer('RS256'), await startIssuer('RS256')]
    expect(next.jwks.keys.map(({ n }) => n)).toEqual(moduli)
    expect(another.jwks.keys.map(({ n }) => n)).not.toEqual(moduli)
  })

  it('are not signed with any more by an issuer that is closed', async () => {
    const issuer = await startIssuer('RS256')
    await issuer.close()
    expect(() => issuer.sign()).toThrow('The issuer is closed.')
    expect(() => issuer.sign({}, { kid: 'RS256-1' })).toThrow('The issuer is closed.')
  })
})
