// The story of the demo, row by row, on a built example and a real OpenID provider.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Example } from '../../examples/demo/api-process.ts'
import { openStage, type Stage } from '../../examples/demo/stage.ts'
import { story, tellStory, type Row } from '../../examples/demo/story.ts'

const ignore = (): void => {}

/**
 * Tells it once and tests what came of it.
 *
 * @returns what came of it, for tests of the same file
 */
export function testStory(framework: string, example: Example): () => readonly Row[] {
  let stage: Stage | undefined
  let rows: readonly Row[] = []

  beforeAll(async () => {
    stage = await openStage(example)
    rows = await tellStory(stage, ignore, ignore)
  }, 90_000)

  afterAll(async () => stage?.close())

  describe(`an API on ${framework} and a real OpenID provider`, () => {
    const steps = story.map(({ sentence, promised }, index) => ({ sentence, promised, index }))
    test.each(steps)('$sentence', ({ index, promised }) => {
      const row = rows[index]
      expect(row?.problems).toEqual([])
      expect(row?.got).toMatchObject({
        status: promised.status,
        code: promised.code,
        challenge: promised.challenge,
        sub: promised.sub,
      })
    })

    test('the API runs on a Node that it supports', () => {
      const [major = 0, minor = 0] = (stage?.api.nodeVersion ?? '').slice(1).split('.').map(Number)
      expect(major * 100 + minor).toBeGreaterThanOrEqual(2019)
    })

    test('what is public needs no token', async () => {
      const response = await fetch(`${stage?.api.url()}/health`)
      expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
    })

    test('no token and no stack is ever written to the output of the API', () => {
      const output = stage?.api.output() ?? ''
      expect(output).toContain('listening on http://127.0.0.1:')
      expect(output).not.toMatch(/eyJ|\n\s+at /)
    })
  })

  return () => rows
}
