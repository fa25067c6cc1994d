// An HTTP server on this machine that counts, plays scripted answers, and fails on command.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers one request. */
export type Responder = (request: IncomingMessage, response: ServerResponse) => void

/** How an issuer fails: no connection at all, no answer, or an answer with an error status. */
export type Outage = 'refuse' | 'hang' | 'status'

export class LoopbackServer {
  /** By path. What is not in it is answered with 404. */
  readonly responders: Map<string, Responder> = new Map()
  /** How often each path was asked for, whatever the answer. */
  readonly counts: Map<string, number> = new Map()
  readonly #server = createServer((request, response) => this.#receive(request, response))
  /** In place of all responders, during an outage. */
  #failing: Responder | undefined
  /** Requests that hang. */
  #held: Parameters<Responder>[] = []
  #port = 0

  constructor() {
    // A test that forgets close() must still come to its end: neither the server nor its connections hold the process.
    this.#server.unref()
    this.#server.on('connection', (socket) => socket.unref())
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** On a free port the first time, after {@link LoopbackServer.close} on the same one again. */
  async listen(): Promise<void> {
    if (this.#server.listening) return
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async fail(outage: Outage, status: number): Promise<void> {
    if (outage === 'refuse') return this.close()
    this.#behave(outage === 'hang' ? (...exchange) => this.#held.push(exchange) : answer(status))
    await this.listen()
  }

  async recover(): Promise<void> {
    this.#behave(undefined)
    await this.listen()
  }

  /** Ends all connections, also those with requests that hang. */
  async close(): Promise<void> {
    this.#held = []
    // Its error only says that it did not listen.
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request)
    this.counts.set(path, (this.counts.get(path) ?? 0) + 1)
    this.#respond(request, response)
  }

  #respond(...exchange: Parameters<Responder>): void {
    const respond = this.#failing ?? this.responders.get(pathOf(exchange[0])) ?? answer(404)
    respond(...exchange)
  }

  /** Requests that hang until now get the new behaviour too. */
  #behave(failing: Responder | undefined): void {
    this.#failing = failing
    const held = this.#held
    this.#held = []
    for (const exchange of held) this.#respond(...exchange)
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.replace(/\?.*/, '')
}

function answer(status: number): Responder {
  return (_request, response) => void response.writeHead(status).end()
}
