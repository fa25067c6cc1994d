// Tokens of another issuer, whose name nearly is the right one.
import { issuer, mint } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

/** Names are compared as they are, without any transformation. */
const exact = 'RFC 7519 section 2 (StringOrURI), RFC 8725 section 3.8'
const lists = 'RFC 7519 section 4.1.1, CVE-2025-30144 (fast-jwt)'
const type = 'RFC 7519 section 4.1.1'

/** What is wrong with it, the name, and where else it is from. */
const strangers: readonly (readonly [name: string, iss: string, source?: string])[] = [
  ['a part of the right one', 'id.example.com', 'CVE-2024-53861 (PyJWT)'],
  ['one letter of the right one', 'h', 'CVE-2024-53861 (PyJWT)'],
  ['empty', '', 'CVE-2024-53861 (PyJWT)'],
  ['the begin of the right one', 'https://id.example.co', 'CVE-2024-53861 (PyJWT)'],
  ['the end of the right one', 'ttps://id.example.com', 'CVE-2024-53861 (PyJWT)'],
  ['the right one with a domain behind it', `${issuer}.evil.example`, exact],
  ['the right one with a path behind it', `${issuer}/evil`],
  ['the right one in a path', `https://evil.example/${issuer}`],
  ['the right one in a query', `https://evil.example/?${issuer}`],
  ['the right one in a fragment', `https://evil.example/#${issuer}`],
  ['the right one at the end of another domain', 'https://evil-id.example.com'],
  ['a subdomain', 'https://evil.id.example.com'],
  ['the right one twice', `${issuer}${issuer}`],
  ['the right one twice, with a blank', `${issuer} ${issuer}`],
  ['the right one twice, with a comma', `${issuer},${issuer}`],
  ['in upper case', issuer.toUpperCase()],
  ['with a letter in upper case', 'https://id.Example.com'],
  ['with the scheme in upper case', 'HTTPS://id.example.com', 'RFC 3986 section 6.2.2.1'],
  ['with the scheme http', 'http://id.example.com'],
  ['without a scheme', '//id.example.com'],
  ['with a slash at the end', `${issuer}/`, 'RFC 3986 section 6.2.3'],
  ['with two slashes at the end', `${issuer}//`],
  ['with a backslash at the end', `${issuer}\\`],
  ['with a dot at the end', `${issuer}.`],
  ['with a dot segment', `${issuer}/a/..`, 'RFC 3986 section 6.2.2.3'],
  ['with the default port', `${issuer}:443`, 'RFC 3986 section 6.2.3'],
  ['with an empty port', `${issuer}:`, 'RFC 3986 section 6.2.3'],
  ['with an empty query', `${issuer}?`, 'RFC 3986 section 6.2.3'],
  ['with an empty fragment', `${issuer}#`, 'RFC 3986 section 6.2.3'],
  ['as userinfo of another', `${issuer}@evil.example`, 'RFC 3986 section 7.6'],
  ['as userinfo with a password', 'https://id.example.com:443@evil.example', 'RFC 3986 section 7.6'],
  ['with userinfo', 'https://evil@id.example.com', 'RFC 3986 section 7.6'],
  ['with an empty userinfo', 'https://@id.example.com', 'RFC 3986 section 7.6'],
  ['with a percent-encoded letter', 'https://id.%65xample.com', 'RFC 3986 section 6.2.2.2'],
  ['percent-encoded', encodeURIComponent(issuer), 'RFC 3986 section 6.2.2.2'],
  ['with a percent-encoded NUL at the end', `${issuer}%00`, 'RFC 3986 section 7.3'],
  ['with a percent-encoded slash at the end', `${issuer}%2f`, 'RFC 3986 section 6.2.2.2'],
  ['with a Cyrillic a', 'https://id.ex\u0430mple.com', 'UTS 39 section 4'],
  ['with a Cyrillic i', 'https://\u0456d.example.com', 'UTS 39 section 4'],
  ['with a Greek omicron', 'https://id.example.c\u03BFm', 'UTS 39 section 4'],
  ['with a full-width letter', 'https://id.\uFF45xample.com', 'UAX 15 (NFKC)'],
  ['with full-width slashes', 'https:\uFF0F\uFF0Fid.example.com', 'UAX 15 (NFKC)'],
  ['with an ideographic full stop', 'https://id.example\u3002com', 'RFC 3490 section 3.1'],
  ['with a long s', 'http\u017F://id.example.com', 'UAX 15 (NFKC)'],
  ['with a combining mark', 'https://id.e\u0301xample.com', 'UAX 15'],
  ['with a soft hyphen', 'https://id.exam\u00ADple.com', 'UTS 46 section 4'],
  ['with a zero width space', `${issuer}\u200B`, 'UTS 46 section 4'],
  ['with a zero width joiner', 'https://id.exam\u200Dple.com', 'UTS 46 section 4'],
  ['with a byte order mark', `\uFEFF${issuer}`],
  ['with a right-to-left override', `\u202E${issuer}`, 'Unicode TR 36 (bidirectional text)'],
  ['in punycode', 'https://id.xn--exmple-4nf.com', 'RFC 3492'],
  ['in punycode of nothing but ASCII', 'https://id.xn--example-.com', 'RFC 3492'],
  ['with a NUL at the end', `${issuer}\0`, 'CWE-158'],
  ['with a NUL and another behind it', `${issuer}\0.evil.example`, 'CWE-158'],
  ['with a NUL at the begin', `\0${issuer}`, 'CWE-158'],
  ['with a line feed at the end', `${issuer}\n`, 'CWE-93'],
  ['with a carriage return and a line feed at the end', `${issuer}\r\n`, 'CWE-93'],
  ['with a line of another', `https://evil.example\n${issuer}`, 'CWE-93'],
  ['with another line behind it', `${issuer}\nhttps://evil.example`, 'CWE-93'],
  ['with a line separator at the end', `${issuer}\u2028`],
  ['with a blank at the end', `${issuer} `],
  ['with a blank at the begin', ` ${issuer}`],
  ['with a tab at the end', `${issuer}\t`],
  ['with a no-break space at the end', `${issuer}\u00A0`],
  ['a pattern that fits', '^https://.*$', 'CWE-625'],
  ['a pattern of a file name', 'https://*.example.com', 'CWE-625'],
  ['a name of every object', '__proto__', 'CWE-1321'],
  ['a name of every function', 'constructor', 'CWE-1321'],
  ['the word undefined', 'undefined'],
  ['the word null', 'null'],
]

