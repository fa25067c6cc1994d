// Headers of a hundred thousand characters, which are read in one go: a reader that looks again from each of them would take longer than a test may.
import { describe, expect, it } from 'vitest'
import { fromBearer, fromCookie, fromHeader, isJwtGateError, type TokenSource } from '@jwtgate/core'

const length = 100_000

const repeated = [
  ' ',
  '\t',
  ' \t',
  ';',
  '; ',
  ';a=b',
  '=',
  '"',
  '\\"',
  ',',
  '.',
  'a',
  'a ',
  'session=',
  'Bearer ',
  '\u00ff',
  '%20',
]

/** Where the row stands in a value. */
const places: readonly (readonly [string, (row: string) => string])[] = [
  ['alone', (row) => row],
  ['in front', (row) => `${row}session=a`],
  ['behind a name', (row) => `session=${row}`],
  ['within a name', (row) => `a${row}b=c`],
  ['within a value', (row) => `session=a${row}b`],
  ['within quotes', (row) => `session="a${row}b"`],
  ['behind a scheme', (row) => `Bearer ${row}`],
  ['within a token', (row) => `Bearer a${row}b`],
  ['behind a token', (row) => `Bearer a${row}`],
]

const sources: readonly (readonly [string, string, TokenSource])[] = [
  ['fromBearer()', 'authorization', fromBearer()],
  ['fromCookie()', 'cookie', fromCookie('session')],
  ['fromHeader()', 'x-access-token', fromHeader('x-access-token')],
]

describe.each(sources)('%s', (_what, name, source) => {
  it.each(places)('ends with a long row %s', (_where, valueOf) => {
    const outcomes = repeated.map((text) => {
      const value = valueOf(text.repeat(Math.ceil(length / text.length)))
      return outcomeOf(() => source({ headers: { [name]: value }, rawHeaders: [name, value] }))
    })
    const documented = new Set(['nothing', 'a token', 'request_malformed', 'multiple_tokens'])
    expect(outcomes.filter((outcome) => !documented.has(outcome))).toEqual([])
  })
})

function outcomeOf(find: () => string | undefined): string {
  try {
    return find() === undefined ? 'nothing' : 'a token'
  } catch (error) {
    return isJwtGateError(error) ? error.code : String(error)
  }
}
