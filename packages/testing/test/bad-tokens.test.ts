// Each bad token is refused with exactly the code that is promised, and only for its one flaw.
import { createHmac, createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createJwtVerifier, type AlgorithmName } from '@jwtgate/core'
import { jwtErrorHandler, requireJwt } from '@jwtgate/express'
import { badTokens, createTestIssuer, type BadToken } from '@jwtgate/testing'
import express from 'express'
import { afterAll, describe, expect, it } from 'vitest'
import { codeOf, decode, getJson } from './support.ts'

const root = join(import.meta.dirname, '..')

describe.each<AlgorithmName>(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'HS256', 'HS384', 'HS512'])(
  'with %s',
  async (alg) => {
    const issuer = await createTestIssuer({ algorithms: [alg] })
    const verifier = createJwtVerifier(issuer.options)
    afterAll(() => issuer.close())
    const isHmac = alg.startsWith('HS')
    const applicable = badTokens.filter(({ publicKeysOnly }) => !(publicKeysOnly && isHmac))

    it.each(applicable)('$name is refused: $code', async ({ mint, code }) => {
      expect(await codeOf(verifier.verify(mint(issuer)))).toBe(code)
    })

    it.each(applicable)('$name is refused with further claims too: $code', async ({ mint, code }) => {
      // Claims that would mend it, if they were laid over it.
      const { url: iss, audience: aud, clock } = issuer
      const iat = Math.floor(clock.now() / 1000)
      const claims = { iss, aud, sub: 'mallory', iat, nbf: iat, exp: iat + 60, jti: '1', roles: ['admin'] }
      expect(await codeOf(verifier.verify(mint(issuer, claims)))).toBe(code)
    })
  },
)

describe('with a shared secret', async () => {
  const issuer = await createTestIssuer({ algorithms: ['HS256'] })
  afterAll(() => issuer.close())

  it.each(badTokens.filter(({ publicKeysOnly }) => publicKeysOnly))('$name says that it cannot be', ({ mint }) => {
    expect(() => mint(issuer)).toThrow('needs an issuer with public keys; this one signs with HS256.')
  })
})

describe('after a rotation, with all public-key algorithms', async () => {
  const algorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'RS256', 'PS256'] as const
  const issuer = await createTestIssuer({ algorithms })
  afterAll(() => issuer.close())
  issuer.rotate()
  const verifier = createJwtVerifier(issuer.options)

  it.each(badTokens)('$name is refused: $code', async ({ mint, code }) => {
    expect(await codeOf(verifier.verify(mint(issuer)))).toBe(code)
  })
})

describe('over HTTP, on Express', async () => {
  const issuer = await createTestIssuer()
  const app = express().use(requireJwt(issuer.options), jwtErrorHandler())
  app.get('/', (_req, res) => void res.send('in'))
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  afterAll(async () => {
    server.close()
    await issuer.close()
  })
  const send = async (token: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      headers: { authorization: `Bearer ${token}` },
    })

  it('a good token is let in', async () => {
    expect((await send(issuer.sign())).status).toBe(200)
  })

  it.each(badTokens)('$name is answered with 401 and $code', async ({ mint, code }) => {
    const response = await send(mint(issuer))
    expect([response.status, await response.json()]).toEqual([401, expect.objectContaining({ code })])
  })
})

