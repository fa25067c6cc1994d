// What a token costs that is refused, by algorithm and by what is wrong: time of the one thread that serves all requests, and the
// time until the answer, which is longer where another thread checks the signature.
import { createJwtVerifier, isJwtGateError, type AlgorithmName, type JwtVerifier } from '@jwtgate/core'
import { createTestIssuer } from '@jwtgate/testing'
import { sized } from './options.ts'
import { progress } from './progress.ts'
import { report } from './report.ts'
import { measureInTurns } from './rounds.ts'
import { median } from './statistics.ts'
import { tokenCacheOption } from './targets/jwtgate.ts'

process.env.NODE_ENV = 'production' // No line on the console for each.

const rounds = sized(9, 3)
/** Milliseconds for each measurement. */
const duration = sized(60, 10)

const algorithms: readonly AlgorithmName[] = [
  ...(['HS256', 'HS512', 'RS256', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const),
]

interface Row {
  readonly name: string
  readonly verifier: JwtVerifier
  readonly tokens: readonly string[]
  readonly outcome: string
}

const rows: Row[] = []
for (const alg of algorithms) {
  progress(`tokens of ${alg}`)
  const issuer = await createTestIssuer({ algorithms: [alg] })
  const { issuer: url, audience, secret } = issuer.options
  const keys = secret === undefined ? { jwks: issuer.jwks } : { secret }
  const verifier = createJwtVerifier({ issuer: url, audience, algorithms: [alg], ...keys, ...tokenCacheOption(false) })
  const add = (what: string, outcome: string, token: () => string): void => {
    rows.push({ name: `${alg}: ${what}`, verifier, outcome, tokens: Array.from({ length: 20 }, token) })
  }
  add('good', 'accepted', () => issuer.sign())
  add('another signature', 'signature_invalid', () => issuer.bad.badSignature())
  if (alg === 'ES256') {
    add('another algorithm', 'algorithm_not_allowed', () => issuer.bad.algNone())
    add('another issuer', 'issuer_mismatch', () => issuer.bad.wrongIssuer())
    add('an unknown kid', 'key_unknown', () => issuer.bad.unknownKid())
    add('16 kB of dots', 'token_malformed', () => '.'.repeat(16_384))
    add('16 kB of text', 'token_malformed', () => 'A'.repeat(16_384))
    add('a megabyte', 'token_malformed', () => 'A'.repeat(1_048_576))
  }
  await issuer.close()
}

for (const row of rows) await check(row)
const turns = rows.map((row) => ({ name: row.name, measure: () => measure(row) }))
const costs = await measureInTurns('forged', turns, rounds)
report({
  section: 'forged-tokens',
  title: 'A token that is refused',
  method:
    'One token after the other. "Thread": time of the one thread that serves all requests; of ES384 and ES512, other threads ' +
    `check the signature. Medians of ${rounds} rounds.`,
  tables: [
    {
      caption: 'By algorithm, and by what is wrong',
      columns: ['', 'thread, µs', 'answer after, µs', 'outcome'],
      rows: rows.map(({ name, outcome }, index) => {
        const own = costs[index] ?? []
        const [thread, answer] = [own.map((cost) => cost.thread), own.map((cost) => cost.answer)]
        return [name, median(thread).toFixed(1), median(answer).toFixed(1), outcome]
      }),
    },
  ],
  packages: [],
})

/** Nothing is measured that does not end as its name says. */
async function check({ name, verifier, tokens, outcome }: Row): Promise<void> {
  for (const token of tokens) {
    const found = await outcomeOf(verifier, token)
    if (found !== outcome) throw new Error(`${name}: ${found} in place of ${outcome}`)
  }
}

/** Microseconds for each token. */
interface ForgedCost {
  readonly thread: number
  readonly answer: number
}

async function measure({ verifier, tokens }: Row): Promise<ForgedCost> {
  const startedAt = performance.now()
  const before = performance.eventLoopUtilization()
  let verified = 0
  while (performance.now() - startedAt < duration) {
    for (const token of tokens) await outcomeOf(verifier, token)
    verified += tokens.length
  }
  const { active } = performance.eventLoopUtilization(before)
  return { thread: (active / verified) * 1000, answer: ((performance.now() - startedAt) / verified) * 1000 }
}

function outcomeOf(verifier: JwtVerifier, token: string): Promise<string> {
  return verifier.verify(token).then(
    () => 'accepted',
    (error: unknown) => (isJwtGateError(error) ? error.code : 'no error of ours'),
  )
}
