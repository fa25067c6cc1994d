// The same tests on Koa 2 and Koa 3, on real servers.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import Koa3 from 'koa'
// @ts-expect-error: there is one set of types, and what these tests use is the same in both
import Koa2 from 'koa2'

interface Framework {
  readonly name: string
  /** What to import. */
  readonly module: string
  readonly create: () => Koa3
}

export const frameworks: readonly Framework[] = [
  { name: 'Koa 2', module: 'koa2', create: () => new (Koa2 as typeof Koa3)() },
  { name: 'Koa 3', module: 'koa', create: () => new Koa3() },
]

export interface Asked {
  readonly path?: string
  readonly method?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Sends one request to the application, on a server of its own. */
export async function ask(app: Koa3, asked: Asked = {}): Promise<Answer> {
  const { origin, close } = await serve(app)
  try {
    return await send(origin, asked)
  } finally {
    close()
  }
}

export async function serve(app: Koa3): Promise<{ readonly origin: string; readonly close: () => void }> {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

export async function send(
  origin: string,
  { path = '/', method = 'GET', token, headers = {} }: Asked,
): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(new URL(path, origin), { method, headers: { ...headers, ...authorization } })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** The code of a problem. */
export function codeOf({ text }: Answer): unknown {
  return (JSON.parse(text) as { readonly code?: unknown }).code
}
