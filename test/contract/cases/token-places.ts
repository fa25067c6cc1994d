// Where a token may be: of several places, exactly one may hold it.
import { alice, anonymous, authorization, good, type Case, type Expected } from '../case.ts'

const field = authorization(good)
const cookie = `Cookie: theme=dark; __Host-session=${good}; lang=de`
const header = `X-Access-Token: ${good}`

type Line = readonly [title: string, fields: readonly string[], expected: Expected]

const lines: readonly Line[] = [
  ['a token in the Authorization field', [field], alice],
  ['a token in a cookie', [cookie], alice],
  ['a token in a cookie in quotes', [`Cookie: __Host-session="${good}"`], alice],
  ['a token in another header', [header], alice],
  ['a token in a cookie beside another scheme', [cookie, 'Authorization: Basic Q2FuYXJ5'], alice],
  ['an empty cookie beside a token', [field, 'Cookie: __Host-session='], alice],

  ['a token in field and cookie', [field, cookie], { code: 'multiple_tokens' }],
  [
    'a token in field and cookie, of which one is bad',
    [field, 'Cookie: __Host-session=bad'],
    { code: 'multiple_tokens' },
  ],
  ['a token in field and header', [field, header], { code: 'multiple_tokens' }],
  ['a token in cookie and header', [cookie, header], { code: 'multiple_tokens' }],
  ['a token in all places', [field, cookie, header], { code: 'multiple_tokens' }],
  ['one cookie twice', ['Cookie: __Host-session=Canary7f3a; __Host-session=Canary7f3b'], { code: 'multiple_tokens' }],
  [
    'one cookie in two fields',
    ['Cookie: __Host-session=Canary', 'Cookie: __Host-session=b'],
    { code: 'multiple_tokens' },
  ],
  ['another header twice', [header, header], { code: 'multiple_tokens' }],
  ['two Authorization fields', [field, field], { code: 'multiple_tokens' }],

  ['a malformed cookie', ['Cookie: __Host-session=Canary 7f3a'], { code: 'request_malformed' }],
  ['a malformed cookie beside a token', [field, 'Cookie: __Host-session=Canary 7f3a'], { code: 'request_malformed' }],
  ['a scheme in another header', [`X-Access-Token: Bearer ${good}`], { code: 'request_malformed' }],
  ['a bad token in a cookie', ['Cookie: __Host-session=Canary7f3a'], { code: 'token_malformed' }],
  ['a bad token in another header', ['X-Access-Token: Canary7f3a'], { code: 'token_malformed' }],
]

const nothing: readonly (readonly [title: string, fields: readonly string[]])[] = [
  ['no token in any place', []],
  ['other cookies and another scheme', ['Cookie: session=Canary7f3a', 'Authorization: Basic Q2FuYXJ5']],
]

export const tokenPlaces: readonly Case[] = [
  ...(['required, several places', 'optional, several places'] as const).flatMap((setup) =>
    lines.map(([title, fields, expected]) => ({ title, setup, fields, expected })),
  ),
  ...nothing.flatMap(([title, fields]): Case[] => [
    { title, setup: 'required, several places', fields, expected: { code: 'token_missing' } },
    { title, setup: 'optional, several places', fields, expected: anonymous },
  ]),
  ...[field, header, cookie].map((line): Case => {
    const title = `a token in a place that was not named: ${line.split(':')[0]}`
    return { title, setup: 'required, cookie only', fields: [line], expected: { code: 'token_missing' } }
  }),
  {
    title: 'a token in the one place',
    setup: 'required, cookie only',
    fields: [`Cookie: session=${good}`],
    expected: alice,
  },
]
