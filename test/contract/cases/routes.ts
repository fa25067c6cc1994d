// Methods, routes that are not there, routers in routers, and handlers that fail behind us.
import { alice, anonymous, authorization, good, granted, guarded, type Case } from '../case.ts'

const fields = [authorization(granted)]

export const routes: readonly Case[] = [
  {
    title: 'a route before authentication',
    setup: 'required',
    target: '/public',
    expected: { status: 200, json: { public: true } },
  },
  {
    title: 'a bad token on a route before authentication',
    setup: 'required',
    target: '/public',
    fields: ['Authorization: Bearer bad'],
    expected: { status: 200, json: { public: true } },
  },

  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'].flatMap((method): Case[] => [
    { title: `${method} with a good token`, setup: 'required', method, fields: [authorization(good)], expected: alice },
    { title: `${method} without a token`, setup: 'required', method, expected: { code: 'token_missing' } },
    {
      title: `${method} with a bad token`,
      setup: 'optional',
      method,
      fields: [authorization('Canary7f3a')],
      expected: { code: 'token_malformed' },
    },
    {
      title: `${method} at a guard`,
      setup: 'required',
      method,
      target: guarded('a-scope-too-many'),
      fields,
      expected: { code: 'permission_denied', scope: 'admin orders' },
    },
    {
      title: `${method} at a guard without authentication`,
      setup: 'none',
      method,
      target: guarded('permission'),
      fields,
      expected: { code: 'authentication_not_run' },
    },
  ]),
  { title: 'HEAD without a token where that is allowed', setup: 'optional', method: 'HEAD', expected: anonymous },
  {
    title: 'a preflight request: CORS has to be mounted before',
    setup: 'required',
    method: 'OPTIONS',
    fields: ['Origin: https://app.example.com', 'Access-Control-Request-Method: DELETE'],
    expected: { code: 'token_missing' },
  },
  {
    title: 'a body that nobody reads',
    setup: 'required',
    method: 'POST',
    fields: ['Content-Type: text/plain'], // Without a type, Fastify would answer before the guard: 415.
    body: 'Canary7f3a'.repeat(10_000),
    expected: { code: 'token_missing' },
  },

  { title: 'a route that is not there', setup: 'required', target: '/nowhere', fields, expected: { status: 404 } },
  {
    title: 'a route that is not there, without a token',
    setup: 'required',
    target: '/nowhere',
    expected: { code: 'token_missing' },
  },
  { title: 'a route that is not there, anonymous', setup: 'optional', target: '/nowhere', expected: { status: 404 } },
  {
    title: 'a route that is not there, without authentication',
    setup: 'none',
    target: '/nowhere',
    fields,
    expected: { status: 404 },
  },
  {
    title: 'HEAD of a route that is not there',
    setup: 'required',
    method: 'HEAD',
    target: '/nowhere',
    fields,
    expected: { status: 404 },
  },

  {
    title: 'a mounted router',
    setup: 'required',
    target: '/mounted/orders/7',
    fields,
    expected: { status: 200, json: { id: '7' } },
  },
  {
    title: 'a mounted router without a token',
    setup: 'required',
    target: '/mounted/orders/7',
    expected: { code: 'token_missing' },
  },
  {
    title: 'a mounted router without the permission',
    setup: 'required',
    target: '/mounted/orders/7',
    fields: [authorization(good)],
    expected: { code: 'permission_denied' },
  },
  {
    title: 'a mounted router, anonymous',
    setup: 'optional',
    target: '/mounted/orders/7',
    expected: { code: 'token_missing' },
  },
  {
    title: 'a mounted router without authentication',
    setup: 'none',
    target: '/mounted/orders/7',
    fields,
    expected: { code: 'authentication_not_run' },
  },
  {
    title: 'a mounted router that has no such route',
    setup: 'required',
    target: '/mounted/nothing',
    fields,
    expected: { status: 404 },
  },

  { title: 'a handler that fails', setup: 'required', target: '/fails', fields, expected: { status: 500 } },
  { title: 'a handler that fails, anonymous', setup: 'optional', target: '/fails', expected: { status: 500 } },
  {
    title: 'a handler that fails, without a token',
    setup: 'required',
    target: '/fails',
    expected: { code: 'token_missing' },
  },
  {
    title: 'a handler whose error has a status and headers',
    setup: 'required',
    target: '/teapot',
    fields,
    expected: { status: 418, line: 'X-Teapot: yes' },
  },
  {
    title: 'a handler whose error only looks like ours',
    setup: 'required',
    target: '/unauthorised',
    fields,
    expected: { status: 401 },
  },
  {
    title: 'a handler that is refused another token',
    setup: 'required',
    target: '/verifies',
    fields,
    expected: { code: 'token_expired' },
  },
  {
    title: 'a handler that is refused another token, anonymous',
    setup: 'optional',
    target: '/verifies',
    expected: { code: 'token_expired' },
  },
  {
    title: 'a handler that has begun another body',
    setup: 'optional',
    target: '/begun',
    expected: { code: 'authentication_not_run' },
  },
]
