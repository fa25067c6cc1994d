// How credentials stand in a request: RFC 6750 section 2.1 in the grammar of RFC 9110 section 11.
import { alice, anonymous, authorization, good, type Case, type Expected } from '../case.ts'

type Line = readonly [title: string, ...fields: string[]]

const accepted: readonly Line[] = [
  ['Bearer and a token', `Authorization: Bearer ${good}`],
  ['bearer in lower case', `Authorization: bearer ${good}`],
  ['BEARER in upper case', `Authorization: BEARER ${good}`],
  ['bEaReR in mixed case', `Authorization: bEaReR ${good}`],
  ['the name of the field in lower case', `authorization: Bearer ${good}`],
  ['the name of the field in upper case', `AUTHORIZATION: Bearer ${good}`],
  ['two blanks behind the scheme', `Authorization: Bearer  ${good}`],
  ['twenty blanks behind the scheme', `Authorization: Bearer${' '.repeat(20)}${good}`],
  ['no blank behind the colon', `Authorization:Bearer ${good}`],
  ['blanks and a tab around the value', `Authorization: \t Bearer ${good} `],
  ['the token of another field beside it', `Proxy-Authorization: Bearer bad`, `Authorization: Bearer ${good}`],
]

/** 401 without an error name, and anonymous where that is allowed: nobody tried to use a bearer token. */
const missing: readonly Line[] = [
  ['no field at all'],
  ['an empty field', 'Authorization:'],
  ['a field of blanks', 'Authorization:    '],
  ['Basic', 'Authorization: Basic Q2FuYXJ5OkNhbmFyeTdmM2E='],
  ['Digest', 'Authorization: Digest username="Canary7f3a", realm="Canary7f3a"'],
  ['DPoP', `Authorization: DPoP ${good}`],
  ['Negotiate without a token', 'Authorization: Negotiate'],
  ['a scheme that begins with Bearer', `Authorization: BearerX ${good}`],
  ['a scheme that ends with Bearer', `Authorization: X-Bearer ${good}`],
  ['no blank between Bearer and the token', `Authorization: Bearer${good}`],
  ['a token without a scheme', `Authorization: ${good}`],
  ['another scheme, then Bearer behind a comma', `Authorization: Basic Q2FuYXJ5, Bearer ${good}`],
  ['a token in Proxy-Authorization', `Proxy-Authorization: Bearer ${good}`],
  ['a token in X-Authorization', `X-Authorization: Bearer ${good}`],
  ['a token in a cookie that nobody named', `Cookie: access_token=${good}; authorization=Bearer ${good}`],
]

const malformed: readonly Line[] = [
  ['Bearer alone', 'Authorization: Bearer'],
  ['Bearer and a blank', 'Authorization: Bearer '],
  ['bearer and three blanks', 'Authorization: bearer   '],
  ['a tab behind Bearer', `Authorization: Bearer\t${good}`],
  ['a blank and a tab behind Bearer', `Authorization: Bearer \t${good}`],
  ['a tab within the token', `Authorization: Bearer ${good.replace('.', '\t')}`],
  ['a blank within the token', `Authorization: Bearer ${good.replace('.', ' ')}`],
  ['two tokens', `Authorization: Bearer ${good} ${good}`],
  ['two tokens, joined by a comma', `Authorization: Bearer ${good}, Bearer ${good}`],
  ['two tokens, joined by a bare comma', `Authorization: Bearer ${good},${good}`],
  ['Bearer twice', `Authorization: Bearer Bearer ${good}`],
  ['Bearer, then another scheme behind a comma', `Authorization: Bearer ${good}, Basic Q2FuYXJ5`],
  ['a comma behind the token', `Authorization: Bearer ${good},`],
  ['a comma behind Bearer', `Authorization: Bearer, ${good}`],
  ['a comma before Bearer', `Authorization: , Bearer ${good}`],
  ['a colon behind Bearer', `Authorization: Bearer: ${good}`],
  ['an equals sign behind Bearer', `Authorization: Bearer=${good}`],
  ['a token as a parameter', `Authorization: Bearer token="${good}"`],
  ['a token in quotes', `Authorization: Bearer "${good}"`],
  ['a token in angle brackets', `Authorization: Bearer <${good}>`],
  ['an equals sign within the token', 'Authorization: Bearer Canary=7f3a'],
  ['equals signs alone', 'Authorization: Bearer ==='],
  ['a byte beyond ASCII', 'Authorization: Bearer Canary\u00e97f3a'],
  ['markup', 'Authorization: Bearer <script>Canary7f3a</script>'],
  ['a challenge of its own', 'Authorization: Bearer Canary7f3a", error="Canary7f3a'],
  ['an escaped line end', 'Authorization: Bearer %0d%0aCanary7f3a:%20yes'],
]