describe('the one flaw', async () => {
  const issuer = await createTestIssuer()
  afterAll(() => issuer.close())
  const issuerKey = publicKey(issuer.jwks.keys[0])

  const unsigned = ['notAJwt', 'encrypted', 'algNone', 'hmacWithPublicKey', 'otherAlgorithm']
  const badlySigned = badTokens.filter(({ code }) => code === 'signature_invalid').map(({ name }) => name)
  const wellSigned = badTokens.filter(({ name }) => ![...unsigned, ...badlySigned].includes(name))

  it.each(wellSigned)('of $name is not its signature', ({ mint }) => {
    const { input, header, signature } = partsOf(mint(issuer).replace(/=$/, ''))
    expect(header).toMatchObject({ alg: 'RS256' })
    expect(verify('sha256', input, issuerKey, signature)).toBe(true)
  })

  it('of hmacWithPublicKey is that the secret is the public key as PEM', () => {
    const { input, header, signature } = partsOf(issuer.bad.hmacWithPublicKey())
    const pem = issuerKey.export({ type: 'spki', format: 'pem' })
    expect(createHmac('sha256', pem).update(input).digest()).toEqual(signature)
    expect(header).toEqual({ alg: 'HS256', typ: 'JWT', kid: issuer.kid })
  })

  it('of otherAlgorithm is that the verifier is pinned to another', async () => {
    const verifier = createJwtVerifier({ ...issuer.options, algorithms: ['ES256'] })
    expect((await verifier.verify(issuer.bad.otherAlgorithm())).header.alg).toBe('ES256')
  })

  it('of unknownKid is nothing to a verifier with the one public key', async () => {
    const verifier = createJwtVerifier({ ...issuer.options, publicKey: issuerKey })
    expect((await verifier.verify(issuer.bad.unknownKid())).header.kid).toBe('unknown')
  })

  it('of embeddedJwk is that the signature is of the key in the header', () => {
    const { input, header, signature } = partsOf(issuer.bad.embeddedJwk())
    expect(verify('sha256', input, publicKey(header['jwk'] as JsonWebKey), signature)).toBe(true)
    expect(header['jwk']).not.toHaveProperty('d')
  })

  it('of linkedJwks is that the signature is of the key behind the link, which no verifier follows', async () => {
    const token = issuer.bad.linkedJwks()
    const { input, header, signature } = partsOf(token)
    const jku = String(header['jku'])
    const { keys } = (await getJson(jku)) as { keys: readonly JsonWebKey[] }
    expect(keys).toEqual([expect.objectContaining({ kid: issuer.kid, alg: 'RS256' })])
    expect(verify('sha256', input, publicKey(keys[0]), signature)).toBe(true)
    await createJwtVerifier({ ...issuer.options, jwksUri: jku }).verify(token)

    let followed = 0
    issuer.respond(new URL(jku).pathname, (_request, response) => {
      followed++
      response.end()
    })
    expect(await codeOf(createJwtVerifier(issuer.options).verify(token))).toBe('signature_invalid')
    expect(followed).toBe(0)
  })

  it('of algNone and strippedSignature is that there is no signature', () => {
    expect(issuer.bad.algNone()).toMatch(/^[\w-]+\.[\w-]+\.$/)
    expect(issuer.bad.strippedSignature()).toMatch(/^[\w-]+\.[\w-]+\.$/)
  })

  it('of encrypted is that it has five parts', () => {
    expect(issuer.bad.encrypted()).toMatch(/^(?:[\w-]+\.){4}[\w-]+$/)
  })

  it('of every one is harmless to a Bearer header (RFC 6750 section 2.1)', () => {
    for (const { mint } of badTokens) expect(mint(issuer)).toMatch(/^[A-Za-z0-9._~+/-]+=*$/)
  })
})

describe('what is written about them', () => {
  it('names the same codes where they are declared', async () => {
    const source = await readFile(join(root, 'src/bad-tokens.ts'), 'utf8')
    const declared = source.slice(source.indexOf('interface BadTokens'), source.indexOf('export function'))
    const saysCode = ({ name, code }: BadToken): boolean => {
      const comment =
        declared
          .slice(0, declared.indexOf(` ${methodOf(name)}(`))
          .split('/**')
          .at(-1) ?? ''
      return comment.includes(`: \`${code}\``)
    }
    expect(badTokens.filter((token) => !saysCode(token))).toEqual([])
  })

  it('has each in the table of the README, in the row of its code', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8')
    const rows = readme.split('\n').filter((line) => line.startsWith('| `'))
    const isNamed = ({ name, code }: BadToken): boolean => {
      return rows.some((row) => row.includes(`\`${code}\``) && new RegExp(`\`${methodOf(name)}[\`(]`).test(row))
    }
    expect(badTokens.filter((token) => !isNamed(token))).toEqual([])
    const named = rows.flatMap((row) => [...row.slice(row.indexOf('|', 2)).matchAll(/`(\w+)/g)].map(([, name]) => name))
    expect(new Set(named)).toEqual(new Set(badTokens.map(({ name }) => methodOf(name))))
  })
})

/** The method behind a call such as `withoutClaim('exp')`. */
function methodOf(name: string): string {
  return name.replace(/\(.*/, '')
}

interface TokenParts {
  readonly input: Buffer
  readonly header: Readonly<Record<string, unknown>>
  readonly signature: Buffer
}

function partsOf(token: string): TokenParts {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return {
    input: Buffer.from(`${header}.${payload}`),
    header: decode(header) as Record<string, unknown>,
    signature: Buffer.from(signature, 'base64url'),
  }
}

function publicKey(key: JsonWebKey = {}): ReturnType<typeof createPublicKey> {
  return createPublicKey({ key, format: 'jwk' })
}
