// Closes the server of an API in some state of its key set, and sees how the process ends.
import { expect } from 'vitest'
import { figure, milliseconds } from './figure.ts'
import { answersOn, sendRaw } from './raw-clients.ts'
import { openStage } from './stage.ts'
import { newIssuerKey, tokensFrom } from './tokens.ts'

export interface EndSetting {
  /** What hangs when the server is closed. Default: nothing, the keys are there. */
  readonly hangs?: 'refresh' | 'first fetch' | 'discovery'
  /** Milliseconds; the API's default by default. */
  readonly timeoutDuration?: number
}

const lifetime = 600_000
const longestEnd = 6_000
const key = newIssuerKey('first')

/** @returns how the last requests were answered, each answer once: where they wait for a fetch, they are open at the close */
export async function expectEnd(name: string, setting: EndSetting): Promise<readonly string[]> {
  const { hangs, timeoutDuration } = setting
  const { provider, api } = await openStage({
    keys: [key],
    discovery: hangs === 'discovery',
    options: timeoutDuration === undefined ? {} : { remote: { timeoutDuration } },
  })
  const tokens = tokensFrom(provider.origin, [key], 20)
  // Connections of clients are the server's to wait for: these ask it to close them after the answer.
  const sendAll = (): Promise<readonly (readonly string[])[]> =>
    Promise.all(tokens.map(async (token) => answersOn(await sendRaw(api.origin, [token], '/', 'close'), 1)))
  const isWarm = hangs === undefined || hangs === 'refresh'
  if (isWarm) await sendAll()
  if (hangs !== undefined) await provider.break(hangs === 'discovery' ? 'metadata' : 'jwks', { name: 'hang' })
  if (hangs === 'refresh') await api.advance(lifetime)
  const answers = sendAll()
  if (isWarm) await answers
  // What was not read yet when the server is closed is no request to it.
  else await api.untilRequests(tokens.length)

  const end = await api.end()
  figure(`server.close(), ${name}`, `exit code ${end.exitCode} after ${milliseconds(end.milliseconds)}`)
  expect(end).toEqual({ exitCode: 0, milliseconds: expect.any(Number) })
  expect(end.milliseconds).toBeLessThan(longestEnd)
  const outcomes = (await answers).flat().map((outcome) => outcome.replace(/^200 .*/, '200'))
  expect(outcomes).toHaveLength(tokens.length)
  return [...new Set(outcomes)]
}
