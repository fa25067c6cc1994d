// What jose's own jwtVerify() says of a token under the same options, and the rules by which it may refuse what we accept.
import {
  createLocalJWKSet,
  errors,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTPayload,
} from 'jose'
import { now } from '../support/mint.ts'
import { keyNamed } from './key-pool.ts'
import { jwkOfEntry, type Setup } from './setups.ts'

/** The claims, or why jose refuses. */
export type JoseVerdict = { readonly payload: JWTPayload } | { readonly refusal: string }

export interface Jose {
  verdict(token: string): Promise<JoseVerdict>
}

export function joseFor(setup: Setup, change: (jwk: Jwk) => Jwk = (jwk) => jwk): Jose {
  const options: JWTVerifyOptions = {
    issuer: [...setup.issuers],
    ...(setup.audiences !== null && { audience: [...setup.audiences] }),
    algorithms: [...setup.algorithms],
    clockTolerance: setup.clockTolerance,
    ...(setup.maxTokenAge !== undefined && { maxTokenAge: setup.maxTokenAge }),
    requiredClaims: ['iss', 'exp', ...(setup.nbfIsOptional ? [] : ['nbf']), ...setup.requiredClaims],
    ...(setup.types.length === 1 && { typ: setup.types[0] ?? '' }),
    currentDate: new Date(now * 1000),
  }
  const keys = keysFor(setup, change)
  return {
    async verdict(token) {
      let refusal = 'none of the keys'
      for (const key of keys) {
        try {
          return { payload: (await jwtVerify(token, key, options)).payload }
        } catch (error) {
          if (error instanceof errors.JWKSMultipleMatchingKeys) return oneOfSeveral(token, error, options)
          refusal = refusalOf(error)
        }
      }
      return { refusal }
    },
  }
}

function keysFor({ given }: Setup, change: (jwk: Jwk) => Jwk): readonly JWTVerifyGetKey[] {
  switch (given.kind) {
    case 'secret':
      return given.keys.map((name) => () => keyNamed(name).verifier)
    case 'publicKey':
      return [() => keyNamed(given.key).verifier]
    case 'jwks': {
      // jose takes a set with anything else in it for no set at all.
      const isObject = (jwk: unknown): jwk is Jwk => typeof jwk === 'object' && jwk !== null && !Array.isArray(jwk)
      return [createLocalJWKSet({ keys: given.entries.map(jwkOfEntry).filter(isObject).map(change) as never[] })]
    }
  }
}

/** As jose's documentation says to go on. */
async function oneOfSeveral(
  token: string,
  several: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<JoseVerdict> {
  let refusal = 'none of the keys'
  for await (const key of several) {
    try {
      return { payload: (await jwtVerify(token, key, options)).payload }
    } catch (error) {
      refusal = refusalOf(error)
    }
  }
  return { refusal }
}

function refusalOf(error: unknown): string {
  if (error instanceof errors.JOSEError) return error.code
  return error instanceof Error ? error.name : 'something else'
}

type Jwk = Readonly<Record<string, unknown>>

/** Where we accept what jose refuses: for each there is a reason, or it is a bug of ours. */
interface Rule {
  readonly name: string
  /** What jose would have to be given to say the same. */
  readonly relax: (jwk: Jwk) => Jwk
}

const rules: readonly Rule[] = [
  {
    // RFC 7517 section 4.3: `key_ops` says what a key is for. jose imports it for all of that, and a public key cannot sign.
    name: 'a public key whose `key_ops` has `sign` besides `verify` may verify',
    relax: (jwk) =>
      Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify') ? { ...jwk, key_ops: ['verify'] } : jwk,
  },
  {
    // RFC 9864 section 2.2: jose compares the label with the name in the token.
    name: 'EdDSA and Ed25519 are two names of one algorithm: a key with the one label verifies both',
    relax: (jwk) => (jwk.alg === 'EdDSA' || jwk.alg === 'Ed25519' ? { ...jwk, alg: undefined } : jwk),
  },
]

/** The rules that together explain that jose refuses this token, or `undefined`. */
export async function explanationOf(token: string, setup: Setup): Promise<string | undefined> {
  for (const some of [...rules.map((rule) => [rule]), rules]) {
    const relaxed = joseFor(setup, (jwk) => some.reduce((changed, { relax }) => relax(changed), jwk))
    if ('payload' in (await relaxed.verdict(token))) return some.map(({ name }) => name).join('; and ')
  }
  return undefined
}
