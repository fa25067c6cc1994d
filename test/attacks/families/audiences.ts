// Tokens for another audience, whose name nearly is the right one.
import { audience, mint } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

/** Names are compared as they are, without any transformation. */
const exact = 'RFC 7519 section 2 (StringOrURI), RFC 8725 section 3.9'
const type = 'RFC 7519 section 4.1.3'
const empty = 'RFC 7519 section 4.1.3, CVE-2020-26160 (jwt-go)'

/** What is wrong with it, the name, and where else it is from. */
const strangers: readonly (readonly [name: string, aud: string, source?: string])[] = [
  ['empty', ''],
  ['a part of the right one', 'api.example.com'],
  ['one letter of the right one', 'h'],
  ['the begin of the right one', 'https://api.example.co'],
  ['the end of the right one', 'ttps://api.example.com'],
  ['the right one with a domain behind it', `${audience}.evil.example`],
  ['the right one with a path behind it', `${audience}/evil`],
  ['the right one in a path', `https://evil.example/${audience}`],
  ['the right one in a query', `https://evil.example/?${audience}`],
  ['the right one twice, with a blank', `${audience} ${audience}`],
  ['the right one and another, with a comma', `${audience},https://evil.example`],
  ['another and the right one, with a blank', `https://evil.example ${audience}`],
  ['a list in a text', `["${audience}"]`],
  ['in upper case', audience.toUpperCase()],
  ['with a letter in upper case', 'https://Api.example.com'],
  ['with the scheme http', 'http://api.example.com'],
  ['without a scheme', '//api.example.com'],
  ['with a slash at the end', `${audience}/`, 'RFC 3986 section 6.2.3'],
  ['with a dot at the end', `${audience}.`],
  ['with the default port', `${audience}:443`, 'RFC 3986 section 6.2.3'],
  ['with an empty fragment', `${audience}#`, 'RFC 3986 section 6.2.3'],
  ['as userinfo of another', `${audience}@evil.example`, 'RFC 3986 section 7.6'],
  ['with userinfo', 'https://evil@api.example.com', 'RFC 3986 section 7.6'],
  ['with a percent-encoded letter', 'https://%61pi.example.com', 'RFC 3986 section 6.2.2.2'],
  ['percent-encoded', encodeURIComponent(audience), 'RFC 3986 section 6.2.2.2'],
  ['with a Cyrillic a', 'https://\u0430pi.example.com', 'UTS 39 section 4'],
  ['with a full-width letter', 'https://\uFF41pi.example.com', 'UAX 15 (NFKC)'],
  ['with a zero width space', `${audience}\u200B`, 'UTS 46 section 4'],
  ['in punycode', 'https://xn--pi-6kc.example.com', 'RFC 3492'],
  ['with a NUL at the end', `${audience}\0`, 'CWE-158'],
  ['with a NUL and another behind it', `${audience}\0.evil.example`, 'CWE-158'],
  ['with a line feed at the end', `${audience}\n`, 'CWE-93'],
  ['with a line of another', `https://evil.example\r\n${audience}`, 'CWE-93'],
  ['with a blank at the end', `${audience} `],
  ['with a blank at the begin', ` ${audience}`],
  ['any', '*', 'CWE-625'],
  ['a pattern of a file name', 'https://*.example.com', 'CWE-625'],
  ['a name of every object', '__proto__', 'CWE-1321'],
  ['the issuer', 'https://id.example.com'],
]

const otherTypes: readonly (readonly [name: string, aud: unknown])[] = [
  ['a list in a list', [[audience]]],
  ['the right one beside a list with it', [audience, [audience]]],
  ['the right one beside a number', [audience, 1]],
  ['a number before the right one', [1, audience]],
  ['the right one beside null', [audience, null]],
  ['the right one beside an object', [audience, {}]],
  ['a list of null', [null]],
  ['an object with the right one', { aud: audience }],
  ['an object like a list', { 0: audience, length: 1 }],
  ['an object that has the right one as a name', { [audience]: true }],
  ['an empty object', {}],
  ['a number', 1],
  ['zero', 0],
  ['true', true],
  ['null', null],
]

const lists: readonly (readonly [name: string, aud: readonly string[], code: Attack['code'], source?: string])[] = [
  ['an empty list', [], 'audience_mismatch', empty],
  ['a list with an empty name', [''], 'audience_mismatch', empty],
  ['a list with another', ['https://evil.example'], 'audience_mismatch'],
  ['a list of the letters', audience.split(''), 'audience_mismatch'],
  ['a list of nearly right ones', [`${audience}/`, audience.toUpperCase(), ` ${audience}`], 'audience_mismatch'],
  ['a list with only the right one', [audience], 'accepted'],
  ['a list with the right one last', ['https://other.example', audience], 'accepted'],
  ['a list with the right one twice', [audience, audience], 'accepted'],
]

/** An API with two names. */
const twoNames = { audience: [audience, 'orders'] }

export const audiences: Family = {
  about: 'tokens for another audience, whose name nearly is the right one',
  attacks: [
    ...strangers.map(([name, aud, source = exact]): Attack => {
      return { name: `aud: ${name}`, source, token: () => mint({ aud }), code: 'audience_mismatch' }
    }),
    ...otherTypes.map(([name, aud]): Attack => {
      return { name: `aud: ${name}`, source: type, token: () => mint({ aud }), code: 'claim_invalid' }
    }),
    ...lists.map(([name, aud, code, source = type]): Attack => {
      return { name: `aud: ${name}`, source, token: () => mint({ aud }), code }
    }),
    {
      name: 'aud: both names of the API in one text',
      source: exact,
      token: () => mint({ aud: `${audience},orders` }),
      code: 'audience_mismatch',
      options: twoNames,
    },
    {
      name: 'aud: a part of the second name of the API',
      source: exact,
      token: () => mint({ aud: 'order' }),
      code: 'audience_mismatch',
      options: twoNames,
    },
    {
      name: 'aud: the second name of the API',
      source: type,
      token: () => mint({ aud: 'orders' }),
      code: 'accepted',
      options: twoNames,
    },
    { name: 'aud: missing', source: type, token: () => mint({ aud: undefined }), code: 'claim_missing' },
    {
      name: 'aud: missing, but inherited',
      source: `${type}, CWE-1321`,
      token: () => mint({ aud: undefined, ['__proto__']: { aud: audience } }),
      code: 'claim_missing',
    },
    {
      name: 'aud: another, the right one in the header',
      source: 'RFC 7519 section 5.3',
      token: () => mint({ aud: 'https://evil.example' }, { header: { aud: audience } }),
      code: 'audience_mismatch',
    },
    {
      name: 'aud: another, the right one in azp',
      source: 'OpenID Connect Core 1.0 section 2',
      token: () => mint({ aud: 'https://evil.example', azp: audience, client_id: audience }),
      code: 'audience_mismatch',
    },
    { name: 'aud: the right one', source: type, token: () => mint(), code: 'accepted' },
  ],
}
