// The result of a good token: what it holds, what it hides, and that nobody can change it.
import { inspect } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Auth } from '@jwtgate/core'
import { goodClaims, mint } from '../../../test/support/mint.ts'
import { testVerifier } from '../../../test/support/verifiers.ts'

const claims = goodClaims({
  permissions: ['read'],
  scope: 'orders:read orders:write',
  roles: ['clerk'],
  address: { city: { name: 'Basel' }, lines: [['a'], { b: [] }], empty: {} },
})
const token = mint(claims, { header: { kid: 'k1', extra: { deep: [1] } } })
let auth: Auth

beforeAll(async () => {
  auth = await testVerifier().verify(token)
})

describe('an Auth', () => {
  it('holds claims, header, permissions, scopes and roles', () => {
    expect(Object.keys(auth).sort()).toEqual(['claims', 'header', 'permissions', 'roles', 'scopes'])
    expect(auth).toEqual({
      claims,
      header: { alg: 'ES256', typ: 'JWT', kid: 'k1', extra: { deep: [1] } },
      permissions: ['read'],
      scopes: ['orders:read', 'orders:write'],
      roles: ['clerk'],
    })
  })

  it('has the token, for handlers that pass it on', () => {
    expect(auth.token).toBe(token)
    expect(Object.getOwnPropertyDescriptor(auth, 'token')).toMatchObject({ enumerable: false })
  })

  it.each<[string, (auth: Auth) => string]>([
    ['JSON.stringify()', (auth) => JSON.stringify(auth)],
    ['console.log()', (auth) => inspect(auth, { depth: 9 })],
    ['its entries', (auth) => inspect(Object.entries(auth), { depth: 9, showHidden: true })],
    ['a spread copy', (auth) => inspect({ ...auth }, { depth: 9, showHidden: true })],
    ['structuredClone()', (auth) => inspect(structuredClone(auth), { depth: 9, showHidden: true })],
  ])('does not show the token, nor a part of it, in %s', (_where, show) => {
    const shown = show(auth)
    expect(shown).toContain('alice')
    for (const part of token.split('.')) expect(shown).not.toContain(part)
  })

  it('is frozen in every depth', () => {
    const objects = [...objectsWithin(auth)]
    expect(objects).toContain(auth.claims.address)
    expect(objects.filter((object) => !Object.isFrozen(object))).toEqual([])
  })

  it.each<[string, (auth: Auth) => object, string]>([
    ['a claim', (auth) => auth.claims, 'sub'],
    ['a new claim', (auth) => auth.claims, 'admin'],
    ['a permission', (auth) => auth.permissions, '0'],
    ['the token', (auth) => auth, 'token'],
  ])('does not let %s be written', (_what, holder, name) => {
    const before = inspect(auth, { depth: 9, showHidden: true })
    expect(Reflect.set(holder(auth), name, 'mallory')).toBe(false)
    expect(inspect(auth, { depth: 9, showHidden: true })).toBe(before)
    expect(auth.token).toBe(token)
  })

  it('has empty lists where the token grants nothing', async () => {
    const { permissions, scopes, roles } = await testVerifier().verify(mint())
    expect({ permissions, scopes, roles }).toEqual({ permissions: [], scopes: [], roles: [] })
  })
})

function* objectsWithin(value: unknown): Generator<object> {
  if (typeof value !== 'object' || value === null) return
  yield value
  for (const member of Object.values(value)) yield* objectsWithin(member)
}
