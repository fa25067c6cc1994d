// Many requests at once, on one connection, and on connections that break: each is judged by itself.
import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Auth, RevocationCheck } from '@jwtgate/core'
import { afterEach, describe, expect, it } from 'vitest'
import { keepPrinted } from '../support/printed.ts'
import { exchange, parseAnswer, parseAnswers, requestText, type RawAnswer } from '../support/raw-http.ts'
import { refuseUnhandledRejections } from '../support/unhandled-rejections.ts'
import type { Setup } from './application.ts'
import { authorization } from './case.ts'
import { frameworks } from './frameworks.ts'
import { issuer } from './issuers.ts'
import { startServer, type RunningServer } from './servers.ts'

refuseUnhandledRejections()
keepPrinted() // Koa prints that a connection was reset.

const verifier = issuer.options

describe.each(frameworks)('on $name', ({ listener }) => {
  let server: RunningServer | undefined
  afterEach(async () => server?.close())

  async function start(setup: Partial<Setup> = {}): Promise<number> {
    server = await startServer(listener({ authentication: 'optional', verifier, problems: true, ...setup }))
    return server.port
  }

  it('1,000 concurrent requests never share what is known of their senders', async () => {
    const requests = Array.from({ length: 1_000 }, (_, index) => senderOf(index))
    const gate = new Gate()
    const port = await start({ meanwhile: async () => void (await gate.hold()) })
    const answers = requests.map(async ({ fields }) =>
      parseAnswer(await exchange(port, requestText('GET', '/me', fields))),
    )
    // Nobody is answered before all that pass are there.
    await gate.holding(requests.filter(({ outcome }) => outcome !== 'token_malformed').length)
    gate.open()
    expect((await Promise.all(answers)).map(outcomeOf)).toEqual(requests.map(({ outcome }) => outcome))
  })

  it('what one request brought is not there for the next on its connection', async () => {
    const port = await start()
    const socket = connect(port, '127.0.0.1').setEncoding('latin1')
    for (const index of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const { fields, outcome } = senderOf(index)
      socket.write(keptAlive(fields))
      expect(outcomeOf(await nextAnswer(socket))).toBe(outcome)
    }
    socket.destroy()
  })

  it('pipelined requests are answered in order, each its own', async () => {
    const port = await start()
    const senders = Array.from({ length: 60 }, (_, index) => senderOf(index))
    const last = requestText('GET', '/me', senderOf(60).fields)
    const answers = await exchange(port, `${senders.map(({ fields }) => keptAlive(fields)).join('')}${last}`)
    expect(parseAnswers(answers).map(outcomeOf)).toEqual([...senders, senderOf(60)].map(({ outcome }) => outcome))
  })

  it('a refusal leaves a connection whose body nobody read in order', async () => {
    const port = await start({ authentication: 'required' })
    const body = 'GET /public HTTP/1.1\r\n\r\n'.repeat(20)
    const fields = `Content-Type: text/plain\r\nContent-Length: ${body.length}`
    const post = `POST /me HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\n${body}`
    const answers = await exchange(port, `${post}${requestText('GET', '/me', senderOf(0).fields)}`)
    expect(parseAnswers(answers).map(outcomeOf)).toEqual(['token_missing', 'user-0'])
  })

  const results = [false, true, undefined] // accepted, refused, and nobody knows
  const places = [
    ['while its token is checked', (gate: Gate) => ({ verifier: { ...verifier, isRevoked: heldCheck(gate) } })],
    ['while the application works', (gate: Gate) => ({ meanwhile: async () => void (await gate.hold()) })],
  ] as const

  it.each(places)('a request that is aborted %s harms nobody', async (_when, held) => {
    const gate = new Gate()
    const port = await start(held(gate))
    const sockets = await Promise.all(Array.from({ length: 30 }, async () => sendAndStay(port)))
    await gate.holding(sockets.length)
    await Promise.all(sockets.map(async (socket) => once(socket.resetAndDestroy(), 'close')))
    gate.open()
    const answer = await exchange(port, requestText('GET', '/me', senderOf(0).fields))
    expect(outcomeOf(parseAnswer(answer))).toBe('user-0')
  })

  function heldCheck(gate: Gate): RevocationCheck {
    return (async () => {
      const index = await gate.hold()
      return index === undefined ? false : results[index % results.length]
    }) as RevocationCheck
  }
})

interface Sender {
  readonly fields: readonly string[]
  readonly outcome: string
}

/** In turn: a sender of its own, nobody, another sender, somebody with a bad token. */
function senderOf(index: number): Sender {
  if (index % 4 === 1) return { fields: [], outcome: 'anonymous' }
  if (index % 4 === 3) return { fields: ['Authorization: Bearer bad'], outcome: 'token_malformed' }
  return { fields: [authorization(issuer.sign({ sub: `user-${index}` }))], outcome: `user-${index}` }
}

/** The subject, `anonymous`, or the code of the refusal. */
function outcomeOf({ body }: RawAnswer): unknown {
  const answer = JSON.parse(body) as { readonly code?: string; readonly auth?: Auth | null; readonly steady?: boolean }
  if (answer.code !== undefined) return answer.code
  if (answer.steady !== true) return 'changed on the way'
  return answer.auth === null ? 'anonymous' : answer.auth?.claims.sub
}

function keptAlive(fields: readonly string[]): string {
  return requestText('GET', '/me', fields).replace('Connection: close', 'Connection: keep-alive')
}

async function nextAnswer(socket: Socket): Promise<RawAnswer> {
  let text = ''
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [string]
    text += chunk
    try {
      return parseAnswer(text)
    } catch (error) {
      // Not whole yet; the time limit of the test ends what never will be.
      if (!String(error).includes('no answer')) throw error
    }
  }
}

/** A connection that has sent a good request. */
async function sendAndStay(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  await once(socket, 'connect')
  socket.write(requestText('GET', '/me', [authorization(issuer.sign())]))
  return socket
}

/** Holds all that come, until it is opened for good. */
class Gate {
  #held = 0
  #isOpen = false
  readonly #watchers = new EventEmitter()

  /** The number of those that were held before; `undefined` for who finds it open. */
  async hold(): Promise<number | undefined> {
    if (this.#isOpen) return undefined
    const index = this.#held++
    this.#watchers.emit('held')
    await once(this.#watchers.setMaxListeners(0), 'open')
    return index
  }

  /** Resolves when so many are held. */
  async holding(count: number): Promise<void> {
    while (this.#held < count) await once(this.#watchers, 'held')
  }

  open(): void {
    this.#isOpen = true
    this.#watchers.emit('open')
  }
}
