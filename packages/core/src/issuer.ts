// Which configured issuer a token claims to come from: decides whose keys are asked, proves nothing yet.
import { InvalidTokenError } from './errors.ts'
import type { JsonObject } from './strict-json.ts'

/**
 * A stranger's token ends here, before anything is fetched. `iss` is checked once more with the claims.
 *
 * @throws InvalidTokenError `claim_missing`, `claim_invalid`, `issuer_mismatch`
 */
export function checkClaimedIssuer(claims: JsonObject, issuers: readonly string[]): void {
  if (!Object.hasOwn(claims, 'iss'))
    throw new InvalidTokenError('claim_missing', 'The token has no `iss`, which every token must have.')
  const { iss } = claims
  if (typeof iss !== 'string') throw new InvalidTokenError('claim_invalid', '`iss` is not a string.')
  if (issuers.includes(iss)) return

  // Not quoted: nobody has signed it yet. What it nearly is may be said, for this is the commonest mistake.
  const near = issuers.some((issuer) => issuer === `${iss}/` || iss === `${issuer}/`)
  const hint = near
    ? '`iss` and the option `issuer` differ by a slash at the end only: write it as the issuer does.'
    : `\`iss\` is not what the option \`issuer\` says: ${issuers.slice(0, 5).join(', ')} (compared exactly).`
  throw new InvalidTokenError('issuer_mismatch', hint)
}
