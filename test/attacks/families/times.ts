// Times that are no numbers, and the seconds around each limit.
import { newKey } from '../../support/keys.ts'
import { goodClaims, mint, now, partsOf } from '../../support/mint.ts'
import type { Attack, Family } from '../attack.ts'

const type = 'RFC 7519 section 2 (NumericDate)'
/** Who learns of the time alone may take the token for a good one of yesterday. */
const untrusted = 'CVE-2024-51744 (golang-jwt)'
const sections: Readonly<Record<'exp' | 'nbf' | 'iat', string>> = {
  exp: 'RFC 7519 section 4.1.4',
  nbf: 'RFC 7519 section 4.1.5',
  iat: 'RFC 7519 section 4.1.6',
}
const names = ['exp', 'nbf', 'iat'] as const

/** What no time is, in JSON as it is: some of it cannot be said otherwise. The good value is at its place. */
const noTimes: readonly (readonly [what: string, json: string, source?: string])[] = [
  ['a number in a string', '"GOOD"'],
  ['a far number in a string', '"9999999999"'],
  ['an empty string', '""'],
  ['a blank string', '" "'],
  ['a hexadecimal number in a string', '"0x6b49d200"'],
  ['a date in a string', '"2099-01-01T00:00:00Z"', 'RFC 7519 section 2 (NumericDate), RFC 3339'],
  ['the word Infinity', '"Infinity"'],
  ['the word NaN', '"NaN"'],
  ['1e400, which is read as infinite', '1e400', 'RFC 8259 section 6'],
  ['-1e400, which is read as infinite', '-1e400', 'RFC 8259 section 6'],
  ['true', 'true'],
  ['false', 'false'],
  ['null', 'null'],
  ['an empty list', '[]'],
  ['a list with the good number', '[GOOD]'],
  ['a list in a list', '[[GOOD]]'],
  ['an empty object', '{}'],
  ['an object with the good number', '{"value":GOOD}'],
  ['an object that says its value', '{"valueOf":GOOD,"toString":"GOOD"}'],
  ['a time in milliseconds', 'GOOD000'],
  ['a second behind the year 9999', '253402300800'],
  ['2^53', '9007199254740992', 'RFC 7493 section 2.2'],
  ['2^64', '18446744073709551616', 'RFC 7493 section 2.2'],
  ['the largest double', '1.7976931348623157e308', 'RFC 8259 section 6'],
  ['a number of 400 digits', '9'.repeat(400), 'RFC 8259 section 6'],
]

/** What no number in JSON is. */
const noJson = ['Infinity', 'NaN', '+GOOD', '0GOOD', '.5', 'GOOD.', '0x6b49d200', 'GOODn', '1_800_000_000', '-']

/** A good token, but for one time, in JSON as it is. */
function withTime(name: (typeof names)[number], json: string): string {
  const claims = goodClaims()
  const payload = JSON.stringify({ ...claims, [name]: 'TIME' })
  return mint({}, { payload: payload.replace('"TIME"', json.replaceAll('GOOD', String(claims[name]))) })
}

interface Limits {
  readonly clockTolerance: number
  readonly maxTokenAge?: number
}

const exact: Limits = { clockTolerance: 0 }
const tolerant: Limits = { clockTolerance: 5 }
const hour: Limits = { clockTolerance: 0, maxTokenAge: 3600 }
const tolerantHour: Limits = { clockTolerance: 5, maxTokenAge: 3600 }

type Boundary = readonly [name: (typeof names)[number], seconds: number, code: Attack['code'], options?: Limits]

