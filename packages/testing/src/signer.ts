// Claims -> a token as a real issuer sends it, unless a test wants it otherwise.
import type { KeyObject } from 'node:crypto'
import type { AlgorithmName } from '@jwtgate/core'
import type { TestClock } from './clock.ts'
import { signCompactJws } from './compact-jws.ts'
import type { IssuerKey, KeyRing } from './key-ring.ts'

/** Members of a payload or of a header. `undefined` takes one out that would be there by default. */
export type TestClaims = Readonly<Record<string, unknown>>

/** How a token is signed. */
export interface SignOptions {
  /** The algorithm. Default: the first of the issuer's `algorithms`. A key for another one is made and published. */
  readonly alg?: AlgorithmName
  /** Which key of the issuer signs, also one that is no longer published. Default: its newest one for `alg`. */
  readonly kid?: string
  /** Laid over `{ alg, typ: 'JWT', kid }`; or the whole header, as text or bytes that are taken as they are. */
  readonly header?: TestClaims | string | Uint8Array
  /** Signs in place of the issuer's key: a private key or a secret that fits `alg`. The header is as without it. */
  readonly key?: KeyObject
  /** Seconds from now to `exp`. Default 3600. */
  readonly expiresIn?: number
}

export interface SignerSettings {
  readonly url: string
  readonly audience: string
  /** The first one is the default. */
  readonly algorithms: readonly [AlgorithmName, ...AlgorithmName[]]
  readonly clock: TestClock
  readonly keys: KeyRing
  /** In every token. */
  readonly claims: TestClaims
  /** In every header. */
  readonly header: TestClaims
}

export class Signer {
  readonly settings: SignerSettings

  constructor(settings: SignerSettings) {
    this.settings = settings
  }

  sign(claims: TestClaims | string | Uint8Array = {}, options: SignOptions = {}): string {
    this.settings.keys.assertOpen()
    const { alg, kid, signer } = this.#keyFor(options)
    const payload = isContent(claims) ? claims : JSON.stringify(this.claims(claims, options.expiresIn))
    const header = isContent(options.header)
      ? options.header
      : JSON.stringify({ alg, typ: 'JWT', kid, ...this.settings.header, ...options.header })
    return signCompactJws(header, payload, alg, options.key ?? signer)
  }

  /** The defaults with these laid over them. */
  claims(changes: TestClaims = {}, expiresIn: number = 3600): TestClaims {
    const { url, audience, claims } = this.settings
    const now = this.now()
    const defaults = { iss: url, aud: audience, sub: 'alice', iat: now, nbf: now, exp: now + expiresIn }
    return { ...defaults, ...claims, ...changes }
  }

  /** Seconds since 1970, as a verifier takes them from the same clock. */
  now(): number {
    return Math.floor(this.settings.clock.now() / 1000)
  }

  /** The key that signs by default. */
  currentKey(): IssuerKey {
    return this.settings.keys.current(this.settings.algorithms[0])
  }

  #keyFor({ alg, kid }: SignOptions): IssuerKey {
    if (kid === undefined) return alg === undefined ? this.currentKey() : this.settings.keys.current(alg)
    const key = this.settings.keys.named(kid)
    if (alg === undefined || alg === key.alg) return key
    throw new TypeError(`The key ${kid} signs with ${key.alg}, not with ${alg}: leave one of them out.`)
  }
}

/** Not `instanceof`: under jsdom a Buffer is not an instance of the global Uint8Array. */
function isContent(value: TestClaims | string | Uint8Array | undefined): value is string | Uint8Array {
  return typeof value === 'string' || ArrayBuffer.isView(value)
}
