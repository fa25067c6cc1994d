// What tests of GraphQL have in common: an application with Apollo, operations over HTTP, and subscriptions over graphql-ws.
import { JwtGateModule, type JwtGateOptions } from '@jwtgate/nestjs'
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo'
import { GraphQLModule } from '@nestjs/graphql'
import type { Type } from '@nestjs/common'
import { createClient } from 'graphql-ws'
// @ts-expect-error: it has no types here, and what is used of it is a constructor
import { WebSocket as UntypedWebSocket } from 'ws'
import { start, type Call, type Platform, type Running } from './application.ts'

type WebSocketClass = new (url: string, protocols: string | string[], options: { headers: object }) => object
const WebSocket = UntypedWebSocket as WebSocketClass

export interface GraphqlError {
  readonly message: string
  readonly path?: readonly string[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

export interface Result {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly GraphqlError[]
}

export interface Connection {
  /** Of the upgrade request. */
  readonly headers?: Readonly<Record<string, string>>
  readonly connectionParams?: unknown
}

/** A connection of graphql-ws, and what comes of a subscription on it: all its results, or its errors. */
export interface Subscriber {
  readonly subscribe: (query: string) => Promise<readonly Result[]>
  readonly close: () => unknown
}

export interface GraphqlRunning extends Running {
  readonly query: (query: string, call?: Call) => Promise<Result>
  readonly connect: (connection?: Connection) => Subscriber
  /** One subscription on a connection of its own. */
  readonly subscribe: (query: string, connection?: Connection) => Promise<readonly Result[]>
}

export interface GraphqlSetup {
  readonly platform: Platform
  readonly resolvers: readonly Type[]
  readonly gate: JwtGateOptions & { readonly guardAllRoutes?: boolean }
  /** For the GraphQL module, over what it is told by default. */
  readonly graphql?: Partial<ApolloDriverConfig>
}

export async function startGraphql({ platform, resolvers, gate, graphql }: GraphqlSetup): Promise<GraphqlRunning> {
  const module = GraphQLModule.forRoot<ApolloDriverConfig>({
    driver: ApolloDriver,
    autoSchemaFile: true,
    fieldResolverEnhancers: ['guards'],
    subscriptions: { 'graphql-ws': true },
    ...graphql,
  })
  const running = await start(
    { imports: [JwtGateModule.forRoot(gate), module], providers: [...resolvers] },
    { platform },
  )

  const query = async (text: string, call: Call = {}): Promise<Result> => {
    const body = JSON.stringify({ query: text })
    const headers = { 'content-type': 'application/json', ...call.headers }
    return (await running.ask('/graphql', { method: 'POST', body, ...call, headers })).body as Result
  }
  const connect = (connection?: Connection): Subscriber =>
    connectTo(`ws://127.0.0.1:${running.port}/graphql`, connection)
  const subscribe = async (text: string, connection?: Connection): Promise<readonly Result[]> => {
    const subscriber = connect(connection)
    try {
      return await subscriber.subscribe(text)
    } finally {
      await subscriber.close()
    }
  }
  return { ...running, query, connect, subscribe }
}

function connectTo(url: string, { headers = {}, connectionParams }: Connection = {}): Subscriber {
  class WebSocketWithHeaders extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      super(address, protocols, { headers })
    }
  }
  const client = createClient({
    url,
    webSocketImpl: WebSocketWithHeaders,
    retryAttempts: 0,
    lazy: true,
    lazyCloseTimeout: 60_000, // The connection outlives its first subscription.
    ...(connectionParams === undefined ? {} : { connectionParams: connectionParams as Record<string, unknown> }),
  })
  const subscribe = async (query: string): Promise<readonly Result[]> => {
    const results: Result[] = []
    try {
      for await (const result of client.iterate({ query })) results.push(result as Result)
    } catch (error) {
      if (!Array.isArray(error)) throw error
      results.push({ errors: error as readonly GraphqlError[] })
    }
    return results
  }
  return { subscribe, close: () => client.dispose() }
}

/** The codes of all errors of a result. */
export function codesOf({ errors = [] }: Result): readonly unknown[] {
  return errors.map(({ extensions }) => extensions?.['code'])
}
