// How long a fetched key set counts as fresh (RFC 9111 section 4.2).
import type { FetchResponse } from './fetch-json.ts'

const shortest = 30_000

/**
 * Milliseconds. Headers can only shorten `longest`: a provider's typo of a year must not keep a withdrawn key alive. And
 * not below 30 s: `no-store` must not turn every request into a fetch.
 */
export function cacheLifetime(headers: FetchResponse['headers'], longest: number): number {
  return Math.max(shortest, Math.min(longest, freshness(headers)))
}

function freshness(headers: FetchResponse['headers']): number {
  const directives = headers.get('cache-control')?.toLowerCase() ?? ''
  if (/\bno-(?:store|cache)\b/.test(directives)) return 0
  const maxAge = seconds(/(?:^|[\s,])max-age="?(\d+)/.exec(directives)?.[1])
  if (maxAge === undefined) return Number.POSITIVE_INFINITY
  const age = seconds(/^\d+$/.exec(headers.get('age') ?? '')?.[0])
  return (maxAge - (age ?? 0)) * 1000
}

/** RFC 9111 section 1.2.2: what is too large to be counted stands for 2^31. */
function seconds(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Math.min(Number(digits), 2 ** 31)
}