/** Seconds from now. `exp` is the first second that is too late, `nbf` and `iat` the first that is not too early. */
const boundaries: readonly Boundary[] = [
  ['exp', -1, 'token_expired'],
  ['exp', 0, 'token_expired'],
  ['exp', 1, 'accepted'],
  ['exp', -0.001, 'token_expired'],
  ['exp', -0.999, 'token_expired'],
  // The clock is read in whole seconds.
  ['exp', 0.001, 'accepted'],
  ['exp', -6, 'token_expired', tolerant],
  ['exp', -5, 'token_expired', tolerant],
  ['exp', -4, 'accepted', tolerant],
  ['exp', -5.001, 'token_expired', tolerant],
  ['exp', -4.999, 'accepted', tolerant],
  ['nbf', -1, 'accepted'],
  ['nbf', 0, 'accepted'],
  ['nbf', 1, 'token_not_yet_valid'],
  ['nbf', 0.001, 'token_not_yet_valid'],
  ['nbf', 4, 'accepted', tolerant],
  ['nbf', 5, 'accepted', tolerant],
  ['nbf', 6, 'token_not_yet_valid', tolerant],
  ['nbf', 5.001, 'token_not_yet_valid', tolerant],
  ['iat', -1, 'accepted'],
  ['iat', 0, 'accepted'],
  ['iat', 1, 'claim_invalid'],
  ['iat', 0.001, 'claim_invalid'],
  ['iat', 86_400, 'claim_invalid'],
  ['iat', 4, 'accepted', tolerant],
  ['iat', 5, 'accepted', tolerant],
  ['iat', 6, 'claim_invalid', tolerant],
  ['iat', 5.001, 'claim_invalid', tolerant],
  ['iat', -3599, 'accepted', hour],
  ['iat', -3600, 'accepted', hour],
  ['iat', -3601, 'token_too_old', hour],
  ['iat', -3600.001, 'token_too_old', hour],
  ['iat', 1, 'claim_invalid', hour],
  ['iat', -3604, 'accepted', tolerantHour],
  ['iat', -3605, 'accepted', tolerantHour],
  ['iat', -3606, 'token_too_old', tolerantHour],
]

export const times: Family = {
  about: 'times that are no numbers, and the seconds around each limit',
  attacks: [
    ...names.flatMap((claim) =>
      noTimes.map(([what, json, source = type]): Attack => {
        return { name: `${claim}: ${what}`, source, token: () => withTime(claim, json), code: 'claim_invalid' }
      }),
    ),
    ...names.flatMap((claim) =>
      noJson.map((text): Attack => {
        const name = `${claim}: ${text}, which is no number`
        return { name, source: 'RFC 8259 section 6', token: () => withTime(claim, text), code: 'token_malformed' }
      }),
    ),
    ...(['0', '-0', '-1', '-1e300', '1e-400', '-9007199254740993'] as const).map((json): Attack => {
      return { name: `exp: ${json}`, source: sections.exp, token: () => withTime('exp', json), code: 'token_expired' }
    }),
    ...(['0', '-0', '-1'] as const).flatMap((json): readonly Attack[] => [
      { name: `nbf: ${json}`, source: sections.nbf, token: () => withTime('nbf', json), code: 'accepted' },
      { name: `iat: ${json}`, source: sections.iat, token: () => withTime('iat', json), code: 'accepted' },
      {
        name: `iat: ${json}, with a limit to the age`,
        source: sections.iat,
        token: () => withTime('iat', json),
        code: 'token_too_old',
        options: hour,
      },
    ]),
    ...boundaries.map(([claim, seconds, code, options = exact]): Attack => {
      const { clockTolerance, maxTokenAge } = options
      const age = maxTokenAge === undefined ? '' : `, at most ${maxTokenAge} s old`
      return {
        name: `${claim}: ${seconds} s from now, with a tolerance of ${clockTolerance} s${age}`,
        source: sections[claim],
        token: () => mint({ [claim]: now + seconds }),
        code,
        options,
      }
    }),
    {
      name: 'no iat, with a limit to the age',
      source: sections.iat,
      token: () => mint({ iat: undefined }),
      code: 'claim_missing',
      options: hour,
    },
    {
      name: 'iat: a number in a string, with a limit to the age',
      source: type,
      token: () => mint({ iat: String(now) }),
      code: 'claim_invalid',
      options: hour,
    },
    {
      name: 'expired, and signed by another key: it is not the time that it is refused for',
      source: untrusted,
      token: () => mint({ exp: now - 1 }, { key: newKey('ES256') }),
      code: 'signature_invalid',
    },
    {
      name: 'expired, and with the signature of a token that is not',
      source: untrusted,
      token: () =>
        `${partsOf(mint({ exp: now - 1 }))
          .slice(0, 2)
          .join('.')}.${partsOf(mint())[2]}`,
      code: 'signature_invalid',
    },
    {
      name: 'nbf behind exp',
      source: sections.nbf,
      token: () => mint({ nbf: now + 20, exp: now + 10 }),
      code: 'token_not_yet_valid',
    },
    { name: 'exp: the end of 9999', source: type, token: () => mint({ exp: 253_402_300_799 }), code: 'accepted' },
    { name: 'exp: with an exponent', source: type, token: () => withTime('exp', '1.8000036e9'), code: 'accepted' },
    { name: 'no iat', source: sections.iat, token: () => mint({ iat: undefined }), code: 'accepted' },
    { name: 'good times', source: type, token: () => mint(), code: 'accepted' },
  ],
}
