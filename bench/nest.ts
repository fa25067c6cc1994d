// What a guarded route of NestJS costs beside a bare one: processor and memory for each request, in turns, on both platforms.
import { createTestIssuer } from '@jwtgate/testing'
import { startChild, type Child } from './child.ts'
import { load } from './load.ts'
import type { Command, Usage } from './nest-application.ts'
import { sized } from './options.ts'
import { progress } from './progress.ts'
import { report } from './report.ts'
import { median } from './statistics.ts'

const rounds = sized(7, 2)
const requests = sized(4_000, 800)

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

const rows: string[][] = []
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
  for (const { child } of [bare, guarded]) child.end()
  rows.push(rowOf(platform, withoutGuard, withGuard))
}
await issuer.close()
report({
  section: 'nest',
  title: 'NestJS, by platform',
  method:
    `${rounds - 1} rounds of ${requests} requests with 1,000 RS256 tokens, one permission asked for; then one round in which V8 ` +
    'samples what is allocated. The heap is what is left after a full collection.',
  tables: [
    {
      caption: 'A guarded route beside a bare one, for each request',
      columns: [
        '',
        'bare, µs',
        'guarded, µs',
        'more, µs',
        'bare, kB',
        'guarded, kB',
        'heap bare, MB',
        'heap guarded, MB',
      ],
      rows,
    },
  ],
  packages: ['@nestjs/core', '@nestjs/platform-express', '@nestjs/platform-fastify'],
})

interface Application {
  readonly child: Child
  readonly url: string
}

async function start(platform: string, guard: string): Promise<Application> {
  const child = await startChild('nest-application', [platform, guard, options])
  return { child, url: `${String(child.greeting)}/orders` }
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
  await child.ask({ do: 'start', sampling } satisfies Command)
  await load(url, requests, tokens) // Also to the bare one, whose requests are to be as long.
  return (await child.ask({ do: 'stop', sampling } satisfies Command)) as Usage
}

function rowOf(platform: string, bare: readonly Usage[], guarded: readonly Usage[]): string[] {
  // The last round sampled the memory, which takes time.
  const cpu = (usages: readonly Usage[]): number => median(usages.slice(0, -1).map((usage) => usage.cpu / requests))
  const kilobytes = (usages: readonly Usage[]): number => (usages.at(-1)?.allocated ?? 0) / requests / 1024
  const heap = (usages: readonly Usage[]): number => (usages.at(-1)?.heap ?? 0) / 2 ** 20
  return [
    platform,
    ...[cpu(bare), cpu(guarded), cpu(guarded) - cpu(bare)].map((value) => value.toFixed(0)),
    ...[kilobytes(bare), kilobytes(guarded), heap(bare), heap(guarded)].map((value) => value.toFixed(1)),
  ]
}
