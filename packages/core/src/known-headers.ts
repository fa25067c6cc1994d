// Headers of tokens that their issuer has signed: it writes the same text on all of them, which is read once.
import type { TokenHeader } from './header.ts'
import { ownText } from './own-text.ts'

const most = 1_000
/** Characters: three times what issuers write. Of odd JSON, what is parsed takes thirty times the memory of its text. */
const longest = 512

/** By the whole encoded text. */
export class KnownHeaders {
  readonly #headers = new Map<string, TokenHeader>()

  find(encoded: string): TokenHeader | undefined {
    return this.#headers.get(encoded)
  }

  /** Only after a good signature: a forged token finds what it copied, and leaves nothing. Of a known one, the first stays. */
  add(encoded: string, header: TokenHeader): void {
    if (encoded.length > longest || this.#headers.has(encoded)) return
    if (this.#headers.size >= most) this.#headers.clear() // Some issuer writes another one on each token.
    this.#headers.set(ownText(encoded), header)
  }
}
