// Which configured issuer a token claims to come from: decides whose keys are asked, proves nothing yet.
import { InvalidTokenError } from './errors.ts'
import type { IssuerSettings } from './issuer-settings.ts'
import type { JsonObject } from './strict-json.ts'

/**
 * A stranger's token ends here, before anything is fetched. `iss` is checked once more with the claims.
 *
 * @throws InvalidTokenError `claim_missing`, `claim_invalid`, `issuer_mismatch`
 */
export function selectIssuer(claims: JsonObject, issuers: ReadonlyMap<string, IssuerSettings>): IssuerSettings {
  if (!Object.hasOwn(claims, 'iss')) {
    throw new InvalidTokenError('claim_missing', 'The token has no `iss`, which every token must have.')
  }
  const { iss } = claims
  if (typeof iss !== 'string') throw new InvalidTokenError('claim_invalid', '`iss` is not a string.')
  const settings = issuers.get(iss)
  if (settings !== undefined) return settings

  // Not quoted: nobody has signed it yet. What it nearly is may be said, for this is the commonest mistake.
  const isNear = issuers.has(`${iss}/`) || (iss.endsWith('/') && issuers.has(iss.slice(0, -1)))
  const hint = isNear
    ? '`iss` and the option `issuer` differ by a slash at the end only: write it as the issuer does.'
    : `\`iss\` is not what the option \`issuer\` says: ${someOf(issuers)} (compared exactly).`
  throw new InvalidTokenError('issuer_mismatch', hint)
}

/** Not all of a thousand, for each stranger's token. */
function someOf(issuers: ReadonlyMap<string, unknown>): string {
  const names: string[] = []
  for (const name of issuers.keys()) {
    if (names.length === 5) return `${names.join(', ')} and more`
    names.push(name)
  }
  return names.join(', ')
}
