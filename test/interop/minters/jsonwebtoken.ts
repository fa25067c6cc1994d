// jsonwebtoken: what most Node APIs sign with that do not leave it to a provider. It has no EdDSA.
import jsonwebtoken from 'jsonwebtoken'
import { answerOfLibrary, type Library } from '../library.ts'
import { name, type Minter } from '../minter.ts'
import { nodeKeyMaker, verifierOf } from '../node-keys.ts'
import { algorithmsOfOld } from '../program.ts'

const { JsonWebTokenError, sign, verify } = jsonwebtoken

export const jsonWebToken: Minter = {
  name: 'jsonwebtoken',
  debian: [],
  algorithms: algorithmsOfOld.filter((alg) => alg !== 'EdDSA'),
  mint: (order) => answerOfLibrary(order, library()),
}

type Algorithm = jsonwebtoken.Algorithm

function library(): Library<string | Buffer> {
  return {
    newKey: nodeKeyMaker(),
    sign: ({ alg, kid: withKid, typ, claims }, key, kid) => {
      const algorithm = alg as Algorithm
      // Lays the header over its own: an undefined member is not written.
      const header = typ === undefined ? {} : { header: { alg, typ: typ ?? undefined } as jsonwebtoken.JwtHeader }
      return sign({ ...claims }, key, { algorithm, ...header, ...(withKid ? { keyid: kid } : {}) })
    },
    ownWays: async ({ issuer, audience }, alg, key) => {
      const options: jsonwebtoken.SignOptions = { algorithm: alg as Algorithm, issuer, subject: 'alice' }
      const all = sign({ name }, key, { ...options, audience: [audience], expiresIn: '1h', notBefore: 0, jwtid: 'one' })
      const withoutTimestamp = sign({ name }, key, { ...options, audience, expiresIn: 3600, noTimestamp: true })
      return [
        { about: 'claims by options, `expiresIn` as text', token: all },
        { about: 'no `iat`', token: withoutTimestamp },
      ]
    },
    accepts: async ({ alg, token, key }, { audience }) => {
      try {
        verify(token, verifierOf(key), { algorithms: [alg as Algorithm], audience })
        return true
      } catch (error) {
        if (error instanceof JsonWebTokenError && error.message === 'invalid signature') return false
        throw error
      }
    },
  }
}
