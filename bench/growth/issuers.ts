// Verifiers for a growing number of issuers: the tokens come from issuers all over the list.
import { createJwtVerifier, type IssuerOptions } from '@jwtgate/core'
import type { TestIssuer } from '@jwtgate/testing'
import { sized } from '../options.ts'
import type { Table } from '../report.ts'
import { tokenCacheOption } from '../targets/jwtgate.ts'
import { materialFor } from '../targets/target.ts'
import { compare, type Variant } from './variant.ts'

const used = 200

export async function issuers(): Promise<Table> {
  // The signature that takes the least time, so that the rest shows.
  const { issuer, keyText } = await materialFor('HS256')
  const variants = sized([1, 10, 100, 1_000], [1, 100]).map((count) => issuersOf(count, issuer, keyText))
  const table = await compare('Issuers of one verifier (HS256)', variants)
  await issuer.close()
  return table
}

function issuersOf(count: number, issuer: TestIssuer, secret: string): Variant {
  const urls = Array.from({ length: count }, (_, index) => `https://issuer-${index}.example`)
  const { audience } = issuer
  const tokens = Array.from({ length: used }, (_, index) =>
    issuer.sign({ iss: urls[Math.floor((index * count) / used)], jti: String(index) }),
  )
  const options = urls.map((url): IssuerOptions => ({ issuer: url, audience, algorithms: ['HS256'], secret }))
  return {
    name: `${count.toLocaleString('en')} issuers`,
    tokens,
    verifierWith: (tokenCache) => createJwtVerifier(options, tokenCacheOption(tokenCache)),
  }
}
