// Each attack over HTTP, on every framework: the same answer, and nothing of the token in it.
import { afterAll, describe, expect, it } from 'vitest'
import { frameworks } from '../contract/frameworks.ts'
import { startServer, type RunningServer } from '../contract/servers.ts'
import { keepPrinted } from '../support/printed.ts'
import { exchange, parseAnswer, requestText } from '../support/raw-http.ts'
import { refuseUnhandledRejections } from '../support/unhandled-rejections.ts'
import { verifierOf, type Attack } from './attack.ts'
import { families } from './families/all.ts'

refuseUnhandledRejections()
const printed = keepPrinted()

/** What Node takes for a header's value, and within its limit. Blanks around a value are none of it (RFC 9110 section 5.5). */
const canBeSent = (token: string): boolean =>
  token.length < 60_000 && /^[\t\x20-\x7e\x80-\xff]*$/.test(token) && !/^[\t ]|[\t ]$/.test(token)
/** RFC 6750 section 2.1: what else it is, it is no Bearer token. */
const b64token = /^[A-Za-z0-9._~+/-]+=*$/

describe.each(frameworks)('on $name', ({ listener }) => {
  const started = new Map<Attack['options'] | Attack['issuers'], Promise<RunningServer>>()
  afterAll(async () => {
    for (const server of started.values()) await (await server).close()
  })

  /** One for each set of options. */
  async function serverFor(attack: Attack): Promise<RunningServer> {
    const options = attack.issuers ?? attack.options
    const verifier = verifierOf(attack)
    const start = async (): Promise<RunningServer> =>
      startServer(await listener({ authentication: 'required', verifier, problems: true }))
    const server = started.get(options) ?? start()
    started.set(options, server)
    return server
  }

  describe.each(families)('$about', ({ attacks }) => {
    it.each(attacks.filter(({ token }) => canBeSent(token())))('$name', async (attack) => {
      const text = attack.token()
      const { port } = await serverFor(attack)
      const answer = await exchange(port, requestText('GET', '/me', [`Authorization: Bearer ${text}`]))
      const { status, body } = parseAnswer(answer)
      const isBearer = b64token.test(text)
      const expected = isBearer ? attack.code : 'request_malformed'
      expect(status === 200 ? 'accepted' : (JSON.parse(body) as { readonly code: string }).code).toBe(expected)
      const [, payload = '', signature = ''] = text.split('.')
      for (const part of [payload, signature].filter((part) => part.length > 20)) expect(answer).not.toContain(part)
    })

    const accepted = attacks.filter(({ code }) => code === 'accepted')
    it.each(accepted)('$name, once more', async (attack) => {
      const { port } = await serverFor(attack)
      const request = requestText('GET', '/me', [`Authorization: Bearer ${attack.token()}`])
      const [first, second] = [parseAnswer(await exchange(port, request)), parseAnswer(await exchange(port, request))]
      expect(first.status).toBe(200)
      expect([second.status, second.body]).toEqual([200, first.body])
    })
  })
})

it('nothing that a framework printed shows a token', () => {
  expect(printed.join('\n')).not.toMatch(/eyJ/)
})
