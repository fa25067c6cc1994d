// Strings as HTTP gives them: V8 has neither joined their parts nor computed their hash yet.

export class FreshStrings {
  readonly #bytes: readonly Buffer[]

  constructor(texts: readonly string[]) {
    this.#bytes = texts.map((text) => Buffer.from(text, 'latin1'))
  }

  /** All of them, or those with these indexes. */
  take(indexes: Iterable<number> = this.#bytes.keys()): readonly string[] {
    return Array.from(indexes, (index) => this.#bytes[index]?.toString('latin1') ?? '')
  }
}
