// A process that fills one cache and says what memory each entry takes.
import { setImmediate } from 'node:timers/promises'
import { answer } from '../child.ts'
import { FreshStrings } from '../fresh-strings.ts'
import { materialFor } from '../targets/target.ts'
import { costPerToken } from '../timing.ts'
import { caches } from './caches.ts'
import { tokensOfUsers } from './tokens.ts'

export interface Filling {
  readonly cache: string
  readonly entries: number
}

answer<Filling>('ready', async ({ cache, entries }) => {
  const material = await materialFor('ES256')
  const strings = new FreshStrings(tokensOfUsers(material, entries + 1))
  const target = caches.find(({ name }) => name === cache)?.make(material, entries)
  if (target === undefined) throw new Error(`There is no cache ${cache}`)
  await costPerToken(target, strings.take([entries])) // What it needs once.
  const before = await usedMemory()
  for (let index = 0; index < entries; index++) await costPerToken(target, strings.take([index]))
  const bytes = (await usedMemory()) - before
  await costPerToken(target, strings.take([0])) // It is still there.
  return bytes / entries
})

async function usedMemory(): Promise<number> {
  for (let pass = 0; pass < 3; pass++) {
    globalThis.gc?.()
    await setImmediate() // What is behind weak references goes after that.
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
