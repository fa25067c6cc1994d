// Tokens that were verified already, each with its result and the key that it stands and falls with.
import { LRUCache } from 'lru-cache'
import type { Algorithm } from './algorithms.ts'
import type { Auth } from './auth.ts'
import type { IssuerSettings } from './issuer-settings.ts'
import type { VerificationKey } from './keys/key-source.ts'

export interface TokenCacheLimits {
  readonly max: number
  readonly maxBytes: number
}

export interface VerifiedToken {
  /** What all requests with this token share: deeply frozen. Has the whole token, in memory of its own. */
  readonly auth: Auth
  readonly issuer: IssuerSettings
  readonly algorithm: Algorithm
  /** The one that its signature fits. */
  readonly key: VerificationKey
  /** Resolved: nothing is made for a request whose token is known. */
  readonly accepted: Promise<Auth>
}

/**
 * What it holds is nobody else's: lru-cache shows its entries to whoever subscribes to its diagnostics channels. No getter
 * gives it either, which `util.inspect` can be told to call.
 */
class Entry {
  readonly #verified: VerifiedToken

  constructor(verified: VerifiedToken) {
    this.#verified = verified
  }

  static verifiedOf(entry: Entry): VerifiedToken {
    return entry.#verified
  }
}

/**
 * Found by a number made of the end of the signature, and then compared in full: to hash the whole token takes many times
 * as long. Who sends other tokens with the same end finds nothing; two good ones of the same number, of which there are about
 * five pairs in a hundred thousand, take each other's place.
 */
export class TokenCache {
  readonly #limits: TokenCacheLimits
  /** Made with the first token: it reserves its room. */
  #tokens: LRUCache<number, Entry> | undefined

  constructor(limits: TokenCacheLimits) {
    this.#limits = limits
  }

  /** @param token - as it was sent, whatever it is */
  find(token: unknown): VerifiedToken | undefined {
    if (this.#tokens === undefined || typeof token !== 'string') return undefined
    const entry = this.#tokens.get(indexOf(token))
    if (entry === undefined) return undefined
    const found = Entry.verifiedOf(entry)
    return found.auth.token === token ? found : undefined
  }

  /** Only what passed every check. */
  add(verified: VerifiedToken): void {
    const { max, maxBytes } = this.#limits
    this.#tokens ??= new LRUCache({ max, maxSize: maxBytes, sizeCalculation: bytesOf })
    this.#tokens.set(indexOf(verified.auth.token), new Entry(verified))
  }

  remove({ auth }: VerifiedToken): void {
    this.#tokens?.delete(indexOf(auth.token))
  }
}

const indexLength = 6
/** More than there are characters between `-` and `z`, so that neighbours do not make up for each other. */
const spread = 79

/** A small integer: V8 has those without memory of their own. */
function indexOf(token: string): number {
  let index = 0
  for (let at = token.length - indexLength; at < token.length; at++) {
    index = (Math.imul(index, spread) + token.charCodeAt(at)) & 0x3fff_ffff
  }
  return index
}

/**
 * An estimate: the text, the tree that was parsed out of it, and what stands around them, as measured for tokens of the usual
 * kind. Of thousands of empty objects, the tree takes twice as much.
 */
function bytesOf(entry: Entry): number {
  return 5 * Entry.verifiedOf(entry).auth.token.length + 1_000
}
