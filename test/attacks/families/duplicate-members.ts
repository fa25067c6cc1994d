// Tokens in which a name stands twice: parsers differ in which of them counts.
import { keyFor } from '../../support/keys.ts'
import { goodClaims, mint, now, signed } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const headerSource = 'RFC 7515 sections 4 and 5.2'
const payloadSource = 'RFC 7519 section 4, Bishop Fox 2021: JSON interoperability vulnerabilities'
const key = keyFor('ES256')
const goodPayload = JSON.stringify(goodClaims())
const goodHeader = '{"alg":"ES256","typ":"JWT"}'

const withHeader = (members: string): string => signed(`{${members}}`, goodPayload, key)
/** Text laid before and behind the members of a good payload. */
const withPayload = (before: string, behind: string): string =>
  signed(goodHeader, `{${before}${goodPayload.slice(1, -1)}${behind}}`, key)

const twiceInHeader: readonly string[] = [
  '"alg":"none","alg":"ES256"',
  '"alg":"ES256","alg":"none"',
  '"alg":"ES256","alg":"ES256"',
  String.raw`"alg":"ES256","\u0061lg":"none"`,
  String.raw`"\u0061lg":"none","alg":"ES256"`,
  String.raw`"\u0061\u006c\u0067":"ES256","\u0061\u006C\u0067":"ES256"`,
  '"alg":"ES256","typ":"JWT","typ":"dpop+jwt"',
  String.raw`"alg":"ES256","kid":"a","\u006bid":"b"`,
  '"alg":"ES256","jwk":{"kty":"EC","kty":"oct"}',
  '"alg":"ES256","x":[{"a":1},{"b":1,"b":1}]',
  '"alg":"ES256","":1,"":2',
  '"alg":"ES256","__proto__":1,"__proto__":2',
  String.raw`"alg":"ES256","__proto__":{},"\u005f_proto__":{}`,
]
const twiceInPayload: readonly string[] = [
  `"exp":${now + 9999}`,
  '"exp":1',
  String.raw`"\u0065xp":${now + 9999}`,
  String.raw`"\u0065\u0078\u0070":1`,
  '"iss":"https://id.example.com"',
  '"iss":"https://attacker.example"',
  String.raw`"is\u0073":"https://attacker.example"`,
  '"aud":"https://other.example.com"',
  '"sub":"admin"',
  String.raw`"s\u0075b":"admin"`,
  '"nbf":0',
  '"iat":0',
]
const twiceWithin: readonly string[] = [
  '"permissions":[],"permissions":["admin"]',
  String.raw`"permissions":[],"permission\u0073":["admin"]`,
  '"realm_access":{"roles":[],"roles":["admin"]}',
  String.raw`"realm_access":{"roles":[],"\u0072oles":["admin"]}`,
  '"a":{"b":{"c":{"d":1,"d":2}}}',
  '"a":[[[{"d":1,"d":2}]]]',
  '"a":[{"d":1},{"d":1,"d":1}]',
  '"😀":1,"😀":2',
  String.raw`"😀":1,"\ud83d\ude00":2`,
  String.raw`"\uD83D\uDE00":1,"\ud83d\ude00":2`,
  String.raw`"\ud83d":1,"\ud83d":2`,
  '"":1,"":2',
  String.raw`"a\/b":1,"a/b":2`,
  String.raw`"a\"b":1,"a\u0022b":2`,
  String.raw`"a\\":1,"a\u005c":2`,
  String.raw`"a\nb":1,"a\u000ab":2`,
  String.raw`"a:b":1,"a\u003ab":2`,
  '"0":1,"0":2',
  '"__proto__":{"a":1},"__proto__":{"b":1}',
  String.raw`"__proto__":{},"\u005f\u005fproto\u005f\u005f":{}`,
  '"constructor":1,"constructor":1',
  '"a" : 1 ,\t"a"\n:\r2',
  '"a":{},"a":{}',
  '"a":[],"a":[]',
  '"a":null,"a":null',
  '"a":":","a":","',
]
const onlyAlike: readonly string[] = [
  '"Exp":1,"EXP":1,"exp ":1',
  '"a":{"d":1},"b":{"d":1},"c":[{"d":1},{"d":1}]',
  '"a":"a","b":"b"',
  '"a":{"a":{"a":1}}',
  String.raw`"a":"\",\"a\":\"","b":"{\"c\":1,\"c\":2}"`,
  String.raw`"a":"::::\\","b":":\\\":"`,
  String.raw`"é":1,"e\u0301":2`,
  '"1":1,"01":2,"1.0":3',
  String.raw`"a":1,"a\u0000":2,"\u0061 ":3`,
]

export const duplicateMembers: Family = {
  about: 'tokens in which a name stands twice',
  attacks: [
    ...twiceInHeader.map((members): Attack => ({
      name: `header {${members}}`,
      source: headerSource,
      token: () => withHeader(members),
      code: 'token_malformed',
    })),
    ...twiceInPayload.flatMap((member): readonly Attack[] => [
      {
        name: `${member} before the good claims`,
        source: payloadSource,
        token: () => withPayload(`${member},`, ''),
        code: 'token_malformed',
      },
      {
        name: `${member} behind the good claims`,
        source: payloadSource,
        token: () => withPayload('', `,${member}`),
        code: 'token_malformed',
      },
    ]),
    ...twiceWithin.map((members): Attack => ({
      name: `claims ${members}`,
      source: payloadSource,
      token: () => withPayload('', `,${members}`),
      code: 'token_malformed',
    })),
    {
      name: 'two algorithms, neither of the API',
      source: headerSource,
      token: () => withHeader('"alg":"none","alg":"HS256"'),
      code: 'token_malformed',
    },
    {
      name: 'two exp behind a header that is refused first',
      source: payloadSource,
      token: () => signed('{"alg":"none"}', `{"exp":1,"exp":2}`, key),
      code: 'algorithm_not_allowed',
    },
    {
      name: 'one algorithm, its name escaped',
      source: 'RFC 7515 section 5.3, RFC 8259 section 8.3',
      token: () => withHeader(String.raw`"\u0061lg":"ES256"`),
      code: 'accepted',
    },
    {
      name: 'none as the one algorithm, its name and value escaped',
      source: 'RFC 7515 section 5.3, RFC 8259 section 8.3',
      token: () => withHeader(String.raw`"\u0061lg":"\u006eone"`),
      code: 'algorithm_not_allowed',
    },
    ...onlyAlike.map((members): Attack => ({
      name: `names that are only alike: ${members}`,
      source: 'RFC 8259 section 8.3',
      token: () => withPayload('', `,${members}`),
      code: 'accepted',
    })),
    { name: 'a good token', source: payloadSource, token: () => mint(), code: 'accepted' },
  ],
}
