// Options belong to the verifier from its creation on: nobody can change them later, and nobody else can set them.
import { describe, expect, it } from 'vitest'
import { createJwtVerifier, type JwtVerifierOptions } from '@jwtgate/core'
import { configErrorOf } from '../../../test/support/config-errors.ts'
import { jwkOf, keyFor, newKey } from '../../../test/support/keys.ts'
import { audience, issuer, mint, now } from '../../../test/support/mint.ts'
import { withPolluted } from '../../../test/support/pollution.ts'
import { outcomeOf, testOptions } from '../../../test/support/verifiers.ts'

type Mutable = Record<string, unknown>

/** The options of a test, as an object that can be changed. */
function mutable(changes: Mutable): Mutable {
  return { ...testOptions(), ...changes }
}

function create(options: Mutable) {
  return createJwtVerifier(options as unknown as JwtVerifierOptions)
}

describe('after creation', () => {
  it.each<[string, Mutable, (options: Mutable) => void, string, string]>([
    ['issuer', { issuer: [issuer] }, push('issuer', 'https://b'), mint({ iss: 'https://b' }), 'issuer_mismatch'],
    ['audience', { audience: [audience] }, push('audience', 'b'), mint({ aud: 'b' }), 'audience_mismatch'],
    [
      'algorithms',
      { algorithms: ['EdDSA'], publicKey: keyFor('EdDSA').verifier },
      push('algorithms', 'Ed25519'),
      mint({}, { key: { ...keyFor('EdDSA'), alg: 'Ed25519' } }),
      'algorithm_not_allowed',
    ],
    ['typ', { typ: ['at+jwt'] }, push('typ', 'JWT'), mint(), 'type_not_allowed'],
    [
      'optionalClaims',
      { optionalClaims: [] },
      push('optionalClaims', 'nbf'),
      mint({ nbf: undefined }),
      'claim_missing',
    ],
    ['requiredClaims', { requiredClaims: ['tenant'] }, clear('requiredClaims'), mint(), 'claim_missing'],
    [
      'a list in claimValues',
      { claimValues: { use: ['a'] } },
      (options) => (options.claimValues as { use: string[] }).use.push('b'),
      mint({ use: 'b' }),
      'claim_invalid',
    ],
    [
      'claimValues',
      { claimValues: { use: 'a' } },
      (options) => delete (options.claimValues as Mutable).use,
      mint(),
      'claim_missing',
    ],
    ['clockTolerance', {}, (options) => (options.clockTolerance = 300), mint({ exp: now }), 'token_expired'],
    ['acceptBoundTokens', {}, (options) => (options.acceptBoundTokens = true), mint({ cnf: {} }), 'token_bound'],
    [
      'publicKey',
      {},
      (options) => (options.publicKey = newKey('ES256').verifier),
      mint({}, { key: newKey('ES256') }),
      'signature_invalid',
    ],
  ])('a change of %s changes nothing', async (_option, changes, change, token, code) => {
    const options = mutable(changes)
    const verifier = create(options)
    change(options)
    expect(await outcomeOf(verifier.verify(token))).toBe(code)
  })

  it('a change of a path changes nothing', async () => {
    const path = ['realm', 'roles']
    const verifier = create(mutable({ rolesFrom: path }))
    path.splice(0, 2, 'other')
    const { roles } = await verifier.verify(mint({ realm: { roles: ['a'] }, other: ['b'] }))
    expect(roles).toEqual(['a'])
  })

  it('a change of the bytes of a secret changes nothing', async () => {
    const key = keyFor('HS256')
    const secret = new Uint8Array(key.verifier.export())
    const { publicKey: _left, ...options } = mutable({ algorithms: ['HS256'], secret })
    const verifier = create(options)
    secret.fill(0)
    expect(await outcomeOf(verifier.verify(mint({}, { key })))).toBe('accepted')
  })

  it('a change of the list of secrets changes nothing', async () => {
    const secrets = [keyFor('HS256').verifier]
    const { publicKey: _left, ...options } = mutable({ algorithms: ['HS256'], secret: secrets })
    const verifier = create(options)
    const other = newKey('HS256')
    secrets.push(other.verifier)
    expect(await outcomeOf(verifier.verify(mint({}, { key: other })))).toBe('signature_invalid')
  })

  it('a change of a key set or of a JWK in it changes nothing', async () => {
    const [first, second] = [newKey('ES256'), newKey('ES256')]
    const jwk = { ...jwkOf(first, { kid: 'k1' }) }
    const keys = [jwk]
    const { publicKey: _left, ...options } = mutable({ jwks: { keys } })
    const verifier = create(options)
    Object.assign(jwk, jwkOf(second))
    keys.push({ ...jwkOf(second, { kid: 'k2' }) })
    expect(await outcomeOf(verifier.verify(mint({}, { key: first, header: { kid: 'k1' } })))).toBe('accepted')
    expect(await outcomeOf(verifier.verify(mint({}, { key: second, header: { kid: 'k1' } })))).toBe('signature_invalid')
    expect(await outcomeOf(verifier.verify(mint({}, { key: second, header: { kid: 'k2' } })))).toBe('key_unknown')
  })

  it('the verifier itself cannot be changed', () => {
    const verifier = create(mutable({}))
    expect(Object.isFrozen(verifier)).toBe(true)
  })

  it('nothing that was given is frozen or changed', () => {
    const options = mutable({ issuer: [issuer], claimValues: { use: ['a'] }, rolesFrom: ['roles'] })
    const before = structuredClone({ ...options, clock: null, publicKey: null })
    create(options)
    expect({ ...options, clock: null, publicKey: null }).toEqual(before)
    for (const given of [options, ...Object.values(options)]) {
      const isObject = typeof given === 'object' && given !== null
      expect(isObject && Object.isFrozen(given)).toBe(false)
    }
  })
})

