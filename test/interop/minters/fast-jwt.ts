// fast-jwt: the JWT of Fastify's plugin. It refuses to sign times with fractions.
import { createSigner, createVerifier, type Algorithm, type SignerOptions } from 'fast-jwt'
import { answerOfLibrary, type Library } from '../library.ts'
import { name, type Minter } from '../minter.ts'
import { nodeKeyMaker, verifierOf } from '../node-keys.ts'
import { algorithmsOfOld } from '../program.ts'

export const fastJwt: Minter = {
  name: 'fast-jwt',
  debian: [],
  algorithms: algorithmsOfOld,
  wholeSeconds: true,
  mint: (order) => answerOfLibrary(order, library()),
}

type Key = string | Buffer

function library(): Library<Key> {
  const sign = (claims: object, key: Key, options: SignerOptions): string =>
    createSigner({ ...options, key })({ ...claims })
  return {
    newKey: nodeKeyMaker(),
    sign: ({ alg, kid: withKid, typ, claims }, key, kid) => {
      // Lays the header over its own: an undefined member is not written.
      const header = typ === undefined ? {} : { header: { alg, typ: typ ?? undefined } as SignerOptions['header'] }
      return sign(claims, key, { algorithm: alg as Algorithm, ...header, ...(withKid ? { kid } : {}) } as SignerOptions)
    },
    ownWays: async ({ issuer: iss, audience: aud }, alg, key) => {
      const algorithm = alg as Algorithm
      const options: SignerOptions = { algorithm, iss, sub: 'alice', jti: 'one' }
      const listed = sign({ name }, key, { ...options, aud: [aud], expiresIn: 3_600_000, notBefore: 0 })
      const asText = sign({ name }, key, { ...options, aud, expiresIn: '1h', noTimestamp: false })
      return [
        { about: 'claims by options, durations in milliseconds', token: listed },
        { about: '`expiresIn` as text', token: asText },
      ]
    },
    accepts: async ({ alg, token, key }, { audience }) => {
      try {
        createVerifier({ key: verifierOf(key), algorithms: [alg as Algorithm], allowedAud: audience })(token)
        return true
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'FAST_JWT_INVALID_SIGNATURE') return false
        throw error
      }
    },
  }
}
