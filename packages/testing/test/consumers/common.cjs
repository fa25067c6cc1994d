// A program of a user, on the built package: CommonJS, without closing anything.
const { createJwtVerifier } = require('@jwtgate/core')
const { badTokens, createTestIssuer } = require('@jwtgate/testing')

async function main() {
  const issuer = await createTestIssuer()
  const { claims } = await createJwtVerifier(issuer.options).verify(issuer.sign())
  console.log(claims.sub, badTokens.length > 30)
}

void main()
