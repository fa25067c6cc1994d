// The story: what is sent to the API in which order, what is promised for each, and how it is told.
import { brokenPromises, type Answer, type Promised } from './answer.ts'
import { partsOf, signedWithPublicKey, tampered, unsigned } from './forge.ts'
import { send } from './send.ts'
import type { Stage } from './stage.ts'
import { poll, waitUntil, type OnWait } from './wait.ts'

export interface Step {
  /** For the table. */
  readonly title: string
  /** What is sent and what is promised, as a sentence. */
  readonly sentence: string
  readonly promised: Promised
  act(stage: Stage, onWait: OnWait): Promise<Answer>
}

export interface Row {
  readonly step: Step
  /** Undefined if there was no answer at all. */
  readonly got: Answer | undefined
  /** Each sentence is a promise that was not kept. */
  readonly problems: readonly string[]
}

const expiryTolerance = 5 // seconds: the default clockTolerance, which the API does not change
const healingDeadline = 10_000

export const story: readonly Step[] = [
  {
    title: 'no token',
    sentence: 'a request without a token is refused with a challenge that names no error',
    promised: refused(401, 'token_missing', undefined),
    act: ({ api }) => getOrders(api.url()),
  },
  {
    title: 'a good RS256 token',
    sentence: 'a good RS256 token is accepted',
    promised: accepted('reader'),
    act: ({ api, tokens }) => getOrders(api.url(), tokens.reader),
  },
  {
    title: 'a good ES256 token',
    sentence: 'a good ES256 token is accepted',
    promised: accepted('reader-ec'),
    act: ({ api, tokens }) => getOrders(api.url(), tokens.readerEc),
  },
  {
    title: 'DELETE without the permission',
    sentence: 'a good token without the permission does not delete',
    promised: refused(403, 'permission_denied', 'insufficient_scope'),
    act: ({ api, tokens }) => deleteOrder(api.url(), tokens.reader),
  },
  {
    title: 'DELETE with the permission',
    sentence: 'a good token with the permission deletes',
    promised: { ...accepted(undefined), status: 204 },
    act: ({ api, tokens }) => deleteOrder(api.url(), tokens.editor),
  },
  {
    title: 'a tampered payload',
    sentence: 'a payload with a permission added to it is refused for its signature',
    promised: refused(401, 'signature_invalid', 'invalid_token'),
    act: ({ api, tokens }) => deleteOrder(api.url(), tampered(tokens.reader, ['orders:delete'])),
  },
  {
    title: 'alg: none',
    sentence: 'a token that says it needs no signature is refused for its algorithm',
    promised: refused(401, 'algorithm_not_allowed', 'invalid_token'),
    act: ({ api, tokens }) => getOrders(api.url(), unsigned(tokens.reader)),
  },
  {
    title: 'HS256 with the public key',
    sentence: 'an HS256 token signed with the public key as its secret is refused for its algorithm',
    promised: refused(401, 'algorithm_not_allowed', 'invalid_token'),
    async act({ api, tokens, publicKey }) {
      const key = await publicKey(String(partsOf(tokens.reader).header['kid']))
      return getOrders(api.url(), signedWithPublicKey(tokens.reader, key))
    },
  },
  {
    title: 'an expired token',
    sentence: 'a token that has expired is refused once the clock tolerance is over',
    promised: refused(401, 'token_expired', 'invalid_token'),
    async act({ api, tokens }, onWait) {
      const expiry = Number(partsOf(tokens.brief).payload['exp'])
      await waitUntil((expiry + expiryTolerance) * 1000, 'the short-lived token to expire', onWait)
      return getOrders(api.url(), tokens.brief)
    },
  },
  {
    title: 'a token for another API',
    sentence: 'a good token for another API is refused for its audience',
    promised: refused(401, 'audience_mismatch', 'invalid_token'),
    act: ({ api, tokens }) => getOrders(api.url(), tokens.billing),
  },
  {
    title: 'two credentials at once',
    sentence: 'two Authorization fields are refused, though each holds a good token',
    promised: refused(400, 'multiple_tokens', 'invalid_request'),
    act: ({ api, tokens }) => getOrders(api.url(), tokens.reader, tokens.editor),
  },
  {
    title: 'keys rotated: an old token',
    sentence: 'an old token goes on when the provider has rotated its keys',
    promised: accepted('editor'),
    async act({ api, provider, tokens }) {
      await provider.rotate()
      return getOrders(api.url(), tokens.editor)
    },
  },
  {
    title: 'keys rotated: a new token',
    sentence: 'a token signed with a new key is accepted at the first try',
    promised: accepted('reader'),
    async act({ api, token, tokens }) {
      const fresh = await token('reader')
      if (kidOf(fresh) === kidOf(tokens.reader)) throw new Error(`the new token has the old kid ${kidOf(fresh)}`)
      return getOrders(api.url(), fresh)
    },
  },
  {
    title: 'provider down: a known key',
    sentence: 'a token never seen before goes on when the provider is down, because its key is known',
    promised: accepted('editor'),
    async act({ api, provider, token }) {
      const unseen = await token('editor')
      await provider.stop()
      return getOrders(api.url(), unseen)
    },
  },
  {
    title: 'API restarted, provider down',
    sentence: 'an API restarted while the provider is down says 503, and not that the token is bad',
    promised: unavailable('discovery_failed'),
    async act({ api, tokens }) {
      await api.stop()
      await api.start()
      return getOrders(api.url(), tokens.reader)
    },
  },
  {
    title: 'provider back: it heals',
    sentence: 'the same request is accepted by itself soon after the provider is back',
    promised: { ...accepted('reader'), within: healingDeadline },
    async act({ api, provider, tokens }, onWait) {
      await provider.start()
      const back = performance.now()
      const ask = (): Promise<Answer> => getOrders(api.url(), tokens.reader)
      // Anything but 503 ends the wait: on the way to 200 nothing else is right.
      const answer = await poll(healingDeadline, 'the API to heal', onWait, ask, ({ status }) => status !== 503)
      return { ...answer, milliseconds: performance.now() - back }
    },
  },
]

/** Plays all steps in order, whatever comes of them. */
export async function tellStory(stage: Stage, onRow: (row: Row) => void, onWait: OnWait): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const step of story) {
    const row = await play(step, stage, onWait)
    rows.push(row)
    onRow(row)
  }
  return rows
}

async function play(step: Step, stage: Stage, onWait: OnWait): Promise<Row> {
  try {
    const got = await step.act(stage, onWait)
    return { step, got, problems: brokenPromises(step.promised, got) }
  } catch (error) {
    return { step, got: undefined, problems: [error instanceof Error ? error.message : String(error)] }
  }
}

function accepted(sub: string | undefined): Promised {
  return { status: 200, code: undefined, challenge: undefined, retryAfter: false, sub }
}

function refused(status: number, code: string, error: string | undefined): Promised {
  return { status, code, challenge: { realm: 'api', error }, retryAfter: false, sub: undefined }
}

function unavailable(code: string): Promised {
  return { status: 503, code, challenge: undefined, retryAfter: true, sub: undefined }
}

function getOrders(api: string, ...tokens: readonly string[]): Promise<Answer> {
  return send(api, { method: 'GET', path: '/orders', tokens })
}

function deleteOrder(api: string, token: string): Promise<Answer> {
  return send(api, { method: 'DELETE', path: '/orders/7', tokens: [token] })
}

function kidOf(token: string): string {
  return String(partsOf(token).header['kid'])
}
