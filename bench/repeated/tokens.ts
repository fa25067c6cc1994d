// Tokens of many users, as access tokens are.
import { progress } from '../progress.ts'
import type { Material } from '../targets/target.ts'

export function tokensOfUsers({ issuer }: Material, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    if (index % 1_000 === 0) progress(`token ${index} of ${count}`)
    return issuer.sign({
      sub: `auth0|user-${index}`,
      jti: `b7d3cf1e-${index}`,
      client_id: 'b7d3cf1e-orders-frontend',
      scope: 'openid profile email orders:read orders:create orders:delete',
      permissions: ['orders:read', 'orders:create', 'orders:delete', 'invoices:read'],
    })
  })
}