/** More than one set of credentials: which one would be meant? */
const multiple: readonly Line[] = [
  ['two good fields', authorization(good), authorization(good)],
  ['two fields, one named in lower case', authorization(good), `authorization: Bearer ${good}`],
  ['three fields', authorization(good), authorization(good), authorization(good)],
  ['another scheme, then Bearer in a second field', 'Authorization: Basic Q2FuYXJ5', authorization(good)],
  ['Bearer, then another scheme in a second field', authorization(good), 'Authorization: Basic Q2FuYXJ5'],
  ['an empty field, then a good one', 'Authorization:', authorization(good)],
  ['a good field, then an empty one', authorization(good), 'Authorization:'],
  ['two fields that are far apart', authorization(good), 'Accept: */*', 'X-Trace: 1', authorization(good)],
  ['two fields of other schemes', 'Authorization: Basic Q2FuYXJ5', 'Authorization: Digest Q2FuYXJ5'],
]

/** Tokens by the grammar, but no JWT: the verifier's business. */
const noJwt: readonly Line[] = [
  ['an opaque token', 'Authorization: Bearer Canary7f3a'],
  ['an opaque token with padding', 'Authorization: Bearer Q2FuYXJ5N2YzYQ=='],
  ['every character that a token may have', 'Authorization: Bearer aZ09-._~+/=='],
  ['a token of 16,385 characters', `Authorization: Bearer ${'Canary7f'.repeat(2048)}x`],
  ['a token of 50,000 characters', `Authorization: Bearer ${'Canary7f'.repeat(6250)}`],
  ['a token of 20,000 dots', `Authorization: Bearer ${'.'.repeat(20_000)}`],
]

/** What Node answers by itself. */
const notHttp: readonly (readonly [number, ...Line])[] = [
  [400, 'a blank before the colon', `Authorization : Bearer ${good}`],
  [400, 'a NUL within the token', `Authorization: Bearer Canary\u00007f3a`],
  [400, 'a carriage return within the token', `Authorization: Bearer Canary\r7f3a`],
  [431, 'more header than the server takes', `Authorization: Bearer ${'Canary7f'.repeat(10_000)}`],
]

export const headerGrammar: readonly Case[] = [
  ...linesFor('required', accepted, alice),
  ...linesFor('required', missing, { code: 'token_missing' }),
  ...linesFor('required', malformed, { code: 'request_malformed' }),
  ...linesFor('required', multiple, { code: 'multiple_tokens' }),
  ...linesFor('required', noJwt, { code: 'token_malformed' }),
  ...linesFor('optional', accepted, alice),
  ...linesFor('optional', missing, anonymous),
  ...linesFor('optional', malformed, { code: 'request_malformed' }),
  ...linesFor('optional', multiple, { code: 'multiple_tokens' }),
  ...linesFor('optional', noJwt, { code: 'token_malformed' }),
  ...notHttp.flatMap(([status, ...line]) => linesFor('required', [line], { status })),

  {
    title: 'a token in the query',
    setup: 'required',
    target: `/me?access_token=${good}&token=${good}`,
    expected: { code: 'token_missing' },
  },
  {
    title: 'a token in a form',
    setup: 'required',
    method: 'POST',
    fields: ['Content-Type: application/x-www-form-urlencoded'],
    body: `access_token=${good}`,
    expected: { code: 'token_missing' },
  },
]

function linesFor(setup: 'required' | 'optional', lines: readonly Line[], expected: Expected): readonly Case[] {
  return lines.map(([title, ...fields]) => ({ title, setup, fields, expected }))
}