const otherTypes: readonly (readonly [name: string, iss: unknown, source?: string])[] = [
  ['a list with the right one', [issuer], lists],
  ['a list with the right one and another', ['https://evil.example', issuer], lists],
  ['a list in a list', [[issuer]], lists],
  ['an empty list', [], lists],
  ['an object with the right one', { iss: issuer }],
  ['an object that has the right one as a name', { [issuer]: true }],
  ['an object that says it is the right one', { toString: issuer, valueOf: issuer, length: issuer.length }],
  ['an empty object', {}],
  ['a number', 1],
  ['zero', 0],
  ['true', true],
  ['false', false],
  ['null', null],
]

export const issuers: Family = {
  about: 'tokens of another issuer, whose name nearly is the right one',
  attacks: [
    ...strangers.map(([name, iss, source = exact]): Attack => {
      return { name: `iss: ${name}`, source, token: () => mint({ iss }), code: 'issuer_mismatch' }
    }),
    ...otherTypes.map(([name, iss, source = type]): Attack => {
      return { name: `iss: ${name}`, source, token: () => mint({ iss }), code: 'claim_invalid' }
    }),
    { name: 'iss: missing', source: type, token: () => mint({ iss: undefined }), code: 'claim_missing' },
    {
      name: 'iss: missing, but inherited',
      source: `${type}, CWE-1321`,
      token: () => mint({ iss: undefined, ['__proto__']: { iss: issuer } }),
      code: 'claim_missing',
    },
    {
      name: 'iss: missing, but in the header',
      source: 'RFC 7519 section 5.3',
      token: () => mint({ iss: undefined }, { header: { iss: issuer } }),
      code: 'claim_missing',
    },
    {
      name: 'iss: another, the right one in the header',
      source: 'RFC 7519 section 5.3',
      token: () => mint({ iss: 'https://evil.example' }, { header: { iss: issuer } }),
      code: 'issuer_mismatch',
    },
    { name: 'iss: the right one', source: type, token: () => mint(), code: 'accepted' },
  ],
}
