// Verifiers for a growing number of issuers: the tokens come from issuers all over the list.
import { createJwtVerifier, type IssuerOptions } from '@jwtgate/core'
import type { TestIssuer } from '@jwtgate/testing'
import { sized } from '../options.ts'
import type { Table } from '../report.ts'
import { tokenCacheOption } from '../targets/jwtgate.ts'
import { materialFor } from '../targets/target.ts'
import { compare, type Variant } from './variant.ts'

const used = 200

/** @param algorithm - HS256 takes the least time, so that the rest shows */
export async function issuers(algorithm: 'HS256' | 'RS256'): Promise<Table> {
  const { issuer, keyText } = await materialFor(algorithm)
  const { audience } = issuer
  const optionsOf = (url: string): IssuerOptions =>
    algorithm === 'HS256'
      ? { issuer: url, audience, algorithms: [algorithm], secret: keyText }
      : { issuer: url, audience, algorithms: [algorithm], publicKey: keyText }
  const variants = sized([1, 10, 100, 1_000], [1, 100]).map((count) => issuersOf(count, issuer, optionsOf))
  const table = await compare(`Issuers of one verifier (${algorithm})`, variants)
  await issuer.close()
  return table
}

function issuersOf(count: number, issuer: TestIssuer, optionsOf: (url: string) => IssuerOptions): Variant {
  const urls = Array.from({ length: count }, (_, index) => `https://issuer-${index}.example`)
  const tokens = Array.from({ length: used }, (_, index) =>
    issuer.sign({ iss: urls[Math.floor((index * count) / used)], jti: String(index) }),
  )
  const options = urls.map(optionsOf)
  return {
    name: `${count.toLocaleString('en')} issuers`,
    tokens,
    verifierWith: (tokenCache) => createJwtVerifier(options, tokenCacheOption(tokenCache)),
  }
}
