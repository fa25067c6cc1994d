// A program of a user, on the built package: closes its issuer while somebody still waits for an answer.
import { createTestIssuer } from '@jwtgate/testing'

const issuer = await createTestIssuer()
await issuer.outage('hang')
const waiting = fetch(issuer.jwksUri).then(
  () => 'answered',
  () => 'cut off',
)
while (issuer.fetches.jwks === 0) await new Promise((resolve) => setTimeout(resolve, 1))
await issuer.close()
console.log(await waiting)
