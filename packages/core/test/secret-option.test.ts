// The option `secret`: long enough for its hash, and never a key that somebody else may know.
import { createSecretKey, generateKeyPairSync, webcrypto } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AlgorithmName, ConfigError, JwtVerifierOptions, SharedSecret } from '@jwtgate/core'
import { certificatePem, selfSignedCertificate } from '../../../test/support/certificate.ts'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { mint } from '../../../test/support/mint.ts'
import { outcomeOf, testVerifier } from '../../../test/support/verifiers.ts'

function refusalFor(secret: unknown, algorithms: readonly AlgorithmName[] = ['HS256']): ConfigError {
  const changes = { algorithms, secret } as Partial<JwtVerifierOptions>
  return configErrorOf(() => testVerifier(changes))
}

const lengths: readonly (readonly [AlgorithmName, number])[] = [
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
]

describe.each(lengths)('a secret for %s', (alg, bytes) => {
  const forms: readonly (readonly [string, (length: number) => SharedSecret])[] = [
    ['a string', (length) => 'x'.repeat(length)],
    ['a string of longer characters', (length) => 'é'.repeat(length / 2).padEnd(length - Math.floor(length / 2), 'x')],
    ['bytes', (length) => new Uint8Array(length).fill(120)],
    ['a Buffer', (length) => Buffer.alloc(length, 'x')],
    ['a KeyObject', (length) => createSecretKey(Buffer.alloc(length, 'x'))],
  ]

  it.each(forms)(`as %s is accepted from ${bytes} bytes on`, async (_form, make) => {
    for (const length of [bytes, bytes + 1, 200]) {
      const secret = make(length)
      expect(() => testVerifier({ algorithms: [alg], secret })).not.toThrow()
    }
  })

  it.each(forms)(`as %s is refused below ${bytes} bytes`, (_form, make) => {
    for (const length of [0, 1, bytes / 2, bytes - 1]) {
      const error = refusalFor(make(length), [alg])
      expect(error).toMatchObject({ option: 'secret', code: 'config_invalid' })
      expect(error.message).toContain(`${alg} needs a secret of at least ${bytes} bytes`)
      expect(error.message).toContain('randomBytes(64)')
    }
  })

  it('as a string means its UTF-8', async () => {
    const text = 'schlüssel €😀'.repeat(8)
    const signer = createSecretKey(Buffer.from(text, 'utf8'))
    const token = mint({}, { key: { alg, signer, verifier: signer } })
    expect(await outcomeOf(testVerifier({ algorithms: [alg], secret: text }).verify(token))).toBe('accepted')
  })
})

describe('a secret for several algorithms', () => {
  it('is long enough for each of them', () => {
    const algorithms: readonly AlgorithmName[] = ['HS256', 'HS384', 'HS512']
    for (const order of [algorithms, algorithms.toReversed()]) {
      expect(refusalFor(Buffer.alloc(63, 'x'), order).option).toBe('secret')
    }
    expect(() => testVerifier({ algorithms, secret: Buffer.alloc(64, 'x') })).not.toThrow()
  })
})

describe('a list of secrets', () => {
  const good = Buffer.alloc(32, 'x')

  it('has at least one and at most four', () => {
    expect(refusalFor([]).option).toBe('secret')
    expect(refusalFor([good, good, good, good, good]).message).toMatch(/more than 4/)
    expect(() => testVerifier({ algorithms: ['HS256'], secret: [good, good, good, good] })).not.toThrow()
  })

  it.each<[string, unknown]>([
    ['a short one', Buffer.alloc(31, 'x')],
    ['undefined', undefined],
    ['a list', [good]],
    ['a PEM', keyFor('ES256').verifier.export({ format: 'pem', type: 'spki' })],
  ])('is refused with %s in it, wherever it stands', (_what, bad) => {
    for (const list of [[bad], [good, bad], [bad, good]]) expect(refusalFor(list).option).toBe('secret')
  })
})

describe('what is no secret', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['a number', 42],
    ['true', true],
    ['an object', { secret: 'x'.repeat(32) }],
    ['an ArrayBuffer', new ArrayBuffer(64)],
    ['a function', () => 'x'.repeat(32)],
    ['a String object', Object('x'.repeat(32))],
    ['a public KeyObject', keyFor('ES256').verifier],
    ['a private KeyObject', keyFor('ES256').signer],
    ['a public JWK', jwkOf(keyFor('ES256'))],
    ['a symmetric JWK', jwkOf(keyFor('HS256'))],
    ['a key set', { keys: [jwkOf(keyFor('ES256'))] }],
  ])('is refused: %s', (_what, value) => {
    expect(refusalFor(value)).toMatchObject({ name: 'ConfigError', option: 'secret' })
  })

  it.each<[string, unknown]>([
    ['a public key', keyFor('ES256').verifier],
    ['a private key', keyFor('ES256').signer],
    ['a JWK', jwkOf(keyFor('ES256'))],
  ])('is told to be %s, and what that would mean', (what, value) => {
    expect(refusalFor(value).message).toMatch(
      new RegExp(
        `^secret is ${what}: whoever knows the public key could sign tokens .* give a public key as publicKey`,
      ),
    )
  })

  it('is refused: a CryptoKey', async () => {
    const key = await webcrypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['verify'])
    expect(refusalFor(key).option).toBe('secret')
  })
})

