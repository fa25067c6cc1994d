// What a guarded route of NestJS costs beside a bare one: processor and memory for each request, in turns, on both platforms.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createTestIssuer } from '@jwtgate/testing'
import { load } from './load.ts'
import type { Command, Usage } from './nest-application.ts'
import { progress } from './progress.ts'
import { median } from './statistics.ts'

const rounds = 7
const requests = 4_000

const issuer = await createTestIssuer({ algorithms: ['RS256'] })
const options = JSON.stringify({
  issuer: issuer.url,
  audience: issuer.audience,
  algorithms: ['RS256'],
  jwks: issuer.jwks,
})
const tokens = Array.from({ length: 1_000 }, (_, index) =>
  issuer.sign({ sub: `user-${index}`, permissions: ['orders:read'] }),
)

const rows: object[] = []
for (const platform of ['express', 'fastify']) {
  const bare = await start(platform, 'bare')
  const guarded = await start(platform, 'guarded')
  await refuses(guarded.url)
  const [withoutGuard, withGuard]: [Usage[], Usage[]] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    progress(`${platform}: round ${round} of ${rounds}`)
    const sampling = round === rounds
    const usages = [await measure(bare, sampling), await measure(guarded, sampling)] as const
    if (round === 0) continue // Everything is compiled now.
    withoutGuard.push(usages[0])
    withGuard.push(usages[1])
  }
  for (const { child } of [bare, guarded]) child.kill()
  rows.push(rowOf(platform, withoutGuard, withGuard))
}
progress('')
console.log(
  `Node ${process.versions.node}, ${rounds - 1} rounds of ${requests} requests with 1,000 RS256 tokens, one permission`,
)
console.table(rows)
await issuer.close()

interface Application {
  readonly child: ChildProcess
  readonly url: string
}

async function start(platform: string, guard: string): Promise<Application> {
  const child = fork(new URL('nest-application.ts', import.meta.url), [platform, guard, options], {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const [url] = (await once(child, 'message')) as [string]
  return { child, url: `${url}/orders` }
}

/** Nobody looks fast by letting everybody in. */
async function refuses(url: string): Promise<void> {
  for (const token of ['', issuer.bad.expired(), issuer.bad.tampered(), issuer.bad.wrongAudience()]) {
    const { status } = await fetch(url, { headers: token === '' ? {} : { authorization: `Bearer ${token}` } })
    if (status !== 401) throw new Error(`A bad token was answered with ${status}`)
  }
  const { status } = await fetch(url, { headers: { authorization: `Bearer ${issuer.sign()}` } })
  if (status !== 403) throw new Error(`A token without the permission was answered with ${status}`)
}

async function measure({ child, url }: Application, sampling: boolean): Promise<Usage> {
  await told(child, { do: 'start', sampling })
  await load(url, requests, tokens) // Also to the bare one, whose requests are to be as long.
  return (await told(child, { do: 'stop', sampling })) as Usage
}

async function told(child: ChildProcess, command: Command): Promise<unknown> {
  const answered = once(child, 'message')
  child.send(command)
  const [answer] = (await answered) as [unknown]
  return answer
}

function rowOf(platform: string, bare: readonly Usage[], guarded: readonly Usage[]): object {
  // The last round sampled the memory, which takes time.
  const cpu = (usages: readonly Usage[]): number => median(usages.slice(0, -1).map((usage) => usage.cpu / requests))
  const kilobytes = (usages: readonly Usage[]): number => (usages.at(-1)?.allocated ?? 0) / requests / 1024
  const heap = (usages: readonly Usage[]): number => (usages.at(-1)?.heap ?? 0) / 2 ** 20
  return {
    platform,
    'bare, µs': Math.round(cpu(bare)),
    'guarded, µs': Math.round(cpu(guarded)),
    'more, µs': Math.round(cpu(guarded) - cpu(bare)),
    'bare, kB': kilobytes(bare).toFixed(1),
    'guarded, kB': kilobytes(guarded).toFixed(1),
    'heap bare, MB': heap(bare).toFixed(1),
    'heap guarded, MB': heap(guarded).toFixed(1),
  }
}
