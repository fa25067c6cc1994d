// The contract: each case on each framework, with jwtgate's error handler and without it.
import { isDeepStrictEqual } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { keepPrinted } from '../support/printed.ts'
import { repeatsTokens } from '../support/token-cache.ts'
import { refuseUnhandledRejections } from '../support/unhandled-rejections.ts'
import { caseGroups } from './cases/all.ts'
import { caseOn } from './differences.ts'
import { frameworks } from './frameworks.ts'
import { promised, seen } from './judge.ts'
import { serversFor } from './servers.ts'

refuseUnhandledRejections()
const printed = keepPrinted()

const conducts = [
  { how: 'by the error handler of jwtgate', problems: true },
  { how: 'by its own error handler', problems: false },
]

describe.each(frameworks)('$name', (framework) => {
  describe.each(conducts)('$how', ({ problems }) => {
    const servers = serversFor(framework, problems)
    afterAll(async () => servers.close())

    describe.each(caseGroups)('$about', ({ cases }) => {
      const named = cases.flatMap((original) => {
        const contractCase = caseOn(framework, original, problems)
        if (contractCase === undefined) return []
        const { expected, setup, title } = contractCase
        const outcome = 'code' in expected ? expected.code : 'auth' in expected ? 'let through' : expected.status
        return [{ name: `${title} -> ${outcome} (${setup})`, contractCase, original }]
      })

      it.each(named)('$name', async ({ contractCase, original }) => {
        const answer = await servers.answerTo(contractCase)
        expect(seen(answer, contractCase, problems)).toEqual(promised(contractCase, problems))
        // Once more, where its token may be remembered.
        const again = repeatsTokens ? await servers.answerTo(contractCase) : answer
        expect(seen(again, contractCase, problems)).toEqual(promised(contractCase, problems))
        // What is said to differ has to.
        const isAsElsewhere = isDeepStrictEqual(seen(answer, original, problems), promised(original, problems))
        expect(isAsElsewhere).toBe(contractCase === original)
      })
    })
  })
})

it('nothing that a framework printed shows a token', () => {
  const text = printed.join('\n')
  expect(text).toContain('of the handler')
  expect(text).not.toMatch(/eyJ|Canary/)
})
