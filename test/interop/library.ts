// Implementations that run in this process: what each has to know how to do, and how that becomes an answer.
import type { AlgorithmName } from '@jwtgate/core'
import type { Answer, Check, Keys, Material, Order, OwnWay, TokenOrder } from './minter.ts'

export interface Library<Key> {
  /** The same RSA key for all that sign with RSA would do: `which` says whether it signs. */
  readonly newKey: (alg: AlgorithmName, which: keyof Keys) => Promise<LibraryKey<Key>>
  readonly sign: (order: TokenOrder, key: Key, kid: string) => Promise<string> | string
  readonly ownWays: (order: Order, alg: AlgorithmName, key: Key) => Promise<readonly Omit<OwnWay, 'alg'>[]>
  readonly accepts: (check: Check, order: Order) => Promise<boolean>
}

export interface LibraryKey<Key> {
  readonly signer: Key
  readonly kid: string
  readonly material: Material
}

export async function answerOfLibrary<Key>(order: Order, library: Library<Key>): Promise<Answer> {
  const signers = new Map<AlgorithmName, LibraryKey<Key>>()
  const keys: [AlgorithmName, Keys][] = []
  for (const alg of order.algorithms) {
    const own = await library.newKey(alg, 'own')
    const other = await library.newKey(alg, 'other')
    signers.set(alg, own)
    keys.push([alg, { own: own.material, other: other.material }])
  }
  const signerFor = (alg: AlgorithmName): LibraryKey<Key> => {
    const signer = signers.get(alg)
    if (signer === undefined) throw new Error(`No key for ${alg}`)
    return signer
  }
  const tokens: string[] = []
  for (const token of order.tokens) {
    const { signer, kid } = signerFor(token.alg)
    tokens.push(await library.sign(token, signer, kid))
  }
  const ownWays: OwnWay[] = []
  for (const alg of ['HS256', 'ES256'] as const) {
    for (const way of await library.ownWays(order, alg, signerFor(alg).signer)) ownWays.push({ ...way, alg })
  }
  const verdicts: boolean[] = []
  for (const check of order.checks) verdicts.push(await library.accepts(check, order))
  return { keys: Object.fromEntries(keys), tokens, ownWays, verdicts }
}
