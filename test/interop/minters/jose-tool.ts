// The program `jose` of the C implementation (latchset/jose, on OpenSSL and Jansson). It has no EdDSA and no PEM.
import type { AlgorithmName, Jwk } from '@jwtgate/core'
import type { Answer, Keys, Material, Minter, Order } from '../minter.ts'
import { runProgram, scriptOf } from '../program.ts'

export const joseTool: Minter = {
  name: 'jose (C)',
  debian: ['jose'],
  algorithms: [
    ...(['HS256', 'HS384', 'HS512', 'ES256', 'ES384', 'ES512'] as const),
    ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ],
  mint,
}

async function mint({ algorithms, tokens, checks }: Order): Promise<Answer | undefined> {
  const names = [...new Set(algorithms.map(nameOf))].flatMap((name) => [name, `${name}-other`])
  const lines = [
    ...names.map((name) => ['key', name, JSON.stringify(templateOf(name))]),
    ...tokens.map(({ alg, kid, typ, claims }) => {
      const header = {
        ...(typ === undefined || typ === null ? {} : { typ }),
        alg,
        ...(kid ? { kid: nameOf(alg) } : {}),
      }
      return ['sign', nameOf(alg), JSON.stringify(header), JSON.stringify(claims)]
    }),
    ...checks.map(({ token, key: { jwk, secret } }) => [
      'check',
      token,
      JSON.stringify(jwk ?? { kty: 'oct', k: secret }),
    ]),
  ]
  const input = lines.map((fields) => `${fields.join('\t')}\n`).join('')
  const output = await runProgram('sh', [scriptOf('jose-tool.sh')], input)
  if (output === undefined) return undefined

  const answers = output.trimEnd().split('\n')
  if (answers.length !== lines.length) throw new Error(`${answers.length} answers to ${lines.length} lines`)
  const materials = new Map(names.map((name, index) => [name, materialOf(answers[index] ?? '')]))
  const rest = answers.slice(names.length)
  const keysFor = (alg: AlgorithmName): Keys => ({
    own: materials.get(nameOf(alg)) ?? {},
    other: materials.get(`${nameOf(alg)}-other`) ?? {},
  })
  return {
    keys: Object.fromEntries(algorithms.map((alg) => [alg, keysFor(alg)])),
    tokens: rest.slice(0, tokens.length),
    ownWays: [],
    verdicts: rest.slice(tokens.length).map((verdict) => verdict === 'true'),
  }
}

/** One RSA key for all that sign with RSA: to make one takes it half a second. */
function nameOf(alg: AlgorithmName): string {
  return /^[RP]S/.test(alg) ? 'RSA' : alg
}

function templateOf(name: string): object {
  const [type] = name.split('-')
  return { kid: name, ...(type === 'RSA' ? { kty: 'RSA', bits: 2048 } : { alg: type }) }
}

function materialOf(line: string): Material {
  const jwk = JSON.parse(line) as Jwk
  return typeof jwk.k === 'string' ? { secret: jwk.k } : { jwk }
}
