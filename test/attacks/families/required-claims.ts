// Tokens without a claim that every token must have.
import { mint, now } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const sections: Readonly<Record<string, string>> = {
  iss: 'RFC 7519 section 4.1.1, RFC 8725 section 3.8',
  aud: 'RFC 7519 section 4.1.3, RFC 8725 section 3.9',
  exp: 'RFC 7519 section 4.1.4, RFC 9068 section 2.2',
  nbf: 'RFC 7519 section 4.1.5',
}
const nbf = 'RFC 7519 section 4.1.5'

const withoutNbf = { optionalClaims: ['nbf'] } as const
const withSubject = { requiredClaims: ['sub'] }

export const requiredClaims: Family = {
  about: 'tokens without a claim that every token must have',
  attacks: [
    ...Object.entries(sections).flatMap(([claim, source]): readonly Attack[] => [
      { name: `no ${claim}`, source, token: () => mint({ [claim]: undefined }), code: 'claim_missing' },
      { name: `${claim} is null`, source, token: () => mint({ [claim]: null }), code: 'claim_invalid' },
      {
        name: `no ${claim}, but one in upper case`,
        source,
        token: () => mint({ [claim]: undefined, [claim.toUpperCase()]: now }),
        code: 'claim_missing',
      },
      {
        name: `no ${claim}, but one with a blank behind its name`,
        source,
        token: () => mint({ [claim]: undefined, [`${claim} `]: now }),
        code: 'claim_missing',
      },
    ]),
    {
      name: 'no claims',
      source: 'RFC 7519 section 4',
      token: () => mint({}, { payload: '{}' }),
      code: 'claim_missing',
    },
    ...['iss', 'aud', 'exp'].map((claim): Attack => {
      return {
        name: `no ${claim}, where nbf may be missing`,
        source: sections[claim] ?? '',
        token: () => mint({ [claim]: undefined }),
        code: 'claim_missing',
        options: withoutNbf,
      }
    }),
    ...(
      [
        ['in the future', now + 1, 'token_not_yet_valid'],
        ['of a second with a fraction in the future', now + 0.5, 'token_not_yet_valid'],
        ['a string', String(now), 'claim_invalid'],
        ['null', null, 'claim_invalid'],
        ['false', false, 'claim_invalid'],
        ['a list', [now], 'claim_invalid'],
        ['an empty string', '', 'claim_invalid'],
      ] as const
    ).map(([what, value, code]): Attack => {
      return {
        name: `nbf ${what}, where it may be missing`,
        source: nbf,
        token: () => mint({ nbf: value }),
        code,
        options: withoutNbf,
      }
    }),
    {
      name: 'no nbf, where it may be missing',
      source: nbf,
      token: () => mint({ nbf: undefined }),
      code: 'accepted',
      options: withoutNbf,
    },
    {
      name: 'no sub, where it is required',
      source: 'RFC 9068 section 2.2',
      token: () => mint({ sub: undefined }),
      code: 'claim_missing',
      options: withSubject,
    },
    {
      name: 'sub is null, where it is required',
      source: 'RFC 9068 section 2.2',
      token: () => mint({ sub: null }),
      code: 'claim_invalid',
      options: withSubject,
    },
    {
      name: 'sub is a number, where it is not required',
      source: 'RFC 7519 section 4.1.2',
      token: () => mint({ sub: 1 }),
      code: 'claim_invalid',
    },
    {
      name: 'jti is a number',
      source: 'RFC 7519 section 4.1.7',
      token: () => mint({ jti: 1 }),
      code: 'claim_invalid',
    },
    { name: 'a token with all of them', source: 'RFC 7519 section 4.1', token: () => mint(), code: 'accepted' },
  ],
}