describe('a member of Object.prototype', () => {
  it.each(['issuer', 'audience', 'algorithms'])('is not taken for the missing option %s', async (option) => {
    const { [option]: value, ...rest } = mutable({})
    const error = await withPolluted({ [option]: value }, () => configErrorOf(() => create(rest)))
    expect(error.option).toBe(option)
  })

  it.each<[string, unknown, string, string]>([
    ['acceptBoundTokens', true, mint({ cnf: {} }), 'token_bound'],
    ['optionalClaims', ['nbf'], mint({ nbf: undefined }), 'claim_missing'],
    ['typ', 'logout+jwt', mint({}, { header: { typ: 'logout+jwt' } }), 'type_not_allowed'],
    ['typ', 'at+jwt', mint(), 'accepted'],
    ['requiredClaims', ['tenant'], mint(), 'accepted'],
    ['claimValues', { tenant: 'a' }, mint(), 'accepted'],
    ['maxTokenAge', 1, mint({ iat: now - 60 }), 'accepted'],
    ['maxTokenLength', 1_000_000, mint({ x: 'x'.repeat(20_000) }), 'token_malformed'],
    ['secret', keyFor('HS256').verifier, mint(), 'accepted'],
    ['jwksUri', 'https://mallory.example.com/jwks', mint(), 'accepted'],
    ['leeway', 300, mint(), 'accepted'],
  ])('is not taken for the option %s: %j', async (option, value, token, expected) => {
    const options = mutable({})
    const verifier = await withPolluted({ [option]: value }, () => create(options))
    expect(await outcomeOf(verifier.verify(token))).toBe(expected)
  })

  it('is not taken for the tolerance', async () => {
    const { clockTolerance: _left, ...rest } = mutable({})
    const verifier = await withPolluted({ clockTolerance: 300 }, () => create(rest))
    expect(await outcomeOf(verifier.verify(mint({ exp: now - 5 })))).toBe('token_expired')
  })

  it.each(['permissionsFrom', 'scopesFrom', 'rolesFrom'])('is not taken for the path %s', async (option) => {
    const verifier = await withPolluted({ [option]: ['x'] }, () => create(mutable({})))
    const { permissions, scopes, roles } = await verifier.verify(mint({ x: ['admin'] }))
    expect([permissions, scopes, roles]).toEqual([[], [], []])
  })

  it('is not taken for a switch in remote', async () => {
    const { publicKey: _left, ...rest } = mutable({ jwksUri: 'http://10.0.0.1/jwks', remote: {} })
    const error = await withPolluted({ allowInsecureHttp: true }, () => configErrorOf(() => create(rest)))
    expect(error.option).toBe('jwksUri')
  })

  it('is not taken for a value in claimValues', async () => {
    const verifier = await withPolluted({ tenant: 'a' }, () => create(mutable({ claimValues: {} })))
    expect(await outcomeOf(verifier.verify(mint()))).toBe('accepted')
  })

  it('is not taken for a member of a JWK', async () => {
    const { alg: _alg, ...jwk } = { alg: '', ...jwkOf(keyFor('ES256')) }
    const members = { d: 'AA', use: 'enc', key_ops: ['sign'], alg: 'ES384', kid: 'other' }
    const { publicKey: _left, ...rest } = mutable({ jwks: { keys: [jwk] } })
    const verifier = await withPolluted(members, () => create(rest))
    expect(await outcomeOf(verifier.verify(mint()))).toBe('accepted')
  })

  it('is not taken for the keys of a set', async () => {
    const { publicKey: _left, ...rest } = mutable({ jwks: {} })
    const members = { keys: [jwkOf(keyFor('ES256'))] }
    const error = await withPolluted(members, () => configErrorOf(() => create(rest)))
    expect(error.option).toBe('jwks')
  })
})

function push(option: string, value: string): (options: Mutable) => void {
  return (options) => (options[option] as string[]).push(value)
}

function clear(option: string): (options: Mutable) => void {
  return (options) => (options[option] as string[]).splice(0)
}
