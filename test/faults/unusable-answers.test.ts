// A refresh is answered with what is no key set: the old keys go on, an event says why, and nobody follows a redirect.
import { expect, it } from 'vitest'
import { counted, figure, outcomesOf } from './support/figure.ts'
import type { Fault } from './support/provider.ts'
import { openProvider, openStage } from './support/stage.ts'
import { newIssuerKey, tokenFrom, tokensFrom } from './support/tokens.ts'

const key = newIssuerKey('first')
const lifetime = 600_000
/** By then the back-off allows another attempt. */
const longestPause = 121_000
const requests = 50

interface UnusableAnswer {
  readonly name: string
  /** @param elsewhere - a good key set of another host */
  readonly fault: (elsewhere: string) => Fault
  readonly code: 'keys_unavailable' | 'keys_invalid'
  readonly reason: RegExp
}

function body(text: string, contentType?: string): () => Fault {
  return () => ({ name: 'body', body: text, ...(contentType === undefined ? {} : { contentType }) })
}
const unreadable = { code: 'keys_unavailable', reason: /not JSON/ } as const
const noSet = { code: 'keys_invalid', reason: /no JWK Set/ } as const

it.each<UnusableAnswer>([
  { name: 'truncated JSON', fault: () => ({ name: 'truncated' }), ...unreadable },
  { name: 'HTML', fault: body('<!doctype html><p>Under maintenance</p>', 'text/html'), ...unreadable },
  { name: '[]', fault: body('[]'), ...noSet },
  { name: 'null', fault: body('null'), ...noSet },
  { name: '{"keys":null}', fault: body('{"keys":null}'), ...noSet },
  {
    name: 'a redirect to another host',
    fault: (location) => ({ name: 'redirect', location }),
    code: 'keys_unavailable',
    reason: /status 302 \(redirects are not followed\)/,
  },
])('old keys go on, an event says why, and no other host is asked: $name', async ({ name, fault, code, reason }) => {
  const { provider, api, client } = await openStage({ keys: [key], manualClock: true })
  const other = await openProvider([key])
  const elsewhere = other.jwksUri.replace('127.0.0.1', 'localhost')
  const tokens = tokensFrom(provider.origin, [key], requests)
  expect((await client.get(tokens[0])).outcome).toBe('200')
  await provider.break('jwks', fault(elsewhere))
  await api.advance(lifetime)
  await client.get(tokens[0])
  await api.untilEvent('jwtgate:keys.refresh_failed')
  const tally = await client.together(tokens)

  const { kept } = await api.events()
  const failure = kept.find((event) => event.name === 'jwtgate:keys.refresh_failed')?.payload
  const askedElsewhere = await other.fetches('jwks')
  figure(
    `answer is ${name}`,
    `${outcomesOf(tally)}, ${counted(askedElsewhere, 'request')} to another host, event: ${reasonIn(failure)}`,
  )
  expect(tally.outcomes).toEqual({ '200': requests })
  expect(failure).toEqual({ url: provider.jwksUri, code, reason: expect.stringMatching(reason), keys: 1 })
  expect(await api.status()).toMatchObject({ issuers: [{ state: 'stale', keys: 1, lastFailure: { code } }] })
  expect(askedElsewhere).toBe(0)
  expect((await fetch(elsewhere)).status).toBe(200) // It would have answered.

  await provider.heal('jwks')
  await api.advance(longestPause)
  await client.get(tokens[0])
  await api.untilEvent('jwtgate:keys.loaded', 2)
  expect(await api.status()).toMatchObject({ issuers: [{ state: 'fresh', keys: 1, lastFailure: { code } }] })
})

function reasonIn(failure: unknown): string {
  return String((failure as { readonly reason?: string } | undefined)?.reason)
}

it('a good key set works under any content type: text/plain', async () => {
  const { provider, client, api } = await openStage({ keys: [key] })
  await provider.break('jwks', { name: 'content type', contentType: 'text/plain' })
  const { outcome } = await client.get(tokenFrom(provider.origin, key))
  figure('a good key set as text/plain', outcome)
  expect(outcome).toBe('200')
  expect((await api.events()).counts).toEqual({ 'jwtgate:keys.loaded': 1 })
})
