// The one console line that a developer sees without subscribing: outside production, once a minute for each code.
import { describe, expect, it } from 'vitest'
import { runModule } from '../../../test/support/child-process.ts'
import { jwkOf, keyFor } from '../../../test/support/keys.ts'
import { audience, goodClaims, issuer, mint, now, partsOf } from '../../../test/support/mint.ts'

const canary = 'canary-4f2a'
const expired = mint({ exp: now - 1, email: canary })
const { nbf: _nbf, ...claimsWithoutNbf } = goodClaims()
const withoutNbf = mint({}, { payload: JSON.stringify({ ...claimsWithoutNbf, email: canary }) })
const garbage = `${canary}.${canary}.${canary}`

/** `refuse(token)` has a token refused; `minutes` is the time that performance.now() tells. */
const prelude = `
  import { subscribe } from 'node:diagnostics_channel'
  import { createAuthenticator, createAuthorizer, createJwtVerifier } from '@jwtgate/core'
  let minutes = 0
  performance.now = () => minutes * 60_000
  const { tokens, now, ...options } = input
  const verifier = createJwtVerifier({ ...options, clockTolerance: 0, clock: { now: () => now * 1000 } })
  const refuse = (token) => verifier.verify(token).then(() => console.log('accepted'), () => {})
  `

async function warningsOf(program: string, environment: Readonly<Record<string, string | undefined>> = {}) {
  const publicKey = jwkOf(keyFor('ES256'))
  const tokens = { good: mint(), expired, withoutNbf, garbage }
  const input = { issuer, audience, algorithms: ['ES256'], publicKey, tokens, now }
  const run = await runModule(prelude + program, input, { NODE_ENV: undefined, ...environment })
  expect(run).toMatchObject({ exitCode: 0, stdout: '' })
  return run.stderr.split('\n').filter((line) => line !== '')
}

describe('a refused token', () => {
  it('shows its hint on the console, in one line', async () => {
    const lines = await warningsOf('await refuse(tokens.withoutNbf)')
    expect(lines).toEqual([expect.stringMatching(/^\[jwtgate\] claim_missing: .*optionalClaims: \['nbf'\]/)])
  })

  it('shows it once for each code, however many there are', async () => {
    const program = `
      for (let sent = 0; sent < 300; sent++) {
        await refuse(tokens.expired)
        await refuse(tokens.garbage)
        await refuse(tokens.withoutNbf)
      }`
    const lines = await warningsOf(program)
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      '[jwtgate] token_expired',
      '[jwtgate] token_malformed',
      '[jwtgate] claim_missing',
    ])
  })

  it('shows it again after a minute, and not before', async () => {
    const program = `
      for (minutes of [10, 10.5, 10.99, 11, 11.5, 12.01]) {
        console.warn(minutes)
        await refuse(tokens.expired)
      }`
    const lines = await warningsOf(program)
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      '10',
      '[jwtgate] token_expired',
      '10.5',
      '10.99',
      '11',
      '[jwtgate] token_expired',
      '11.5',
      '12.01',
      '[jwtgate] token_expired',
    ])
  })

  it('shows nothing of the token', async () => {
    const lines = await warningsOf(
      'for (const token of Object.values(tokens)) if (token !== tokens.good) await refuse(token)',
    )
    expect(lines).toHaveLength(3)
    const text = lines.join('\n')
    expect(text).not.toContain(canary)
    for (const token of [expired, withoutNbf]) {
      for (const part of partsOf(token)) expect(text).not.toContain(part)
    }
  })

  it.each(['development', 'test', '', 'prod'])('shows its hint with NODE_ENV=%s', async (value) => {
    expect(await warningsOf('await refuse(tokens.expired)', { NODE_ENV: value })).toHaveLength(1)
  })

  it('shows nothing in production', async () => {
    const program = 'for (const token of [tokens.expired, tokens.garbage]) await refuse(token)'
    expect(await warningsOf(program, { NODE_ENV: 'production' })).toEqual([])
  })

  it('shows nothing while somebody subscribes to it', async () => {
    const program = `
      const told = []
      subscribe('jwtgate:token.refused', ({ code, hint }) => told.push(code + typeof hint))
      await refuse(tokens.expired)
      await refuse(tokens.garbage)
      if (told.join() !== 'token_expiredstring,token_malformedstring') console.log(told)`
    expect(await warningsOf(program)).toEqual([])
  })
})

describe('a request', () => {
  it('without a token shows a hint too', async () => {
    const lines = await warningsOf('await createAuthenticator(verifier)({ headers: {} }).catch(() => {})')
    expect(lines).toEqual([expect.stringMatching(/^\[jwtgate\] token_missing: .*Authorization/)])
  })

  it('without permission shows which rule it does not meet, even while only refused tokens are subscribed to', async () => {
    const program = `
      subscribe('jwtgate:token.refused', () => {})
      const request = { headers: { authorization: 'Bearer ' + tokens.good } }
      await createAuthenticator(verifier)(request)
      try { createAuthorizer('permission', ['orders:write'])(request) } catch {}`
    const lines = await warningsOf(program)
    expect(lines).toEqual([expect.stringMatching(/^\[jwtgate\] permission_denied: .*orders:write/)])
  })
}, 15_000)