describe('a key in disguise', () => {
  const rsa = newKey('RS256')
  const ec = newKey('ES256')
  const ed = newKey('Ed25519')
  const encrypted = { cipher: 'aes-256-cbc', passphrase: 'x' }
  const certificate = selfSignedCertificate(ec)

  interface Disguise {
    readonly what: string
    readonly content: Uint8Array
    /** The same as a string, if it is text. */
    readonly text: string | undefined
  }

  const pems: Readonly<Record<string, string | Uint8Array>> = {
    'an RSA public key': rsa.verifier.export({ format: 'pem', type: 'spki' }),
    'an RSA public key in PKCS #1': rsa.verifier.export({ format: 'pem', type: 'pkcs1' }),
    'an EC public key': ec.verifier.export({ format: 'pem', type: 'spki' }),
    'an Ed25519 public key': ed.verifier.export({ format: 'pem', type: 'spki' }),
    'a certificate': certificatePem(certificate),
    'a private key': rsa.signer.export({ format: 'pem', type: 'pkcs8' }),
    'an RSA private key in PKCS #1': rsa.signer.export({ format: 'pem', type: 'pkcs1' }),
    'an EC private key in SEC 1': ec.signer.export({ format: 'pem', type: 'sec1' }),
    'an encrypted private key': ec.signer.export({ format: 'pem', type: 'pkcs8', ...encrypted }),
  }
  const ders: Readonly<Record<string, Buffer>> = {
    'an RSA public key': rsa.verifier.export({ format: 'der', type: 'spki' }),
    'an RSA public key in PKCS #1': rsa.verifier.export({ format: 'der', type: 'pkcs1' }),
    'an EC public key': ec.verifier.export({ format: 'der', type: 'spki' }),
    'an Ed25519 public key': ed.verifier.export({ format: 'der', type: 'spki' }),
    'a key for RSASSA-PSS': generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey.export({
      format: 'der',
      type: 'spki',
    }),
    'a certificate': certificate,
    'a private key': rsa.signer.export({ format: 'der', type: 'pkcs8' }),
    'an RSA private key in PKCS #1': rsa.signer.export({ format: 'der', type: 'pkcs1' }),
    'an EC private key in SEC 1': ec.signer.export({ format: 'der', type: 'sec1' }),
  }
  const jwk = jwkOf(ec, { kid: 'k1' })
  const jsons: Readonly<Record<string, string>> = {
    'a JWK': JSON.stringify(jwk),
    'a JWK on several lines': JSON.stringify(jwk, null, 2),
    'an RSA JWK': JSON.stringify(jwkOf(rsa)),
    'a private JWK': JSON.stringify(ec.signer.export({ format: 'jwk' })),
    'a symmetric JWK': JSON.stringify(jwkOf(keyFor('HS256'))),
    'a key set': JSON.stringify({ keys: [jwk] }),
  }
  const surroundings: readonly (readonly [string, string, string])[] = [
    ['as it is', '', ''],
    ['behind blanks', '   ', ''],
    ['behind line feeds and tabs', '\r\n\t\n ', ''],
    ['behind a byte order mark', '\ufeff', ''],
    ['behind a byte order mark and blanks', '\ufeff \n', ''],
    ['before blanks', '', ' \n\n'],
  ]
  const texts = [
    ...Object.entries(pems).map(([name, pem]) => ({ name: `${name} in PEM`, text: String(pem) })),
    ...Object.entries(jsons).map(([name, text]) => ({ name, text })),
  ]
  const disguisedTexts = texts.flatMap(({ name, text }) =>
    surroundings.map(([where, before, after]) => disguisedText(`${name}, ${where}`, `${before}${text}${after}`)),
  )
  const disguisedBytes = Object.entries(ders).flatMap(([name, der]): readonly Disguise[] => {
    const base64 = der.toString('base64')
    return [
      { what: `${name} in DER`, content: der, text: undefined },
      { what: `${name} in DER, behind blanks`, content: Buffer.concat([Buffer.from(' \r\n\t'), der]), text: undefined },
      disguisedText(`${name} in base64`, base64),
      disguisedText(`${name} in base64, between blanks`, ` \n${base64}\n`),
      disguisedText(`${name} in base64, on several lines`, (base64.match(/.{1,64}/g) ?? []).join('\n')),
      disguisedText(`${name} in base64url`, der.toString('base64url')),
    ]
  })
  // OpenSSL reads such a file as the key that it holds, and so does the option publicKey.
  const withPreamble = Object.entries(pems).map(([name, pem]) =>
    disguisedText(`${name} in PEM, behind a line of text`, `Bag Attributes: <No Attributes>\n${String(pem)}`),
  )

  const rsaPem = String(pems['an RSA public key'])
  /** RFC 4253 section 6.6: the length of the type's name, the name, the key. */
  const sshKey = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.alloc(36, 1)])
  const utf16Jwk = Buffer.from(`\ufeff${JSON.stringify(jwk)}`, 'utf16le')
  const otherSpellings: readonly Disguise[] = [
    disguisedText('a PEM in base64', Buffer.from(rsaPem).toString('base64')),
    disguisedText('a PEM in quotes', JSON.stringify(rsaPem)),
    disguisedText('a PEM with its line feeds escaped', rsaPem.replaceAll('\n', '\\n')),
    disguisedText('a JWK in base64', Buffer.from(JSON.stringify(jwk)).toString('base64')),
    disguisedText('a list of JWKs', JSON.stringify([jwk])),
    disguisedText('a list with a JWK and something else', JSON.stringify([{ text: 'x' }, jwk])),
    disguisedText('a JWK in quotes', JSON.stringify(JSON.stringify(jwk))),
    disguisedText('an Ed25519 key of SSH', `ssh-ed25519 ${sshKey.toString('base64')} alice@example.com`),
    disguisedText('an EC key of SSH', `ecdsa-sha2-nistp256 ${sshKey.toString('base64')}`),
    disguisedText('an EC public key in DER, in hexadecimal', (ders['an EC public key'] ?? sshKey).toString('hex')),
    { what: 'a PEM in UTF-16', content: Buffer.from(rsaPem, 'utf16le'), text: undefined },
    { what: 'a JWK in UTF-16', content: Buffer.from(JSON.stringify(jwk), 'utf16le'), text: undefined },
    { what: 'a JWK in UTF-16 with its byte order mark', content: utf16Jwk, text: undefined },
    { what: 'a JWK in UTF-16, the high byte first', content: Buffer.from(utf16Jwk).swap16(), text: undefined },
  ]
  const disguises = [...disguisedTexts, ...disguisedBytes, ...withPreamble, ...otherSpellings]

  it.each(disguises.map((one) => [one.what, one] as const))('is refused: %s', (_what, { content, text }) => {
    const forms = [content, Buffer.from(content), createSecretKey(content), ...(text === undefined ? [] : [text])]
    for (const form of forms) {
      for (const secret of [form, [form]]) {
        const error = refusalFor(secret)
        expect(error).toBeInstanceOf(TypeError)
        expect(error).toMatchObject({ name: 'ConfigError', option: 'secret' })
        expect(error.message).toMatch(/^secret is a.*publicKey/)
        expect(runsShown(error, content)).toEqual([])
      }
    }
  })

  function disguisedText(what: string, text: string): Disguise {
    return { what, content: Buffer.from(text), text }
  }

  it('is told from random bytes, whatever their first byte', () => {
    for (let first = 0; first < 256; first++) {
      const secret = Buffer.concat([Buffer.from([first]), newKey('HS512').verifier.export()])
      expect(() => testVerifier({ algorithms: ['HS256'], secret })).not.toThrow()
    }
  })

  it('is told from a secret that is written in hexadecimal, base64 or words', () => {
    const bytes = newKey('HS512').verifier.export()
    const words = 'correct horse battery staple {"kty"'
    const hex = bytes.toString('hex')
    const documents = [{ secret: hex }, [hex], hex, [null, { kid: hex }]].map((value) => JSON.stringify(value))
    for (const secret of [hex, bytes.toString('base64'), words, `{${hex}}`, ...documents]) {
      expect(() => testVerifier({ algorithms: ['HS256'], secret })).not.toThrow()
    }
  })
})

