// Key sets of growing size: the tokens are signed with keys from all over the set.
import { createJwtVerifier } from '@jwtgate/core'
import { createTestIssuer } from '@jwtgate/testing'
import { sized } from '../options.ts'
import { progress } from '../progress.ts'
import type { Table } from '../report.ts'
import { tokenCacheOption } from '../targets/jwtgate.ts'
import { compare, type Variant } from './variant.ts'

const used = 50

export async function keySets(): Promise<Table> {
  const variants: Variant[] = []
  for (const count of sized([1, 10, 100, 1_000, 10_000], [1, 10, 1_000])) variants.push(await keySetOf(count))
  return compare('Keys in a local set (ES256)', variants)
}

async function keySetOf(count: number): Promise<Variant> {
  progress(`a set of ${count} keys`)
  const issuer = await createTestIssuer({ algorithms: ['ES256'] })
  for (let made = 1; made < count; made++) issuer.rotate()
  const { url, audience, jwks } = issuer
  const kids = jwks.keys.map(({ kid }) => kid ?? '')
  const tokens = Array.from({ length: used }, (_, index) => {
    const kid = kids[Math.floor((index * count) / used)] ?? ''
    return issuer.sign({ jti: String(index) }, { kid })
  })
  await issuer.close()
  return {
    name: `${count.toLocaleString('en')} keys`,
    tokens,
    verifierWith: (tokenCache) =>
      createJwtVerifier({ issuer: url, audience, algorithms: ['ES256'], jwks, ...tokenCacheOption(tokenCache) }),
  }
}
