// The story of the demo on NestJS, and what the same example promises over GraphQL and WebSockets.
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unsigned } from '../../examples/demo/forge.ts'
import { openStage, type Stage } from '../../examples/demo/stage.ts'
import { testStory } from './test-story.ts'

testStory('NestJS', 'nestjs')

let stage: Stage

beforeAll(async () => (stage = await openStage('nestjs')), 30_000)
afterAll(async () => stage.close())

test('a route without a rule needs a good token all the same', async () => {
  const me = async (token: string): Promise<readonly unknown[]> => {
    const response = await fetch(`${stage.api.url()}/me`, { headers: { authorization: `Bearer ${token}` } })
    return [response.status, await response.json()]
  }
  expect(await me(stage.tokens.billing)).toMatchObject([401, { code: 'audience_mismatch' }])
  expect(await me(stage.tokens.reader)).toEqual([200, { sub: 'reader' }])
})

interface GraphqlAnswer {
  readonly data?: unknown
  readonly errors?: readonly { readonly path: readonly string[]; readonly extensions: { readonly code: string } }[]
}

/** What it gave, and each error as its path and its code. */
async function graphql(query: string, token?: string): Promise<readonly [data: unknown, errors: readonly string[]]> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const body = JSON.stringify({ query })
  const response = await fetch(`${stage.api.url()}/graphql`, { method: 'POST', headers, body })
  const { data, errors = [] } = (await response.json()) as GraphqlAnswer
  // And no stack.
  for (const { extensions } of errors) expect(Object.keys(extensions)).toEqual(['code', 'status'])
  return [data, errors.map(({ path, extensions }) => `${path.join('.')}: ${extensions.code}`)]
}

describe('a resolver on NestJS and a real OpenID provider', () => {
  const order = { id: '8', item: 'coffee' }

  test('a query without a token is refused', async () => {
    expect(await graphql('{ orders { id } }')).toEqual([null, ['orders: token_missing']])
  })

  test('a query with a bad token is refused', async () => {
    const token = unsigned(stage.tokens.reader)
    expect(await graphql('{ orders { id } }', token)).toEqual([null, ['orders: algorithm_not_allowed']])
  })

  test('a query with a good token is answered', async () => {
    const [data, errors] = await graphql('{ orders { id item } }', stage.tokens.reader)
    expect([data, errors]).toEqual([{ orders: expect.arrayContaining([order]) }, []])
  })

  test('a field without the permission is null, and the rest of the order is there', async () => {
    const [data, errors] = await graphql('{ orders { id item customer } }', stage.tokens.readerEc)
    expect(data).toEqual({ orders: expect.arrayContaining([{ ...order, customer: null }]) })
    expect(errors).toContain('orders.0.customer: permission_denied')
  })

  test('a field with the permission is shown', async () => {
    const [data, errors] = await graphql('{ orders { id item customer } }', stage.tokens.editor)
    expect([data, errors]).toEqual([{ orders: expect.arrayContaining([{ ...order, customer: 'Bob' }]) }, []])
  })

  const deletion = 'mutation { deleteOrder(id: "7") }'

  test('a mutation without the permission does nothing', async () => {
    expect(await graphql(deletion, stage.tokens.reader)).toEqual([null, ['deleteOrder: permission_denied']])
  })

  test('a mutation with the permission does it', async () => {
    expect(await graphql(deletion, stage.tokens.editor)).toEqual([{ deleteOrder: true }, []])
  })
})

/** What a message is answered with, be it the value or the exception. */
async function ask(options: Parameters<typeof io>[1], event: string, data?: string): Promise<unknown> {
  const socket = io(stage.api.url(), { forceNew: true, ...options })
  try {
    const exception = new Promise((resolve) => socket.once('exception', resolve))
    return await Promise.race([socket.timeout(5000).emitWithAck(event, data), exception])
  } finally {
    socket.disconnect()
  }
}

describe('a gateway on NestJS and a real OpenID provider', () => {
  const refused = (code: string): unknown => ({ status: 'error', code, message: expect.any(String) })
  const orders = expect.arrayContaining([{ id: '8', item: 'coffee' }])

  test('a message without a token is refused', async () => {
    expect(await ask({}, 'orders')).toEqual(refused('token_missing'))
  })

  test('a message with a token for another API is refused', async () => {
    expect(await ask({ auth: { token: stage.tokens.billing } }, 'orders')).toEqual(refused('audience_mismatch'))
  })

  test.each(['websocket', 'polling'])('a message with a good token is answered, over %s', async (transport) => {
    const options = { transports: [transport] }
    const token = stage.tokens.reader
    expect(await ask({ ...options, auth: { token } }, 'orders')).toEqual(orders)
    const extraHeaders = { authorization: `Bearer ${token}` }
    expect(await ask({ ...options, extraHeaders }, 'orders')).toEqual(orders)
    expect(await ask({ ...options, extraHeaders, auth: { token } }, 'orders')).toEqual(refused('multiple_tokens'))
  })

  test('a message whose rule the token does not meet does nothing', async () => {
    const auth = { token: stage.tokens.reader }
    expect(await ask({ auth }, 'deleteOrder', '8')).toEqual(refused('permission_denied'))
    expect(await ask({ auth }, 'orders')).toEqual(orders)
  })

  test('a message whose rule the token meets does it', async () => {
    expect(await ask({ auth: { token: stage.tokens.editor } }, 'deleteOrder', 'none')).toBe(false)
  })
})

test('no token and no stack is ever written to the output of the API', () => {
  expect(stage.api.output()).toContain('listening on http://127.0.0.1:')
  expect(stage.api.output()).not.toMatch(/eyJ|\n\s+at /)
})
