// What each implementation is asked for: claims as they are found in the wild, under each of its algorithms.
import { audience, issuer } from '../support/mint.ts'
import type { Check, Minter, Order, TokenOrder } from './minter.ts'

/** Seconds since 1970: the real time, for most implementations know no other. */
const now = Math.floor(Date.now() / 1000)

const times = { iat: now, nbf: now, exp: now + 3600 }

const wanted: readonly Omit<TokenOrder, 'alg'>[] = [
  {
    about: 'the header as it is written by default, `aud` as a string',
    kid: false,
    claims: { iss: issuer, aud: audience, sub: 'alice', ...times },
  },
  {
    about: '`kid`, `typ` of an access token, `aud` as a list, the times first',
    kid: true,
    typ: 'at+jwt',
    claims: {
      ...times,
      scope: 'orders:read orders:delete',
      permissions: ['orders:read'],
      sub: 'alice',
      aud: ['https://other.example.com', audience],
      iss: issuer,
    },
  },
  {
    about: 'no `typ`, and text beyond ASCII, in names too',
    kid: true,
    typ: null,
    claims: {
      iss: issuer,
      aud: audience,
      sub: 'alice',
      ...times,
      name: 'Zoë Ωmega 林檎 😀',
      città: 'Łódź',
      escapes: '"quoted" \\ / <b>&amp;</b> \'',
      control: '\b\f\n\r\t\u0001\u007f\u2028\u2029\ufeff',
    },
  },
  {
    about: 'times with fractions',
    kid: false,
    typ: 'JWT',
    claims: { iss: issuer, aud: audience, sub: 'alice', iat: now - 0.25, nbf: now - 10.125, exp: now + 3600.5 },
  },
  {
    about: 'every kind of JSON value',
    kid: true,
    typ: 'JWT',
    claims: {
      iss: issuer,
      aud: [audience],
      sub: 'alice',
      ...times,
      empty: { object: {}, list: [], text: '' },
      nested: { a: [{ b: [[{ c: null }]] }], yes: true, no: false },
      numbers: [0, -1, 1.5, -0.125, 9_007_199_254_740_991, 1e21],
    },
  },
]

export function orderFor({ algorithms, wholeSeconds }: Minter, checks: readonly Check[]): Order {
  const possible = wholeSeconds === true ? wanted.filter(({ claims }) => Number.isInteger(claims.exp)) : wanted
  return {
    issuer,
    audience,
    algorithms,
    tokens: algorithms.flatMap((alg) => possible.map((token) => Object.assign({ alg }, token))),
    checks: checks.filter(({ alg }) => algorithms.includes(alg)),
  }
}