it.each([0x09, 0x0a, 0x0c, 0x20, 0xa0])('is no key in DER that ends with the byte %i, as text of Latin-1', (last) => {
  let der = Buffer.alloc(1)
  while (der.at(-1) !== last) der = newKey('ES256').verifier.export({ format: 'der', type: 'spki' })
  expect(refusalFor(der.toString('latin1')).message).toMatch(/^secret is a key in DER: /)
})

it('may hold what a line of OpenSSH begins with, but not begin with it', () => {
  const line = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ'
  expect(() => testVerifier({ algorithms: ['HS256'], secret: `my own ${line}` })).not.toThrow()
  expect(refusalFor(line).message).toMatch(/^secret is an SSH key: /)
})

describe('a refusal', () => {
  it('never shows the secret', () => {
    const secret = 'canary-canary-canary'
    for (const form of [secret, Buffer.from(secret), createSecretKey(Buffer.from(secret)), [secret], { secret }]) {
      const { message, option, stack } = refusalFor(form)
      expect(`${message}${option}${stack}`).not.toContain('canary-')
    }
  })
})

/** The runs of 12 characters of the content that the error shows. */
function runsShown(error: ConfigError, content: Uint8Array): readonly string[] {
  const shown = `${error.message} ${JSON.stringify(error)}`
  const runs =
    Buffer.from(content)
      .toString('latin1')
      .match(/[\w+/=-]{12}/g) ?? []
  return runs.filter((run) => shown.includes(run))
}
