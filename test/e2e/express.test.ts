// The story of the demo on Express, as it is tested and as it is printed.
import { describe, expect, test } from 'vitest'
import { brokenPromises, type Answer, type Promised } from '../../examples/demo/answer.ts'
import { story } from '../../examples/demo/story.ts'
import { renderHeader, renderRow, renderSummary } from '../../examples/demo/table.ts'
import { testStory } from './test-story.ts'

const esc = '\u001b'
const rows = testStory('Express', 'express')

describe('the promises of the story', () => {
  const promised: Promised = {
    status: 401,
    code: 'token_expired',
    challenge: { realm: 'api', error: 'invalid_token' },
    retryAfter: false,
    sub: undefined,
    within: 100,
  }
  const kept: Answer = { ...promised, retryAfter: undefined, milliseconds: 1 }

  test('an answer exactly as promised breaks none', () => {
    expect(brokenPromises(promised, kept)).toEqual([])
  })

  test.each<[string, Partial<Answer>]>([
    ['status', { status: 400 }],
    ['code', { code: 'token_malformed' }],
    ['missing code', { code: undefined }],
    ['challenge', { challenge: undefined }],
    ['realm', { challenge: { realm: undefined, error: 'invalid_token' } }],
    ['error', { challenge: { realm: 'api', error: undefined } }],
    ['Retry-After', { retryAfter: 1 }],
    ['subject', { sub: 'reader' }],
    ['time', { milliseconds: 101 }],
  ])('an answer that differs only in its %s breaks one', (_what, difference) => {
    expect(brokenPromises(promised, { ...kept, ...difference })).not.toEqual([])
  })
})

describe('the table of the demo', () => {
  test('each row is one line of at most 120 columns that ends with ok', () => {
    const lines = rows().map((row) => renderRow(row, false))
    expect(lines).toHaveLength(story.length)
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(120)
      expect(line).toMatch(/ {2}ok$/)
    }
  })

  test('the header is as wide as the rows', () => {
    for (const line of renderHeader(false).split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  })

  test('a row shows request, status, code, challenge and milliseconds', () => {
    const row = rows().find(({ step }) => step.title === 'a tampered payload')
    expect(row && renderRow(row, false)).toMatch(
      /^a tampered payload +401 +signature_invalid +realm="api", error="invalid_token" +\d+\.\d {2}ok$/,
    )
  })

  test('a promise that was not kept is FAILED and says why on the next line', () => {
    const [row] = rows()
    if (!row) throw new Error('there is no row')
    const text = renderRow({ ...row, problems: ['status: promised 200, got 401'] }, false)
    expect(text).toMatch(/ {2}FAILED\n {4}status: promised 200, got 401$/)
    expect(renderSummary([row, { ...row, problems: ['no'] }], false)).toBe('1 of 2 came out as promised')
  })

  test('colours are there only if asked for', () => {
    const plain = [renderHeader(false), ...rows().map((row) => renderRow(row, false)), renderSummary(rows(), false)]
    expect(plain.join('\n')).not.toContain(esc)
    for (const row of rows()) expect(renderRow(row, true)).toContain(`${esc}[32mok${esc}[0m`)
    expect(renderSummary(rows(), true)).toBe(
      `${esc}[32m${story.length} of ${story.length} came out as promised${esc}[0m`,
    )
  })
})
