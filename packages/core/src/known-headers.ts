// Headers of tokens that their issuer has signed: it writes the same text on all of them, which is read and judged once.
import type { AcceptedHeader } from './header.ts'
import type { IssuerSettings } from './issuer-settings.ts'
import { ownText } from './own-text.ts'
import type { JsonObject } from './strict-json.ts'

export interface KnownHeader {
  readonly header: JsonObject
  /** Whose token had it, and what it means there. */
  readonly issuer: IssuerSettings
  readonly accepted: AcceptedHeader
}

const most = 100

/** By the whole encoded text. */
export class KnownHeaders {
  readonly #headers = new Map<string, KnownHeader>()

  find(encoded: string): KnownHeader | undefined {
    return this.#headers.get(encoded)
  }

  /** Only after a good signature: a forged token finds what it copied, and leaves nothing. */
  add(encoded: string, known: KnownHeader): void {
    // Some issuer writes another one on each token.
    if (this.#headers.size >= most && !this.#headers.has(encoded)) this.#headers.clear()
    this.#headers.set(ownText(encoded), known)
  }
}
