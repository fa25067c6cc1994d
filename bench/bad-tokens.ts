// The tokens that every target has to refuse before it is measured, so that nobody looks fast by skipping a check.
import type { TestIssuer } from '@jwtgate/testing'

export interface NamedToken {
  readonly name: string
  readonly token: string
}

export function badTokensOf({ bad }: TestIssuer): readonly NamedToken[] {
  return [
    { name: 'bad signature', token: bad.badSignature() },
    { name: 'changed payload', token: bad.tampered() },
    { name: 'expired', token: bad.expired() },
    { name: 'not yet valid', token: bad.notYetValid() },
    { name: 'wrong audience', token: bad.wrongAudience() },
    { name: 'wrong issuer', token: bad.wrongIssuer() },
    { name: 'alg none', token: bad.algNone() },
  ]
}

/**
 * Sees that a target accepts a good token and refuses the bad ones.
 *
 * @param subjectOf - gives the `sub` that the target found in a token, or throws
 * @returns the names of the bad tokens that it accepts
 */
export async function acceptedBadTokens(
  target: string,
  issuer: TestIssuer,
  subjectOf: (token: string) => unknown,
): Promise<string[]> {
  const subject = await subjectOf(issuer.sign({ sub: 'carol' }))
  if (subject !== 'carol') throw new Error(`${target} found ${String(subject)} in a token of carol's`)
  const accepted: string[] = []
  for (const { name, token } of badTokensOf(issuer)) {
    try {
      await subjectOf(token)
      accepted.push(name)
    } catch {
      // As it has to be.
    }
  }
  return accepted
}

/** What a row tells about it. */
export function refusalNote(accepted: readonly string[]): string {
  return accepted.length === 0 ? 'all' : `all but: ${accepted.join(', ')}`
}
