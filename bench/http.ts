// What a guarded route costs beside a bare one, over HTTP: every application in a process of its own, loaded in turns.
import { acceptedBadTokens, refusalNote } from './bad-tokens.ts'
import { startChild, type Child } from './child.ts'
import { frameworks, type Framework } from './http/applications.ts'
import type { Answered, Load } from './http/load-program.ts'
import { settingsFor } from './http/settings.ts'
import { sized } from './options.ts'
import { progress } from './progress.ts'
import { report, type Bar, type Table } from './report.ts'
import { measureInTurns } from './rounds.ts'
import { differences, median, spreadOf, written } from './statistics.ts'
import { materialFor } from './targets/target.ts'

const rounds = sized(9, 2)
const requests = sized(4_000, 800)
const connections = 16
/** Before anything is measured: V8 takes ten thousand requests to compile all of it as well as it can. */
const warmUps = sized(4, 1)

/** What is refused by applications without a library. */
const withoutLibrary: ReadonlyMap<string, string> = new Map([
  ['bare', 'nothing'],
  ['signatureOnly', 'checks no claims'],
])

interface Application {
  readonly title: string
  readonly url: string
  readonly child: Child
  readonly refuses: string
}

interface Sample extends Answered {
  /** Microseconds for each request. */
  readonly cpu: number
}

const material = await materialFor('RS256')
const { issuer } = material
const loader = await startChild('http/load-program', [])
const known = tokens('known', 1_000)
const repeated = Array.from({ length: requests }, (_, index) => known[index % known.length] ?? '')
const fresh = Array.from({ length: rounds + 1 + warmUps }, (_, round) => tokens(`round ${round}`, requests))

const tables: Table[] = []
const bars: Bar[] = []
for (const framework of frameworks) await measureOn(framework)
loader.end()
await issuer.close()

report({
  section: 'http',
  title: 'A guarded route over HTTP',
  method:
    `RS256, ${rounds} rounds of ${requests} requests over ${connections} connections, from a second process; each application ` +
    'is a process of its own, all in turn, after so many requests that V8 has compiled what it will. The key set comes from a ' +
    'server on this machine ("crypto.verify alone", which looks at nothing else, and @nestjs/jwt are given the PEM). Bare ' +
    'routes are sent the same tokens. The sender never sleeps, but turns in a loop and takes a processor: to wake it ' +
    'for each answer would be charged to who answers. ' +
    '"More CPU": processor time for each request over the bare route in the same round. ' +
    '"Refuses": as above, by status 401.',
  tables,
  packages: [
    ...frameworks.map((framework) => framework.package),
    'express-oauth2-jwt-bearer',
    'express-jwt',
    'jwks-rsa',
    'koa-jwt',
    '@nestjs/jwt',
    'autocannon',
  ],
  bars,
})

async function measureOn(framework: Framework): Promise<void> {
  const applications: Application[] = []
  for (const [name, title] of framework.applications) applications.push(await started(framework.name, name, title))
  for (const application of applications) {
    progress(`${framework.name}, ${application.title}: warm-up`)
    for (const tokens of fresh.slice(rounds + 1)) await loadOf(application, tokens)
  }

  const modes = [
    ['every token new', (round: number): readonly string[] => fresh[round] ?? []],
    ['1,000 tokens again and again', (): readonly string[] => repeated],
  ] as const
  for (const [mode, tokensOf] of modes) {
    const turns = applications.map((application) => ({
      name: application.title,
      measure: async (round: number) => {
        if (tokensOf(round) === repeated || round === 0) await loadOf(application, known.slice(0, 992)) // Seen before.
        return measured(application, tokensOf(round))
      },
    }))
    const samples = await measureInTurns(`${framework.name}, ${mode}`, turns, rounds)
    tables.push(tableOf(`${framework.name}, ${mode}`, applications, samples))
  }
  for (const { child } of applications) child.end()
}

async function started(framework: string, name: string, title: string): Promise<Application> {
  progress(`${framework}, ${title}: start`)
  const child = await startChild('http/application', [framework, name, JSON.stringify(settingsFor(material))])
  const url = `${String(child.greeting)}/orders`
  if (name === 'signatureOnly') await refusesForged(url)
  return { title, url, child, refuses: withoutLibrary.get(name) ?? (await refusals(title, url)) }
}

/** The least that it has to refuse. */
async function refusesForged(url: string): Promise<void> {
  const { status } = await fetch(url, { headers: { authorization: `Bearer ${issuer.bad.badSignature()}` } })
  if (status === 200) throw new Error(`${url} checks no signature`)
}

/** Nobody looks fast by letting everybody in. */
async function refusals(title: string, url: string): Promise<string> {
  const odd = new Set<number>()
  const accepted = await acceptedBadTokens(title, issuer, async (token) => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    const { status } = response
    const text = await response.text()
    if (status === 200) return (JSON.parse(text) as { readonly sub: string }).sub
    if (status !== 401) odd.add(status)
    throw new Error(`It answered with ${status}`)
  })
  const withoutToken = await fetch(url)
  await withoutToken.text()
  if (withoutToken.status === 200) accepted.push('no token')
  return refusalNote(accepted) + (odd.size === 0 ? '' : ` (some with ${[...odd].join(', ')})`)
}

async function measured(application: Application, tokens: readonly string[]): Promise<Sample> {
  await application.child.ask({ do: 'start' })
  const answered = await loadOf(application, tokens)
  const cpu = (await application.child.ask({ do: 'stop' })) as number
  return { ...answered, cpu: cpu / tokens.length }
}

async function loadOf({ url }: Application, tokens: readonly string[]): Promise<Answered> {
  return (await loader.ask({ url, tokens, connections } satisfies Load)) as Answered
}

function tableOf(
  caption: string,
  applications: readonly Application[],
  samples: readonly (readonly Sample[])[],
): Table {
  const [bare = []] = samples
  const rows = applications.map(({ title, refuses }, index) => {
    const own = samples[index] ?? []
    const more = spreadOf(differences(own.map(cpuOf), bare.map(cpuOf)))
    const perSecond = median(own.map((sample) => sample.perSecond))
    const part = median(own.map((sample, round) => sample.perSecond / (bare[round]?.perSecond ?? Number.NaN)))
    if (index > 0) bars.push({ group: caption, name: title, value: more.median })
    return [
      title,
      index === 0 ? '' : written(more, 0),
      median(own.map(cpuOf)).toFixed(0),
      perSecond.toFixed(0),
      `${(part * 100).toFixed(0)} %`,
      median(own.map(({ p99 }) => p99)).toFixed(1),
      refuses,
    ]
  })
  return { caption, columns: ['', 'more CPU, µs', 'CPU, µs', 'requests/s', 'of bare', 'p99, ms', 'refuses'], rows }
}

function cpuOf({ cpu }: Sample): number {
  return cpu
}

function tokens(name: string, count: number): readonly string[] {
  progress(`tokens: ${name}`)
  return Array.from({ length: count }, (_, index) =>
    issuer.sign({
      sub: `user-${index}`,
      jti: `${name}-${index}`,
      scope: 'openid profile email orders:read',
      permissions: ['orders:read', 'orders:create', 'orders:delete'],
    }),
  )
}
