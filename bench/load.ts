// Requests over connections that stay open, each sent when the one before is answered.
import { Agent, get } from 'node:http'

/** @param tokens - taken in turn; none for requests without a token */
export async function load(url: string, requests: number, tokens: readonly string[]): Promise<void> {
  const connections = 16
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let next = 0
  const run = async (): Promise<void> => {
    while (next < requests) {
      const token = tokens[next++ % Math.max(1, tokens.length)]
      await send(url, agent, token)
    }
  }
  await Promise.all(Array.from({ length: connections }, run))
  agent.destroy()
}

async function send(url: string, agent: Agent, token: string | undefined): Promise<void> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  await new Promise<void>((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      response.resume()
      response.once('error', reject)
      response.once('end', () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`${url} answered ${response.statusCode}`))
      })
    }).once('error', reject)
  })
}
