// Two copies of jwtgate in one process, the CommonJS and the ES module build: they guard together as one does.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Report } from './mixed-copies.ts'

let report: Report

beforeAll(async () => {
  // Without it, require() gives the ES module too: there would be one copy.
  const options = ['--no-experimental-require-module', '--disable-warning=ExperimentalWarning']
  const program = `${import.meta.dirname}/mixed-copies.ts`
  const child = spawn(process.execPath, [...options, program], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let output = ''
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.on('message', (message) => (report = message as Report))
  await once(child, 'close')
  if (report === undefined) throw new Error(`no report: ${output}`)
}, 60_000)

const facts = [
  'there are two copies of core',
  'there are two copies of the adapters',
  'their classes differ',
  'the ES module knows errors of CommonJS',
  'CommonJS knows errors of the ES module',
  'neither takes a ConfigError for a refusal',
  'the ES module takes a verifier of CommonJS',
  'the ES module knows the schema of claims that CommonJS made',
  'CommonJS knows the schema of claims that the ES module made',
  'CommonJS takes a verifier of the ES module',
]

describe('two copies in one process', () => {
  it.each(facts)('%s', (fact) => {
    expect(report.facts[fact]).toBe(true)
  })

  it('nothing else is known of them', () => {
    expect(Object.keys(report.facts)).toEqual(facts)
  })

  it.each(['Express', 'Koa'])('keep the contract together on %s', (framework) => {
    const mixes = report.mixes.filter(({ name }) => name.startsWith(framework))
    expect(mixes).toHaveLength(3)
    expect(report.cases).toBeGreaterThan(400)
    for (const { name, differences } of mixes) expect({ name, differences }).toEqual({ name, differences: [] })
  })
})
