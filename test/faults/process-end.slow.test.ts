// The same with the default deadline of five seconds, which is what a hanging fetch costs at the most.
import { expect, it } from 'vitest'
import { expectEnd } from './support/process-end.ts'

it('after server.close() a process ends within six seconds while the refresh of its keys hangs', async () => {
  expect(await expectEnd('the refresh hangs', { hangs: 'refresh' })).toEqual(['200'])
})

it('after server.close() a process ends within six seconds while discovery hangs', async () => {
  expect(await expectEnd('discovery hangs', { hangs: 'discovery' })).toEqual(['503 discovery_failed'])
})
