// Tokens with a growing number of permissions, on a request whose guard asks for the last of them.
import { createAuthenticator, createAuthorizer } from '@jwtgate/core'
import type { Table } from '../report.ts'
import { verifierFor } from '../targets/jwtgate.ts'
import { materialFor } from '../targets/target.ts'
import { compare, type Variant } from './variant.ts'

export async function permissions(): Promise<Table> {
  const material = await materialFor('HS256')
  const variants = [1, 10, 30, 100].map((count): Variant => {
    const names = Array.from({ length: count }, (_, index) => `resource-${index}:read`)
    return {
      name: `${count} permissions`,
      tokens: Array.from({ length: 200 }, (_, index) =>
        material.issuer.sign({ permissions: names, jti: String(index) }),
      ),
      verifierWith: (tokenCache) => {
        const authenticate = createAuthenticator(verifierFor(material, tokenCache))
        const authorize = createAuthorizer('permission', names.slice(-1))
        const verify = async (token: string): Promise<object> => {
          const authorization = `Bearer ${token}`
          const request = { headers: { authorization }, rawHeaders: ['Authorization', authorization] }
          await authenticate(request)
          authorize(request)
          return request
        }
        return { verify }
      },
    }
  })
  const table = await compare('Permissions in the token (HS256), one of them asked for by a guard', variants)
  await material.issuer.close()
  return table
}
