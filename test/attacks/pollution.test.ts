// After tokens with members of prototypes, every prototype is as before, and nothing is inherited from what they said.
import { expect, it } from 'vitest'
import { testVerifier } from '../support/verifiers.ts'
import { prototypeMembers } from './families/payloads.ts'

it.each(prototypeMembers)('$name', async ({ token }) => {
  const before = Reflect.ownKeys(Object.prototype)
  const { claims, header, permissions } = await testVerifier().verify(token())
  expect(Reflect.ownKeys(Object.prototype)).toEqual(before)
  expect([Object.getPrototypeOf(claims), Object.getPrototypeOf(header)]).toEqual([Object.prototype, Object.prototype])
  expect([claims.admin, header.admin, Reflect.get({}, 'admin')]).toEqual([undefined, undefined, undefined])
  expect([...permissions]).toEqual([])
})
