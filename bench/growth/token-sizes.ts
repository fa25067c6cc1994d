// Tokens of growing length.
import type { Table } from '../report.ts'
import { verifierFor } from '../targets/jwtgate.ts'
import { materialFor } from '../targets/target.ts'
import { compare, type Variant } from './variant.ts'

export async function tokenSizes(): Promise<Table> {
  const material = await materialFor('HS256')
  const variants = [0.5, 1, 2, 4, 8].map((kilobytes): Variant => ({
    name: `${kilobytes} kB`,
    tokens: Array.from({ length: 100 }, (_, index) => tokenOf(kilobytes * 1024, index)),
    verifierWith: (tokenCache) => verifierFor(material, tokenCache),
  }))
  const table = await compare('Length of the token (HS256)', variants)
  await material.issuer.close()
  return table

  /** With as many claims as that takes. */
  function tokenOf(length: number, id: number): string {
    const empty = material.issuer.sign({ jti: String(id) }).length
    const claims: Record<string, string> = {}
    for (let missing = ((length - empty) * 3) / 4, index = 0; missing > 0; index++) {
      const name = `https://claims.example/${index}`
      claims[name] = 'x'.repeat(Math.max(1, Math.min(100, missing - name.length - 6)))
      missing -= name.length + 106
    }
    return material.issuer.sign({ ...claims, jti: String(id) })
  }
}
