// The keys of one issuer: made when first needed, published, rotated, withdrawn.
import type { AlgorithmName, Jwk } from '@jwtgate/core'
import { giveBack, isHmac, takeKeyPair, type KeyPair } from './key-pair.ts'

/** A JWK Set (RFC 7517 section 5) with public keys only. */
export interface TestJwks {
  readonly keys: readonly Jwk[]
}

export interface IssuerKey extends KeyPair {
  readonly alg: AlgorithmName
  readonly kid: string
}

export class KeyRing {
  /** The newest first; also those that are no longer published, so that a test can still sign with them. */
  #keys: readonly IssuerKey[] = []
  readonly #published = new Set<IssuerKey>()
  #closed = false

  /** The key that signs with this algorithm, made and published if there is none yet. */
  current(alg: AlgorithmName): IssuerKey {
    return this.#keys.find((key) => key.alg === alg) ?? this.#add(alg)
  }

  /** @throws Error if there is no such key */
  named(kid: string): IssuerKey {
    const key = this.#keys.find((key) => key.kid === kid)
    if (key !== undefined) return key
    throw new Error(
      `The issuer has no key ${JSON.stringify(kid)}. For a token that only claims to be signed with it: header: { kid }.`,
    )
  }

  /** A new key for each algorithm that has one. */
  rotate(publishOld: boolean): void {
    if (!publishOld) this.#published.clear()
    for (const alg of new Set(this.#keys.map(({ alg }) => alg))) this.#add(alg)
  }

  withdraw(key: IssuerKey): void {
    this.#published.delete(key)
  }

  /** RFC 7517 section 5. Secrets are never in it. */
  jwks(): TestJwks {
    const published = this.#keys.filter((key) => this.#published.has(key) && !isHmac(key.alg))
    return { keys: published.map(publicJwk) }
  }

  /** The published secrets as text, the newest first. */
  secrets(): readonly string[] {
    const published = this.#keys.filter((key) => this.#published.has(key) && isHmac(key.alg))
    return published.map(({ verifier }) => verifier.export().toString())
  }

  /** Another issuer may have these keys next: nothing is signed with them any more. */
  close(): void {
    if (!this.#closed) this.#keys.forEach(giveBack)
    this.#closed = true
  }

  /** @throws Error after {@link KeyRing.close} */
  assertOpen(): void {
    if (this.#closed) throw new Error('The issuer is closed. To test what happens while it is down, use outage().')
  }

  #add(alg: AlgorithmName): IssuerKey {
    const count = this.#keys.filter((key) => key.alg === alg).length
    const key = { ...takeKeyPair(alg), alg, kid: `${alg}-${count + 1}` }
    this.#keys = [key, ...this.#keys]
    this.#published.add(key)
    return key
  }
}

/** The JWK of the public key; of a secret, it would be the secret itself. */
export function publicJwk({ verifier, kid, alg }: Omit<IssuerKey, 'signer'>): Jwk {
  return Object.assign(verifier.export({ format: 'jwk' }), { kid, alg, use: 'sig' })
}
