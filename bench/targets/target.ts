// Something that verifies tokens: a library with its settings, made for one issuer and one algorithm.
import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'
import { createTestIssuer, type TestIssuer } from '@jwtgate/testing'

/** What targets are made for: the issuer whose tokens they are to accept, and its key in every form that one of them takes. */
export interface Material {
  readonly algorithm: AlgorithmName
  readonly issuer: TestIssuer
  /** The public key, or the secret. */
  readonly key: KeyObject
  /** The same as a library takes it that knows no KeyObject: PEM, or the secret's text. */
  readonly keyText: string
}

interface Named {
  readonly name: string
}

/** Answers at once. */
export interface SyncTarget extends Named {
  readonly verify: (token: string) => object
}

/** Answers with a promise. */
export interface AsyncTarget extends Named {
  readonly verifyLater: (token: string) => Promise<object>
}

/** It answers with the claims of a token, or with something that has them as `claims` or `payload`; or throws. */
export type Target = SyncTarget | AsyncTarget

export async function materialFor(algorithm: AlgorithmName): Promise<Material> {
  const issuer = await createTestIssuer({ algorithms: [algorithm] })
  const [secret] = issuer.options.secret ?? []
  if (secret !== undefined) {
    return { algorithm, issuer, key: createSecretKey(Buffer.from(secret)), keyText: secret }
  }
  const key = createPublicKey({ key: issuer.jwks.keys[0] as JsonWebKey, format: 'jwk' })
  return { algorithm, issuer, key, keyText: key.export({ type: 'spki', format: 'pem' }).toString() }
}

/** The `sub` that a target found in a token. @throws whatever it throws for a token that it refuses */
export async function subjectFoundBy(target: Target, token: string): Promise<unknown> {
  const answer: object = 'verify' in target ? target.verify(token) : await target.verifyLater(token)
  const { claims, payload, sub } = answer as Readonly<Record<string, unknown>>
  return sub ?? ((claims ?? payload) as { readonly sub?: unknown } | undefined)?.sub
}
