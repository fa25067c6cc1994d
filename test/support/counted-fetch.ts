// A `remote.fetch` that counts what it begins: right at once, where a server's count lags behind.
import type { FetchFunction } from '@jwtgate/core'

export interface CountedFetch {
  readonly fetch: FetchFunction
  /** How many fetches were begun, metadata included. */
  readonly begun: () => number
}

export function countedFetch(inner: FetchFunction = (url, options) => fetch(url, options)): CountedFetch {
  let begun = 0
  return {
    fetch: (url, options) => {
      begun++
      return inner(url, options)
    },
    begun: () => begun,
  }
}
