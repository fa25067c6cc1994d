// The contract: each case on each framework, with jwtErrorHandler() and without it.
import { afterAll, describe, expect, it } from 'vitest'
import { keepPrinted } from '../support/printed.ts'
import { refuseUnhandledRejections } from '../support/unhandled-rejections.ts'
import { caseGroups } from './cases/all.ts'
import { frameworks } from './frameworks.ts'
import { promised, seen } from './judge.ts'
import { serversFor } from './servers.ts'

refuseUnhandledRejections()
const printed = keepPrinted()

const conducts = [
  { how: 'with jwtErrorHandler()', problems: true },
  { how: 'by its own error handler', problems: false },
]

describe.each(frameworks)('$name', (framework) => {
  describe.each(conducts)('$how', ({ problems }) => {
    const servers = serversFor(framework, problems)
    afterAll(async () => servers.close())

    describe.each(caseGroups)('$about', ({ cases }) => {
      const named = cases.map((contractCase) => {
        const { expected, setup, title } = contractCase
        const outcome = 'code' in expected ? expected.code : 'auth' in expected ? 'let through' : expected.status
        return { name: `${title} -> ${outcome} (${setup})`, contractCase }
      })

      it.each(named)('$name', async ({ contractCase }) => {
        const answer = await servers.answerTo(contractCase)
        expect(seen(answer, contractCase, problems)).toEqual(promised(contractCase, problems))
      })
    })
  })
})

it('nothing that a framework printed shows a token', () => {
  const text = printed.join('\n')
  expect(text).toContain('of the handler')
  expect(text).not.toMatch(/eyJ|Canary/)
})
