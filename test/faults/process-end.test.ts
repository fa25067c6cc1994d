// `server.close()` is enough: the process ends by itself, when warm and while a fetch hangs.
import { expect, it } from 'vitest'
import { expectEnd } from './support/process-end.ts'

it('after server.close() a warm process ends by itself', async () => {
  expect(await expectEnd('warm', {})).toEqual(['200'])
})

it('after server.close() a process ends by itself while the refresh of its keys hangs', async () => {
  expect(await expectEnd('the refresh hangs', { hangs: 'refresh', timeoutDuration: 1_000 })).toEqual(['200'])
})

it('after server.close() a process ends by itself while the first fetch hangs and requests wait for it', async () => {
  expect(await expectEnd('the first fetch hangs', { hangs: 'first fetch', timeoutDuration: 1_000 })).toEqual([
    '503 keys_unavailable',
  ])
})
