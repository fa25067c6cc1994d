// What is mutated, in parts: each has the tests that can tell, on the engine that runs it.

export interface Part {
  /** The engine on which the tests run. */
  readonly engine: 'node' | 'jose'
  /** Below packages/core/src. */
  readonly files: readonly string[]
  /** Below packages/core/test, or of test/attacks. The fewer they are, the sooner a mutant that survives has met all. */
  readonly tests: readonly string[]
}

const engineTests = 'algorithms ed25519-small-order engines rfc-vectors secret-option static-keys'
const remote = 'discovery fetch-json jwks-loader jwks-location remote-jwks remote-key-source'

/** Without the tests that spawn processes or bundle: those do not see which mutant is active. */
export const parts = {
  token: {
    engine: 'node',
    files: [
      ...files('', 'jws header known-headers strict-json algorithms claims issuer'),
      ...files('crypto/', 'node aside ecdsa-signature ed25519-small-order'),
    ],
    tests: words(
      'aside attacks/core claims ecdsa-signature fail-closed header hints jws known-headers several-issuers strict-json',
      'polluted-prototype verifier',
      engineTests,
    ),
  },
  keys: {
    engine: 'node',
    files: [...files('keys/', '*'), ...files('!keys/', remote)],
    tests: words(
      'attacks/core attacks/key-options backoff cache-lifetime discovery events hints key-option-messages large-key-set',
      'options',
      'refetch-budget remote-jwks shared-key-set status unknown-kids urls',
      engineTests,
    ),
  },
  jose: {
    engine: 'jose',
    files: ['base64url.ts', ...files('crypto/', 'jose der elliptic-curves public-key-formats')],
    tests: words('base64url der ed25519-small-order elliptic-curves engines jose public-key-formats'),
  },
  options: {
    engine: 'node',
    files: files('', 'permissions options option-checks issuer-settings settings'),
    tests: words(
      'auth claims fail-closed header http/authenticate jws many-issuers option-isolation options permissions',
      'revocation several-issuers several-issuers-options verifier',
    ),
  },
  http: {
    engine: 'node',
    files: ['hidden-member.ts', ...files('http/', '*')],
    tests: words('claims-schema errors events fail-closed hints http/* options permissions polluted-prototype'),
  },
  remote: {
    engine: 'node',
    files: files('keys/', remote),
    tests: words(
      'attacks/core cache-lifetime discovery events fetch-json key-deadline large-key-set many-issuers',
      'remote-jwks remote-jwks-fetch-option remote-jwks-outage remote-jwks-refresh remote-jwks-unknown-kid',
      'remote-key-source several-issuers-remote shared-key-set status unknown-kid-pauses urls',
    ),
  },
} as const satisfies Readonly<Record<string, Part>>

function words(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '))
}

function files(folder: string, names: string): readonly string[] {
  return words(names).map((name) => `${folder}${name}.ts`)
}

export type PartName = keyof typeof parts

export function isPartName(name: string): name is PartName {
  return Object.hasOwn(parts, name)
}
