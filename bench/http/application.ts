// One application in a process of its own. It tells how much of the processor it used.
import { answer } from '../child.ts'
import { startOf } from './applications.ts'
import type { Settings } from './settings.ts'

/** `start` begins a measurement; `stop` is answered with the microseconds since. */
export interface Question {
  readonly do: 'start' | 'stop'
}

const [framework = '', name = '', settings = '{}'] = process.argv.slice(2)
const start = await startOf(framework, name)
const origin = await start(JSON.parse(settings) as Settings)
let before = process.cpuUsage()

answer<Question>(origin, async ({ do: what }) => {
  if (what === 'start') {
    globalThis.gc?.({ type: 'minor', execution: 'sync' }) // A full one forgets compiled code, and the first requests pay for it.
    before = process.cpuUsage()
    return true
  }
  const { user, system } = process.cpuUsage(before)
  return user + system
})
