// What the API answered, in the terms of what it promises: status, code, challenge, Retry-After, subject.

export interface Challenge {
  readonly realm: string | undefined
  readonly error: string | undefined
}

export interface Promised {
  readonly status: number
  /** `code` of the problem JSON (RFC 9457); undefined = no problem. */
  readonly code: string | undefined
  /** The Bearer challenge (RFC 6750 section 3); undefined = no WWW-Authenticate field. */
  readonly challenge: Challenge | undefined
  /** Whether a Retry-After field tells when to come again. */
  readonly retryAfter: boolean
  /** The subject that the API saw; undefined = the answer names none. */
  readonly sub: string | undefined
  /** Milliseconds that it may take at most. */
  readonly within?: number
}

export interface Answer extends Omit<Promised, 'retryAfter' | 'within'> {
  /** In seconds. */
  readonly retryAfter: number | undefined
  readonly milliseconds: number
}

type Fact = string | number | boolean | undefined

/** Each sentence is a promise that was not kept; empty = all were. */
export function brokenPromises(promised: Promised, got: Answer): readonly string[] {
  const pairs: readonly (readonly [what: string, promised: Fact, got: Fact])[] = [
    ['status', promised.status, got.status],
    ['code', promised.code, got.code],
    ['challenge', promised.challenge !== undefined, got.challenge !== undefined],
    ['challenge realm', promised.challenge?.realm, got.challenge?.realm],
    ['challenge error', promised.challenge?.error, got.challenge?.error],
    ['Retry-After', promised.retryAfter, got.retryAfter !== undefined],
    ['sub', promised.sub, got.sub],
  ]
  const broken = pairs.filter(([, expected, actual]) => expected !== actual)
  const sentences = broken.map(([what, expected, actual]) => `${what}: promised ${expected}, got ${actual}`)
  if (promised.within !== undefined && got.milliseconds > promised.within) {
    sentences.push(`promised within ${promised.within} ms, took ${got.milliseconds.toFixed(0)} ms`)
  }
  return sentences
}
