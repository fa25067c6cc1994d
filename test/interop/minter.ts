// What is asked of an implementation that is not ours, and what it answers: keys and tokens of its own making.
import type { AlgorithmName, Jwk } from '@jwtgate/core'
import type { Claims } from '../support/mint.ts'

/** One implementation, and how to have it mint. */
export interface Minter {
  readonly name: string
  /** The Debian packages that it takes; none for what comes with our own dependencies. */
  readonly debian: readonly string[]
  readonly algorithms: readonly AlgorithmName[]
  /** It writes no fractions of seconds. */
  readonly wholeSeconds?: true
  /** All that is ordered, by one process; `undefined` where it is not installed. */
  readonly mint: (order: Order) => Promise<Answer | undefined>
}

/** Programs get it as JSON. */
export interface Order {
  /** For what they sign in their own ways. */
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly AlgorithmName[]
  readonly tokens: readonly TokenOrder[]
  readonly checks: readonly Check[]
}

export interface TokenOrder {
  readonly about: string
  readonly alg: AlgorithmName
  /** Whether the header names the key. */
  readonly kid: boolean
  /** `null`: none. Left out: as the implementation does by itself. */
  readonly typ?: string | null
  readonly claims: Claims
}

/** The other direction: a token of ours that it has to accept, or to refuse. */
export interface Check {
  readonly alg: AlgorithmName
  readonly token: string
  readonly key: Material
}

/** A public key or a secret, in the forms that the implementation itself writes. */
export interface Material {
  readonly jwk?: Jwk
  /** PEM, by what it is. */
  readonly pem?: Readonly<Record<string, string>>
  /** The bytes of an HMAC secret as base64url. */
  readonly secret?: string
}

/** The key that signs, and one that signs nothing. */
export interface Keys {
  readonly own: Material
  readonly other: Material
}

/** Programs write it as JSON. */
export interface Answer {
  readonly keys: Partial<Readonly<Record<AlgorithmName, Keys>>>
  /** In the order of {@link Order.tokens}. */
  readonly tokens: readonly string[]
  readonly ownWays: readonly OwnWay[]
  /** Whether it accepts the token of each of {@link Order.checks}. */
  readonly verdicts: readonly boolean[]
}

/** What its users write rather than a ready set of claims: about `alice` with this {@link name}, for an hour. */
export interface OwnWay {
  readonly about: string
  readonly alg: AlgorithmName
  readonly token: string
}

/** The programs have it as text of their own. */
export const name = 'Zoë 林檎 😀'
