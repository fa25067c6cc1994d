// Where a header says that the key is, nobody asks: a server stands there with the attacker's key, and counts.
import type { JwtVerifierOptions } from '@jwtgate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { frameworks } from '../contract/frameworks.ts'
import { startServer } from '../contract/servers.ts'
import { answer, startKeyServer, type KeyServer } from '../support/key-server.ts'
import { jwkOf, keyFor } from '../support/keys.ts'
import { mint } from '../support/mint.ts'
import { exchange, parseAnswer, requestText } from '../support/raw-http.ts'
import { testVerifier } from '../support/verifiers.ts'
import { attackerDocuments, forgeriesPointingAt } from './families/header-keys.ts'
import { outcomeOf } from './outcome.ts'

const publicJwk = jwkOf(keyFor('ES256'), { kid: 'current' })
let canary: KeyServer
let provider: KeyServer

beforeAll(async () => {
  canary = await startKeyServer()
  for (const [path, document] of Object.entries(attackerDocuments)) canary.on(path, answer(document))
  provider = await startKeyServer([publicJwk])
})
afterAll(async () => {
  await canary.close()
  await provider.close()
})

const verifiers: readonly [keys: string, options: () => Partial<JwtVerifierOptions>][] = [
  ['one public key', () => ({})],
  ['a set at hand', () => ({ jwks: { keys: [publicJwk] } })],
  ['a remote set', () => ({ jwksUri: provider.jwksUri })],
]

describe.each(verifiers)('with %s', (_keys, options) => {
  it('core refuses every token and asks nobody', async () => {
    const verifier = testVerifier(options())
    const outcomes = new Set<string>()
    for (const { token } of forgeriesPointingAt(canary.origin)) outcomes.add(await outcomeOf(verifier.verify(token())))
    expect([...outcomes].filter((code) => code !== 'signature_invalid' && code !== 'key_unknown')).toEqual([])
    expect(await outcomeOf(verifier.verify(mint({}, { header: { kid: 'current' } })))).toBe('accepted')
    expect(canary.requests).toEqual([])
  })

  it('an Express API refuses every token and asks nobody', async () => {
    const express = frameworks.find(({ name }) => name === 'Express 5')
    if (express === undefined) throw new Error('there is no Express 5')
    const verifier = testVerifier(options())
    const server = await startServer(express.listener({ authentication: 'required', verifier, problems: true }))
    const statusFor = async (token: string): Promise<number> =>
      parseAnswer(await exchange(server.port, requestText('GET', '/me', [`Authorization: Bearer ${token}`]))).status
    try {
      const statuses = new Set<number>()
      for (const { token } of forgeriesPointingAt(canary.origin)) statuses.add(await statusFor(token()))
      expect([...statuses]).toEqual([401])
      expect(await statusFor(mint({}, { header: { kid: 'current' } }))).toBe(200)
      expect(canary.requests).toEqual([])
    } finally {
      await server.close()
    }
  })
})

it('the server would have counted', async () => {
  await fetch(canary.jwksUri)
  expect(canary.requests).toHaveLength(1)
})
