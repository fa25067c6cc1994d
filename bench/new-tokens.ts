// What a token costs that was never seen before, by algorithm: ours and other libraries, over the bare signature check.
import type { AlgorithmName } from '@jwtgate/core'
import { acceptedBadTokens, refusalNote } from './bad-tokens.ts'
import { FreshStrings } from './fresh-strings.ts'
import { sized } from './options.ts'
import { progress } from './progress.ts'
import { report, type Bar, type Table } from './report.ts'
import { measureInTurns, type Turn } from './rounds.ts'
import { median, ratios, spreadOf, written } from './statistics.ts'
import { awsJwtVerifyTargets } from './targets/aws-jwt-verify.ts'
import { fastJwtTargets } from './targets/fast-jwt.ts'
import { floorsFor } from './targets/floor.ts'
import { joseTarget } from './targets/jose.ts'
import { jsonwebtokenTargets } from './targets/jsonwebtoken.ts'
import { hasTokenCache, jwtgateTargets } from './targets/jwtgate.ts'
import { materialFor, subjectFoundBy, type Material, type Target } from './targets/target.ts'
import { costPerItem, costPerToken, type Cost } from './timing.ts'

process.env.NODE_ENV = 'production' // No line on the console for each refusal.

const rounds = sized(31, 5)
const algorithms: readonly AlgorithmName[] = ['HS256', 'RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']

const tables: Table[] = []
const bars: Bar[] = []
for (const algorithm of algorithms) {
  const material = await materialFor(algorithm)
  tables.push(await tableFor(material))
  await material.issuer.close()
}

report({
  section: 'new-tokens',
  title: 'A token that is new',
  method:
    `Signature, \`iss\`, \`aud\`, \`exp\` and \`nbf\` of tokens of about ten lines of JSON, each seen once by each library, as fresh ` +
    `strings, one after the other; ${rounds} rounds, all in turn. "× floor" is the time over that of node:crypto alone in the ` +
    'same round, and the same for the processor time of all threads (jose leaves signatures to another one). ' +
    (hasTokenCache
      ? 'jwtgate as it is puts each token into its cache; the row below has none.'
      : 'This jwtgate has no token cache yet.') +
    ' "Refuses": of a bad signature, a changed payload, expired, not yet valid, a wrong audience, a wrong issuer and `alg: none`.',
  tables,
  packages: ['jose', 'jsonwebtoken', 'fast-jwt', 'aws-jwt-verify'],
  bars,
})

async function tableFor(material: Material): Promise<Table> {
  const { algorithm, issuer } = material
  const targets: readonly Target[] = [
    ...jwtgateTargets(material),
    ...fastJwtTargets(material),
    ...jsonwebtokenTargets(material),
    ...awsJwtVerifyTargets(material),
    await joseTarget(material),
  ]
  const refusals = new Map<Target, string>()
  for (const target of targets) {
    const accepted = await acceptedBadTokens(target.name, issuer, (token) => subjectFoundBy(target, token))
    refusals.set(target, refusalNote(accepted))
  }

  const pools = tokensFor(material)
  const floors = floorsFor(material)
  const tokensOf = (round: number): readonly string[] => pools[round]?.take() ?? []
  const turns: readonly Turn<Cost>[] = [
    ...floors.map(({ name, prepare }) => ({
      name,
      measure: (round: number) => costPerItem(tokensOf(round).length, prepare(tokensOf(round))),
    })),
    ...targets.map((target) => ({
      name: target.name,
      measure: (round: number) => costPerToken(target, tokensOf(round)),
    })),
  ]
  const costs = await measureInTurns(algorithm, turns, rounds)

  const times = costs.map((own) => own.map(({ time }) => time))
  const cpus = costs.map((own) => own.map(({ cpu }) => cpu))
  const rows = turns.map(({ name }, index) => {
    const target = targets[index - floors.length]
    const time = spreadOf(ratios(times[index] ?? [], times[0] ?? []))
    const cpu = median(ratios(cpus[index] ?? [], cpus[0] ?? []))
    if (target !== undefined) bars.push({ group: algorithm, name, value: time.median })
    const refuses = target === undefined ? 'checks no claims' : (refusals.get(target) ?? '')
    return [name, written(time, 2), cpu.toFixed(2), median(times[index] ?? []).toFixed(1), refuses]
  })
  return { caption: algorithm, columns: ['', '× floor', '× floor, CPU', 'µs', 'refuses'], rows }
}

/** For each round its own, so that nothing is ever seen twice. */
function tokensFor({ algorithm, issuer }: Material): readonly FreshStrings[] {
  const count = algorithm.startsWith('HS') ? sized(2_000, 500) : sized(200, 40)
  return Array.from({ length: rounds + 1 }, (_, round) => {
    progress(`${algorithm}: tokens for round ${round} of ${rounds}`)
    return new FreshStrings(Array.from({ length: count }, (_, index) => tokenOf(issuer, `${round}-${index}`)))
  })
}

/** As access tokens are: some ids, a scope, some permissions. */
function tokenOf(issuer: Material['issuer'], id: string): string {
  return issuer.sign({
    sub: `auth0|user-${id}`,
    jti: id,
    client_id: 'b7d3cf1e-orders-frontend',
    scope: 'openid profile email orders:read',
    permissions: ['orders:read', 'orders:create', 'orders:delete'],
  })
}
