// Which token comes next where some users ask often and most seldom: the k-th is asked for in proportion to 1 / k.

export class Zipf {
  /** How likely one up to this index is. */
  readonly #upTo: Float64Array
  #state = 0x2545f491

  constructor(count: number) {
    this.#upTo = new Float64Array(count)
    let sum = 0
    for (let index = 0; index < count; index++) {
      sum += 1 / (index + 1)
      this.#upTo[index] = sum
    }
  }

  /** The same ones in each run. */
  take(count: number): readonly number[] {
    return Array.from({ length: count }, () => this.#next())
  }

  #next(): number {
    const sum = this.#upTo.at(-1) ?? 0
    const wanted = this.#random() * sum
    let [low, high] = [0, this.#upTo.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#upTo[middle] ?? sum) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Between 0 and 1: Marsaglia's xorshift with 32 bits, which is random enough to choose a token. */
  #random(): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) / 2 ** 32
  }
}

/** The part of these that a cache has which drops what was not used for longest. */
export function hitRate(indexes: readonly number[], size: number, known: readonly number[]): number {
  const cache = new Set<number>()
  const use = (index: number): boolean => {
    const hit = cache.delete(index)
    cache.add(index)
    if (cache.size > size) for (const oldest of cache) return cache.delete(oldest) && hit
    return hit
  }
  known.forEach(use)
  return indexes.filter(use).length / indexes.length
}
